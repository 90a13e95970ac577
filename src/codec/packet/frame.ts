/** A captured packet, read down to its TCP segment. */
import { parseIp, PROTOCOL_TCP, type IpPacket } from './ip-packet.ts';
import { ETHER_IPV4, ETHER_IPV6, parseLink } from './link-layer.ts';
import { refuse, type Parsed } from './packet-error.ts';
import { parseTcp, type TcpSegment } from './tcp-segment.ts';

export interface TcpFrame {
  readonly ip: IpPacket;
  readonly segment: TcpSegment;
  readonly data: Uint8Array;
}

/** `unsupported` is what is no TCP, and every fragment but whole packets. */
export function parseTcpFrame(linkType: number, bytes: Uint8Array): Parsed<TcpFrame> {
  const link = parseLink(linkType, bytes);
  if (!link.ok) return link;
  const { etherType, payloadStart } = link.value;
  if (etherType !== ETHER_IPV4 && etherType !== ETHER_IPV6) return refuse('unsupported', 'EtherType', 0);
  const ip = parseIp(bytes, payloadStart);
  if (!ip.ok) return ip;
  const { protocol, fragmentOffset, moreFragments, payloadStart: start, payloadEnd, payloadLength } = ip.value;
  if (protocol !== PROTOCOL_TCP) return refuse('unsupported', 'IP protocol', payloadStart);
  if (fragmentOffset > 0 || moreFragments) return refuse('unsupported', 'IP fragment', payloadStart);
  const segment = parseTcp(bytes, start, payloadEnd, payloadLength);
  if (!segment.ok) return segment;
  const { dataStart, dataEnd } = segment.value;
  return { ok: true, value: { ip: ip.value, segment: segment.value, data: bytes.subarray(dataStart, dataEnd) } };
}
