import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { DerReader } from '../../../src/codec/der/der-reader.ts';
import { encodeCertificateRequest } from '../../../src/acme/client/certificate-request.ts';
import type { Identifier } from '../../../src/acme/issuer.ts';
import { lacks } from '../../gateway/serve-process.ts';

const names: Identifier[] = [
  { type: 'dns', value: 'example.test' },
  { type: 'dns', value: '*.example.test' },
  { type: 'ip', value: '192.0.2.7' },
  { type: 'ip', value: '2001:db8::1' },
];
const keys: Record<string, KeyObject> = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
};

test('OpenSSL reads the request, its names and its signature', (t) => {
  const missing = lacks('openssl');
  if (missing !== undefined) {
    t.skip(missing);
    return;
  }
  for (const [kind, key] of Object.entries(keys)) {
    const request = encodeCertificateRequest(names, key);
    assert.ok(request);
    const args = ['req', '-inform', 'DER', '-noout', '-text', '-verify'];
    const { stdout, stderr, status } = spawnSync('openssl', args, { input: request });
    assert.equal(status, 0, `${kind}: ${stderr.toString()}`);
    assert.match(stdout.toString() + stderr.toString(), /self-signature verify OK|verify OK/);
    const list = 'DNS:example.test, DNS:*.example.test, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:1';
    assert.ok(stdout.toString().includes(list), kind);
    assert.match(stdout.toString(), /Subject: *\n/);
  }
});

test('every list of names gives well-formed DER', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/);
  const key = keys['P-256'] ?? assert.fail();
  fc.assert(
    fc.property(fc.array(fc.array(label, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 60 }), (lists) => {
      const identifiers = lists.map((labels): Identifier => ({ type: 'dns', value: labels.join('.') }));
      const request = encodeCertificateRequest(identifiers, key);
      assert.ok(request);
      const reader = new DerReader(request, '');
      const outer = reader.sequence('request');
      reader.finish();
      const info = outer.sequence('certificationRequestInfo');
      assert.equal(info.smallInteger('version'), 0);
      outer.sequence('signatureAlgorithm');
      outer.wholeBitString('signature');
      outer.finish();
    }),
    { numRuns: 40 },
  );
});

test('keys that no public CA certifies give no request', () => {
  for (const { privateKey } of [
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ]) {
    assert.equal(encodeCertificateRequest(names, privateKey), undefined);
  }
  const pem = keys['P-256']?.export({ type: 'sec1', format: 'pem' }).toString() ?? '';
  assert.ok(encodeCertificateRequest(names, createPrivateKey(pem)));
});
