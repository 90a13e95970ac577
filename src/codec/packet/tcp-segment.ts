/**
 * TCP headers (RFC 9293 section 3.1).
 *
 *   01 bb d4 31  00 00 00 01  00 00 00 00  a0 12 ff ff  …    ports, sequence, acknowledgement, 10 words, SYN ACK, window
 */
import { refuse, type Parsed } from './packet-error.ts';

/** Options that say something of the connection. */
export interface TcpOptions {
  readonly maximumSegmentSize: number | undefined;
  /** Shift of the window field (RFC 7323 section 2). */
  readonly windowScale: number | undefined;
  readonly selectiveAcknowledgementPermitted: boolean;
  readonly timestamps: { readonly value: number; readonly echo: number } | undefined;
  /** Blocks that came out of order: [first, behind the last). */
  readonly acknowledgedBlocks: readonly (readonly [number, number])[];
}

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
  readonly urg: boolean;
  readonly ece: boolean;
  readonly cwr: boolean;
  /** As it stands in the header, not shifted. */
  readonly window: number;
  readonly options: TcpOptions;
  /** The data, [start, end), as far as it was captured. */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** Octets of data on the wire. */
  readonly dataLength: number;
}

/** Reads the segment in `bytes[start, end)`; `length` is what it had on the wire. */
export function parseTcp(bytes: Uint8Array, start: number, end: number, length: number): Parsed<TcpSegment> {
  if (end - start < 20) return refuse('truncated', 'TCP header', end);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = (bytes[start + 12]! >> 4) * 4;
  if (headerLength < 20 || headerLength > length) return refuse('invalid', 'TCP data offset', start + 12);
  if (end - start < headerLength) return refuse('truncated', 'TCP options', end);
  const flags = bytes[start + 13]!;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  return {
    ok: true,
    value: {
      sourcePort: view.getUint16(start),
      destinationPort: view.getUint16(start + 2),
      sequence: view.getUint32(start + 4),
      acknowledgement: view.getUint32(start + 8),
      fin: has(0x01),
      syn: has(0x02),
      rst: has(0x04),
      psh: has(0x08),
      ack: has(0x10),
      urg: has(0x20),
      ece: has(0x40),
      cwr: has(0x80),
      window: view.getUint16(start + 14),
      options: parseOptions(view, start + 20, start + headerLength),
      dataStart: start + headerLength,
      dataEnd: end,
      dataLength: length - headerLength,
    },
  };
}

/** Options that are malformed end the list: what stood before counts. */
function parseOptions(view: DataView, start: number, end: number): TcpOptions {
  let maximumSegmentSize: number | undefined;
  let windowScale: number | undefined;
  let selectiveAcknowledgementPermitted = false;
  let timestamps: TcpOptions['timestamps'];
  const acknowledgedBlocks: [number, number][] = [];
  let at = start;
  while (at < end) {
    const kind = view.getUint8(at);
    if (kind === 0) break;
    if (kind === 1) {
      at += 1;
      continue;
    }
    const size = at + 1 < end ? view.getUint8(at + 1) : 0;
    if (size < 2 || at + size > end) break;
    if (kind === 2 && size === 4) maximumSegmentSize = view.getUint16(at + 2);
    else if (kind === 3 && size === 3) windowScale = view.getUint8(at + 2);
    else if (kind === 4 && size === 2) selectiveAcknowledgementPermitted = true;
    else if (kind === 8 && size === 10) timestamps = { value: view.getUint32(at + 2), echo: view.getUint32(at + 6) };
    else if (kind === 5)
      for (let block = at + 2; block + 8 <= at + size; block += 8)
        acknowledgedBlocks.push([view.getUint32(block), view.getUint32(block + 4)]);
    at += size;
  }
  return { maximumSegmentSize, windowScale, selectiveAcknowledgementPermitted, timestamps, acknowledgedBlocks };
}

/** Names of the flags that are set, in the order of the header: `SYN`, `ACK`. */
export function flagNames(segment: TcpSegment): string[] {
  const { cwr, ece, urg, ack, psh, rst, syn, fin } = segment;
  const pairs: readonly (readonly [boolean, string])[] = [
    [syn, 'SYN'],
    [fin, 'FIN'],
    [rst, 'RST'],
    [psh, 'PSH'],
    [ack, 'ACK'],
    [urg, 'URG'],
    [ece, 'ECE'],
    [cwr, 'CWR'],
  ];
  return pairs.filter(([set]) => set).map(([, name]) => name);
}

/** How far `to` lies behind `from` in sequence numbers, which wrap at 2^32. */
export const sequenceDistance = (from: number, to: number): number => (to - from) | 0;
