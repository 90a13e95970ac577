/**
 * Payloads of frames (RFC 9113 section 6). Readers fill an object that the caller reuses, and return the violation or null.
 * Lengths that checkFrameHeader has refused are taken for granted.
 */
import { latin1Text } from '../latin1.ts';
import { FrameFlag, readUint31, readUint32 } from './frames.ts';
import { violation, type Violation } from './violation.ts';

/** What is left of a payload without padding and other fields in front: `[start, end)` of the frame's bytes. */
export class PayloadRange {
  start = 0;
  end = 0;
  /** HEADERS and PRIORITY with the deprecated priority fields: stream depended on, or -1. */
  dependency = -1;
  exclusive = false;
  /** 1 to 256. */
  weight = 16;
  /** PUSH_PROMISE: the stream promised. */
  promisedStreamId = 0;
}

/** Takes padding off: Pad Length in front, that many octets behind (section 6.1). Padding itself is not looked at. */
function unpad(flags: number, bytes: Uint8Array, start: number, end: number, range: PayloadRange): Violation | null {
  range.start = start;
  range.end = end;
  if ((flags & FrameFlag.PADDED) === 0) return null;
  if (start === end) return violation('h2-frame-length-wrong');
  range.start = start + 1;
  range.end = end - bytes[start]!;
  return range.end < range.start ? violation('h2-padding-too-long') : null;
}

/** DATA: `range` is the content. The whole payload, padding too, counts for flow control (section 6.9.1). */
export function readData(
  flags: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  range: PayloadRange,
): Violation | null {
  return unpad(flags, bytes, start, end, range);
}

/** HEADERS: `range` is the fragment of the header block. A stream that depends on itself is reported with it set. */
export function readHeaders(
  flags: number,
  streamId: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  range: PayloadRange,
): Violation | null {
  range.dependency = -1;
  const padding = unpad(flags, bytes, start, end, range);
  if (padding !== null) return padding;
  if ((flags & FrameFlag.PRIORITY) === 0) return null;
  if (range.end - range.start < 5) return violation('h2-frame-length-wrong');
  readDependency(bytes, range.start, range);
  range.start += 5;
  return range.dependency === streamId ? violation('h2-depends-on-itself') : null;
}

/** PRIORITY (section 6.3): read, checked, and of no effect. */
export function readPriority(
  streamId: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  range: PayloadRange,
): Violation | null {
  if (end - start !== 5) return violation('h2-priority-length-wrong');
  readDependency(bytes, start, range);
  return range.dependency === streamId ? violation('h2-depends-on-itself') : null;
}

function readDependency(bytes: Uint8Array, at: number, range: PayloadRange): void {
  range.exclusive = bytes[at]! >= 0x80;
  range.dependency = readUint31(bytes, at);
  range.weight = bytes[at + 4]! + 1;
}

/** PUSH_PROMISE (section 6.6), for whoever reads what others sent: we enable no push, so that to us it is an error. */
export function readPushPromise(
  flags: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  range: PayloadRange,
): Violation | null {
  const padding = unpad(flags, bytes, start, end, range);
  if (padding !== null) return padding;
  if (range.end - range.start < 4) return violation('h2-frame-length-wrong');
  range.promisedStreamId = readUint31(bytes, range.start);
  range.start += 4;
  return null;
}

/** RST_STREAM: the error code. */
export function readResetCode(bytes: Uint8Array, start: number): number {
  return readUint32(bytes, start);
}

/** WINDOW_UPDATE: the increment, 1 to 2^31 - 1; 0 is an error of the stream, or on stream 0 of the connection (6.9). */
export function readWindowIncrement(bytes: Uint8Array, start: number): number {
  return readUint31(bytes, start);
}

export function zeroIncrement(streamId: number): Violation {
  return violation(streamId === 0 ? 'h2-window-increment-zero' : 'h2-stream-window-increment-zero');
}

export interface Goaway {
  /** The highest stream that was or may yet be acted upon. */
  readonly lastStreamId: number;
  readonly errorCode: number;
  /** Debug data, octet for octet as Latin-1. */
  readonly debugData: string;
}

/** GOAWAY (section 6.8). */
export function readGoaway(bytes: Buffer, start: number, end: number): Goaway {
  return {
    lastStreamId: readUint31(bytes, start),
    errorCode: readUint32(bytes, start + 4),
    debugData: latin1Text(bytes, start + 8, end),
  };
}

export interface PriorityUpdate {
  readonly streamId: number;
  /** Urgency 0 (first) to 7, 3 unless said; and whether the content is of use in parts (RFC 9218 section 4). */
  readonly urgency: number;
  readonly incremental: boolean;
}

/** PRIORITY_UPDATE (RFC 9218 section 7.1). */
export function readPriorityUpdate(bytes: Buffer, start: number, end: number): PriorityUpdate {
  return { streamId: readUint31(bytes, start), ...parsePriority(latin1Text(bytes, start + 4, end)) };
}

/**
 * The value of `priority` (RFC 9218 section 4), a structured dictionary of which two members matter. What is not
 * understood is as good as absent.
 */
export function parsePriority(value: string): { urgency: number; incremental: boolean } {
  let urgency = 3;
  let incremental = false;
  for (const member of value.split(',')) {
    const [key, text] = member.split(';')[0]!.trim().split('=');
    if (key === 'u' && text !== undefined && /^[0-7]$/.test(text)) urgency = Number(text);
    else if (key === 'i') incremental = text === undefined || text === '?1';
  }
  return { urgency, incremental };
}
