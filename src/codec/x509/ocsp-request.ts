import { parsing, type Parsed } from '../der/der-error.ts';
import { DerReader } from '../der/der-reader.ts';
import { contextConstructed, Tag } from '../der/der-tag.ts';
import { encodeElement, hexOctets, oidOctets } from '../der/der-writer.ts';
import { readAlgorithmIdentifier } from './algorithm.ts';
import { readSerialNumber } from './certificate.ts';
import { noExtensions, readExtensions, type Extensions } from './extensions.ts';
import { hex } from './name.ts';
import { Oid } from './oid.ts';

/** Which certificate is asked about (RFC 6960 section 4.1.1). Octets in lower-case hexadecimal. */
export interface CertId {
  /** Dotted identifier of the hash. */
  readonly hashAlgorithm: string;
  /** Hash of the issuer's name, as it stands in the certificate. */
  readonly issuerNameHash: string;
  /** Hash of the content of the issuer's subjectPublicKey BIT STRING. */
  readonly issuerKeyHash: string;
  /** Content octets of the serial number. */
  readonly serialNumber: string;
}

export interface OcspRequest {
  readonly certIds: readonly CertId[];
  readonly extensions: Extensions;
}

export function readCertId(reader: DerReader, field: string): CertId {
  const sequence = reader.sequence(field);
  const hashAlgorithm = readAlgorithmIdentifier(sequence, 'hashAlgorithm').oid;
  const issuerNameHash = hex(sequence.content(sequence.octetString('issuerNameHash')));
  const issuerKeyHash = hex(sequence.content(sequence.octetString('issuerKeyHash')));
  const serialNumber = readSerialNumber(sequence, 'serialNumber').hex;
  sequence.finish();
  return { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber };
}

/** A request holds few certificates; responders answer one. */
const MAX_REQUESTS = 256;

/** Parses an OCSPRequest (RFC 6960 section 4.1.1). A signature, if there is one, is skipped. */
export function parseOcspRequest(bytes: Uint8Array): Parsed<OcspRequest> {
  return parsing(() => {
    const reader = new DerReader(bytes, '');
    const request = reader.sequence('OCSPRequest');
    reader.finish();
    const tbs = request.sequence('tbsRequest');
    const version = tbs.optional(contextConstructed(0), 'version');
    if (version !== undefined && version.smallInteger('') !== 0) version.fail('value-not-allowed', '', version.start);
    if (tbs.peek() === contextConstructed(1)) tbs.element('requestorName');
    const list = tbs.sequence('requestList');
    if (list.atEnd) list.fail('empty-not-allowed', '', list.position);
    const certIds: CertId[] = [];
    while (!list.atEnd) {
      if (certIds.length >= MAX_REQUESTS) list.fail('too-large', '', list.position);
      const single = list.sequence('request');
      certIds.push(readCertId(single, 'reqCert'));
      const own = single.optional(contextConstructed(0), '');
      if (own !== undefined) {
        readExtensions(own, 'singleRequestExtensions');
        own.finish();
      }
      single.finish();
    }
    const wrapper = tbs.optional(contextConstructed(2), '');
    const extensions = wrapper === undefined ? noExtensions : readExtensions(wrapper, 'requestExtensions');
    wrapper?.finish();
    tbs.finish();
    if (request.peek() === contextConstructed(0)) request.element('optionalSignature');
    request.finish();
    return { certIds, extensions };
  });
}

/**
 * Encodes an unsigned OCSPRequest for one certificate. `nonce`, 1 to 128 octets (RFC 9654 section 2.1), is sent where
 * given.
 */
export function encodeOcspRequest(certId: CertId, nonce?: Uint8Array): Uint8Array {
  const oid = (dotted: string): Uint8Array => encodeElement(Tag.objectIdentifier, oidOctets(dotted));
  const hashAlgorithm = encodeElement(Tag.sequence, oid(certId.hashAlgorithm), encodeElement(Tag.null));
  const reqCert = encodeElement(
    Tag.sequence,
    hashAlgorithm,
    encodeElement(Tag.octetString, hexOctets(certId.issuerNameHash)),
    encodeElement(Tag.octetString, hexOctets(certId.issuerKeyHash)),
    encodeElement(Tag.integer, hexOctets(certId.serialNumber)),
  );
  const requestList = encodeElement(Tag.sequence, encodeElement(Tag.sequence, reqCert));
  if (nonce === undefined) return encodeElement(Tag.sequence, encodeElement(Tag.sequence, requestList));
  const value = encodeElement(Tag.octetString, encodeElement(Tag.octetString, nonce));
  const extension = encodeElement(Tag.sequence, oid(Oid.ocspNonce), value);
  const extensions = encodeElement(contextConstructed(2), encodeElement(Tag.sequence, extension));
  return encodeElement(Tag.sequence, encodeElement(Tag.sequence, requestList, extensions));
}
