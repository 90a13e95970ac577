import assert from 'node:assert/strict';
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  verify,
  type KeyObject,
} from 'node:crypto';
import { test } from 'node:test';
import {
  bindExternalAccount,
  encodeJws,
  encodeKeyChange,
  readSigningKey,
  signingKey,
  type FlattenedJws,
  type SigningKey,
} from '../../../src/acme/client/jws.ts';

const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
const keyOf = (privateKey: KeyObject): SigningKey => signingKey(privateKey) ?? assert.fail('no algorithm');
const ec = (namedCurve: string): SigningKey => keyOf(generateKeyPairSync('ec', { namedCurve }).privateKey);
const rsa = (): SigningKey => keyOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);

function isSignedBy(jws: FlattenedJws, key: SigningKey, hash: string | null): boolean {
  const data = Buffer.from(`${jws.protected}.${jws.payload}`);
  const signature = Buffer.from(jws.signature, 'base64url');
  return verify(hash, data, { key: createPublicKey(key.privateKey), dsaEncoding: 'ieee-p1363' }, signature);
}

test('every kind of key signs with its algorithm, and the signature holds', () => {
  const keys = [
    [ec('P-256'), 'ES256', 'sha256'],
    [ec('P-384'), 'ES384', 'sha384'],
    [ec('P-521'), 'ES512', 'sha512'],
    [rsa(), 'RS256', 'sha256'],
    [keyOf(generateKeyPairSync('ed25519').privateKey), 'EdDSA', null],
  ] as const;
  for (const [key, algorithm, hash] of keys) {
    const jws = encodeJws(
      key,
      { url: 'https://ca.test/order', nonce: 'bm9uY2U', kid: 'https://ca.test/acct/1' },
      { a: 1 },
    );
    assert.deepEqual(decoded(jws.protected), {
      alg: algorithm,
      kid: 'https://ca.test/acct/1',
      nonce: 'bm9uY2U',
      url: 'https://ca.test/order',
    });
    assert.deepEqual(decoded(jws.payload), { a: 1 });
    assert.ok(isSignedBy(jws, key, hash), algorithm);
    assert.doesNotMatch(JSON.stringify(jws), /[+/=]/);
  }
});

test('without an account the public key stands in the header, and nothing private', () => {
  for (const key of [ec('P-256'), rsa()]) {
    const { jwk, ...header } = decoded(encodeJws(key, { url: 'https://ca.test/acct' }, {}).protected) as {
      jwk: Record<string, string>;
    };
    assert.deepEqual(Object.keys(header), ['alg', 'url']);
    assert.deepEqual(Object.keys(jwk), key.algorithm === 'RS256' ? ['e', 'kty', 'n'] : ['crv', 'kty', 'x', 'y']);
    assert.ok(createPublicKey({ key: { ...jwk }, format: 'jwk' }).equals(createPublicKey(key.privateKey)));
  }
});

test('POST-as-GET has an empty payload, an empty object has two characters', () => {
  const key = ec('P-256');
  assert.equal(encodeJws(key, { url: 'https://ca.test' }, undefined).payload, '');
  assert.equal(encodeJws(key, { url: 'https://ca.test' }, {}).payload, 'e30');
});

test('the thumbprint is the one of RFC 8037 appendix A.3', () => {
  const key = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  };
  const pem = createPrivateKeyPem(key);
  assert.equal(readSigningKey(pem)?.thumbprint, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('what is no usable key is no key', () => {
  assert.equal(readSigningKey('no PEM'), undefined);
  assert.equal(readSigningKey(''), undefined);
  for (const { privateKey } of [
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    generateKeyPairSync('x25519'),
  ]) {
    assert.equal(signingKey(privateKey), undefined);
  }
});

test('an external account is bound by a MAC over the public key', () => {
  const key = ec('P-256');
  const secret = Buffer.from('a secret of the customer, 32 octets');
  for (const hmacKey of [secret.toString('base64url'), secret.toString('base64')]) {
    const jws = bindExternalAccount({ keyId: 'kid-1', hmacKey }, key.jwk, 'https://ca.test/new-account');
    assert.deepEqual(decoded(jws.protected), { alg: 'HS256', kid: 'kid-1', url: 'https://ca.test/new-account' });
    assert.deepEqual(decoded(jws.payload), key.jwk);
    const mac = createHmac('sha256', secret).update(`${jws.protected}.${jws.payload}`).digest('base64url');
    assert.equal(jws.signature, mac);
  }
});

test('a key change is signed by the new key and names the old one and the account', () => {
  const [oldKey, newKey] = [rsa(), ec('P-256')];
  const jws = encodeKeyChange(newKey, oldKey, 'https://ca.test/acct/1', 'https://ca.test/key-change');
  assert.ok(isSignedBy(jws, newKey, 'sha256'));
  assert.deepEqual(decoded(jws.protected), { alg: 'ES256', jwk: newKey.jwk, url: 'https://ca.test/key-change' });
  assert.deepEqual(decoded(jws.payload), { account: 'https://ca.test/acct/1', oldKey: oldKey.jwk });
});

function createPrivateKeyPem(jwk: Readonly<Record<string, string>>): string {
  return createPrivateKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
}
