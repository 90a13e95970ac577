import { formatIpAddress, parseIpAddress } from '../../pki/names/ip-address.ts';
import type { Identifier } from '../issuer.ts';

/**
 * The server name in the ClientHello of a CA that checks an identifier by TLS-ALPN-01: the name itself, for an address
 * its name in the reverse tree, since SNI holds no addresses (RFC 8738 section 6).
 *
 *     192.0.2.1     →  1.2.0.192.in-addr.arpa
 *     2001:db8::1   →  1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa
 */
export function challengeServerName({ type, value }: Identifier): string {
  const octets = type === 'ip' ? parseIpAddress(value) : undefined;
  if (octets === undefined) return value.toLowerCase();
  if (octets.length === 4) return `${[...octets].toReversed().join('.')}.in-addr.arpa`;
  const nibbles = [...octets].flatMap((octet) => [octet >> 4, octet & 15]);
  return `${nibbles
    .toReversed()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa`;
}

/** The identifier that a CA checks which sends this server name. What only looks like a reverse name is a name. */
export function challengedIdentifier(serverName: string): Identifier {
  const value = serverName.toLowerCase();
  const labels = value.split('.').slice(0, -2).toReversed();
  const address = value.endsWith('.in-addr.arpa')
    ? parseIpAddress(labels.join('.'))
    : value.endsWith('.ip6.arpa') && labels.length === 32
      ? parseIpAddress(labels.join('').replaceAll(/(.{4})(?=.)/g, '$1:'))
      : undefined;
  return address === undefined ? { type: 'dns', value } : { type: 'ip', value: formatIpAddress(address) };
}
