/**
 * The static table (RFC 7541 appendix A), as strings and as field lines.
 *
 * The lines stand one behind the other in one buffer, `name: value CRLF`, so that an indexed field is handled like one of
 * the dynamic table: a range of octets.
 */
import { writeLatin1 } from '../../latin1.ts';

/** Entries 1 to 61. */
export const STATIC_FIELDS: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
];

/** The last static index; the dynamic table begins behind it. */
export const STATIC_COUNT: number = STATIC_FIELDS.length;

/** All lines, and where the line of entry `index` begins: STATIC_OFFSET[index] (entry 0 does not exist). */
export const STATIC_LINES: Buffer = Buffer.alloc(2048);
export const STATIC_OFFSET: Uint16Array = new Uint16Array(STATIC_COUNT + 1);
export const STATIC_NAME_LENGTH: Uint8Array = new Uint8Array(STATIC_COUNT + 1);
export const STATIC_VALUE_LENGTH: Uint8Array = new Uint8Array(STATIC_COUNT + 1);

let offset = 0;
for (const [place, [name, value]] of STATIC_FIELDS.entries()) {
  STATIC_OFFSET[place + 1] = offset;
  STATIC_NAME_LENGTH[place + 1] = name.length;
  STATIC_VALUE_LENGTH[place + 1] = value.length;
  offset = writeLatin1(STATIC_LINES, `${name}: ${value}\r\n`, offset);
}
