import type { ByteReader } from './byte-reader.ts';
import { readHostName, type HostName } from './host-name.ts';
import { latin1 } from './latin1.ts';
import {
  ALPN,
  COMPRESS_CERTIFICATE,
  EARLY_DATA,
  ENCRYPTED_CLIENT_HELLO,
  EXTENDED_MASTER_SECRET,
  KEY_SHARE,
  PRE_SHARED_KEY,
  PSK_KEY_EXCHANGE_MODES,
  RENEGOTIATION_INFO,
  SERVER_NAME,
  SESSION_TICKET,
  SIGNATURE_ALGORITHMS,
  STATUS_REQUEST,
  SUPPORTED_GROUPS,
  SUPPORTED_VERSIONS,
} from './registry/extensions.ts';

/** What the known extensions of a ClientHello say; undefined or false where the extension is absent. */
export interface ClientExtensions {
  serverName: HostName | undefined;
  supportedVersions: readonly number[] | undefined;
  /** Protocol names as text: `h2`, `http/1.1`; octets above 0x7f stand as U+0080 to U+00FF. */
  alpn: readonly string[] | undefined;
  supportedGroups: readonly number[] | undefined;
  /** Groups that come with a key, in order. */
  keyShareGroups: readonly number[] | undefined;
  signatureSchemes: readonly number[] | undefined;
  /** The ticket of RFC 5077; no octets where the client only asks for one. */
  sessionTicket: Uint8Array | undefined;
  pskIdentities: readonly PskIdentity[] | undefined;
  pskModes: readonly number[] | undefined;
  /** Algorithms of RFC 8879. */
  compressCertificate: readonly number[] | undefined;
  /** CertificateStatusType; 1 is OCSP. */
  statusRequest: number | undefined;
  renegotiationInfo: Uint8Array | undefined;
  earlyData: boolean;
  extendedMasterSecret: boolean;
  encryptedClientHello: boolean;
}

/** RFC 8446 section 4.2.11. With a resumed session, the identity is the ticket. */
export interface PskIdentity {
  readonly identity: Uint8Array;
  /** The ticket's age in milliseconds, plus what the server added, modulo 2^32. */
  readonly obfuscatedTicketAge: number;
}

/**
 * Decodes one extension into `into`; `reader` stands in its content. False for a type that this codec does not know, whose
 * content is left unread.
 */
export function readClientExtension(type: number, reader: ByteReader, into: ClientExtensions): boolean {
  switch (type) {
    case SERVER_NAME:
      into.serverName = readServerNameList(reader);
      return true;
    case SUPPORTED_VERSIONS:
      into.supportedVersions = reader.uint16List8('supported_versions', 2);
      return true;
    case ALPN:
      into.alpn = readProtocolNames(reader);
      return true;
    case SUPPORTED_GROUPS:
      into.supportedGroups = reader.uint16List16('supported_groups', 2);
      return true;
    case KEY_SHARE:
      into.keyShareGroups = readKeyShareGroups(reader);
      return true;
    case SIGNATURE_ALGORITHMS:
      into.signatureSchemes = reader.uint16List16('signature_algorithms', 2);
      return true;
    case SESSION_TICKET:
      into.sessionTicket = reader.take(reader.remaining, 'session_ticket');
      return true;
    case PRE_SHARED_KEY:
      into.pskIdentities = readPskIdentities(reader);
      return true;
    case PSK_KEY_EXCHANGE_MODES:
      into.pskModes = reader.uint8List8('psk_key_exchange_modes', 1);
      return true;
    case COMPRESS_CERTIFICATE:
      into.compressCertificate = reader.uint16List8('compress_certificate', 2);
      return true;
    case STATUS_REQUEST:
      // What follows depends on the type (RFC 6066 section 8) and decides nothing here.
      into.statusRequest = reader.uint8('status_request.status_type');
      return false;
    case RENEGOTIATION_INFO:
      into.renegotiationInfo = reader.opaque8('renegotiation_info');
      return true;
    case EARLY_DATA:
      into.earlyData = true;
      return true;
    case EXTENDED_MASTER_SECRET:
      into.extendedMasterSecret = true;
      return true;
    case ENCRYPTED_CLIENT_HELLO:
      into.encryptedClientHello = true;
      return false;
    default:
      return false;
  }
}

/**
 * server_name, RFC 6066 section 3: `0009 00 0006 736572766572` is a list of 9 octets with one host_name "server". No
 * other type of name was ever defined, so that none can be skipped over.
 */
function readServerNameList(reader: ByteReader): HostName | undefined {
  const outer = reader.open16('server_name_list', 1);
  const typeOffset = reader.offset;
  if (reader.uint8('server_name.name_type') !== 0) reader.fail('illegal-value', 'server_name.name_type', typeOffset);
  const name = reader.opaque16('server_name.host_name', 1);
  reader.close(outer, 'server_name_list');
  return reader.error === undefined ? readHostName(name) : undefined;
}

/** RFC 7301 section 3.1: `000c 02 6832 08 687474702f312e31` is h2, then http/1.1. */
function readProtocolNames(reader: ByteReader): string[] {
  const outer = reader.open16('protocol_name_list', 2);
  const names: string[] = [];
  while (reader.remaining > 0) names.push(latin1(reader.opaque8('protocol_name', 1)));
  reader.close(outer, 'protocol_name_list');
  return names;
}

function readKeyShareGroups(reader: ByteReader): number[] {
  const outer = reader.open16('key_share.client_shares');
  const groups: number[] = [];
  while (reader.remaining > 0) {
    groups.push(reader.uint16('key_share.group'));
    reader.opaque16('key_share.key_exchange', 1);
  }
  reader.close(outer, 'key_share.client_shares');
  return groups;
}

function readPskIdentities(reader: ByteReader): PskIdentity[] {
  const outer = reader.open16('pre_shared_key.identities', 7);
  const identities: PskIdentity[] = [];
  while (reader.remaining > 0) {
    const identity = reader.opaque16('pre_shared_key.identity', 1);
    identities.push({ identity, obfuscatedTicketAge: reader.uint32('pre_shared_key.obfuscated_ticket_age') });
  }
  reader.close(outer, 'pre_shared_key.identities');
  const binders = reader.open16('pre_shared_key.binders', 33);
  while (reader.remaining > 0) reader.opaque8('pre_shared_key.binder', 32);
  reader.close(binders, 'pre_shared_key.binders');
  return identities;
}
