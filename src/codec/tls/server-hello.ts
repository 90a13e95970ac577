import { ByteReader } from './byte-reader.ts';
import type { Extension } from './client-hello.ts';
import type { Decoded } from './decode-error.ts';
import { latin1 } from './latin1.ts';
import {
  ALPN,
  COOKIE,
  EXTENDED_MASTER_SECRET,
  KEY_SHARE,
  PRE_SHARED_KEY,
  RENEGOTIATION_INFO,
  SESSION_TICKET,
  SUPPORTED_VERSIONS,
} from './registry/extensions.ts';

/**
 * ServerHello and HelloRetryRequest (RFC 8446 sections 4.1.3 and 4.1.4), with the handshake header:
 *
 * | octets | field                                   |
 * |--------|-----------------------------------------|
 * | 1      | msg_type = 2                            |
 * | 3      | length of what follows                  |
 * | 2      | legacy_version                          |
 * | 32     | random                                  |
 * | 1 + n  | legacy_session_id_echo<0..32>           |
 * | 2      | cipher_suite                            |
 * | 1      | legacy_compression_method               |
 * | 2 + n  | extensions; may be absent before TLS 1.3 |
 *
 * A HelloRetryRequest is a ServerHello whose random is the SHA-256 of "HelloRetryRequest".
 *
 *     02 000056 0303 a6af…6928 00 1301 00 002e 0033 0024 001d 0020 c982…1f0f 002b 0002 0304
 *     |  86     1.2  random    |  suite        key_share  x25519, 32 octets  supported_versions: 1.3
 */
export interface ServerHello {
  readonly isHelloRetryRequest: boolean;
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly extensions: readonly Extension[];
  /** The version that is spoken from here on: supported_versions, else legacy_version. */
  readonly version: number;
  readonly keyShareGroup: number | undefined;
  /** The server's public key; undefined in a HelloRetryRequest. */
  readonly keyExchange: Uint8Array | undefined;
  /** Which of the client's identities was accepted: the session is resumed. */
  readonly selectedIdentity: number | undefined;
  /** Before TLS 1.3 only: later it stands in EncryptedExtensions. */
  readonly alpn: string | undefined;
  readonly cookie: Uint8Array | undefined;
  readonly extendedMasterSecret: boolean;
  /** The server will send a NewSessionTicket (RFC 5077). */
  readonly sessionTicket: boolean;
  readonly renegotiationInfo: Uint8Array | undefined;
}

type ServerExtensions = {
  -readonly [
    K in
      | 'keyShareGroup'
      | 'keyExchange'
      | 'selectedIdentity'
      | 'alpn'
      | 'cookie'
      | 'extendedMasterSecret'
      | 'sessionTicket'
      | 'renegotiationInfo'
  ]: ServerHello[K];
} & { selectedVersion: number | undefined };

export const SERVER_HELLO = 2;

const helloRetryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** Parses one whole ServerHello or HelloRetryRequest, handshake header included. Views point into `message`. */
export function parseServerHello(message: Uint8Array): Decoded<ServerHello> {
  const reader = new ByteReader(message);
  if (reader.uint8('msg_type') !== SERVER_HELLO) reader.fail('unexpected-type', 'msg_type', 0);
  const outer = reader.open(reader.uint24('length'), 'length');
  const legacyVersion = reader.uint16('ServerHello.legacy_version');
  const random = reader.take(32, 'ServerHello.random');
  const sessionId = reader.opaque8('ServerHello.legacy_session_id_echo', 0, 32);
  const cipherSuite = reader.uint16('ServerHello.cipher_suite');
  const compressionMethod = reader.uint8('ServerHello.legacy_compression_method');
  const isHelloRetryRequest = hex(random) === helloRetryRandom;
  const extensions: Extension[] = [];
  const { selectedVersion, ...decoded } = readExtensions(reader, extensions, isHelloRetryRequest);
  reader.close(outer, 'ServerHello');
  if (reader.remaining > 0) reader.fail('trailing-bytes', 'ServerHello');
  if (reader.error !== undefined) return { ok: false, error: reader.error };
  const version = selectedVersion ?? legacyVersion;
  const fields = { isHelloRetryRequest, legacyVersion, random, sessionId, cipherSuite, compressionMethod };
  return { ok: true, value: { ...fields, extensions, version, ...decoded } };
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += octet.toString(16).padStart(2, '0');
  return text;
}

function readExtensions(reader: ByteReader, extensions: Extension[], isRetry: boolean): ServerExtensions {
  const decoded: ServerExtensions = {
    selectedVersion: undefined,
    keyShareGroup: undefined,
    keyExchange: undefined,
    selectedIdentity: undefined,
    alpn: undefined,
    cookie: undefined,
    extendedMasterSecret: false,
    sessionTicket: false,
    renegotiationInfo: undefined,
  };
  if (reader.remaining === 0) return decoded;
  const end = reader.open16('ServerHello.extensions');
  while (reader.remaining > 0) {
    const start = reader.offset;
    const type = reader.uint16('extension_type');
    if (extensions.some((before) => before.type === type)) {
      reader.fail('duplicate-extension', 'extension_type', start);
    }
    const outer = reader.open16('extension_data');
    const contentEnd = reader.end;
    extensions.push({ type, bytes: reader.bytes.subarray(reader.offset, contentEnd) });
    if (readServerExtension(type, reader, decoded, isRetry)) reader.close(outer, 'extension_data');
    else reader.skipTo(contentEnd, outer);
  }
  reader.close(end, 'ServerHello.extensions');
  return decoded;
}

/** False for a type that is not known here, whose content is left unread. */
function readServerExtension(type: number, reader: ByteReader, into: ServerExtensions, isRetry: boolean): boolean {
  switch (type) {
    case SUPPORTED_VERSIONS:
      into.selectedVersion = reader.uint16('supported_versions.selected_version');
      return true;
    case KEY_SHARE:
      into.keyShareGroup = reader.uint16('key_share.group');
      if (!isRetry) into.keyExchange = reader.opaque16('key_share.key_exchange', 1);
      return true;
    case PRE_SHARED_KEY:
      into.selectedIdentity = reader.uint16('pre_shared_key.selected_identity');
      return true;
    case ALPN: {
      const outer = reader.open16('protocol_name_list', 2);
      into.alpn = latin1(reader.opaque8('protocol_name', 1));
      reader.close(outer, 'protocol_name_list');
      return true;
    }
    case COOKIE:
      into.cookie = reader.opaque16('cookie', 1);
      return true;
    case EXTENDED_MASTER_SECRET:
      into.extendedMasterSecret = true;
      return true;
    case SESSION_TICKET:
      into.sessionTicket = true;
      return true;
    case RENEGOTIATION_INFO:
      into.renegotiationInfo = reader.opaque8('renegotiation_info');
      return true;
    default:
      return false;
  }
}
