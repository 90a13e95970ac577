/** Encodes single DER elements: enough for the requests that a verifier sends. */

/** Identifier, shortest length, content. */
export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const content of contents) length += content.length;
  const lengthOctets: number[] = [];
  if (length < 0x80) lengthOctets.push(length);
  else {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthOctets.unshift(rest % 256);
    lengthOctets.unshift(0x80 | lengthOctets.length);
  }
  const element = new Uint8Array(1 + lengthOctets.length + length);
  element[0] = tag;
  element.set(lengthOctets, 1);
  let at = 1 + lengthOctets.length;
  for (const content of contents) {
    element.set(content, at);
    at += content.length;
  }
  return element;
}

/** Content octets of an OBJECT IDENTIFIER from its dotted form, which must be well-formed. */
export function oidOctets(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) digits.unshift(0x80 | (high % 128));
    octets.push(...digits);
  }
  return Uint8Array.from(octets);
}

/** Octets of a hexadecimal string of even length. */
export function hexOctets(text: string): Uint8Array {
  const octets = new Uint8Array(text.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return octets;
}
