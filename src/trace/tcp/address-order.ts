import net from 'node:net';

/**
 * Alternates the families, IPv6 first (RFC 8305 section 4), so that one of them being broken costs one delay and not one
 * for each of its addresses.
 */
export function interleave(addresses: readonly string[]): string[] {
  const unique = [...new Set(addresses)];
  const six = unique.filter((address) => net.isIPv6(address));
  const four = unique.filter((address) => !net.isIPv6(address));
  const ordered: string[] = [];
  for (let i = 0; i < Math.max(six.length, four.length); i += 1) {
    const [a, b] = [six[i], four[i]];
    if (a !== undefined) ordered.push(a);
    if (b !== undefined) ordered.push(b);
  }
  return ordered;
}
