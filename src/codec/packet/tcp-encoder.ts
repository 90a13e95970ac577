/** Builds IP packets with a TCP segment inside, for captures of what passed above TCP. */
import { concatenate } from './pcapng-writer.ts';

export interface SegmentToEncode {
  /** Octets of the addresses: four, or sixteen, both alike. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly syn?: boolean;
  readonly ack?: boolean;
  readonly fin?: boolean;
  readonly rst?: boolean;
  readonly psh?: boolean;
  readonly window: number;
  readonly data: Uint8Array;
}

/** An IPv4 or IPv6 packet without options, both checksums right. */
export function encodeTcpPacket(segment: SegmentToEncode): Uint8Array {
  const { source, destination } = segment;
  const tcp = encodeTcp(segment);
  const pseudo = concatenate([source, destination, Uint8Array.of(0, 6, tcp.length >> 8, tcp.length & 0xff)]);
  new DataView(tcp.buffer).setUint16(16, checksum(concatenate([pseudo, tcp])));
  return concatenate([
    source.length === 4 ? ipv4Header(source, destination, tcp.length) : ipv6Header(source, destination, tcp.length),
    tcp,
  ]);
}

function encodeTcp(segment: SegmentToEncode): Uint8Array {
  const { sourcePort, destinationPort, sequence, acknowledgement, syn, ack, fin, rst, psh, window, data } = segment;
  const out = new Uint8Array(20 + data.length);
  const view = new DataView(out.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint32(4, sequence);
  view.setUint32(8, acknowledgement);
  view.setUint8(12, 5 << 4);
  const bits = [fin, syn, rst, psh, ack];
  view.setUint8(
    13,
    bits.reduce((flags, bit, index) => flags | (bit === true ? 1 << index : 0), 0),
  );
  view.setUint16(14, window);
  out.set(data, 20);
  return out;
}

function ipv4Header(source: Uint8Array, destination: Uint8Array, length: number): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, 20 + length);
  // Do not fragment, as every TCP of today.
  view.setUint16(6, 0x4000);
  view.setUint8(8, 64);
  view.setUint8(9, 6);
  header.set(source, 12);
  header.set(destination, 16);
  view.setUint16(10, checksum(header));
  return header;
}

function ipv6Header(source: Uint8Array, destination: Uint8Array, length: number): Uint8Array {
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, length);
  view.setUint8(6, 6);
  view.setUint8(7, 64);
  header.set(source, 8);
  header.set(destination, 24);
  return header;
}

/** The Internet checksum (RFC 1071): the complement of the sum of all 16-bit words. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
