/**
 * Octets to text and back, one to one. `latin1Slice` and `latin1Write` are what `toString('latin1')` and
 * `write(…, 'latin1')` end in; called directly they save the look-up of the encoding, which shows on the hot path.
 */
interface Latin1Buffer {
  latin1Slice(this: Buffer, start: number, end: number): string;
  latin1Write(this: Buffer, text: string, offset: number): number;
}

// Looked up once (see `copy-octets.ts`).
const { latin1Slice, latin1Write } = Buffer.prototype as unknown as Latin1Buffer;

/** The text of `bytes[start, end)`. */
export function latin1Text(bytes: Buffer, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

/** Up to this many characters a loop is faster than calling into the engine. */
const LOOP_CHARACTERS = 40;

/** Writes `text` at `offset` and returns the offset behind it. The caller has seen to the room. */
export function writeLatin1(bytes: Buffer, text: string, offset: number): number {
  const { length } = text;
  if (length <= LOOP_CHARACTERS) {
    for (let k = 0; k < length; k += 1) bytes[offset + k] = text.charCodeAt(k);
    return offset + length;
  }
  return offset + latin1Write.call(bytes, text, offset);
}
