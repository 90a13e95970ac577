import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextConstructed, contextPrimitive } from '../../../src/codec/der/der-tag.ts';
import { encodeElement } from '../../../src/codec/der/der-writer.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { type PeerName, parseMailbox } from '../../../src/pki/names/peer-name.ts';
import { clientPolicy, serverPolicy } from '../../../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../../../src/pki/path/trust-anchors.ts';
import { verifyPath } from '../../../src/pki/path/verify-path.ts';
import {
  type ChainChanges,
  NOW,
  ROOT,
  authorityKeyIdentifier,
  basicConstraints,
  caExtensions,
  chain,
  chainSpecs,
  ecKey,
  edKey,
  extKeyUsage,
  extension,
  intermediateKey,
  issue,
  keyIdentifier,
  keyUsage,
  leafExtensions,
  octetString,
  oid,
  pooledKey,
  replacing,
  rootKey,
  rsaKey,
  sequence,
  subjectAltName,
  withSha1,
  without,
} from '../issue.ts';
import { caBase, codes, host, judge, leafBase, leafRefused, refusals, strict } from './judging.ts';

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
