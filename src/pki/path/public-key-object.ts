import { createPublicKey, type KeyObject } from 'node:crypto';
import { rangeOf } from '../../codec/der/octets.ts';
import type { Certificate } from '../../codec/x509/certificate.ts';
import { Oid } from '../../codec/x509/oid.ts';

/** RSA keys above this cost more than a signature check may. */
const MAX_RSA_BITS = 16_384;

const keys = new WeakMap<Certificate, KeyObject | null>();

/** The certificate's public key for node:crypto, or undefined where it cannot be used. Kept as long as the certificate. */
export function publicKeyOf(certificate: Certificate): KeyObject | undefined {
  let key = keys.get(certificate);
  if (key === undefined) {
    key = importKey(certificate);
    keys.set(certificate, key);
  }
  return key ?? undefined;
}

function importKey(certificate: Certificate): KeyObject | null {
  const { bytes, publicKey } = certificate;
  const { kind } = publicKey;
  if (kind === 'unknown' || kind === 'ec-explicit' || kind === 'x25519' || kind === 'x448') return null;
  if ((kind === 'rsa' || kind === 'rsa-pss') && publicKey.modulusBits > MAX_RSA_BITS) return null;
  try {
    // OpenSSL 3.0, which Node 20 holds, takes a third of a millisecond to decode a key from DER, and a fraction of that
    // for its parts. Importing keys would be half of the time of a verdict.
    const parts = jwkOf(certificate);
    if (parts !== undefined) return createPublicKey({ key: parts, format: 'jwk' });
    return createPublicKey({ key: Buffer.from(rangeOf(bytes, publicKey)), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

/** Names and coordinate lengths in octets of the curves that RFC 7518 section 6.2.1.1 knows. */
const curves: ReadonlyMap<string, readonly [name: string, byteLength: number]> = new Map([
  [Oid.p256, ['P-256', 32]],
  [Oid.p384, ['P-384', 48]],
  [Oid.p521, ['P-521', 66]],
]);

type Jwk = { readonly kty: string; readonly [part: string]: string };

/** The key as a JSON Web Key; undefined for those that are imported from DER. */
function jwkOf({ bytes, publicKey }: Certificate): Jwk | undefined {
  const base64 = (start: number, end: number): string => Buffer.from(bytes.subarray(start, end)).toString('base64url');
  const { key } = publicKey;
  if (publicKey.kind === 'rsa') {
    const { exponent, modulus } = publicKey;
    const digits = exponent.toString(16);
    const e = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').toString('base64url');
    return { kty: 'RSA', n: base64(bytes[modulus.start] === 0 ? modulus.start + 1 : modulus.start, modulus.end), e };
  }
  if (publicKey.kind === 'ed25519') return { kty: 'OKP', crv: 'Ed25519', x: base64(key.start, key.end) };
  if (publicKey.kind === 'ed448') return { kty: 'OKP', crv: 'Ed448', x: base64(key.start, key.end) };
  const [crv, byteLength] = (publicKey.kind === 'ec' ? curves.get(publicKey.curve) : undefined) ?? ['', 0];
  // 04, then both coordinates (SEC 1 section 2.3.3); compressed points go the other way.
  if (byteLength === 0 || bytes[key.start] !== 4 || key.end - key.start !== 1 + 2 * byteLength) return undefined;
  const middle = key.start + 1 + byteLength;
  return { kty: 'EC', crv, x: base64(key.start + 1, middle), y: base64(middle, key.end) };
}
