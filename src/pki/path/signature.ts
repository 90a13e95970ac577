import { constants, verify } from 'node:crypto';
import type { Range } from '../../codec/der/der-error.ts';
import { rangeOf } from '../../codec/der/octets.ts';
import type { HashName, SignatureScheme } from '../../codec/x509/algorithm.ts';
import type { Certificate } from '../../codec/x509/certificate.ts';
import { publicKeyOf } from './public-key-object.ts';

/** Something signed: a certificate, a CRL, an OCSP response. */
export interface Signed {
  readonly bytes: Uint8Array;
  readonly tbs: Range;
  readonly signature: Range;
  readonly signatureScheme: SignatureScheme;
}

/** Whether the signature was made with the key of `issuer`. False for every scheme that this does not verify. */
export function isSignedBy(signed: Signed, issuer: Certificate): boolean {
  const scheme = signed.signatureScheme;
  if (!suits(scheme, issuer)) return false;
  const data = rangeOf(signed.bytes, signed.tbs);
  const signature = rangeOf(signed.bytes, signed.signature);
  try {
    const key = publicKeyOf(issuer);
    if (key === undefined) return false;
    if (scheme.kind === 'rsa-pkcs1') {
      return verify(scheme.hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
    }
    if (scheme.kind === 'rsa-pss') {
      const { hash, saltLength } = scheme;
      return verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
    }
    if ('hash' in scheme) return verify(scheme.hash, data, { key, dsaEncoding: 'der' }, signature);
    return verify(null, data, key, signature);
  } catch {
    // node:crypto throws on keys and parameters that it does not take; such a signature is not verified.
    return false;
  }
}

/** Whether a key of this kind makes signatures of this scheme (an RSASSA-PSS key makes no PKCS #1 v1.5 signature). */
function suits(scheme: SignatureScheme, issuer: Certificate): boolean {
  const { kind } = issuer.publicKey;
  if (scheme.kind === 'rsa-pkcs1') return kind === 'rsa';
  if (scheme.kind === 'rsa-pss') return kind === 'rsa' || kind === 'rsa-pss';
  if (scheme.kind === 'ecdsa') return kind === 'ec';
  return scheme.kind !== 'unknown' && kind === scheme.kind;
}

/** The hash that makes a signature forgeable, or undefined: MD5 and SHA-1 collide. */
export function weakHash(scheme: SignatureScheme): HashName | undefined {
  if (!('hash' in scheme)) return undefined;
  return scheme.hash === 'md5' || scheme.hash === 'sha1' ? scheme.hash : undefined;
}

/** `RSA PKCS#1 with sha256`, for people. */
export function describeScheme(scheme: SignatureScheme): string {
  if (scheme.kind === 'unknown') return scheme.oid;
  if (scheme.kind === 'rsa-pkcs1') return `RSA PKCS#1 with ${scheme.hash}`;
  if (scheme.kind === 'rsa-pss') return `RSASSA-PSS with ${scheme.hash}`;
  if ('hash' in scheme) return `${scheme.kind.toUpperCase()} with ${scheme.hash}`;
  return scheme.kind === 'ed25519' ? 'Ed25519' : 'Ed448';
}
