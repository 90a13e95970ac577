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

/** Decodes one extension's content into `into`; a type that this codec does not know is left alone. */
export function readClientExtension(type: number, content: ByteReader, into: ClientExtensions): void {
  switch (type) {
    case SERVER_NAME:
      into.serverName = readServerNameList(content);
      break;
    case SUPPORTED_VERSIONS:
      into.supportedVersions = content.vector8('supported_versions', 2).uint16List('supported_versions');
      break;
    case ALPN:
      into.alpn = readProtocolNames(content);
      break;
    case SUPPORTED_GROUPS:
      into.supportedGroups = content.vector16('supported_groups', 2).uint16List('supported_groups');
      break;
    case KEY_SHARE:
      into.keyShareGroups = readKeyShareGroups(content);
      break;
    case SIGNATURE_ALGORITHMS:
      into.signatureSchemes = content.vector16('signature_algorithms', 2).uint16List('signature_algorithms');
      break;
    case SESSION_TICKET:
      into.sessionTicket = content.take(content.remaining, 'session_ticket');
      break;
    case PRE_SHARED_KEY:
      into.pskIdentities = readPskIdentities(content);
      break;
    case PSK_KEY_EXCHANGE_MODES:
      into.pskModes = content.vector8('psk_key_exchange_modes', 1).uint8List('psk_key_exchange_modes');
      break;
    case COMPRESS_CERTIFICATE:
      into.compressCertificate = content.vector8('compress_certificate', 2).uint16List('compress_certificate');
      break;
    case STATUS_REQUEST:
      into.statusRequest = content.uint8('status_request.status_type');
      // What follows depends on the type (RFC 6066 section 8) and decides nothing here.
      content.take(content.remaining, 'status_request.request');
      break;
    case RENEGOTIATION_INFO:
      into.renegotiationInfo = content.opaque8('renegotiation_info');
      break;
    case EARLY_DATA:
      into.earlyData = true;
      break;
    case EXTENDED_MASTER_SECRET:
      into.extendedMasterSecret = true;
      break;
    case ENCRYPTED_CLIENT_HELLO:
      into.encryptedClientHello = true;
      return;
    default:
      return;
  }
  content.finish('extension_data');
}

/**
 * server_name, RFC 6066 section 3: `0009 00 0006 736572766572` is a list of 9 octets with one host_name "server". No
 * other type of name was ever defined, so that none can be skipped over.
 */
function readServerNameList(content: ByteReader): HostName | undefined {
  const list = content.vector16('server_name_list', 1);
  const typeOffset = list.offset;
  if (list.uint8('server_name.name_type') !== 0) list.fail('illegal-value', 'server_name.name_type', typeOffset);
  const name = list.opaque16('server_name.host_name', 1);
  list.finish('server_name_list');
  return content.error === undefined ? readHostName(name) : undefined;
}

/** RFC 7301 section 3.1: `000c 02 6832 08 687474702f312e31` is h2, then http/1.1. */
function readProtocolNames(content: ByteReader): string[] {
  const list = content.vector16('protocol_name_list', 2);
  const names: string[] = [];
  while (list.remaining > 0) names.push(latin1(list.opaque8('protocol_name', 1)));
  return names;
}

function readKeyShareGroups(content: ByteReader): number[] {
  const list = content.vector16('key_share.client_shares');
  const groups: number[] = [];
  while (list.remaining > 0) {
    groups.push(list.uint16('key_share.group'));
    list.opaque16('key_share.key_exchange', 1);
  }
  return groups;
}

function readPskIdentities(content: ByteReader): PskIdentity[] {
  const list = content.vector16('pre_shared_key.identities', 7);
  const identities: PskIdentity[] = [];
  while (list.remaining > 0) {
    const identity = list.opaque16('pre_shared_key.identity', 1);
    identities.push({ identity, obfuscatedTicketAge: list.uint32('pre_shared_key.obfuscated_ticket_age') });
  }
  const binders = content.vector16('pre_shared_key.binders', 33);
  while (binders.remaining > 0) binders.opaque8('pre_shared_key.binder', 32);
  return identities;
}
