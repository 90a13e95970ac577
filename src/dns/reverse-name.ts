import { parseIpv4, parseIpv6 } from '../codec/ip-text.ts';

/** The name that an address's PTR record stands under (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function reverseName(address: string): string | undefined {
  const v4 = parseIpv4(address);
  if (v4 !== undefined) return `${v4.toReversed().join('.')}.in-addr.arpa.`;
  const v6 = parseIpv6(address);
  if (v6 === undefined) return undefined;
  const nibbles = [...v6].flatMap((octet) => [octet >> 4, octet & 15]);
  return `${nibbles
    .toReversed()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa.`;
}
