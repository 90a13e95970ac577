import { ByteReader } from './byte-reader.ts';
import type { Decoded } from './decode-error.ts';
import { readClientExtension, type ClientExtensions } from './client-extensions.ts';
import { PRE_SHARED_KEY } from './registry/extensions.ts';

/**
 * ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), with its handshake header:
 *
 * | octets | field                      |
 * |--------|----------------------------|
 * | 1      | msg_type = 1               |
 * | 3      | length of what follows     |
 * | 2      | legacy_version             |
 * | 32     | random                     |
 * | 1 + n  | legacy_session_id<0..32>   |
 * | 2 + n  | cipher_suites<2..2^16-2>   |
 * | 1 + n  | compression_methods<1..255>|
 * | 2 + n  | extensions; may be absent before TLS 1.3 |
 *
 * The start of the hello in RFC 8448 section 3:
 *
 *     01 0000c0 0303 cb34…dece7 00 0006 1301 1303 1302 01 00 0091 0000 000b 0009 00 0006 736572766572 …
 *     |  196-4  1.2  random     |  3 suites            null  exts server_name  list host_name "server"
 *                               no session id
 */
export interface ClientHello extends Readonly<ClientExtensions> {
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  /** Every extension in the order sent, unknown ones included: type and content. */
  readonly extensions: readonly Extension[];
}

export interface Extension {
  readonly type: number;
  readonly bytes: Uint8Array;
}

export const CLIENT_HELLO = 1;
const SESSION_ID_MAX = 32;

/** Parses one whole ClientHello message, handshake header included. Views point into `message`. */
export function parseClientHello(message: Uint8Array): Decoded<ClientHello> {
  const reader = new ByteReader(message);
  if (reader.uint8('msg_type') !== CLIENT_HELLO) reader.fail('unexpected-type', 'msg_type', 0);
  const outer = reader.open(reader.uint24('length'), 'length');
  const legacyVersion = reader.uint16('ClientHello.legacy_version');
  const random = reader.take(32, 'ClientHello.random');
  const sessionId = reader.opaque8('ClientHello.legacy_session_id', 0, SESSION_ID_MAX);
  const cipherSuites = reader.uint16List16('ClientHello.cipher_suites', 2);
  const compressionMethods = reader.uint8List8('ClientHello.compression_methods', 1);
  const extensions: Extension[] = [];
  const decoded = emptyExtensions();
  if (reader.remaining > 0) {
    const end = reader.open16('ClientHello.extensions');
    while (reader.remaining > 0) readExtension(reader, extensions, decoded);
    reader.close(end, 'ClientHello.extensions');
  }
  reader.close(outer, 'ClientHello');
  if (reader.remaining > 0) reader.fail('trailing-bytes', 'ClientHello');
  if (reader.error !== undefined) return { ok: false, error: reader.error };
  const value = { legacyVersion, random, sessionId, cipherSuites, compressionMethods, extensions, ...decoded };
  return { ok: true, value };
}

function readExtension(reader: ByteReader, extensions: Extension[], decoded: ClientExtensions): void {
  const start = reader.offset;
  const type = reader.uint16('extension_type');
  for (const before of extensions) {
    if (before.type === type) reader.fail('duplicate-extension', 'extension_type', start);
  }
  const outer = reader.open16('extension_data');
  const { bytes, offset, end } = reader;
  if (type === PRE_SHARED_KEY && end < outer) reader.fail('pre-shared-key-not-last', 'pre_shared_key', start);
  extensions.push({ type, bytes: bytes.subarray(offset, end) });
  if (readClientExtension(type, reader, decoded)) reader.close(outer, 'extension_data');
  else reader.skipTo(end, outer);
}

function emptyExtensions(): ClientExtensions {
  return {
    serverName: undefined,
    supportedVersions: undefined,
    alpn: undefined,
    supportedGroups: undefined,
    keyShareGroups: undefined,
    signatureSchemes: undefined,
    sessionTicket: undefined,
    pskIdentities: undefined,
    pskModes: undefined,
    compressCertificate: undefined,
    statusRequest: undefined,
    renegotiationInfo: undefined,
    earlyData: false,
    extendedMasterSecret: false,
    encryptedClientHello: false,
  };
}

/**
 * The versions that a hello offers, in its order of preference. Before TLS 1.3 a hello names only the highest that it
 * speaks, so that there is one element then.
 */
export function offeredVersions(hello: ClientHello): readonly number[] {
  return hello.supportedVersions ?? [hello.legacyVersion];
}
