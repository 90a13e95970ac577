/**
 * Integers with a prefix (RFC 7541 section 5.1): the low bits of the first octet, and if those are all ones, further
 * octets of seven bits each, least significant first.
 *
 *   5-bit prefix:  xxx01010            10
 *                  xxx11111 9a 0a      31 + 0x1a + 0x0a * 128 = 1337
 */

/** The block ends inside the integer. */
export const INTEGER_TRUNCATED = -1;
/** Beyond MAXIMUM_INTEGER, or longer than any integer up to it needs. */
const INTEGER_OVERFLOW = -2;

/** 2^28 - 1 fits four further octets; no length, index or table size in a header block is near it. */
const MAXIMUM_INTEGER: number = 0x0fffffff;

/** Reads one block's integers, one after the other: a value and a position cannot both be returned. */
export class IntegerReader {
  /** Behind the last integer read. */
  position = 0;

  /** The integer at `at`, or one of the INTEGER_ codes. `mask` is the prefix: 2^n - 1. */
  read(bytes: Uint8Array, at: number, end: number, mask: number): number {
    let i = at;
    if (i >= end) return INTEGER_TRUNCATED;
    let value = bytes[i]! & mask;
    i += 1;
    if (value === mask) {
      let shift = 0;
      for (;;) {
        if (i >= end) return INTEGER_TRUNCATED;
        const octet = bytes[i]!;
        i += 1;
        // Zeros may pad an integer (RFC 7541 section 5.1 leaves it open), but no further than this.
        value += (octet & 0x7f) * 2 ** shift;
        if (value > MAXIMUM_INTEGER) return INTEGER_OVERFLOW;
        if (octet < 0x80) break;
        shift += 7;
        if (shift > 28) return INTEGER_OVERFLOW;
      }
    }
    this.position = i;
    return value;
  }
}

/** Writes `value` with the given prefix; `pattern` holds the bits in front of it. Returns the position behind it. */
export function writeInteger(out: Uint8Array, at: number, value: number, mask: number, pattern: number): number {
  if (value < mask) {
    out[at] = pattern | value;
    return at + 1;
  }
  let position = at;
  out[position] = pattern | mask;
  position += 1;
  let rest = value - mask;
  while (rest >= 0x80) {
    out[position] = (rest & 0x7f) | 0x80;
    position += 1;
    rest >>>= 7;
  }
  out[position] = rest;
  return position + 1;
}
