import { parseIpv4, parseIpv6 } from '../../codec/ip-text.ts';

/** Special-purpose address blocks that are not reached over the public Internet (RFC 6890 and its registry). */
const BLOCKS4 = (
  [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ] as const
).map(([network, length]) => [parseIpv4(network)!, length] as const);
const BLOCKS6 = (
  [
    ['::', 127],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const
).map(([network, length]) => [parseIpv6(network)!, length] as const);

/** ::ffff:0:0/96, an IPv4 address in IPv6's form (RFC 4291 section 2.5.5.2). */
const MAPPED = parseIpv6('::ffff:0:0')!;

/** Whether an address literal lies in a block that is not on the public Internet; false for anything else. */
export function isPrivateAddress(address: string): boolean {
  const octets = parseIpv4(address) ?? parseIpv6(address.replace(/%.*$/, ''));
  if (octets === undefined) return false;
  const isMapped = octets.length === 16 && lies(octets, MAPPED, 96);
  const plain = isMapped ? octets.subarray(12) : octets;
  const blocks = plain.length === 4 ? BLOCKS4 : BLOCKS6;
  return blocks.some(([network, length]) => lies(plain, network, length));
}

/** Whether two addresses are the same in their first bits. */
function lies(address: Uint8Array, network: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let at = 0; at < whole; at += 1) if (address[at] !== network[at]) return false;
  const mask = 0xff00 >> (bits & 7);
  return (address[whole]! & mask & 0xff) === (network[whole]! & mask & 0xff);
}
