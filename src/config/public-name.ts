import { BlockList, isIP } from 'node:net';
import { parse } from 'tldts';
import { isPrivateAddress } from '../pki/fetch/private-address.ts';

/**
 * Names that no public authority certifies, themselves and everything below: RFC 6761 (localhost, test, invalid, example
 * with .com, .net, .org), RFC 6762 (local), RFC 7686 (onion), RFC 8375 (home.arpa, and nothing else of arpa either),
 * ICANN's resolution on internal, RFC 9476 (alt).
 */
const specialNames =
  'localhost test invalid example example.com example.net example.org local onion arpa internal alt'.split(' ');

/** RFC 5737, RFC 3849, RFC 9637: addresses for documents. */
const documentation = new BlockList();
for (const network of ['192.0.2.0', '198.51.100.0', '203.0.113.0']) documentation.addSubnet(network, 24, 'ipv4');
documentation.addSubnet('2001:db8::', 32, 'ipv6');
documentation.addSubnet('3fff::', 20, 'ipv6');

/** Whether a public authority could certify a site's name (A-labels, lower case, perhaps `*.` in front; or an address). */
export function isPublicName(name: string): boolean {
  const family = isIP(name);
  if (family !== 0) return !isPrivateAddress(name) && !documentation.check(name, family === 4 ? 'ipv4' : 'ipv6');
  const host = name.startsWith('*.') ? name.slice(2) : name;
  if (specialNames.some((special) => host === special || host.endsWith(`.${special}`))) return false;
  // What has no known suffix is a name of an inner network; a suffix itself (`co.uk`) belongs to nobody.
  const { domain, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true, validateHostname: false });
  return domain !== null && (isIcann === true || isPrivate === true);
}
