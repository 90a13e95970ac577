/** `0x0a1b`: how a code point without a name is written. */
export function hex16(code: number): string {
  return `0x${code.toString(16).padStart(4, '0')}`;
}
