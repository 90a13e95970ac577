import { rangeOf } from '../../codec/der/octets.ts';
import type { Certificate } from '../../codec/x509/certificate.ts';
import { comparableName, type Name } from '../../codec/x509/name.ts';

/** Keys under which certificates and their parts are looked up, computed once each. */

const nameKeys = new WeakMap<Name, string>();

/** Equal keys mean equal names (RFC 5280 section 7.1). */
export function nameKey(name: Name): string {
  let key = nameKeys.get(name);
  if (key === undefined) {
    key = comparableName(name);
    nameKeys.set(name, key);
  }
  return key;
}

const certificateKeys = new WeakMap<Certificate, string>();

/** Equal keys mean the same octets. */
export function certificateKey(certificate: Certificate): string {
  let key = certificateKeys.get(certificate);
  if (key === undefined) {
    key = latin1(certificate.bytes);
    certificateKeys.set(certificate, key);
  }
  return key;
}

const publicKeyKeys = new WeakMap<Certificate, string>();

/** Equal keys mean the same SubjectPublicKeyInfo. */
export function publicKeyKey(certificate: Certificate): string {
  let key = publicKeyKeys.get(certificate);
  if (key === undefined) {
    key = latin1(rangeOf(certificate.bytes, certificate.publicKey));
    publicKeyKeys.set(certificate, key);
  }
  return key;
}

/** Issuer and subject are the same name (RFC 5280 section 3.2): by one CA for itself, signed by its own key or not. */
export const isSelfIssued = (certificate: Certificate): boolean =>
  nameKey(certificate.issuer) === nameKey(certificate.subject);

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
