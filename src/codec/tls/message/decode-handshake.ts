import * as types from '../registry/handshake-types.ts';
import { suiteParts } from '../registry/suite-parts.ts';
import { TLS_1_2, TLS_1_3 } from '../registry/versions.ts';
import { SIGNATURE_ALGORITHMS } from '../registry/extensions.ts';
import { extensionOfType, extensionValue } from './extension-value.ts';
import { FieldReader } from './field-reader.ts';
import type {
  CertificateBody,
  CertificateEntry,
  CertificateRequestBody,
  DecodedHandshake,
  HandshakeBody,
  NewSessionTicketBody,
} from './handshake-body.ts';
import { readAuthorities, readExtensions } from './read-extensions.ts';
import { readClientHelloBody, readServerHelloBody } from './read-hello.ts';
import { readClientKeyExchange, readServerKeyExchange, readSignature } from './read-key-exchange.ts';

/** What must be known of the handshake to read the messages after the hellos. */
export interface HandshakeContext {
  /** The version that ServerHello settled: 0x0303, 0x0304. */
  readonly version: number;
  readonly cipherSuite: number;
}

/**
 * Decodes one whole handshake message, header included. Never throws; a message that is not what its type says comes back
 * with the fields before the fault and an `error`. Views point into `octets`.
 */
export function decodeHandshake(octets: Uint8Array, context: HandshakeContext): DecodedHandshake {
  const reader = new FieldReader(octets);
  const type = reader.uint8('msg_type');
  const outer = reader.open24('body');
  let body = readBody(type, reader, context);
  if (body.kind === 'undecoded') reader.take(reader.remaining, 'unread');
  reader.close(outer, types.handshakeTypeName(type));
  if (reader.remaining > 0) reader.fail('trailing-bytes', types.handshakeTypeName(type));
  const isRetry = body.kind === 'hello-retry-request';
  if (reader.error !== undefined) body = { kind: 'undecoded' };
  const name = isRetry ? 'hello_retry_request' : types.handshakeTypeName(type);
  return { type, name, octets, body, fields: reader.fields, error: reader.error };
}

function readBody(type: number, reader: FieldReader, { version, cipherSuite }: HandshakeContext): HandshakeBody {
  const isTls13 = version === TLS_1_3;
  switch (type) {
    case types.HELLO_REQUEST:
      return { kind: 'hello-request' };
    case types.CLIENT_HELLO:
      return readClientHelloBody(reader);
    case types.SERVER_HELLO:
      return readServerHelloBody(reader);
    case types.NEW_SESSION_TICKET:
      return readTicket(reader, isTls13);
    case types.END_OF_EARLY_DATA:
      return { kind: 'end-of-early-data' };
    case types.ENCRYPTED_EXTENSIONS:
      return { kind: 'encrypted-extensions', extensions: readExtensions(reader, 'encrypted_extensions') };
    case types.CERTIFICATE:
      return readCertificate(reader, isTls13);
    case types.SERVER_KEY_EXCHANGE:
      return readServerKeyExchange(reader, suiteParts(cipherSuite), version);
    case types.CERTIFICATE_REQUEST:
      return isTls13 ? readCertificateRequest(reader) : readOldCertificateRequest(reader, version);
    case types.SERVER_HELLO_DONE:
      return { kind: 'server-hello-done' };
    case types.CERTIFICATE_VERIFY:
      return { kind: 'certificate-verify', ...readSignature(reader, version) };
    case types.CLIENT_KEY_EXCHANGE:
      return readClientKeyExchange(reader, suiteParts(cipherSuite));
    case types.FINISHED:
      return { kind: 'finished', verifyData: reader.take(reader.remaining, 'verify_data') };
    case types.CERTIFICATE_STATUS:
      return readCertificateStatus(reader);
    case types.KEY_UPDATE: {
      const at = reader.offset;
      const requested = reader.uint8('request_update');
      if (requested > 1) reader.fail('illegal-value', 'request_update', at);
      return { kind: 'key-update', requested };
    }
    case types.COMPRESSED_CERTIFICATE: {
      const algorithm = reader.uint16('certificate_compression');
      const uncompressedLength = reader.uint24('uncompressed_length');
      const compressed = reader.opaque24('compressed_certificate_message', 1);
      return { kind: 'compressed-certificate', algorithm, uncompressedLength, compressed };
    }
    default:
      return { kind: 'undecoded' };
  }
}

/** RFC 8446 section 4.4.2; before TLS 1.3 without context and extensions (RFC 5246 section 7.4.2). */
function readCertificate(reader: FieldReader, isTls13: boolean): CertificateBody {
  const context = isTls13 ? reader.opaque8('certificate_request_context') : new Uint8Array(0);
  const outer = reader.open24('certificate_list');
  const entries: CertificateEntry[] = [];
  while (reader.remaining > 0) {
    const der = reader.opaque24('cert_data', 1);
    const end = reader.offset;
    const extensions = isTls13 ? readExtensions(reader, 'certificate') : [];
    entries.push({ der, start: end - der.length, end, extensions });
  }
  reader.close(outer, 'certificate_list');
  return { kind: 'certificate', context, entries };
}

/**
 * The Certificate message that a CompressedCertificate held (RFC 8879 section 4): only its body was compressed. `fields`
 * and errors count from the start of the body.
 */
export function decodeUncompressedCertificate(body: Uint8Array): CertificateBody | undefined {
  const reader = new FieldReader(body);
  const certificate = readCertificate(reader, true);
  return reader.error === undefined && reader.remaining === 0 ? certificate : undefined;
}

/** RFC 8446 section 4.3.2. */
function readCertificateRequest(reader: FieldReader): CertificateRequestBody {
  const context = reader.opaque8('certificate_request_context');
  const extensions = readExtensions(reader, 'certificate_request');
  const schemes = extensionOfType(extensions, SIGNATURE_ALGORITHMS);
  return {
    kind: 'certificate-request',
    context,
    certificateTypes: [],
    signatureSchemes: schemes?.kind === 'signature-schemes' ? schemes.schemes : [],
    authorities: extensionValue(extensions, 'authorities')?.names ?? [],
    extensions,
  };
}

/** RFC 5246 section 7.4.4; TLS 1.0 and 1.1 know no signature schemes. */
function readOldCertificateRequest(reader: FieldReader, version: number): CertificateRequestBody {
  const certificateTypes = reader.uint8List8('client_certificate_type', 1);
  const signatureSchemes = version >= TLS_1_2 ? reader.uint16List16('signature_scheme', 2) : [];
  const authorities = readAuthorities(reader, 0);
  const context = new Uint8Array(0);
  return { kind: 'certificate-request', context, certificateTypes, signatureSchemes, authorities, extensions: [] };
}

/** RFC 8446 section 4.6.1, RFC 5077 section 3.3. */
function readTicket(reader: FieldReader, isTls13: boolean): NewSessionTicketBody {
  const kind = 'new-session-ticket';
  const lifetimeSeconds = reader.uint32('ticket_lifetime');
  if (!isTls13) {
    const ticket = reader.opaque16('ticket');
    return { kind, lifetimeSeconds, ageAdd: undefined, nonce: undefined, ticket, extensions: [] };
  }
  const ageAdd = reader.uint32('ticket_age_add');
  const nonce = reader.opaque8('ticket_nonce');
  const ticket = reader.opaque16('ticket', 1);
  return { kind, lifetimeSeconds, ageAdd, nonce, ticket, extensions: readExtensions(reader, 'new_session_ticket') };
}

/** RFC 6066 section 8; ocsp_multi of RFC 6961 has a response, perhaps an empty one, for each certificate. */
function readCertificateStatus(reader: FieldReader): HandshakeBody {
  const statusType = reader.uint8('status_type');
  const responses: Uint8Array[] = [];
  if (statusType === 1) responses.push(reader.opaque24('ocsp_response', 1));
  else if (statusType === 2) {
    const outer = reader.open24('ocsp_response_list');
    while (reader.remaining > 0) responses.push(reader.opaque24('ocsp_response'));
    reader.close(outer, 'ocsp_response_list');
  } else reader.take(reader.remaining, 'response');
  return { kind: 'certificate-status', statusType, responses };
}
