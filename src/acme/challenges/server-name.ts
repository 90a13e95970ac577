import { reverseName } from '../../dns/reverse-name.ts';
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
  const reverse = type === 'ip' ? reverseName(value) : undefined;
  // SNI has no dot at the end (RFC 6066 section 3).
  return reverse?.slice(0, -1) ?? value.toLowerCase();
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
