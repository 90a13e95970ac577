import {
  constants,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  getCipherInfo,
  verify,
  type CipherGCMTypes,
  type KeyObject,
} from 'node:crypto';
import { brotliDecompressSync, inflateSync } from 'node:zlib';
import type { TlsCrypto } from '../codec/tls/crypto.ts';

/**
 * The cryptography of node:crypto for reading TLS: what OpenSSL exchanged on a connection of ours, or what a capture
 * holds together with its key log. Nothing here ever protects a record.
 */
export const nodeTlsCrypto: TlsCrypto = {
  hash: (name, data) => createHash(name).update(data).digest(),
  hmac: (name, key, data) => createHmac(name, key).update(data).digest(),
  openAead,
  decryptCbc,
  knows: (algorithm) => getCipherInfo(algorithm) !== undefined,
  verify: verifySignature,
  decompress,
};

function openAead(
  algorithm: string,
  key: Uint8Array,
  nonce: Uint8Array,
  additional: Uint8Array,
  sealed: Uint8Array,
  tagLength: number,
): Uint8Array | undefined {
  const length = sealed.length - tagLength;
  if (length < 0) return undefined;
  try {
    // GCM, CCM and ChaCha20-Poly1305 take the same calls; the types know of GCM alone.
    const opening = createDecipheriv(algorithm as CipherGCMTypes, key, nonce, { authTagLength: tagLength });
    opening.setAuthTag(sealed.subarray(length));
    opening.setAAD(additional, { plaintextLength: length });
    const start = opening.update(sealed.subarray(0, length));
    const end = opening.final();
    return end.length === 0 ? start : Buffer.concat([start, end]);
  } catch {
    return undefined;
  }
}

function decryptCbc(algorithm: string, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  try {
    const opening = createDecipheriv(algorithm, key, iv);
    opening.setAutoPadding(false);
    return Buffer.concat([opening.update(data), opening.final()]);
  } catch {
    return undefined;
  }
}

/** The hashes of TLS 1.2's pairs, by the first octet of the scheme (RFC 5246 section 7.4.1.4.1). */
const pairHashes: ReadonlyMap<number, string> = new Map([
  [1, 'md5'],
  [2, 'sha1'],
  [3, 'sha224'],
  [4, 'sha256'],
  [5, 'sha384'],
  [6, 'sha512'],
]);
const PAIR_RSA = 1;
const PAIR_DSA = 2;
const PAIR_ECDSA = 3;

/** Schemes with a name of their own (RFC 8446 section 4.2.3, RFC 8734): kind of key that they want, and hash. */
const namedSchemes: ReadonlyMap<number, readonly [keyType: string, hash: string | null]> = new Map([
  [0x0804, ['rsa', 'sha256']],
  [0x0805, ['rsa', 'sha384']],
  [0x0806, ['rsa', 'sha512']],
  [0x0809, ['rsa-pss', 'sha256']],
  [0x080a, ['rsa-pss', 'sha384']],
  [0x080b, ['rsa-pss', 'sha512']],
  [0x0807, ['ed25519', null]],
  [0x0808, ['ed448', null]],
  [0x081a, ['ec', 'sha256']],
  [0x081b, ['ec', 'sha384']],
  [0x081c, ['ec', 'sha512']],
  [0x0904, ['ml-dsa-44', null]],
  [0x0905, ['ml-dsa-65', null]],
  [0x0906, ['ml-dsa-87', null]],
]);

const pairKeyTypes: ReadonlyMap<number, string> = new Map([
  [PAIR_RSA, 'rsa'],
  [PAIR_DSA, 'dsa'],
  [PAIR_ECDSA, 'ec'],
]);

function verifySignature(
  scheme: number | undefined,
  publicKey: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean | undefined {
  const key = importKey(publicKey);
  if (key === undefined) return undefined;
  const type = String(key.asymmetricKeyType);
  const [wanted, hash] = scheme === undefined ? [type, oldHash(type)] : schemeOf(scheme);
  if (hash === undefined) return undefined;
  // A key of another kind than the scheme's cannot have made the signature.
  if (wanted !== type) return false;
  try {
    const isPss = scheme !== undefined && scheme >> 8 === 8 && hash !== null && type.startsWith('rsa');
    if (isPss) {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      return verify(hash, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
    }
    return verify(hash, data, { key, dsaEncoding: 'der' }, signature);
  } catch {
    // node:crypto throws on keys and hashes that it does not take: nothing was checked then.
    return undefined;
  }
}

/** TLS 1.0 and 1.1 sign MD5 and SHA-1 together with RSA, and SHA-1 with the others (RFC 4346 section 7.4.3). */
const oldHash = (keyType: string): string | undefined =>
  keyType === 'rsa' ? 'md5-sha1' : keyType === 'ec' || keyType === 'dsa' ? 'sha1' : undefined;

function schemeOf(scheme: number): readonly [keyType: string, hash: string | null | undefined] {
  return namedSchemes.get(scheme) ?? [pairKeyTypes.get(scheme & 0xff) ?? '', pairHashes.get(scheme >> 8)];
}

function importKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** RFC 8879 section 3: 1 is zlib, 2 is brotli. The length is known before, so that nothing can swell beyond it. */
function decompress(algorithm: number, data: Uint8Array, length: number): Uint8Array | undefined {
  const unpack = algorithm === 1 ? inflateSync : algorithm === 2 ? brotliDecompressSync : undefined;
  if (unpack === undefined) return undefined;
  try {
    const plain = unpack(data, { maxOutputLength: length + 1 });
    return plain.length === length ? plain : undefined;
  } catch {
    return undefined;
  }
}
