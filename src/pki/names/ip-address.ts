import { formatIpv4, formatIpv6, ipFamily, parseIpv4, parseIpv6 } from '../../codec/ip-text.ts';

/** Octets of an IP literal in network order, four or sixteen; undefined where the text is not one. No zone, no brackets. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** The one text form of an address (RFC 5952 section 4). Octets of another length come out in hexadecimal. */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return formatIpv4(octets);
  if (octets.length === 16) return formatIpv6(octets);
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/**
 * Whether a text is meant as an IP address in any of the notations that old resolvers take: fewer than four parts,
 * octal, hexadecimal (`0xC0A80101`, `192.168.001.001`), or IPv6 in any spelling.
 */
export function looksLikeIpAddress(text: string): boolean {
  if (text.includes(':')) return ipFamily(text) === 6;
  const parts = text.split('.');
  return parts.length <= 4 && parts.every((part) => /^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(part));
}
