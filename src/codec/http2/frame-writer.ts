/**
 * Writes frames into a given buffer: each function writes at `at`, which must have the room, and returns the position
 * behind the frame. Frames of one turn are written one behind the other and leave together.
 */
import { asciiBytes } from '../http1/characters.ts';
import { copyOctets } from '../copy-octets.ts';
import { FRAME_HEADER_LENGTH, FrameFlag, FrameType, writeUint32 } from './frames.ts';

export function writeFrameHeader(
  out: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  out[at] = length >>> 16;
  out[at + 1] = length >>> 8;
  out[at + 2] = length;
  out[at + 3] = type;
  out[at + 4] = flags;
  return writeUint32(out, at + 5, streamId);
}

/** DATA with the content `bytes[start, end)`, which fits in a frame. */
export function writeData(
  out: Uint8Array,
  at: number,
  streamId: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  endStream: boolean,
): number {
  const flags = endStream ? FrameFlag.END_STREAM : 0;
  const payload = writeFrameHeader(out, at, end - start, FrameType.DATA, flags, streamId);
  return copyOctets(bytes, start, end, out, payload);
}

/** Octets that finishHeaders needs at most for a block of that length. */
export function headersRoom(blockLength: number, maximumFrameSize: number): number {
  return blockLength + FRAME_HEADER_LENGTH * (1 + Math.ceil(blockLength / maximumFrameSize));
}

/**
 * Frames a header block that was encoded in place: nine octets were left free at `frameAt`, the block stands behind them up
 * to `blockEnd`. A block that is longer than a frame is moved apart for the headers of its CONTINUATION frames, for which
 * the buffer must have headersRoom. Returns the position behind the last frame.
 */
export function finishHeaders(
  out: Uint8Array,
  frameAt: number,
  blockEnd: number,
  streamId: number,
  endStream: boolean,
  maximumFrameSize: number,
): number {
  const blockStart = frameAt + FRAME_HEADER_LENGTH;
  const length = blockEnd - blockStart;
  const streamFlag = endStream ? FrameFlag.END_STREAM : 0;
  if (length <= maximumFrameSize) {
    writeFrameHeader(out, frameAt, length, FrameType.HEADERS, streamFlag | FrameFlag.END_HEADERS, streamId);
    return blockEnd;
  }
  const continuations = Math.ceil(length / maximumFrameSize) - 1;
  // From the last piece to the first, so that nothing is overwritten before it has been moved.
  for (let piece = continuations; piece > 0; piece -= 1) {
    const from = blockStart + piece * maximumFrameSize;
    const pieceEnd = Math.min(from + maximumFrameSize, blockEnd);
    const to = from + piece * FRAME_HEADER_LENGTH;
    out.copyWithin(to, from, pieceEnd);
    const flags = piece === continuations ? FrameFlag.END_HEADERS : 0;
    writeFrameHeader(out, to - FRAME_HEADER_LENGTH, pieceEnd - from, FrameType.CONTINUATION, flags, streamId);
  }
  writeFrameHeader(out, frameAt, maximumFrameSize, FrameType.HEADERS, streamFlag, streamId);
  return blockEnd + continuations * FRAME_HEADER_LENGTH;
}

/** SETTINGS with pairs of SettingId and value, in the order given. */
export function writeSettings(out: Uint8Array, at: number, settings: readonly (readonly [number, number])[]): number {
  let position = writeFrameHeader(out, at, settings.length * 6, FrameType.SETTINGS, 0, 0);
  for (const [id, value] of settings) {
    out[position] = id >>> 8;
    out[position + 1] = id;
    position = writeUint32(out, position + 2, value);
  }
  return position;
}

export function writeSettingsAck(out: Uint8Array, at: number): number {
  return writeFrameHeader(out, at, 0, FrameType.SETTINGS, FrameFlag.ACK, 0);
}

/** PING with the eight octets at `start`; `ack` answers one. */
export function writePing(out: Uint8Array, at: number, bytes: Uint8Array, start: number, ack: boolean): number {
  const payload = writeFrameHeader(out, at, 8, FrameType.PING, ack ? FrameFlag.ACK : 0, 0);
  return copyOctets(bytes, start, start + 8, out, payload);
}

/** RST_STREAM. */
export function writeReset(out: Uint8Array, at: number, streamId: number, errorCode: number): number {
  return writeUint32(out, writeFrameHeader(out, at, 4, FrameType.RST_STREAM, 0, streamId), errorCode);
}

/** GOAWAY; `debugData` is ASCII for a person who reads the other side's log. */
export function writeGoaway(
  out: Uint8Array,
  at: number,
  lastStreamId: number,
  errorCode: number,
  debugData = '',
): number {
  let position = writeFrameHeader(out, at, 8 + debugData.length, FrameType.GOAWAY, 0, 0);
  position = writeUint32(out, position, lastStreamId);
  position = writeUint32(out, position, errorCode);
  out.set(asciiBytes(debugData), position);
  return position + debugData.length;
}

/** WINDOW_UPDATE; stream 0 is the connection. `increment` is 1 to 2^31 - 1. */
export function writeWindowUpdate(out: Uint8Array, at: number, streamId: number, increment: number): number {
  return writeUint32(out, writeFrameHeader(out, at, 4, FrameType.WINDOW_UPDATE, 0, streamId), increment);
}
