import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { parseHost } from '../../../src/pki/names/peer-name.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import {
  basicConstraints,
  bitString,
  caExtensions,
  chain,
  extKeyUsage,
  extension,
  keyUsage,
  nameConstraints,
  replacing,
  rootKey,
  subjectAltName,
  without,
} from '../issue.ts';
import { caBase, judge, leafBase, leafRefused, refusals, strict } from './judging.ts';

describe('a leaf is refused when', () => {
  it('it is for another name, or for none', () => {
    const named = (...names: string[]): string[] =>
      refusals({ leaf: { subject: { O: 'x' }, extensions: replacing(leafBase, subjectAltName(names)) } });
    assert.deepEqual(named('dns:other.example', 'dns:HOST.example'), []);
    assert.deepEqual(named('dns:*.example.com'), ['certificate-name-mismatch']);
    assert.deepEqual(named('ip:c0000201'), ['certificate-name-mismatch']);
    const nameless = refusals({ leaf: { extensions: without(leafBase, Oid.subjectAltName) } });
    assert.deepEqual(nameless, ['certificate-without-san']);
    const told = judge(chain(), { peers: [parseHost('other.example')!] }).reasons[0]!;
    assert.equal(tellFinding(told, 'en').cause, 'The certificate is not for other.example; it is for host.example.');
  });

  it('its wildcard spans what belongs to others', () => {
    const wildcard = (name: string, peer: string) => {
      const extensions = replacing(leafBase, subjectAltName([`dns:${name}`]));
      const change = { leaf: { subject: { O: 'x' }, extensions } };
      const peers = [parseHost(peer)!];
      return [refusals(change, { peers }), refusals(change, { peers, ...strict })];
    };
    assert.deepEqual(wildcard('*.example.com', 'a.example.com'), [[], []]);
    assert.deepEqual(wildcard('*.co.uk', 'a.co.uk'), [
      ['certificate-wildcard-too-wide'],
      ['certificate-wildcard-too-wide'],
    ]);
    assert.deepEqual(wildcard('*.s3.amazonaws.com', 'a.s3.amazonaws.com'), [
      [],
      ['certificate-wildcard-shared-domain'],
    ]);
    assert.deepEqual(
      refusals({ leaf: { extensions: replacing(leafBase, subjectAltName(['dns:*', 'dns:host.example'])) } }),
      ['certificate-wildcard-too-wide'],
    );
  });

  it('its names are not what they should be, in the strict reading', () => {
    const named = (...names: string[]) => replacing(leafBase, subjectAltName(['dns:host.example', ...names]));
    const refused = (extension: string, code: string): void => {
      assert.deepEqual(refusals({ leaf: { extensions: named(extension) } }), []);
      assert.deepEqual(refusals({ leaf: { extensions: named(extension) } }, strict), [code]);
    };
    refused('dns:a_b.example', 'certificate-name-underscore');
    refused('dns:192.0.2.1', 'certificate-address-as-name');
    refused('dns:.host.example', 'certificate-name-malformed');
    refused('email:a@b@host.example', 'certificate-name-malformed');
    leafRefused([subjectAltName(['dns:host.example'], true)], [], ['certificate-extension-must-not-be-critical']);
    const common = (CN: string) => refusals({ leaf: { subject: { CN }, extensions: named('ip:c0a80101') } }, strict);
    assert.deepEqual(common('host.example'), []);
    assert.deepEqual(common('192.168.1.1'), []);
    // A common name is compared with names of its own kind; where there are none it names something else.
    const wildcard = {
      subject: { CN: 'host.example' },
      extensions: replacing(leafBase, subjectAltName(['dns:*.foo.example'])),
    };
    assert.deepEqual(refusals({ leaf: wildcard }, { ...strict, peers: [parseHost('a.foo.example')!] }), []);
    for (const CN of ['HOST.example', 'other.example', '192.168.001.001', '0xC0A80101', 'bücher.example'])
      assert.deepEqual(common(CN), ['certificate-common-name-not-in-san'], CN);
    for (const CN of ['192.168.1.1', '2001:db8::1', '*.host.example'])
      assert.deepEqual(refusals({ leaf: { subject: { CN } } }, strict), ['certificate-common-name-not-in-san'], CN);
  });

  it('it is not for the purpose', () => {
    leafRefused([extKeyUsage([Oid.clientAuth])], ['certificate-purpose-wrong'], ['certificate-purpose-wrong']);
    leafRefused([extKeyUsage([Oid.serverAuth], true)], [], ['certificate-extension-must-not-be-critical']);
    leafRefused([extKeyUsage([Oid.anyExtendedKeyUsage])], [], ['certificate-purpose-any']);
    leafRefused([extKeyUsage([Oid.anyExtendedKeyUsage])], [], [], { profile: 'rfc5280' });
    const bare = { leaf: { extensions: without(leafBase, Oid.extKeyUsage) } };
    assert.deepEqual(refusals(bare), []);
    assert.deepEqual(refusals(bare, strict), ['certificate-purpose-missing']);
    assert.deepEqual(refusals(bare, { ...strict, profile: 'rfc5280' }), []);
    const narrow = { intermediate: { extensions: [...caBase, extKeyUsage([Oid.emailProtection])] } };
    assert.deepEqual(refusals(narrow), ['certificate-purpose-wrong']);
    assert.deepEqual(
      refusals({ intermediate: { extensions: [...caBase, extKeyUsage([Oid.anyExtendedKeyUsage])] } }, strict),
      [],
    );
    const root = { root: { extensions: [...caExtensions(rootKey()), extKeyUsage([Oid.serverAuth])] } };
    assert.deepEqual(refusals(root, strict), ['certificate-root-with-purpose']);
  });

  it('its key usage does not fit', () => {
    leafRefused(
      [keyUsage(['keyCertSign'])],
      ['certificate-key-usage-wrong'],
      ['certificate-key-usage-contradiction', 'certificate-key-usage-wrong'],
    );
    assert.deepEqual(refusals({}, { keyUsages: ['keyAgreement'] }), ['certificate-key-usage-wrong']);
    leafRefused(
      [basicConstraints(true), keyUsage(['digitalSignature', 'keyCertSign'])],
      [],
      ['certificate-subject-key-identifier-missing', 'certificate-leaf-is-ca'],
    );
    leafRefused([basicConstraints(false, 0)], [], ['certificate-path-length-contradiction']);
    leafRefused([nameConstraints(['dns:host.example'])], [], ['certificate-name-constraints-in-leaf']);
  });
});

it('bits that no key usage names do not make one', () => {
  const empty = extension(Oid.keyUsage, bitString(Buffer.of(0)), true);
  assert.deepEqual(refusals({ leaf: { extensions: replacing(leafBase, empty) } }), ['certificate-key-usage-wrong']);
});
