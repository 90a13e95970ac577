import { isIP } from 'node:net';

/** Octets of an IP literal in network order, four or sixteen; undefined where the text is not one. No zone, no brackets. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  const version = text.includes('%') ? 0 : isIP(text);
  if (version === 4) return Uint8Array.from(text.split('.'), Number);
  if (version !== 6) return undefined;
  const groups = text.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a, b, c, d) => `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`,
  );
  const [head = '', tail] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const octets = new Uint8Array(16);
  for (const [index, group] of [...left, ...zeros, ...right].entries()) {
    const value = Number.parseInt(group, 16);
    octets[index * 2] = value >> 8;
    octets[index * 2 + 1] = value & 0xff;
  }
  return octets;
}

/**
 * The one text form of an address: dotted decimal, or RFC 5952 section 4 (lower case, no leading zeros, the first of the
 * longest runs of two zero groups or more as `::`). Octets of another length come out in hexadecimal.
 */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
  const groups = Array.from({ length: 8 }, (_, i) => ((octets[i * 2] ?? 0) << 8) | (octets[i * 2 + 1] ?? 0));
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > bestLength) [bestStart, bestLength] = [start, length];
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (bestStart === -1) return text(groups);
  return `${text(groups.slice(0, bestStart))}::${text(groups.slice(bestStart + bestLength))}`;
}

/**
 * Whether a text is meant as an IP address in any of the notations that old resolvers take: fewer than four parts,
 * octal, hexadecimal (`0xC0A80101`, `192.168.001.001`), or IPv6 in any spelling.
 */
export function looksLikeIpAddress(text: string): boolean {
  if (text.includes(':')) return isIP(text) === 6;
  const parts = text.split('.');
  return parts.length <= 4 && parts.every((part) => /^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(part));
}
