/**
 * IPv4 (RFC 791) and IPv6 (RFC 8200) headers.
 *
 *   45 00 00 3c  1c 46 40 00  40 06 b1 e6  ac 10 0a 63  ac 10 0a 0c
 *   version 4, 5 words   DF   TTL TCP sum   source       destination
 */
import { refuse, type Parsed } from './packet-error.ts';

export interface IpPacket {
  readonly version: 4 | 6;
  /** As text, without compression rules of any kind for IPv6 but RFC 5952's. */
  readonly source: string;
  readonly destination: string;
  /** Of the payload: 6 is TCP. */
  readonly protocol: number;
  /** Time to live, or hop limit. */
  readonly timeToLive: number;
  /** The payload, [start, end): what the header says, as far as it was captured. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
  /** Octets that the payload had on the wire. */
  readonly payloadLength: number;
  /** A piece of a packet, of which only the first has the next header. */
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
}

export const PROTOCOL_TCP = 6;

const MOST_EXTENSIONS = 16;
/** Extension headers whose second octet is their length in units of eight (RFC 8200 section 4). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;

export function parseIp(bytes: Uint8Array, start: number): Parsed<IpPacket> {
  const first = bytes[start];
  if (first === undefined) return refuse('truncated', 'IP version', start);
  if (first >> 4 === 4) return parseIpv4(bytes, start);
  if (first >> 4 === 6) return parseIpv6(bytes, start);
  return refuse('invalid', 'IP version', start);
}

const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

function parseIpv4(bytes: Uint8Array, start: number): Parsed<IpPacket> {
  if (bytes.length - start < 20) return refuse('truncated', 'IPv4 header', bytes.length);
  const headerLength = (bytes[start]! & 0x0f) * 4;
  if (headerLength < 20) return refuse('invalid', 'IPv4 header length', start);
  if (bytes.length - start < headerLength) return refuse('truncated', 'IPv4 options', bytes.length);
  // Segmentation offload leaves 0 here: the packet is then as long as what was captured.
  const told = uint16(bytes, start + 2);
  const totalLength = told === 0 ? bytes.length - start : told;
  if (totalLength < headerLength) return refuse('invalid', 'IPv4 total length', start + 2);
  const flags = uint16(bytes, start + 6);
  return {
    ok: true,
    value: {
      version: 4,
      source: ipv4Text(bytes, start + 12),
      destination: ipv4Text(bytes, start + 16),
      protocol: bytes[start + 9]!,
      timeToLive: bytes[start + 8]!,
      payloadStart: start + headerLength,
      payloadEnd: Math.min(bytes.length, start + totalLength),
      payloadLength: totalLength - headerLength,
      fragmentOffset: (flags & 0x1fff) * 8,
      moreFragments: (flags & 0x2000) !== 0,
    },
  };
}

function parseIpv6(bytes: Uint8Array, start: number): Parsed<IpPacket> {
  if (bytes.length - start < 40) return refuse('truncated', 'IPv6 header', bytes.length);
  const told = uint16(bytes, start + 4);
  const length = told === 0 ? bytes.length - start - 40 : told;
  const end = start + 40 + length;
  let protocol = bytes[start + 6]!;
  let at = start + 40;
  let fragmentOffset = 0;
  let moreFragments = false;
  for (let count = 0; EXTENSIONS.has(protocol) || protocol === FRAGMENT || protocol === AUTHENTICATION; count += 1) {
    if (count === MOST_EXTENSIONS) return refuse('too-large', 'IPv6 extension headers', at);
    if (bytes.length < at + 8) return refuse('truncated', 'IPv6 extension header', bytes.length);
    const next = bytes[at]!;
    if (protocol === FRAGMENT) {
      const word = uint16(bytes, at + 2);
      fragmentOffset = word & 0xfff8;
      moreFragments = (word & 1) !== 0;
      at += 8;
    } else if (protocol === AUTHENTICATION) at += (bytes[at + 1]! + 2) * 4;
    else at += (bytes[at + 1]! + 1) * 8;
    if (at > end) return refuse('invalid', 'IPv6 extension header length', at);
    protocol = next;
    if (fragmentOffset > 0) break;
  }
  return {
    ok: true,
    value: {
      version: 6,
      source: ipv6Text(bytes, start + 8),
      destination: ipv6Text(bytes, start + 24),
      protocol,
      timeToLive: bytes[start + 7]!,
      payloadStart: Math.min(at, bytes.length),
      payloadEnd: Math.min(bytes.length, end),
      payloadLength: end - at,
      fragmentOffset,
      moreFragments,
    },
  };
}

const ipv4Text = (bytes: Uint8Array, at: number): string =>
  `${bytes[at]!}.${bytes[at + 1]!}.${bytes[at + 2]!}.${bytes[at + 3]!}`;

/** RFC 5952: lower case, no leading zeros, the longest run of zero groups (two at least) as `::`. */
function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => uint16(bytes, at + index * 2));
  // ::ffff:192.0.2.1 is how the sockets of both families name an IPv4 peer.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${ipv4Text(bytes, at + 12)}`;
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i += 1) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length += 1;
    if (length > bestLength) [best, bestLength] = [i, length];
    if (length > 0) i += length - 1;
  }
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return best < 0 ? hex(0, 8) : `${hex(0, best)}::${hex(best + bestLength, 8)}`;
}
