import type { Range } from './der-error.ts';

/** Whether both have the same octets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The octets of a range, shared with the buffer. */
export function rangeOf(bytes: Uint8Array, { start, end }: Range): Uint8Array {
  return bytes.subarray(start, end);
}
