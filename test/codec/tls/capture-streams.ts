import type { Sender } from '../../../src/codec/tls/conversation/items.ts';

/** A piece of one direction of a TCP connection, in the order of the capture. */
export interface CapturedPiece {
  readonly sender: Sender;
  readonly octets: Uint8Array;
  readonly atMs: number;
}

interface Flow {
  readonly pieces: CapturedPiece[];
  /** Address and port of who sent the first SYN, or the first segment. */
  readonly client: string;
  readonly expected: Map<string, number>;
}

/** IP packets start here after each link layer's header. */
const linkLengths: ReadonlyMap<number, number> = new Map([
  [1, 14],
  [0, 4],
  [101, 0],
  [228, 0],
  [276, 20],
]);

/**
 * The TCP connections of a pcap file of the old format, little-endian: just enough for captures that were made with care.
 * Segments must come in order; those that were sent again are passed over, and a connection with a gap ends there.
 */
export function readCapture(file: Buffer): CapturedPiece[][] {
  const header = linkLengths.get(file.readUInt32LE(20));
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || header === undefined) return [];
  const flows = new Map<string, Flow>();
  for (let at = 24; at + 16 <= file.length;) {
    const atMs = file.readUInt32LE(at) * 1_000 + file.readUInt32LE(at + 4) / 1_000;
    const length = file.readUInt32LE(at + 8);
    addPacket(flows, file.subarray(at + 16 + header, at + 16 + length), atMs);
    at += 16 + length;
  }
  return [...flows.values()].map(({ pieces }) => pieces);
}

function addPacket(flows: Map<string, Flow>, packet: Buffer, atMs: number): void {
  const version = (packet[0] ?? 0) >> 4;
  const isV6 = version === 6;
  if ((version !== 4 && !isV6) || packet[isV6 ? 6 : 9] !== 6) return;
  const ipLength = isV6 ? 40 : (packet[0]! & 15) * 4;
  const total = isV6 ? 40 + packet.readUInt16BE(4) : packet.readUInt16BE(2);
  const tcp = packet.subarray(ipLength, total === 0 ? undefined : total);
  if (tcp.length < 20) return;
  const [from, to] = isV6
    ? [packet.subarray(8, 24), packet.subarray(24, 40)]
    : [packet.subarray(12, 16), packet.subarray(16, 20)];
  const source = `${from.toString('hex')}:${tcp.readUInt16BE(0)}`;
  const target = `${to.toString('hex')}:${tcp.readUInt16BE(2)}`;
  const key = [source, target].toSorted((a, b) => a.localeCompare(b)).join(' ');
  const isSyn = (tcp[13]! & 2) !== 0;
  let flow = flows.get(key);
  if (flow === undefined) {
    flow = { pieces: [], client: isSyn && (tcp[13]! & 16) !== 0 ? target : source, expected: new Map() };
    flows.set(key, flow);
  }
  const sequence = tcp.readUInt32BE(4);
  const octets = tcp.subarray((tcp[12]! >> 4) * 4);
  const expected = flow.expected.get(source) ?? sequence;
  if (isSyn) {
    flow.expected.set(source, sequence + 1);
    return;
  }
  const skip = expected - sequence;
  if (octets.length === 0 || skip < 0 || skip >= octets.length) {
    if (octets.length === 0 && !flow.expected.has(source)) flow.expected.set(source, sequence);
    return;
  }
  flow.expected.set(source, sequence + octets.length);
  flow.pieces.push({
    sender: source === flow.client ? 'client' : 'server',
    octets: Uint8Array.from(octets.subarray(skip)),
    atMs,
  });
}
