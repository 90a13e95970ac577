import type { Range } from '../der/der-error.ts';
import type { DerReader } from '../der/der-reader.ts';
import { contextConstructed, Tag } from '../der/der-tag.ts';
import { Oid } from './oid.ts';

/** An AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
export interface AlgorithmIdentifier extends Range {
  readonly oid: string;
  /** The parameters' element, header included; undefined where they are absent. */
  readonly parameters: Range | undefined;
}

export type HashName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** How a signature was made. */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly kind: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: HashName }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'ed448' }
  | { readonly kind: 'dsa'; readonly hash: HashName }
  /** An identifier that is not known here, or parameters that the identifier does not allow. */
  | { readonly kind: 'unknown'; readonly oid: string };

export function readAlgorithmIdentifier(reader: DerReader, field: string): AlgorithmIdentifier {
  const start = reader.position;
  const sequence = reader.sequence(field);
  const oid = sequence.oid('algorithm');
  let parameters: Range | undefined;
  if (!sequence.atEnd) {
    const element = sequence.element('parameters');
    parameters = { start: element.start, end: element.end };
  }
  sequence.finish();
  return { oid, parameters, start, end: reader.position };
}

const hashes: ReadonlyMap<string, HashName> = new Map([
  [Oid.md5, 'md5'],
  [Oid.sha1, 'sha1'],
  [Oid.sha224, 'sha224'],
  [Oid.sha256, 'sha256'],
  [Oid.sha384, 'sha384'],
  [Oid.sha512, 'sha512'],
]);

/** The hash that an identifier names, or undefined. */
export const hashOf = (oid: string): HashName | undefined => hashes.get(oid);

/** Signature identifiers whose hash is part of the identifier (RFC 3279, RFC 4055, RFC 5758, RFC 5754). */
const schemes: ReadonlyMap<string, SignatureScheme> = new Map([
  ['1.2.840.113549.1.1.4', { kind: 'rsa-pkcs1', hash: 'md5' }],
  ['1.2.840.113549.1.1.5', { kind: 'rsa-pkcs1', hash: 'sha1' }],
  ['1.2.840.113549.1.1.14', { kind: 'rsa-pkcs1', hash: 'sha224' }],
  ['1.2.840.113549.1.1.11', { kind: 'rsa-pkcs1', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { kind: 'rsa-pkcs1', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { kind: 'rsa-pkcs1', hash: 'sha512' }],
  ['1.2.840.10045.4.1', { kind: 'ecdsa', hash: 'sha1' }],
  ['1.2.840.10045.4.3.1', { kind: 'ecdsa', hash: 'sha224' }],
  ['1.2.840.10045.4.3.2', { kind: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { kind: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { kind: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { kind: 'dsa', hash: 'sha1' }],
  ['2.16.840.1.101.3.4.3.1', { kind: 'dsa', hash: 'sha224' }],
  ['2.16.840.1.101.3.4.3.2', { kind: 'dsa', hash: 'sha256' }],
  ['2.16.840.1.101.3.4.3.3', { kind: 'dsa', hash: 'sha384' }],
  ['2.16.840.1.101.3.4.3.4', { kind: 'dsa', hash: 'sha512' }],
  [Oid.ed25519, { kind: 'ed25519' }],
  [Oid.ed448, { kind: 'ed448' }],
]);

/**
 * The scheme that an AlgorithmIdentifier names. Parameters are NULL or absent for RSA with PKCS #1 v1.5 (RFC 4055
 * section 5) and absent for the others (RFC 5758 section 3.2, RFC 8410 section 3); RSASSA-PSS has its own.
 */
export function signatureScheme(reader: DerReader, algorithm: AlgorithmIdentifier): SignatureScheme {
  const { oid, parameters } = algorithm;
  if (oid === Oid.rsassaPss) return readPss(reader, algorithm);
  const scheme = schemes.get(oid);
  if (scheme === undefined) return { kind: 'unknown', oid };
  const allowed = parameters === undefined || (scheme.kind === 'rsa-pkcs1' && isNull(reader.bytes, parameters));
  return allowed ? scheme : { kind: 'unknown', oid };
}

function isNull(bytes: Uint8Array, { start, end }: Range): boolean {
  return end - start === 2 && bytes[start] === Tag.null && bytes[start + 1] === 0;
}

/**
 * RSASSA-PSS-params (RFC 4055 section 3.1): hash, mask generation with its own hash, salt length, trailer; each has a
 * default (SHA-1, 20 octets). Mask generation with another hash than the message's is not supported.
 */
function readPss(reader: DerReader, { oid, parameters }: AlgorithmIdentifier): SignatureScheme {
  const unknown: SignatureScheme = { kind: 'unknown', oid };
  if (parameters === undefined) return unknown;
  reader.position = parameters.start;
  const sequence = reader.sequence('parameters');
  let hash: HashName | undefined = 'sha1';
  let maskHash: HashName | undefined = 'sha1';
  let saltLength = 20;
  let trailer = 1;
  const hashField = sequence.optional(contextConstructed(0), 'hashAlgorithm');
  if (hashField !== undefined) hash = hashOf(readAlgorithmIdentifier(hashField, '').oid);
  const maskField = sequence.optional(contextConstructed(1), 'maskGenAlgorithm');
  if (maskField !== undefined) {
    const mask = maskField.sequence('');
    const isMgf1 = mask.oid('algorithm') === Oid.mgf1;
    maskHash = isMgf1 ? hashOf(readAlgorithmIdentifier(mask, 'parameters').oid) : undefined;
  }
  const saltField = sequence.optional(contextConstructed(2), 'saltLength');
  if (saltField !== undefined) saltLength = saltField.smallInteger('');
  const trailerField = sequence.optional(contextConstructed(3), 'trailerField');
  if (trailerField !== undefined) trailer = trailerField.smallInteger('');
  sequence.finish();
  if (hash === undefined || maskHash !== hash || trailer !== 1) return unknown;
  return { kind: 'rsa-pss', hash, saltLength };
}
