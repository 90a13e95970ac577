import { parsing, type Parsed, type Range } from '../der/der-error.ts';
import { DerReader } from '../der/der-reader.ts';
import { contextConstructed, contextPrimitive } from '../der/der-tag.ts';
import type { DerTime } from '../der/der-time.ts';
import {
  readAlgorithmIdentifier,
  signatureScheme,
  type AlgorithmIdentifier,
  type SignatureScheme,
} from './algorithm.ts';
import { noExtensions, readExtensions, type Extensions } from './extensions.ts';
import { hex, readName, type Name } from './name.ts';
import { readPublicKeyInfo, type PublicKeyInfo } from './public-key.ts';

/** A serial number (RFC 5280 section 4.1.2.2). */
export interface SerialNumber extends Range {
  /** Content octets of the INTEGER in lower-case hexadecimal, sign octet included. */
  readonly hex: string;
  readonly byteLength: number;
  readonly negative: boolean;
  readonly zero: boolean;
}

/** A moment with the place of its octets. */
export type TimeField = DerTime & Range;

/**
 * An X.509 certificate (RFC 5280 section 4.1):
 *
 *     Certificate           SEQUENCE
 *       tbsCertificate        SEQUENCE   the octets that are signed
 *         version         [0] INTEGER    2 for v3; absent for v1
 *         serialNumber        INTEGER
 *         signature           AlgorithmIdentifier, the same as below
 *         issuer              Name
 *         validity            notBefore, notAfter
 *         subject             Name
 *         subjectPublicKeyInfo
 *         extensions      [3] in v3
 *       signatureAlgorithm    AlgorithmIdentifier
 *       signatureValue        BIT STRING
 *
 * All ranges are offsets into `bytes`.
 */
export interface Certificate {
  readonly bytes: Uint8Array;
  readonly tbs: Range;
  readonly version: 1 | 2 | 3;
  readonly serialNumber: SerialNumber;
  readonly issuer: Name;
  readonly notBefore: TimeField;
  readonly notAfter: TimeField;
  readonly subject: Name;
  readonly publicKey: PublicKeyInfo;
  readonly extensions: Extensions;
  /** The algorithm inside the signed part, and the one outside; RFC 5280 section 4.1.1.2 wants them equal. */
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureScheme: SignatureScheme;
  /** Content of signatureValue, without the octet that counts unused bits. */
  readonly signature: Range;
}

/** A certificate with thousands of names stays below this. */
export const MAX_CERTIFICATE_BYTES = 1 << 20;

/** Parses one DER certificate that fills `bytes`. Malformed known extensions are in `extensions.problems` instead. */
export function parseCertificate(bytes: Uint8Array): Parsed<Certificate> {
  return parsing(() => {
    const reader = new DerReader(bytes, '');
    if (bytes.length > MAX_CERTIFICATE_BYTES) reader.fail('too-large', 'certificate', MAX_CERTIFICATE_BYTES);
    const certificate = readCertificate(reader, 'certificate');
    reader.finish();
    return certificate;
  });
}

/** Reads the next element, which must be a certificate; its offsets are made relative to its own first octet. */
export function readCertificate(outer: DerReader, field: string): Certificate {
  const start = outer.position;
  const element = outer.element(field);
  const bytes =
    start === 0 && element.end === outer.bytes.length ? outer.bytes : outer.bytes.subarray(start, element.end);
  return readFrom(new DerReader(bytes, ''), field);
}

function readFrom(reader: DerReader, field: string): Certificate {
  const certificate = reader.sequence(field);
  const tbsStart = certificate.position;
  const tbs = certificate.sequence('tbsCertificate');
  const tbsRange: Range = { start: tbsStart, end: tbs.end };
  const version = readVersion(tbs);
  const serialNumber = readSerialNumber(tbs, 'serialNumber');
  const tbsSignatureAlgorithm = readAlgorithmIdentifier(tbs, 'signature');
  const issuer = readName(tbs, 'issuer');
  const validity = tbs.sequence('validity');
  const notBefore = readTimeField(validity, 'notBefore');
  const notAfter = readTimeField(validity, 'notAfter');
  validity.finish();
  const subject = readName(tbs, 'subject');
  const publicKey = readPublicKeyInfo(tbs, 'subjectPublicKeyInfo');
  for (const [number, name] of [
    [1, 'issuerUniqueID'],
    [2, 'subjectUniqueID'],
  ] as const) {
    if (tbs.peek() !== contextPrimitive(number)) continue;
    if (version === 1) tbs.fail('value-not-allowed', name, tbs.position);
    tbs.element(name);
  }
  const wrapper = tbs.optional(contextConstructed(3), '');
  let extensions = noExtensions;
  if (wrapper !== undefined) {
    // "This field MUST only appear if the version is 3" (section 4.1.2.9).
    if (version !== 3) tbs.fail('value-not-allowed', 'extensions', wrapper.start);
    extensions = readExtensions(wrapper, 'extensions');
    wrapper.finish();
  }
  tbs.finish();
  const signatureAlgorithm = readAlgorithmIdentifier(certificate, 'signatureAlgorithm');
  const signature = certificate.wholeBitString('signatureValue');
  certificate.finish();
  return {
    bytes: reader.bytes,
    tbs: tbsRange,
    version,
    serialNumber,
    issuer,
    notBefore,
    notAfter,
    subject,
    publicKey,
    extensions,
    tbsSignatureAlgorithm,
    signatureAlgorithm,
    signatureScheme: signatureScheme(new DerReader(reader.bytes, 'signatureAlgorithm'), signatureAlgorithm),
    signature: { start: signature.contentStart, end: signature.end },
  };
}

function readVersion(tbs: DerReader): 1 | 2 | 3 {
  const wrapper = tbs.optional(contextConstructed(0), '');
  if (wrapper === undefined) return 1;
  const start = wrapper.position;
  const version = wrapper.smallInteger('version');
  wrapper.finish();
  if (version > 2) wrapper.fail('value-not-allowed', 'version', start);
  return version === 0 ? 1 : version === 1 ? 2 : 3;
}

/** Reads a CertificateSerialNumber, whatever its sign and size. */
export function readSerialNumber(reader: DerReader, field: string): SerialNumber {
  const element = reader.integer(field);
  const content = reader.content(element);
  const first = content[0] ?? 0;
  return {
    hex: hex(content),
    byteLength: content.length,
    negative: first >= 0x80,
    zero: content.length === 1 && first === 0,
    start: element.start,
    end: element.end,
  };
}

function readTimeField(reader: DerReader, field: string): TimeField {
  const start = reader.position;
  const time = reader.time(field);
  return { ...time, start, end: reader.position };
}
