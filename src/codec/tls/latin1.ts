/** Octets as text, one character each: U+0000 to U+00FF. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}
