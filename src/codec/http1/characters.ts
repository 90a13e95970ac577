/**
 * Which octets may stand where, as lookup tables: 1 is allowed, 0 is not. The whole grammar of a head needs no more; where
 * most octets are of one plain kind, `four-octets.ts` passes over them first.
 */

/** tchar, RFC 9110 section 5.6.2: what methods and field names are made of. */
export const TOKEN: Uint8Array = new Uint8Array(256);
/** field-vchar, SP and HTAB, RFC 9110 section 5.5: 0x20–0x7E, 0x80–0xFF (obs-text) and 0x09. */
export const FIELD_VALUE: Uint8Array = new Uint8Array(256);
/**
 * Request target: visible ASCII but `#`, since a fragment is never sent (RFC 9112 section 3.2). Wider than RFC 3986: a
 * browser sends `|`, `^` and `{` as they are, and none of them can change where the target ends.
 */
export const TARGET: Uint8Array = new Uint8Array(256);
/** What a host name or port in Host may hold: LDH, dot, underscore. Brackets and colons are looked at by place. */
export const HOST: Uint8Array = new Uint8Array(256);

for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN[character.charCodeAt(0)] = 1;
}
for (const character of '-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ') {
  HOST[character.charCodeAt(0)] = 1;
}
for (let octet = 0; octet < 256; octet += 1) {
  FIELD_VALUE[octet] = (octet >= 0x20 && octet !== 0x7f) || octet === 0x09 ? 1 : 0;
  TARGET[octet] = octet > 0x20 && octet < 0x7f && octet !== 0x23 ? 1 : 0;
}

export const CR = 0x0d;
export const LF = 0x0a;
export const SP = 0x20;
export const HTAB = 0x09;
export const COLON = 0x3a;

/** The octets of an ASCII text. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Whether `name` (lower-case ASCII) stands at `offset`, letters in any case. */
export function equalsIgnoringCase(bytes: Uint8Array, offset: number, name: Uint8Array): boolean {
  for (let k = 0; k < name.length; k += 1) {
    let octet = bytes[offset + k]!;
    if (octet >= 0x41 && octet <= 0x5a) octet |= 0x20;
    if (octet !== name[k]) return false;
  }
  return true;
}
