/**
 * Field names that HTTP/2 or the compression treats in a way of its own, found by one hash of their octets.
 *
 * A name has a *kind* (what a message reader does with it) and an *indexing* (what the HPACK encoder does with it). Both
 * sides look names up here, so that a name is known in one place only.
 */
import { isIdentityField } from '../http1/identity-fields.ts';
import { STATIC_FIELDS } from './hpack/static-table.ts';

/** What a field is to whoever reads a message. The low five bits of a field's tag. */
export const FieldKind = {
  /** Travels on as it is. */
  ORDINARY: 0,
  METHOD: 1,
  SCHEME: 2,
  AUTHORITY: 3,
  PATH: 4,
  /** :protocol, RFC 8441. */
  PROTOCOL: 5,
  STATUS: 6,
  /** Begins with a colon and is none of those above. */
  UNKNOWN_PSEUDO: 7,
  /** Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding, Upgrade: an error in HTTP/2 (RFC 9113 section 8.2.2). */
  CONNECTION_SPECIFIC: 8,
  TE: 9,
  HOST: 10,
  COOKIE: 11,
  CONTENT_LENGTH: 12,
  EXPECT: 13,
  /** Says who the client is; believed from a trusted proxy only. */
  IDENTITY: 14,
  /** For this hop, or a word that only the gateway may say: never travels on. */
  DROPPED: 15,
  /** Not a field name of HTTP/2: empty, upper-case, or not a token. */
  MALFORMED_NAME: 16,
  /** Says how urgent the response is (RFC 9218); travels on, and is read on the way. */
  PRIORITY: 17,
  /** Travel on, and are noted for whoever logs them. */
  USER_AGENT: 18,
  REFERER: 19,
} as const;

/** The kind in a tag. */
export const KIND_MASK = 0x1f;
/** Tag bit: has no business in trailers (RFC 9110 section 6.5.1: framing, routing, authentication, content handling). */
export const NOT_IN_TRAILERS = 0x20;
/** Tag bit: the value is not one that a field of this kind may have. */
export const MALFORMED_VALUE = 0x40;

/** What the encoder does with a field, by its name. */
export const Indexing = {
  /** Into the dynamic table at first sight. */
  AT_ONCE: 0,
  /** Into the dynamic table when the same value comes again: values that mostly differ would only push others out. */
  ON_REPEAT: 1,
  /**
   * Never, and marked so for whoever passes it on (RFC 7541 section 7.1.3): a secret in a table can be guessed at by
   * whoever else sends on the connection, and a gateway's upstream connection carries many clients.
   */
  NEVER: 2,
} as const;

/** Kind by name. Trailers aside, names that are not here are ORDINARY. */
const KINDS: Readonly<Record<string, number>> = {
  ':method': FieldKind.METHOD,
  ':scheme': FieldKind.SCHEME,
  ':authority': FieldKind.AUTHORITY,
  ':path': FieldKind.PATH,
  ':protocol': FieldKind.PROTOCOL,
  ':status': FieldKind.STATUS,
  connection: FieldKind.CONNECTION_SPECIFIC,
  'keep-alive': FieldKind.CONNECTION_SPECIFIC,
  'proxy-connection': FieldKind.CONNECTION_SPECIFIC,
  'transfer-encoding': FieldKind.CONNECTION_SPECIFIC,
  upgrade: FieldKind.CONNECTION_SPECIFIC,
  te: FieldKind.TE,
  host: FieldKind.HOST,
  cookie: FieldKind.COOKIE,
  'content-length': FieldKind.CONTENT_LENGTH,
  expect: FieldKind.EXPECT,
  priority: FieldKind.PRIORITY,
  'user-agent': FieldKind.USER_AGENT,
  referer: FieldKind.REFERER,
  // Hop by hop (RFC 9110 section 11.7).
  'proxy-authenticate': FieldKind.DROPPED,
  'proxy-authorization': FieldKind.DROPPED,
  'proxy-authentication-info': FieldKind.DROPPED,
  // The upgrade from HTTP/1.1 that RFC 9113 gave up.
  'http2-settings': FieldKind.DROPPED,
  // Becomes HTTP_PROXY in CGI-like apps and would redirect their outgoing requests ("httpoxy").
  proxy: FieldKind.DROPPED,
};

const NEVER_IN_TRAILERS = [
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
] as const;

const NEVER_INDEXED = ['authorization', 'cookie', 'proxy-authorization', 'set-cookie'] as const;

const INDEXED_ON_REPEAT = [
  ':path',
  'age',
  'content-disposition',
  'content-length',
  'content-location',
  'content-range',
  'date',
  'etag',
  'expires',
  'grpc-timeout',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'last-modified',
  'link',
  'location',
  'range',
  'referer',
  'refresh',
  'server-timing',
  'traceparent',
  'tracestate',
  'x-request-id',
  'x-runtime',
] as const;

/** Number of each known name, 1 and up; 0 is a name not known here. */
const NAMES: readonly string[] = [
  '',
  ...new Set([
    ...STATIC_FIELDS.map(([name]) => name),
    ...Object.keys(KINDS),
    ...NEVER_IN_TRAILERS,
    ...NEVER_INDEXED,
    ...INDEXED_ON_REPEAT,
  ]),
];

/** By number of the name: its tag (kind and NOT_IN_TRAILERS), its indexing, its first static index or 0. */
export const NAME_TAG: Uint8Array = new Uint8Array(NAMES.length);
export const NAME_INDEXING: Uint8Array = new Uint8Array(NAMES.length);
export const NAME_STATIC_INDEX: Uint8Array = new Uint8Array(NAMES.length);

/** Octet to the octet that it counts as where letters match in any case. */
export const LOWER: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet,
);
/** The same, and `_` counts as `-`. */
const FOLD: Uint8Array = Uint8Array.from(LOWER, (octet) => (octet === 0x5f ? 0x2d : octet));

/** FNV-1a, 32 bits, over folded octets; where a hash goes on, its last state is the `seed`. */
export function hashFolded(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ FOLD[bytes[i]!]!, 0x01000193);
  return hash;
}
export const HASH_SEED: number = 0x811c9dc5 | 0;

const SLOTS = 512;
const slots = new Uint8Array(SLOTS);

const firstStatic = new Map(STATIC_FIELDS.map(([name], at) => [name, at + 1] as const).reverse());
for (let id = 1; id < NAMES.length; id += 1) {
  const name = NAMES[id]!;
  const inTrailers = name.startsWith(':') || !(NEVER_IN_TRAILERS as readonly string[]).includes(name);
  NAME_TAG[id] = (KINDS[name] ?? FieldKind.ORDINARY) | (inTrailers ? 0 : NOT_IN_TRAILERS);
  NAME_INDEXING[id] = (NEVER_INDEXED as readonly string[]).includes(name)
    ? Indexing.NEVER
    : (INDEXED_ON_REPEAT as readonly string[]).includes(name)
      ? Indexing.ON_REPEAT
      : Indexing.AT_ONCE;
  NAME_STATIC_INDEX[id] = firstStatic.get(name) ?? 0;
  const bytes = Uint8Array.from(name, (character) => character.charCodeAt(0));
  let slot = slotOf(hashFolded(bytes, 0, bytes.length, HASH_SEED));
  while (slots[slot] !== 0) slot = (slot + 1) % SLOTS;
  slots[slot] = id;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

/**
 * Number of the name in `bytes[start, end)`, or 0. `alike` is LOWER, or FOLD where `_` matches `-`; `hash` is hashFolded
 * over the name from HASH_SEED.
 */
export function findName(bytes: Uint8Array, start: number, end: number, hash: number, alike: Uint8Array): number {
  let slot = slotOf(hash);
  for (let id = slots[slot]!; id !== 0; id = slots[slot]!) {
    const name = NAMES[id]!;
    if (name.length === end - start) {
      let i = 0;
      while (i < name.length && alike[bytes[start + i]!] === name.charCodeAt(i)) i += 1;
      if (i === name.length) return id;
    }
    slot = (slot + 1) % SLOTS;
  }
  return 0;
}

/**
 * The tag of a name that is a lower-case token (or begins with a colon). A name that is a known one but for `_` in place
 * of `-` shadows it in apps that see names as CGI variables, so it is DROPPED where the known one is more than ORDINARY.
 */
export function tagOfName(bytes: Uint8Array, start: number, end: number): number {
  const id = findName(bytes, start, end, hashFolded(bytes, start, end, HASH_SEED), FOLD);
  if (id > 0) {
    const tag = NAME_TAG[id]!;
    const kind = tag & KIND_MASK;
    // Kinds from PRIORITY on are read on the way and travel on like ORDINARY ones.
    if (kind === FieldKind.ORDINARY || !hasUnderscore(bytes, start, end)) return tag;
    return kind >= FieldKind.PRIORITY ? FieldKind.ORDINARY : FieldKind.DROPPED;
  }
  if (bytes[start] === 0x3a) return FieldKind.UNKNOWN_PSEUDO;
  if (isIdentityField(bytes, start, end - start, false)) {
    return isIdentityField(bytes, start, end - start, true) ? FieldKind.DROPPED : FieldKind.IDENTITY;
  }
  return FieldKind.ORDINARY;
}

function hasUnderscore(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (bytes[i] === 0x5f) return true;
  return false;
}
