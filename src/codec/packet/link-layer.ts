/**
 * What stands in front of an IP packet in a capture.
 *
 *   Ethernet   destination 6, source 6, type 2        08 00 is IPv4, 86 dd IPv6, 81 00 a VLAN tag
 *   SLL        packet type 2, hardware 2, length 2, address 8, protocol 2
 *   SLL2       protocol 2, reserved 2, interface 4, hardware 2, packet type 1, length 1, address 8
 */
import { refuse, type Parsed } from './packet-error.ts';

/** LINKTYPE_ numbers (tcpdump.org/linktypes.html). */
export const LinkType = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

export interface LinkFrame {
  /** EtherType of the payload; 0x0800 and 0x86dd are IP. */
  readonly etherType: number;
  readonly payloadStart: number;
  /** Linux cooked capture tells which way it went: 4 is outgoing. Undefined elsewhere. */
  readonly packetType: number | undefined;
}

export const ETHER_IPV4 = 0x0800;
export const ETHER_IPV6 = 0x86dd;
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** Tags one in the other: two are a provider's, more are an attack on the reader. */
const MOST_TAGS = 4;

export function parseLink(linkType: number, bytes: Uint8Array): Parsed<LinkFrame> {
  const uint16 = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  const cooked = (length: number, protocolAt: number, typeOf: () => number): Parsed<LinkFrame> => {
    if (bytes.length < length) return refuse('truncated', 'cooked header', bytes.length);
    return { ok: true, value: { etherType: uint16(protocolAt), payloadStart: length, packetType: typeOf() } };
  };
  switch (linkType) {
    case LinkType.ETHERNET: {
      let at = 12;
      for (let tags = 0; ; tags += 1) {
        if (bytes.length < at + 2) return refuse('truncated', 'EtherType', bytes.length);
        const etherType = uint16(at);
        if (!VLAN_TAGS.has(etherType))
          return { ok: true, value: { etherType, payloadStart: at + 2, packetType: undefined } };
        if (tags === MOST_TAGS) return refuse('too-large', 'VLAN tags', at);
        at += 4;
      }
    }
    case LinkType.LINUX_SLL:
      return cooked(16, 14, () => uint16(0));
    case LinkType.LINUX_SLL2:
      return cooked(20, 0, () => bytes[10]!);
    case LinkType.RAW:
    case LinkType.IPV4:
    case LinkType.IPV6:
      return fromVersion(bytes, 0);
    case LinkType.NULL:
    case LinkType.LOOP:
      // Four octets of an address family whose number and order depend on the system that captured.
      return fromVersion(bytes, 4);
    default:
      return refuse('unsupported', `link type ${linkType}`, 0);
  }
}

function fromVersion(bytes: Uint8Array, start: number): Parsed<LinkFrame> {
  const first = bytes[start];
  if (first === undefined) return refuse('truncated', 'IP version', bytes.length);
  const version = first >> 4;
  if (version !== 4 && version !== 6) return refuse('invalid', 'IP version', start);
  const etherType = version === 4 ? ETHER_IPV4 : ETHER_IPV6;
  return { ok: true, value: { etherType, payloadStart: start, packetType: undefined } };
}
