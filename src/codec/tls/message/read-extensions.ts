import { readHostName } from '../host-name.ts';
import { latin1 } from '../latin1.ts';
import * as registered from '../registry/extensions.ts';
import { readSctList } from '../sct.ts';
import type { DecodedExtension, ExtensionPlace, ExtensionValue, KeyShareEntry, OfferedPsk } from './extension-value.ts';
import type { FieldReader } from './field-reader.ts';

/**
 * Reads `Extension extensions<0..2^16-1>` (RFC 8446 section 4.2) where `reader` stands. An extension whose content is not
 * what its type says has an `error` of its own; only a broken list fails the message.
 */
export function readExtensions(reader: FieldReader, place: ExtensionPlace): DecodedExtension[] {
  const extensions: DecodedExtension[] = [];
  const outer = reader.open16('extensions');
  while (reader.remaining > 0) {
    const start = reader.offset;
    const type = reader.uint16('extension_type');
    const listEnd = reader.open16('extension_data');
    if (reader.error !== undefined) break;
    const { offset, end } = reader;
    const name = registered.extensionName(type);
    const inner = reader.within(offset, end);
    let value = readValue(type, inner, place);
    if (inner.remaining > 0 && value.kind !== 'opaque') inner.fail('trailing-bytes', name);
    if (extensions.some((before) => before.type === type)) inner.fail('duplicate-extension', 'extension_type', start);
    if (type === registered.PRE_SHARED_KEY && place === 'client_hello' && end < listEnd) {
      inner.fail('pre-shared-key-not-last', name, start);
    }
    if (inner.error !== undefined) value = opaque;
    const octets = reader.bytes.subarray(offset, end);
    extensions.push({ type, name, start, end, octets, value, error: inner.error });
    reader.skipTo(end, listEnd);
  }
  reader.close(outer, 'extensions');
  return extensions;
}

const empty: ExtensionValue = { kind: 'empty' };
const opaque: ExtensionValue = { kind: 'opaque' };

function readValue(type: number, reader: FieldReader, place: ExtensionPlace): ExtensionValue {
  const isOffer = place === 'client_hello';
  switch (type) {
    case registered.SERVER_NAME:
      return isOffer ? readServerName(reader) : empty;
    case registered.MAX_FRAGMENT_LENGTH:
      return { kind: 'max-fragment-length', code: reader.uint8('max_fragment_length') };
    case registered.STATUS_REQUEST:
      return readStatusRequest(reader, place);
    case registered.STATUS_REQUEST_V2:
      return isOffer ? readStatusRequestV2(reader) : empty;
    case registered.SUPPORTED_GROUPS:
      return { kind: 'groups', groups: reader.uint16List16('named_group', 2) };
    case registered.EC_POINT_FORMATS:
      return { kind: 'point-formats', formats: reader.uint8List8('ec_point_format', 1) };
    case registered.SIGNATURE_ALGORITHMS:
    case registered.SIGNATURE_ALGORITHMS_CERT:
    case registered.DELEGATED_CREDENTIAL:
      // In a Certificate entry a delegated credential is a structure of its own (RFC 9345 section 4).
      if (place === 'certificate') return opaque;
      return { kind: 'signature-schemes', schemes: reader.uint16List16('signature_scheme', 2) };
    case registered.USE_SRTP:
      return {
        kind: 'srtp',
        profiles: reader.uint16List16('srtp_protection_profile', 2),
        mki: reader.opaque8('srtp_mki'),
      };
    case registered.EXTENSION_HEARTBEAT:
      return { kind: 'heartbeat', mode: reader.uint8('heartbeat.mode') };
    case registered.ALPN:
      return readProtocols(reader);
    case registered.APPLICATION_SETTINGS:
    case registered.APPLICATION_SETTINGS_OLD:
      return isOffer ? readProtocols(reader) : opaque;
    case registered.NEXT_PROTOCOL_NEGOTIATION:
      return isOffer ? empty : { kind: 'protocols', protocols: readNames(reader) };
    case registered.SIGNED_CERTIFICATE_TIMESTAMP:
      if (isOffer || place === 'certificate_request') return empty;
      return { kind: 'scts', scts: readSctList(reader) };
    case registered.CLIENT_CERTIFICATE_TYPE:
    case registered.SERVER_CERTIFICATE_TYPE:
      if (isOffer) return { kind: 'certificate-types', types: reader.uint8List8('certificate_type', 1) };
      return { kind: 'certificate-types', types: [reader.uint8('certificate_type')] };
    case registered.PADDING: {
      const padding = reader.take(reader.remaining, 'padding');
      return { kind: 'padding', byteLength: padding.length, isZero: padding.every((octet) => octet === 0) };
    }
    case registered.COMPRESS_CERTIFICATE:
      return { kind: 'compression-algorithms', algorithms: reader.uint16List8('certificate_compression', 2) };
    case registered.RECORD_SIZE_LIMIT:
      return { kind: 'record-size-limit', limitBytes: reader.uint16('record_size_limit') };
    case registered.SESSION_TICKET:
      return { kind: 'session-ticket', ticket: reader.take(reader.remaining, 'ticket') };
    case registered.PRE_SHARED_KEY:
      if (isOffer) return readOfferedPsks(reader);
      return { kind: 'selected-psk', index: reader.uint16('pre_shared_key.selected_identity') };
    case registered.EARLY_DATA:
      if (place !== 'new_session_ticket') return empty;
      return { kind: 'max-early-data', byteLength: reader.uint32('max_early_data_size') };
    case registered.SUPPORTED_VERSIONS:
      if (isOffer) return { kind: 'versions', versions: reader.uint16List8('version', 2) };
      return { kind: 'selected-version', version: reader.uint16('version') };
    case registered.COOKIE:
      return { kind: 'cookie', cookie: reader.opaque16('cookie', 1) };
    case registered.PSK_KEY_EXCHANGE_MODES:
      return { kind: 'psk-modes', modes: reader.uint8List8('psk_key_exchange_mode', 1) };
    case registered.CERTIFICATE_AUTHORITIES:
      return { kind: 'authorities', names: readAuthorities(reader, 3) };
    case registered.OID_FILTERS:
      return readOidFilters(reader);
    case registered.KEY_SHARE:
      return readKeyShares(reader, place);
    case registered.TICKET_REQUEST:
      return { kind: 'ticket-request', counts: readCounts(reader) };
    case registered.ENCRYPTED_CLIENT_HELLO:
      return readEncryptedHello(reader, isOffer);
    case registered.RENEGOTIATION_INFO:
      return { kind: 'renegotiation-info', verifyData: reader.opaque8('renegotiated_connection') };
    case registered.ENCRYPT_THEN_MAC:
    case registered.EXTENDED_MASTER_SECRET:
    case registered.POST_HANDSHAKE_AUTH:
      return empty;
    default:
      return reader.remaining === 0 ? empty : opaque;
  }
}

/** RFC 6066 section 3: no other type of name was ever defined. */
function readServerName(reader: FieldReader): ExtensionValue {
  const outer = reader.open16('server_name_list', 1);
  const at = reader.offset;
  if (reader.uint8('name_type') !== 0) reader.fail('illegal-value', 'name_type', at);
  const octets = reader.opaque16('host_name', 1);
  reader.close(outer, 'server_name_list');
  return { kind: 'server-name', host: readHostName(octets) };
}

/** A request in the hello (RFC 6066 section 8), the response itself in a Certificate entry (RFC 8446 section 4.4.2.1). */
function readStatusRequest(reader: FieldReader, place: ExtensionPlace): ExtensionValue {
  if (place === 'certificate') {
    const statusType = reader.uint8('status_type');
    const response = statusType === 1 ? reader.opaque24('ocsp_response', 1) : reader.take(reader.remaining, 'response');
    return { kind: 'certificate-status', statusType, response };
  }
  if (reader.remaining === 0) return empty;
  const statusType = reader.uint8('status_type');
  if (statusType === 1) {
    reader.opaque16('responder_id_list');
    reader.opaque16('request_extensions');
  } else reader.take(reader.remaining, 'request');
  return { kind: 'status-request', statusTypes: [statusType] };
}

/** RFC 6961 section 2.2. */
function readStatusRequestV2(reader: FieldReader): ExtensionValue {
  const outer = reader.open16('certificate_status_req_list', 1);
  const statusTypes: number[] = [];
  while (reader.remaining > 0) {
    statusTypes.push(reader.uint8('status_type'));
    reader.opaque16('request');
  }
  reader.close(outer, 'certificate_status_req_list');
  return { kind: 'status-request', statusTypes };
}

/** RFC 7301 section 3.1. */
function readProtocols(reader: FieldReader): ExtensionValue {
  const outer = reader.open16('protocol_name_list', 2);
  const protocols = readNames(reader);
  reader.close(outer, 'protocol_name_list');
  return { kind: 'protocols', protocols };
}

function readNames(reader: FieldReader): string[] {
  const names: string[] = [];
  while (reader.remaining > 0) names.push(latin1(reader.opaque8('protocol_name', 1)));
  return names;
}

function readOfferedPsks(reader: FieldReader): ExtensionValue {
  const outer = reader.open16('identities', 7);
  const identities: OfferedPsk[] = [];
  while (reader.remaining > 0) {
    const identity = reader.opaque16('identity', 1);
    identities.push({ identity, obfuscatedTicketAge: reader.uint32('obfuscated_ticket_age') });
  }
  reader.close(outer, 'identities');
  const bindersStart = reader.offset;
  const list = reader.open16('binders', 33);
  const binders: Uint8Array[] = [];
  while (reader.remaining > 0) binders.push(reader.opaque8('binder', 32));
  reader.close(list, 'binders');
  return { kind: 'offered-psks', identities, binders, bindersStart };
}

/** DistinguishedName authorities<…>: each DER with a length of two octets. `min` is 3 in TLS 1.3 and 0 before. */
export function readAuthorities(reader: FieldReader, min: number): Uint8Array[] {
  const outer = reader.open16('certificate_authorities', min);
  const names: Uint8Array[] = [];
  while (reader.remaining > 0) names.push(reader.opaque16('distinguished_name', 1));
  reader.close(outer, 'certificate_authorities');
  return names;
}

/** RFC 8446 section 4.2.5. */
function readOidFilters(reader: FieldReader): ExtensionValue {
  const outer = reader.open16('oid_filters');
  const filters: { oid: Uint8Array; values: Uint8Array }[] = [];
  while (reader.remaining > 0) {
    const oid = reader.opaque8('certificate_extension_oid', 1);
    filters.push({ oid, values: reader.opaque16('certificate_extension_values') });
  }
  reader.close(outer, 'oid_filters');
  return { kind: 'oid-filters', filters };
}

function readKeyShares(reader: FieldReader, place: ExtensionPlace): ExtensionValue {
  if (place === 'hello_retry_request') return { kind: 'wanted-group', group: reader.uint16('named_group') };
  if (place !== 'client_hello') return { kind: 'key-share', share: readKeyShare(reader) };
  const outer = reader.open16('client_shares');
  const shares: KeyShareEntry[] = [];
  while (reader.remaining > 0) shares.push(readKeyShare(reader));
  reader.close(outer, 'client_shares');
  return { kind: 'key-shares', shares };
}

function readKeyShare(reader: FieldReader): KeyShareEntry {
  const group = reader.uint16('named_group');
  return { group, keyExchange: reader.opaque16('key_exchange', 1) };
}

/** RFC 9149: new sessions and resumptions from the client, one number from the server. */
function readCounts(reader: FieldReader): number[] {
  const counts: number[] = [];
  while (reader.remaining > 0) counts.push(reader.uint8('count'));
  return counts;
}

/** ECHClientHello (RFC 9849): 0 outer with the sealed hello, 1 inner and nothing more. */
function readEncryptedHello(reader: FieldReader, isOffer: boolean): ExtensionValue {
  if (!isOffer) {
    const payload = reader.take(reader.remaining, 'retry_configs');
    return { kind: 'encrypted-client-hello', role: 'answer', configId: undefined, payload };
  }
  const at = reader.offset;
  const type = reader.uint8('ech.type');
  if (type === 1)
    return { kind: 'encrypted-client-hello', role: 'inner', configId: undefined, payload: reader.take(0, 'payload') };
  if (type !== 0) reader.fail('illegal-value', 'ech.type', at);
  reader.uint16('ech.kdf_id');
  reader.uint16('ech.aead_id');
  const configId = reader.uint8('ech.config_id');
  reader.opaque16('ech.enc');
  return { kind: 'encrypted-client-hello', role: 'outer', configId, payload: reader.opaque16('ech.payload', 1) };
}
