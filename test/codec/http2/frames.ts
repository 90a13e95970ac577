import { FrameReader, type FrameSink } from '../../../src/codec/http2/frame-reader.ts';
import type { Violation } from '../../../src/codec/http2/violation.ts';

export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: string;
}

/** Keeps what a reader hands on; payloads are copied, as they are good during the call only. */
export class FrameKeeper implements FrameSink {
  readonly frames: SeenFrame[] = [];

  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): null {
    this.frames.push({ type, flags, streamId, payload: bytes.toString('hex', start, end) });
    return null;
  }
}

/** Frames of `bytes`, fed in the given pieces (each with its own memory, as a socket's reads have). */
export function readInPieces(bytes: Buffer, cuts: readonly number[], maximumFrameSize?: number, splitsContent = false) {
  const reader = new FrameReader(maximumFrameSize, splitsContent);
  const keeper = new FrameKeeper();
  let violation: Violation | null = null;
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    const piece = Buffer.concat([Buffer.of(0xaa), bytes.subarray(start, end), Buffer.of(0xaa)]);
    violation = reader.feed(piece, 1, piece.length - 1, keeper);
    // What was read is not to be looked at again.
    piece.fill(0x55);
    start = end;
  }
  return { frames: keeper.frames, violation, pending: reader.pending, offset: reader.offset };
}

/** A frame from its parts, for tests that need odd ones. */
export function frame(type: number, flags: number, streamId: number, payload: string | Buffer = ''): Buffer {
  const content = typeof payload === 'string' ? Buffer.from(payload.replace(/\s/g, ''), 'hex') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(content.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, content]);
}
