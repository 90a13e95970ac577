/**
 * A certification request (PKCS #10, RFC 2986 section 4.1) for some names and the key that signs it:
 *
 *     CertificationRequest     SEQUENCE
 *       certificationRequestInfo SEQUENCE
 *         version                  INTEGER 0
 *         subject                  Name, empty here: names stand in subjectAltName alone
 *         subjectPKInfo            SubjectPublicKeyInfo
 *         attributes           [0] extensionRequest with subjectAltName
 *       signatureAlgorithm
 *       signature                BIT STRING
 */
import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { Oid } from '../../codec/x509/oid.ts';
import {
  bitString,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  type Der,
} from '../../pki/local-der.ts';
import { encodeGeneralName } from '../identifier.ts';
import type { Identifier } from '../issuer.ts';

/** extensionRequest (RFC 2985 section 5.4.2). */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const NULL: Der = Uint8Array.of(0x05, 0x00);

/** DER of the request; undefined for a key that no public CA certifies (neither RSA nor P-256, P-384, P-521). */
export function encodeCertificateRequest(
  identifiers: readonly Identifier[],
  privateKey: KeyObject,
): Uint8Array | undefined {
  const scheme = signatureScheme(privateKey);
  if (scheme === undefined) return undefined;
  const names = sequence(...identifiers.map(encodeGeneralName));
  // Not critical: CAs take names from it whatever it says, and set criticality in the certificate themselves.
  const extensions = sequence(sequence(objectIdentifier(Oid.subjectAltName), octetString(names)));
  const info = sequence(
    integer(Uint8Array.of(0)),
    sequence(),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    explicit(0, sequence(objectIdentifier(EXTENSION_REQUEST), set(extensions))),
  );
  return sequence(info, scheme.algorithm, bitString(sign(scheme.hash, info, privateKey)));
}

/** The key's usual signature; ECDSA's hash is as long as the curve (RFC 5758, RFC 4055). */
function signatureScheme(key: KeyObject): { readonly hash: string; readonly algorithm: Der } | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') {
    return { hash: 'sha256', algorithm: sequence(objectIdentifier('1.2.840.113549.1.1.11'), NULL) };
  }
  const byCurve: Readonly<Record<string, readonly [hash: string, oid: string]>> = {
    prime256v1: ['sha256', '1.2.840.10045.4.3.2'],
    secp384r1: ['sha384', '1.2.840.10045.4.3.3'],
    secp521r1: ['sha512', '1.2.840.10045.4.3.4'],
  };
  const found = type === 'ec' ? byCurve[details?.namedCurve ?? ''] : undefined;
  return found && { hash: found[0], algorithm: sequence(objectIdentifier(found[1])) };
}
