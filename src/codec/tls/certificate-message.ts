import { ByteReader } from './byte-reader.ts';
import type { Decoded } from './decode-error.ts';
import { STATUS_REQUEST } from './registry/extensions.ts';

/**
 * What a server tells of its identity. Certificate of TLS 1.3 (RFC 8446 section 4.4.2), with the handshake header:
 *
 * | octets | field                                                     |
 * |--------|-----------------------------------------------------------|
 * | 1      | msg_type = 11                                             |
 * | 3      | length of what follows                                    |
 * | 1 + n  | certificate_request_context, empty from a server          |
 * | 3 + n  | entries: 3 + n DER, 2 + n extensions, status_request = 5  |
 *
 * In TLS 1.2 (RFC 5246 section 7.4.2) there is no context and an entry has no extensions: the OCSP answer comes in
 * CertificateStatus, msg_type = 22 (RFC 6066 section 8): status_type = 1, 3 + n response.
 */
export interface SentCertificate {
  readonly der: Uint8Array;
  /** The stapled OCSP response of this certificate, DER. */
  readonly ocspResponse: Uint8Array | undefined;
}

export const CERTIFICATE = 11;
export const CERTIFICATE_REQUEST = 13;
export const CERTIFICATE_STATUS = 22;

const STATUS_TYPE_OCSP = 1;

/** Parses one whole Certificate message, handshake header included. Views point into `message`. */
export function parseCertificateMessage(message: Uint8Array, isTls13: boolean): Decoded<readonly SentCertificate[]> {
  const reader = new ByteReader(message);
  if (reader.uint8('msg_type') !== CERTIFICATE) reader.fail('unexpected-type', 'msg_type', 0);
  const outer = reader.open(reader.uint24('length'), 'length');
  if (isTls13) reader.opaque8('certificate_request_context');
  const list = reader.open(reader.uint24('certificate_list'), 'certificate_list');
  const sent: SentCertificate[] = [];
  while (reader.remaining > 0) {
    const der = reader.take(reader.uint24('cert_data'), 'cert_data');
    if (der.length === 0) reader.fail('bad-length', 'cert_data');
    sent.push({ der, ocspResponse: isTls13 ? readEntryExtensions(reader) : undefined });
  }
  reader.close(list, 'certificate_list');
  reader.close(outer, 'Certificate');
  if (reader.remaining > 0) reader.fail('trailing-bytes', 'Certificate');
  return reader.error === undefined ? { ok: true, value: sent } : { ok: false, error: reader.error };
}

function readEntryExtensions(reader: ByteReader): Uint8Array | undefined {
  const outer = reader.open16('extensions');
  let response: Uint8Array | undefined;
  while (reader.remaining > 0) {
    const type = reader.uint16('extension_type');
    const end = reader.open16('extension_data');
    const contentEnd = reader.end;
    if (type === STATUS_REQUEST) {
      response = readStatus(reader);
      reader.close(end, 'extension_data');
    } else reader.skipTo(contentEnd, end);
  }
  reader.close(outer, 'extensions');
  return response;
}

/** CertificateStatus: undefined for a type other than OCSP, whose content is left out. */
function readStatus(reader: ByteReader): Uint8Array | undefined {
  if (reader.uint8('status_type') !== STATUS_TYPE_OCSP) {
    reader.take(reader.remaining, 'response');
    return undefined;
  }
  return reader.take(reader.uint24('response'), 'response');
}

/** Parses one whole CertificateStatus message of TLS 1.2, handshake header included: the OCSP response. */
export function parseCertificateStatus(message: Uint8Array): Decoded<Uint8Array | undefined> {
  const reader = new ByteReader(message);
  if (reader.uint8('msg_type') !== CERTIFICATE_STATUS) reader.fail('unexpected-type', 'msg_type', 0);
  const outer = reader.open(reader.uint24('length'), 'length');
  const response = readStatus(reader);
  reader.close(outer, 'CertificateStatus');
  if (reader.remaining > 0) reader.fail('trailing-bytes', 'CertificateStatus');
  return reader.error === undefined ? { ok: true, value: response } : { ok: false, error: reader.error };
}
