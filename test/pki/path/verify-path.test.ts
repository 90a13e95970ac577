import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextConstructed, contextPrimitive } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { parseHost, parseMailbox, type PeerName } from '../../../src/pki/names/peer-name.ts';
import { adviseChain } from '../../../src/pki/path/chain-advice.ts';
import { verifyPathFetching } from '../../../src/pki/path/aia-fetching.ts';
import { clientPolicy, defaultWorkLimits, serverPolicy, type PathPolicy } from '../../../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../../../src/pki/path/trust-anchors.ts';
import { verifyPath } from '../../../src/pki/path/verify-path.ts';
import { tellFinding, type Finding } from '../../../src/story/finding.ts';
import type { Certificate } from '../../../src/codec/x509/certificate.ts';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  bitString,
  caExtensions,
  certificatePolicies,
  chain,
  chainSpecs,
  ecKey,
  edKey,
  extKeyUsage,
  extension,
  integer,
  INTERMEDIATE,
  intermediateKey,
  issue,
  issueDer,
  keyIdentifier,
  keyUsage,
  leafExtensions,
  leafKey,
  nameConstraints,
  NOW,
  octetString,
  oid,
  pem,
  pooledKey,
  replacing,
  ROOT,
  rootKey,
  rsaKey,
  sequence,
  subjectAltName,
  withSha1,
  without,
  type Chain,
  type ChainChanges,
} from '../issue.ts';

const host = parseHost('host.example')!;
const codes = (found: readonly Finding[]): string[] => found.map(({ code }) => code);

function judge({ root, intermediate, leaf }: Chain, choices: Partial<PathPolicy> = {}) {
  const policy = serverPolicy({ timeMs: NOW, peers: [host], ...choices });
  return verifyPath(leaf, [intermediate], new TrustAnchors([root]), policy);
}

/** The codes for which the one path of a changed chain is refused. */
const refusals = (change: ChainChanges, choices: Partial<PathPolicy> = {}): string[] => {
  const verdict = judge(chain(change), choices);
  assert.equal(verdict.ok, verdict.reasons.length === 0);
  return codes(verdict.reasons);
};

const strict = { conformance: 'strict' } as const;
const leafBase = leafExtensions(intermediateKey(), ['dns:host.example']);
const caBase = caExtensions(intermediateKey(), rootKey());

/** Checks what a change to the leaf's extensions leads to, in both readings. */
function leafRefused(
  change: ReturnType<typeof extension>[],
  common: string[],
  strictly: string[],
  choices: Partial<PathPolicy> = {},
): void {
  const extensions = replacing(leafBase, ...change);
  assert.deepEqual(refusals({ leaf: { extensions } }, choices), common);
  assert.deepEqual(refusals({ leaf: { extensions } }, { ...strict, ...choices }), strictly);
}

describe('a chain that is right', () => {
  it('is accepted in both rule books and both readings, with the path from leaf to anchor', () => {
    const good = chain();
    for (const profile of ['webpki', 'rfc5280'] as const)
      for (const conformance of ['common', 'strict'] as const) {
        const verdict = judge(good, { profile, conformance });
        assert.deepEqual(codes(verdict.reasons), []);
        assert.deepEqual(verdict.path, [good.leaf, good.intermediate, good.root]);
        assert.equal(verdict.work.signatureChecks, 2);
      }
  });

  it('is accepted whatever the kinds of keys that signed it', () => {
    for (const key of [ecKey('P-384'), ecKey('P-521'), rsaKey(2048), edKey('ed25519'), edKey('ed448')]) {
      const changed = chain({
        root: { key, signer: key },
        intermediate: { signer: key, extensions: caBase },
      });
      assert.deepEqual(codes(judge(changed).reasons), []);
      assert.equal(judge(changed, { ...strict, profile: 'rfc5280' }).ok, true);
      const isEdwards = key.hash === null;
      assert.deepEqual(codes(judge(changed, strict).reasons), isEdwards ? ['certificate-key-not-web'] : []);
    }
  });

  it('is accepted with a leaf that is trusted itself, and without intermediates', () => {
    const { leaf, root } = chain();
    const policy = serverPolicy({ timeMs: NOW, peers: [host] });
    assert.equal(verifyPath(leaf, [], new TrustAnchors([leaf]), policy).ok, true);
    const direct = issue({
      ...chainSpecs()[2],
      issuer: ROOT,
      signer: rootKey(),
      extensions: leafExtensions(rootKey(), ['dns:host.example']),
    });
    assert.equal(verifyPath(direct, [], new TrustAnchors([root]), policy).ok, true);
  });

  it('is accepted for a client where the purpose is a client’s', () => {
    const extensions = replacing(leafBase, extKeyUsage([Oid.clientAuth]), subjectAltName(['email:me@host.example']));
    const { root, intermediate, leaf } = chain({ leaf: { extensions } });
    const anchors = new TrustAnchors([root]);
    const peers = [parseMailbox('me@HOST.example')!];
    assert.equal(verifyPath(leaf, [intermediate], anchors, clientPolicy({ timeMs: NOW, peers })).ok, true);
    const others: PeerName[] = [parseMailbox('Me@host.example')!];
    assert.deepEqual(
      codes(verifyPath(leaf, [intermediate], anchors, clientPolicy({ timeMs: NOW, peers: others })).reasons),
      ['certificate-name-mismatch'],
    );
    assert.deepEqual(codes(verifyPath(leaf, [intermediate], anchors, serverPolicy({ timeMs: NOW })).reasons), [
      'certificate-purpose-wrong',
    ]);
  });
});

describe('a path is refused when', () => {
  it('a certificate is not in date, to the second', () => {
    const at = (timeMs: number, change: ChainChanges): string[] => refusals(change, { timeMs });
    for (const which of ['root', 'intermediate', 'leaf'] as const) {
      assert.deepEqual(at(NOW, { [which]: { notAfter: NOW } }), []);
      assert.deepEqual(at(NOW + 999, { [which]: { notAfter: NOW } }), []);
      assert.deepEqual(at(NOW + 1000, { [which]: { notAfter: NOW } }), ['certificate-expired']);
      assert.deepEqual(at(NOW, { [which]: { notBefore: NOW } }), []);
      assert.deepEqual(at(NOW - 1, { [which]: { notBefore: NOW } }), ['certificate-not-yet-valid']);
    }
  });

  it('a signature does not fit, or is made with what can be forged', () => {
    assert.deepEqual(refusals({ leaf: { signer: pooledKey(3) } }), ['certificate-signature-invalid']);
    assert.deepEqual(refusals({ leaf: { signer: withSha1(intermediateKey()) } }), ['certificate-signature-weak']);
    assert.deepEqual(refusals({ root: { signer: withSha1(rootKey()) } }), []);
    const algorithm = sequence(oid('1.2.840.10045.4.3.3'));
    assert.deepEqual(refusals({ leaf: { innerAlgorithm: algorithm } }), ['certificate-signature-algorithm-mismatch']);
    const only = { acceptsSignature: () => false };
    assert.deepEqual(refusals({}, only), ['certificate-signature-unsupported', 'certificate-signature-unsupported']);
  });

  it('a key is weak or of an unusable kind', () => {
    assert.deepEqual(refusals({ leaf: { key: rsaKey(1024) } }), ['certificate-key-weak']);
    assert.deepEqual(refusals({ leaf: { key: rsaKey(1024) } }, { minRsaBits: 1024 }), []);
    assert.deepEqual(refusals({ leaf: { key: ecKey('P-224') } }), ['certificate-key-weak']);
    const uneven = rsaKey(2052);
    assert.deepEqual(refusals({ leaf: { key: uneven } }), []);
    assert.deepEqual(refusals({ leaf: { key: uneven } }, strict), ['certificate-key-size-uneven']);
    assert.deepEqual(refusals({ leaf: { key: uneven } }, { ...strict, profile: 'rfc5280' }), []);
  });

  it('an issuer is no CA or may not sign', () => {
    const issuer = (...change: ReturnType<typeof extension>[]): string[] =>
      refusals({ intermediate: { extensions: replacing(caBase, ...change) } });
    assert.deepEqual(issuer(basicConstraints(false)), ['certificate-not-a-ca']);
    assert.deepEqual(refusals({ intermediate: { extensions: without(caBase, Oid.basicConstraints) } }), [
      'certificate-not-a-ca',
    ]);
    assert.deepEqual(issuer(keyUsage(['cRLSign'])), ['certificate-may-not-sign']);
    const uncritical = { intermediate: { extensions: replacing(caBase, basicConstraints(true, undefined, false)) } };
    assert.deepEqual(refusals(uncritical), []);
    assert.deepEqual(refusals(uncritical, strict), ['certificate-extension-must-be-critical']);
    // An anchor without basicConstraints counts only if it says that it signs, or is from before version 3.
    const bare = without(caExtensions(rootKey()), Oid.basicConstraints);
    assert.deepEqual(refusals({ root: { extensions: bare } }), []);
    assert.deepEqual(refusals({ root: { extensions: bare } }, strict), ['certificate-not-a-ca']);
    assert.deepEqual(refusals({ root: { extensions: without(bare, Oid.keyUsage) } }), ['certificate-not-a-ca']);
    assert.deepEqual(refusals({ root: { version: 0, extensions: [] } }), []);
  });

  it('the path is longer than an issuer or the caller allows, self-issued certificates not counted', () => {
    const tooShort = { root: { extensions: caExtensions(rootKey(), undefined, 0) } };
    assert.deepEqual(refusals(tooShort), ['certificate-path-too-long']);
    assert.deepEqual(refusals({ root: { extensions: caExtensions(rootKey(), undefined, 1) } }), []);
    assert.deepEqual(refusals({ intermediate: { extensions: caExtensions(intermediateKey(), rootKey(), 0) } }), []);
    assert.deepEqual(refusals({}, { maxIntermediates: 0 }), ['certificate-depth-exceeded']);
    assert.deepEqual(refusals({}, { maxIntermediates: 1 }), []);
    const [rootSpec, intermediateSpec, leafSpec] = chainSpecs(tooShort);
    const rollover = issue({ ...intermediateSpec, subject: ROOT, key: intermediateKey() });
    const leaf = issue({ ...leafSpec, issuer: ROOT });
    assert.equal(judge({ root: issue(rootSpec), intermediate: rollover, leaf }, { maxIntermediates: 0 }).ok, true);
  });

  it('a critical extension is not understood, in a certificate that the path needs', () => {
    const strange = extension('1.3.6.1.4.1.55738.666.1', octetString(Buffer.of(1)), true);
    for (const which of ['root', 'intermediate', 'leaf'] as const) {
      const spec = chainSpecs()[{ root: 0, intermediate: 1, leaf: 2 }[which]]!;
      assert.deepEqual(refusals({ [which]: { extensions: [...spec.extensions, strange] } }), [
        'certificate-critical-extension-unknown',
      ]);
      assert.deepEqual(
        refusals({ [which]: { extensions: [...spec.extensions, { ...strange, critical: false }] } }, strict),
        [],
      );
    }
    leafRefused(
      [extension(Oid.precertificatePoison, Buffer.of(5, 0), true)],
      ['certificate-critical-extension-unknown'],
      ['certificate-critical-extension-unknown'],
    );
  });

  it('a serial number is not positive and short, in the strict reading', () => {
    for (const serial of [
      Buffer.of(0),
      Buffer.of(0x80),
      Buffer.alloc(21, 1),
      Buffer.from(`00${'ff'.repeat(20)}`, 'hex'),
    ]) {
      assert.deepEqual(refusals({ leaf: { serial } }), []);
      assert.deepEqual(refusals({ leaf: { serial } }, strict), ['certificate-serial-invalid']);
    }
    assert.deepEqual(refusals({ leaf: { serial: Buffer.alloc(20, 1) } }, strict), []);
  });

  it('names are missing where the RFC wants them', () => {
    assert.deepEqual(refusals({ leaf: { issuer: {} }, intermediate: { subject: {} } }), [
      'certificate-issuer-empty',
      'certificate-subject-empty',
    ]);
    const extensions = replacing(leafBase, subjectAltName(['dns:host.example'], true));
    assert.deepEqual(refusals({ leaf: { subject: {}, extensions } }, strict), []);
    assert.deepEqual(refusals({ leaf: { subject: {} } }, strict), ['certificate-extension-must-be-critical']);
    assert.deepEqual(refusals({ leaf: { subject: {} } }), []);
  });

  it('key identifiers are not as the rule books want them, in the strict reading', () => {
    leafRefused(
      [authorityKeyIdentifier(keyIdentifier(intermediateKey()), true)],
      [],
      ['certificate-extension-must-not-be-critical'],
    );
    const noAuthority = { leaf: { extensions: without(leafBase, Oid.authorityKeyIdentifier) } };
    assert.deepEqual(refusals(noAuthority), []);
    assert.deepEqual(refusals(noAuthority, strict), ['certificate-authority-key-identifier-missing']);
    assert.deepEqual(refusals({ intermediate: { extensions: without(caBase, Oid.subjectKeyIdentifier) } }, strict), [
      'certificate-subject-key-identifier-missing',
    ]);
    const wrongRoot = { root: { extensions: [...caExtensions(rootKey()), authorityKeyIdentifier(Buffer.of(1))] } };
    assert.deepEqual(refusals(wrongRoot, strict), ['certificate-authority-key-identifier-wrong']);
    assert.deepEqual(refusals(wrongRoot, { ...strict, profile: 'rfc5280' }), []);
    const withSerial = extension(
      Oid.authorityKeyIdentifier,
      sequence(
        encodeElement(contextPrimitive(0), keyIdentifier(intermediateKey())),
        encodeElement(contextConstructed(1), encodeElement(0x86, Buffer.from('x:'))),
        encodeElement(contextPrimitive(2), Buffer.of(1)),
      ),
    );
    leafRefused([withSerial], [], ['certificate-authority-key-identifier-wrong']);
    const verdict = judge(
      chain({ leaf: { extensions: replacing(leafBase, authorityKeyIdentifier(Buffer.of(9))) } }),
      strict,
    );
    assert.equal(verdict.ok, true);
    assert.deepEqual(codes(verdict.warnings), ['certificate-key-identifier-mismatch']);
  });
});

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
    for (const CN of ['HOST.example', 'other.example', '192.168.001.001', '0xC0A80101', 'bücher.example'])
      assert.deepEqual(common(CN), ['certificate-common-name-not-in-san'], CN);
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

describe('name constraints', () => {
  const held = (
    names: string[],
    permitted: string[],
    excluded: string[] = [],
    choices: Partial<PathPolicy> = {},
  ): string[] => {
    const extensions = [...caBase, nameConstraints(permitted, excluded)];
    const leaf = { subject: { O: 'x' }, extensions: replacing(leafBase, subjectAltName(names)) };
    return refusals({ intermediate: { extensions }, leaf }, { peers: [], ...choices });
  };
  const excluded = ['certificate-name-excluded'];
  const outside = ['certificate-name-not-permitted'];

  it('hold for host names and everything below them', () => {
    assert.deepEqual(held(['dns:a.example.com'], ['dns:example.com']), []);
    assert.deepEqual(held(['dns:EXAMPLE.com'], ['dns:example.COM']), []);
    assert.deepEqual(held(['dns:notexample.com'], ['dns:example.com']), outside);
    assert.deepEqual(held(['dns:a.example.com', 'dns:b.test'], ['dns:example.com', 'dns:test']), []);
    assert.deepEqual(held(['dns:a.example.com'], ['dns:example.com'], ['dns:a.example.com']), excluded);
    assert.deepEqual(held(['dns:anything.test'], ['dns:']), []);
    assert.deepEqual(held(['dns:anything.test'], [], ['dns:']), excluded);
  });

  it('hold for every host that a wildcard may stand for', () => {
    assert.deepEqual(held(['dns:*.foo.com'], ['dns:foo.com']), []);
    assert.deepEqual(held(['dns:*.foo.com'], ['dns:bar.foo.com']), outside);
    assert.deepEqual(held(['dns:*.foo.com'], [], ['dns:bar.foo.com']), excluded);
    assert.deepEqual(held(['dns:*.foo.com'], [], ['dns:x.bar.foo.com']), []);
    assert.deepEqual(held(['dns:*.foo.com'], [], ['dns:foo.com']), excluded);
  });

  it('hold for addresses, mailboxes, URIs and directory names', () => {
    assert.deepEqual(held(['ip:c0000201'], ['ip:c0000200ffffff00']), []);
    assert.deepEqual(held(['ip:c0000301'], ['ip:c0000200ffffff00']), outside);
    assert.deepEqual(held([`ip:${'00'.repeat(16)}`], ['ip:c0000200ffffff00']), outside);
    assert.deepEqual(held(['email:a@x.com'], ['email:x.com']), []);
    assert.deepEqual(held(['email:a@y.x.com'], ['email:x.com']), outside);
    assert.deepEqual(held(['email:a@y.x.com'], ['email:.x.com']), []);
    assert.deepEqual(held(['email:a@x.com'], ['email:.x.com']), outside);
    assert.deepEqual(held(['email:*@x.com'], ['email:*@x.com']), []);
    assert.deepEqual(held(['email:user@x.com'], ['email:*@x.com']), outside);
    assert.deepEqual(held(['email:A@x.com'], ['email:a@X.com']), outside);
    assert.deepEqual(held(['uri:https://u@a.x.com:8443/p'], ['uri:.x.com']), []);
    assert.deepEqual(held(['uri:https://a.x.com/'], ['uri:x.com']), outside);
    assert.deepEqual(held(['uri:https://192.0.2.1/'], [], ['uri:x.com']), outside);
    assert.deepEqual(held(['uri:urn:x'], [], ['uri:x.com']), outside);
    assert.deepEqual(held(['dn:Foo'], [], ['dn:foo']), excluded);
    assert.deepEqual(held(['dns:a.com'], ['dn:foo']), outside);
    assert.deepEqual(held(['dns:a.com'], ['ip:c0000200ffffff00']), []);
  });

  it('reject what they cannot compare, and only if it is there', () => {
    assert.deepEqual(held(['other:1.2.3'], [], ['other:1.2.3']), ['certificate-name-constraint-unsupported']);
    assert.deepEqual(held(['dns:a.com'], [], ['other:1.2.3']), []);
    assert.deepEqual(held(['email:a@b@x.com'], ['email:x.com']), outside);
    assert.deepEqual(held(['dns:.x.com'], [], ['dns:y.com']), outside);
  });

  it('are refused when they are malformed themselves', () => {
    const malformed = ['certificate-name-constraint-malformed'];
    assert.deepEqual(held(['dns:a.com'], ['dns:*.a.com']), malformed);
    assert.deepEqual(held(['dns:a.com'], ['email:a@b@c.com']), malformed);
    assert.deepEqual(held(['dns:a.com'], ['ip:c0000200ff00ff00']), malformed);
    assert.deepEqual(held(['dns:a.com'], ['ip:c0000200']), ['certificate-malformed']);
    assert.deepEqual(held(['dns:b.a.com'], ['dns:.a.com']), []);
    assert.deepEqual(held(['dns:a.com'], ['dns:.a.com']), outside);
    assert.deepEqual(held(['dns:b.a.com'], ['dns:.a.com'], [], strict), ['certificate-name-constraint-leading-dot']);
  });

  it('count for intermediates, not for self-issued ones, and must be critical in the RFC alone', () => {
    const root = { extensions: [...caExtensions(rootKey()), nameConstraints(['dns:host.example'])] };
    const named = [...caBase, subjectAltName(['dns:elsewhere.example'])];
    assert.deepEqual(refusals({ root, intermediate: { extensions: named } }), outside);
    const [rootSpec, intermediateSpec, leafSpec] = chainSpecs({
      root,
      intermediate: { extensions: named, subject: ROOT },
    });
    assert.equal(
      judge({
        root: issue(rootSpec),
        intermediate: issue(intermediateSpec),
        leaf: issue({ ...leafSpec, issuer: ROOT }),
      }).ok,
      true,
    );
    const uncritical = {
      root: { extensions: [...caExtensions(rootKey()), nameConstraints(['dns:host.example'], [], false)] },
    };
    assert.deepEqual(refusals(uncritical, strict), []);
    assert.deepEqual(refusals(uncritical, { ...strict, profile: 'rfc5280' }), [
      'certificate-extension-must-be-critical',
    ]);
  });

  it('stop at the limit on comparisons', () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `dns:h${i}.example`);
    const constraints = Array.from({ length: 1_000 }, (_, i) => `dns:c${i}.test`);
    const verdict = judge(
      chain({
        intermediate: { extensions: [...caBase, nameConstraints([], constraints)] },
        leaf: { extensions: replacing(leafBase, subjectAltName(names)) },
      }),
      { peers: [] },
    );
    assert.deepEqual(codes(verdict.reasons), ['certificate-work-limit']);
    assert.equal(verdict.exceeded, 'nameComparisons');
  });
});

describe('certificate policies', () => {
  const constraints = (explicit?: number, mapping?: number) =>
    extension(
      Oid.policyConstraints,
      sequence(
        ...(explicit === undefined ? [] : [encodeElement(contextPrimitive(0), Buffer.of(explicit))]),
        ...(mapping === undefined ? [] : [encodeElement(contextPrimitive(1), Buffer.of(mapping))]),
      ),
      true,
    );
  const mappings = (...pairs: [string, string][]) =>
    extension(Oid.policyMappings, sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to)))), true);
  const A = '1.2.3.1';
  const B = '1.2.3.2';
  const settings = {
    acceptable: undefined,
    requireExplicitPolicy: true,
    inhibitPolicyMapping: false,
    inhibitAnyPolicy: false,
  };
  const held = (
    upper: ReturnType<typeof extension>[],
    lower: ReturnType<typeof extension>[],
    policies = settings as PathPolicy['policies'],
  ): string[] =>
    refusals(
      { intermediate: { extensions: [...caBase, ...upper] }, leaf: { extensions: [...leafBase, ...lower] } },
      { policies },
    );
  const missing = ['certificate-policy-missing'];

  it('have to hold from the root to the leaf where one is asked for', () => {
    assert.deepEqual(held([certificatePolicies([A])], [certificatePolicies([A])]), []);
    assert.deepEqual(held([certificatePolicies([A])], [certificatePolicies([B])]), missing);
    assert.deepEqual(held([certificatePolicies([A])], []), missing);
    assert.deepEqual(held([], [certificatePolicies([A])]), missing);
    assert.deepEqual(held([certificatePolicies([Oid.anyPolicy])], [certificatePolicies([A])]), []);
    assert.deepEqual(held([certificatePolicies([A])], [certificatePolicies([Oid.anyPolicy])]), []);
    assert.deepEqual(
      held([certificatePolicies([A])], [certificatePolicies([A])], { ...settings, acceptable: [A] }),
      [],
    );
    assert.deepEqual(
      held([certificatePolicies([A])], [certificatePolicies([A])], { ...settings, acceptable: [B] }),
      missing,
    );
    assert.deepEqual(
      held([certificatePolicies([Oid.anyPolicy])], [certificatePolicies([A])], { ...settings, inhibitAnyPolicy: true }),
      missing,
    );
  });

  it('are asked for by an issuer', () => {
    const relaxed = { ...settings, requireExplicitPolicy: false };
    assert.deepEqual(held([], [], relaxed), []);
    assert.deepEqual(held([constraints(0)], [], relaxed), missing);
    assert.deepEqual(held([certificatePolicies([A]), constraints(0)], [certificatePolicies([A])], relaxed), []);
    const uncritical = { ...constraints(0), critical: false };
    const change = {
      intermediate: { extensions: [...caBase, certificatePolicies([A]), uncritical] },
      leaf: { extensions: [...leafBase, certificatePolicies([A])] },
    };
    assert.deepEqual(refusals(change, strict), ['certificate-extension-must-be-critical']);
  });

  it('are mapped by an issuer from its domain to another', () => {
    const upper = [certificatePolicies([A]), mappings([A, B])];
    assert.deepEqual(held(upper, [certificatePolicies([B])]), []);
    assert.deepEqual(held(upper, [certificatePolicies([B])], { ...settings, acceptable: [A] }), []);
    assert.deepEqual(held(upper, [certificatePolicies([B])], { ...settings, acceptable: [B] }), missing);
    assert.deepEqual(held(upper, [certificatePolicies([A])]), missing);
    assert.deepEqual(held(upper, [certificatePolicies([B])], { ...settings, inhibitPolicyMapping: true }), missing);
    assert.deepEqual(
      held([certificatePolicies([Oid.anyPolicy]), mappings([A, B])], [certificatePolicies([B])], {
        ...settings,
        acceptable: [A],
      }),
      [],
    );
    assert.deepEqual(held([certificatePolicies([A]), mappings([A, Oid.anyPolicy])], [certificatePolicies([A])]), [
      'certificate-policy-mapping-any',
    ]);
  });
});

describe('paths are built', () => {
  const policy = serverPolicy({ timeMs: NOW, peers: [host] });

  it('around certificates that lead nowhere, in whatever order they come', () => {
    const [, intermediateSpec] = chainSpecs();
    const { root, intermediate, leaf } = chain();
    const otherRoot = pooledKey(5);
    const expired = issue({ ...intermediateSpec, notAfter: NOW - 1000 });
    const cross = issue({
      ...intermediateSpec,
      issuer: { CN: 'Nobody' },
      signer: otherRoot,
      extensions: caExtensions(intermediateKey(), otherRoot),
    });
    const namesake = issue({
      ...intermediateSpec,
      key: pooledKey(4),
      extensions: caExtensions(pooledKey(4), rootKey()),
    });
    for (const order of [
      [expired, cross, namesake, intermediate],
      [intermediate, namesake, cross, expired, root],
    ]) {
      const verdict = verifyPath(leaf, order, new TrustAnchors([root]), policy);
      assert.deepEqual(verdict.path, [leaf, intermediate, root]);
    }
    const failing = verifyPath(leaf, [cross, namesake, expired], new TrustAnchors([root]), policy);
    assert.equal(failing.ok, false);
    assert.deepEqual(failing.path, [leaf, expired, root]);
    assert.deepEqual(codes(failing.reasons), ['certificate-expired']);
    assert.equal(failing.reasons[0]?.position, 1);
    assert.deepEqual(
      new Set(failing.tried.map(({ reasons }) => reasons[0]?.code)),
      new Set(['certificate-chain-incomplete', 'certificate-expired', 'certificate-signature-invalid']),
    );
  });

  it('past an old root that has expired, to a newer one that signed the same key', () => {
    const [rootSpec] = chainSpecs();
    const { intermediate, leaf } = chain();
    const oldRoot = issue({ ...rootSpec, notAfter: NOW - 1000 });
    const newRootKey = pooledKey(6);
    const newRoot = issue({
      ...rootSpec,
      subject: { CN: 'New Root' },
      issuer: { CN: 'New Root' },
      key: newRootKey,
      signer: newRootKey,
      extensions: caExtensions(newRootKey),
    });
    const crossed = issue({
      ...rootSpec,
      issuer: { CN: 'New Root' },
      signer: newRootKey,
      extensions: caExtensions(rootKey(), newRootKey),
    });
    const verdict = verifyPath(leaf, [intermediate, crossed], new TrustAnchors([oldRoot, newRoot]), policy);
    assert.equal(verdict.ok, true);
    assert.deepEqual(verdict.path, [leaf, intermediate, crossed, newRoot]);
  });

  it('out of circles, with every certificate of a circle once', () => {
    const ring = (from: number, to: number): Certificate =>
      issue({
        ...chainSpecs()[1],
        subject: { CN: `Ring ${to}` },
        issuer: { CN: `Ring ${from}` },
        key: pooledKey(10 + to),
        signer: pooledKey(10 + from),
        extensions: caExtensions(pooledKey(10 + to), pooledKey(10 + from)),
      });
    const leaf = issue({
      ...chainSpecs()[2],
      issuer: { CN: 'Ring 0' },
      signer: pooledKey(10),
      extensions: leafExtensions(pooledKey(10), ['dns:host.example']),
    });
    const { root } = chain();
    const verdict = verifyPath(
      leaf,
      [ring(0, 1), ring(1, 2), ring(2, 0), ring(1, 0), ring(2, 1), ring(0, 2)],
      new TrustAnchors([root]),
      policy,
    );
    assert.equal(verdict.ok, false);
    assert.equal(verdict.exceeded, undefined);
    assert.ok(verdict.work.signatureChecks <= 7);
    const into = issue({
      ...chainSpecs()[1],
      subject: { CN: 'Ring 2' },
      key: pooledKey(12),
      extensions: caExtensions(pooledKey(12), rootKey()),
    });
    assert.equal(
      verifyPath(leaf, [ring(1, 0), ring(2, 1), ring(0, 2), into], new TrustAnchors([root]), policy).ok,
      true,
    );
  });

  it('within the limit on signature checks, and say so when it is hit', () => {
    const { root, leaf } = chain();
    const many = Array.from({ length: 24 }, (_, i) =>
      issue({
        ...chainSpecs()[1],
        subject: INTERMEDIATE,
        issuer: INTERMEDIATE,
        key: pooledKey(20 + (i % 12)),
        signer: pooledKey(20 + ((i + 1) % 12)),
        extensions: [basicConstraints(true), keyUsage(['keyCertSign'])],
      }),
    );
    const limits = { ...defaultWorkLimits, signatureChecks: 8 };
    const verdict = verifyPath(leaf, many, new TrustAnchors([root]), { ...policy, limits });
    assert.equal(verdict.ok, false);
    assert.equal(verdict.exceeded, 'signatureChecks');
    assert.equal(verdict.work.signatureChecks, 8);
    assert.deepEqual(codes(verdict.reasons), ['certificate-work-limit']);
  });

  it('to no end where the root is a stranger or the intermediate is missing', () => {
    const { root, intermediate, leaf } = chain();
    const nobody = new TrustAnchors([]);
    assert.deepEqual(codes(verifyPath(leaf, [intermediate, root], nobody, policy).reasons), [
      'certificate-untrusted-root',
    ]);
    assert.deepEqual(codes(verifyPath(leaf, [intermediate], nobody, policy).reasons), ['certificate-chain-incomplete']);
    assert.deepEqual(codes(verifyPath(leaf, [], new TrustAnchors([root]), policy).reasons), [
      'certificate-chain-incomplete',
    ]);
  });

  it('with the missing intermediate fetched, if that is allowed, and not for ever', async () => {
    const url = 'http://ca.example/intermediate.cer';
    const extensions = [...leafBase, authorityInfoAccess(Oid.accessCaIssuers, url)];
    const [, intermediateSpec] = chainSpecs();
    const { root, intermediate, leaf } = chain({ leaf: { extensions } });
    const asked: string[] = [];
    for (const body of [intermediate.bytes, Buffer.from(pem(intermediate.bytes))]) {
      const verdict = await verifyPathFetching(leaf, [], new TrustAnchors([root]), policy, (where) => {
        asked.push(where);
        return Promise.resolve(body);
      });
      assert.equal(verdict.ok, true);
      assert.deepEqual(codes(adviseChain([leaf], verdict.path, verdict.fetched)), ['chain-fetched']);
    }
    assert.deepEqual(asked, [url, url]);
    const nothing = await verifyPathFetching(leaf, [], new TrustAnchors([root]), policy, () =>
      Promise.resolve(undefined),
    );
    assert.equal(nothing.ok, false);
    let fetches = 0;
    const endless = await verifyPathFetching(leaf, [], new TrustAnchors([root]), policy, () => {
      fetches++;
      const next = authorityInfoAccess(Oid.accessCaIssuers, `http://ca.example/${fetches}`);
      const upper = pooledKey(30 + fetches);
      const lower = fetches === 1 ? intermediateKey() : pooledKey(29 + fetches);
      return Promise.resolve(
        issueDer({
          ...intermediateSpec,
          subject: fetches === 1 ? INTERMEDIATE : { CN: `U${fetches - 1}` },
          issuer: { CN: `U${fetches}` },
          key: lower,
          signer: upper,
          extensions: [...caExtensions(lower, upper), next],
        }),
      );
    });
    assert.equal(endless.ok, false);
    assert.equal(fetches, 4);
  });
});

describe('a sent chain is compared with the path', () => {
  it('and what is odd about it is told', () => {
    const { root, intermediate, leaf } = chain();
    const path = [leaf, intermediate, root];
    const stranger = issue({ ...chainSpecs()[1], subject: { CN: 'Stranger' } });
    assert.deepEqual(adviseChain([leaf, intermediate], path), []);
    assert.deepEqual(codes(adviseChain([leaf, intermediate, root], path)), ['chain-holds-root']);
    assert.deepEqual(codes(adviseChain([leaf, stranger, intermediate], path)), ['chain-holds-unused']);
    assert.deepEqual(codes(adviseChain([leaf, intermediate, leaf], path)), ['chain-holds-unused']);
    const second = issue({ ...chainSpecs()[1], subject: { CN: 'Second' }, issuer: INTERMEDIATE });
    assert.deepEqual(codes(adviseChain([leaf, intermediate, second], [leaf, second, intermediate, root])), [
      'chain-out-of-order',
    ]);
  });
});

it('bits that no key usage names do not make one', () => {
  const empty = extension(Oid.keyUsage, bitString(Buffer.of(0)), true);
  assert.deepEqual(refusals({ leaf: { extensions: replacing(leafBase, empty) } }), ['certificate-key-usage-wrong']);
  assert.equal(integer(128).length, 4);
  assert.equal(leafKey().hash, 'sha256');
});
