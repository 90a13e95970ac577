/**
 * Puts a header block together that comes in HEADERS (or PUSH_PROMISE) and CONTINUATION frames (RFC 9113 section 4.3). Until
 * its end no other frame may come. Size and number of the pieces are bounded: a peer that never ends one holds little.
 */
import { FrameType } from './frames.ts';
import { violation, type Violation } from './violation.ts';

export interface HeaderBlockLimits {
  /** Octets of a whole block, still compressed. */
  readonly blockSize: number;
  /** CONTINUATION frames of a block, empty ones too. */
  readonly continuations: number;
}

const NOTHING = Buffer.alloc(0);

export class HeaderBlockAssembler {
  readonly #limits: HeaderBlockLimits;
  #block: Buffer = NOTHING;
  #length = 0;
  #continuations = 0;

  /** The stream whose block is not whole yet, or 0. */
  streamId = 0;
  /** END_STREAM of the HEADERS frame that began it. */
  endStream = false;

  constructor(limits: HeaderBlockLimits) {
    this.#limits = limits;
  }

  /** The block gathered so far, [0, length). */
  get block(): Buffer {
    return this.#block;
  }
  get length(): number {
    return this.#length;
  }

  /** Whether a frame may come now: between a block's frames only CONTINUATION of the same stream, and nowhere else. */
  admit(type: number, streamId: number): Violation | null {
    if (this.streamId !== 0) {
      return type === FrameType.CONTINUATION && streamId === this.streamId
        ? null
        : violation('h2-continuation-missing');
    }
    return type === FrameType.CONTINUATION ? violation('h2-continuation-unexpected') : null;
  }

  /** A block begins with the fragment `bytes[start, end)` and is not whole. (A whole one needs no assembler.) */
  begin(streamId: number, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    this.streamId = streamId;
    this.endStream = endStream;
    this.#length = 0;
    this.#continuations = 0;
    return this.#append(bytes, start, end);
  }

  /** A CONTINUATION frame, admitted, goes on with the block. */
  proceed(bytes: Buffer, start: number, end: number): Violation | null {
    this.#continuations += 1;
    if (this.#continuations > this.#limits.continuations) return violation('h2-too-many-continuations');
    return this.#append(bytes, start, end);
  }

  /** The block was whole and has been read: gives its room back. */
  finish(): void {
    this.streamId = 0;
    this.#block = NOTHING;
    this.#length = 0;
  }

  #append(bytes: Buffer, start: number, end: number): Violation | null {
    const length = this.#length + end - start;
    if (length > this.#limits.blockSize) return violation('h2-header-block-too-large');
    if (length > this.#block.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#limits.blockSize, Math.max(length, this.#block.length * 2)));
      grown.set(this.#block.subarray(0, this.#length), 0);
      this.#block = grown;
    }
    this.#block.set(bytes.subarray(start, end), this.#length);
    this.#length = length;
    return null;
  }
}
