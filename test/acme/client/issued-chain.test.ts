import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  encodeChain,
  endsIn,
  judgeChain,
  readChain,
  type ChainOutcome,
} from '../../../src/acme/client/issued-chain.ts';
import type { Identifier } from '../../../src/acme/issuer.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import {
  basicConstraints,
  chain,
  extKeyUsage,
  intermediateKey,
  issue,
  leafExtensions,
  leafKey,
  NOW,
  replacing,
  rootKey,
  type CertificateSpec,
} from '../../pki/issue.ts';

const { root, intermediate } = chain();
const DAY = 86_400_000;

const leafOf = (change: Partial<CertificateSpec> = {}, names = ['dns:host.example', 'ip:c0000207']) =>
  issue({
    subject: {},
    issuer: { CN: 'Test Intermediate' },
    key: leafKey(),
    signer: intermediateKey(),
    extensions: leafExtensions(intermediateKey(), names),
    ...change,
  });
const wanted: Identifier[] = [
  { type: 'dns', value: 'host.example' },
  { type: 'ip', value: '192.0.2.7' },
];
const judge = (pem: string, identifiers = wanted): ChainOutcome =>
  judgeChain(pem, { issuer: 'test', identifiers, privateKey: leafKey().privateKey, nowMs: NOW });
const codeOf = (outcome: ChainOutcome): string => (outcome.ok ? 'ok' : outcome.finding.code);

test('a chain in order is taken as it is', () => {
  const pem = encodeChain([leafOf(), intermediate]);
  const judged = judge(pem);
  assert.ok(judged.ok);
  assert.equal(judged.chain.pem, pem);
  assert.ok(endsIn(judged.chain, 'Test Root'));
  assert.ok(endsIn(judged.chain, 'Test Intermediate'));
  assert.ok(!endsIn(judged.chain, 'Another Root'));
});

test('a chain out of order is put in order, and what does not belong to it is left out', () => {
  const leaf = leafOf();
  const stranger = issue({
    subject: { CN: 'x' },
    issuer: { CN: 'x' },
    key: rootKey(),
    signer: rootKey(),
    extensions: [],
  });
  const judged = judge(encodeChain([leaf, stranger, root, intermediate]));
  assert.ok(judged.ok);
  assert.equal(judged.chain.pem, encodeChain([leaf, intermediate, root]));
});

test('a leaf alone is a chain, unless others came with it that did not sign it', () => {
  assert.equal(codeOf(judge(encodeChain([leafOf()]))), 'ok');
  assert.equal(codeOf(judge(encodeChain([leafOf(), root]))), 'acme-chain-broken');
  const forged = leafOf({ signer: rootKey() });
  assert.equal(codeOf(judge(encodeChain([forged, intermediate]))), 'acme-chain-broken');
});

test('another key, missing names, wrong dates and wrong purposes are refused', () => {
  const one = (change: Partial<CertificateSpec>, names?: string[]): string =>
    codeOf(judge(encodeChain([leafOf(change, names)])));
  assert.equal(one({ key: rootKey() }), 'acme-certificate-foreign-key');
  assert.equal(one({}, ['dns:host.example']), 'acme-certificate-names-missing');
  assert.equal(one({}, ['dns:HOST.example', 'ip:c0000207', 'dns:more.example']), 'ok');
  assert.equal(one({ notAfter: NOW }), 'acme-certificate-dates');
  assert.equal(one({ notBefore: NOW + DAY }), 'acme-certificate-dates');
  assert.equal(one({ notBefore: NOW + 60_000 }), 'ok');
  const extensions = leafExtensions(intermediateKey(), ['dns:host.example', 'ip:c0000207']);
  assert.equal(one({ extensions: replacing(extensions, extKeyUsage([Oid.clientAuth])) }), 'acme-certificate-purpose');
  assert.equal(one({ extensions: replacing(extensions, basicConstraints(true)) }), 'acme-certificate-purpose');
});

test('a wildcard is itself and stands for nothing that was ordered by name', () => {
  const pem = encodeChain([leafOf({}, ['dns:*.host.example'])]);
  assert.equal(codeOf(judge(pem, [{ type: 'dns', value: '*.host.example' }])), 'ok');
  assert.equal(codeOf(judge(pem, [{ type: 'dns', value: 'a.host.example' }])), 'acme-certificate-names-missing');
});

test('what is no chain of certificates is no chain', () => {
  const pem = encodeChain([leafOf(), intermediate]);
  const wrong = ['', 'x', pem.slice(0, -30), pem.replaceAll('CERTIFICATE', 'PRIVATE KEY'), pem.repeat(6)];
  for (const text of wrong) assert.equal(codeOf(judge(text)), 'acme-certificate-malformed');
  assert.equal(readChain(pem)?.length, 2);
});

test('no octets make the judge throw', () => {
  const pem = encodeChain([leafOf(), intermediate]);
  fc.assert(
    fc.property(fc.nat(pem.length), fc.string({ maxLength: 8 }), fc.nat(8), (at, text, cut) => {
      const outcome = judge(pem.slice(0, at) + text + pem.slice(at + cut));
      assert.equal(typeof outcome.ok, 'boolean');
    }),
    { numRuns: 400 },
  );
});
