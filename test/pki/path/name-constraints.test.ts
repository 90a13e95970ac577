import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PathPolicy } from '../../../src/pki/path/path-policy.ts';
import {
  ROOT,
  caExtensions,
  chain,
  chainSpecs,
  issue,
  nameConstraints,
  replacing,
  rootKey,
  subjectAltName,
} from '../issue.ts';
import { caBase, codes, judge, leafBase, refusals, strict } from './judging.ts';

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
