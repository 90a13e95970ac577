/**
 * Copies `from[start, end)` to `to` at `at` and returns the position behind it. Up to this many octets a loop is faster
 * than making a view and calling into the engine; `bench/hpack.ts` is where that shows.
 */
const LOOP_OCTETS = 256;

export function copyOctets(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  const length = end - start;
  if (length > LOOP_OCTETS) {
    // A plain view, not `subarray`: that of a Buffer makes a Buffer, which costs more than most copies here.
    const isWhole = length === from.length;
    to.set(isWhole ? from : new Uint8Array(from.buffer, from.byteOffset + start, length), at);
  } else for (let i = 0; i < length; i += 1) to[at + i] = from[start + i]!;
  return at + length;
}
