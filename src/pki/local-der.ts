/**
 * A DER writer (X.690), as far as the local CA's own certificates need it: every value is tag, length, content.
 *
 *     30 0d              SEQUENCE, 13 octets
 *        06 09 2a 86 48 86 f7 0d 01 01 0b    OBJECT IDENTIFIER 1.2.840.113549.1.1.11
 *        05 00           NULL
 *
 * Lengths below 128 take one octet; longer ones take 0x80 + n and n octets, most significant first (section 8.1.3.5).
 */

export type Der = Uint8Array;

const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

/** A value of any tag; the contents are put one after the other. */
function tagged(tag: number, ...contents: readonly Uint8Array[]): Der {
  const content = concatenate(contents);
  return concatenate([Uint8Array.of(tag), lengthOctets(content.length), content]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(0x80 + octets.length, ...octets);
}

export const sequence = (...contents: readonly Der[]): Der => tagged(0x30, ...contents);
export const set = (...contents: readonly Der[]): Der => tagged(0x31, ...contents);
export const octetString = (content: Uint8Array): Der => tagged(0x04, content);
export const utf8String = (text: string): Der => tagged(0x0c, new TextEncoder().encode(text));
export const booleanTrue = (): Der => tagged(0x01, Uint8Array.of(0xff));

/** `[n]` around a whole value. */
export const explicit = (n: number, ...contents: readonly Der[]): Der => tagged(CONTEXT | CONSTRUCTED | n, ...contents);
/** `[n]` in the place of a primitive value's own tag. */
export const implicit = (n: number, content: Uint8Array): Der => tagged(CONTEXT | n, content);

/** A non-negative INTEGER from its big-endian octets: no superfluous zero in front, but one where the sign bit is set. */
export function integer(octets: Uint8Array): Der {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start += 1;
  const significant = octets.length === 0 ? Uint8Array.of(0) : octets.subarray(start);
  return (significant[0] ?? 0) < 0x80 ? tagged(0x02, significant) : tagged(0x02, Uint8Array.of(0), significant);
}

/** A BIT STRING; `unusedBits` of the last octet do not count. */
export const bitString = (content: Uint8Array, unusedBits = 0): Der => tagged(0x03, Uint8Array.of(unusedBits), content);

/** An OBJECT IDENTIFIER from its dotted form: the first two arcs share an octet, each arc is base 128 (section 8.19). */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...arcs].flatMap((arc) => {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
    return digits;
  });
  return tagged(0x06, Uint8Array.from(octets));
}

/** A moment (epoch milliseconds, whole seconds count): UTCTime to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
export function time(ms: number): Der {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  const ascii = new TextEncoder();
  return digits < '2050' ? tagged(0x17, ascii.encode(digits.slice(2))) : tagged(0x18, ascii.encode(digits));
}
