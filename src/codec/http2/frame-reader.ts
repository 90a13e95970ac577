/**
 * Cuts a stream of octets into frames, as they come. A frame that lies whole in a chunk is handed on in place; one that
 * spans chunks is gathered first. What a frame's header alone can get wrong (length, stream) is refused here, before its
 * payload is waited for.
 *
 * A sender that fills its TLS records and its DATA frames with 16 KiB each makes every frame span two records. A reader
 * that splits content therefore hands such a frame on in parts, in place, as DATA frames without END_STREAM and a last one
 * with the flags that were sent: to flow control and to whoever takes the content it is the same.
 */
import { DEFAULT_MAXIMUM_FRAME_SIZE, FRAME_HEADER_LENGTH, FrameFlag, FrameType, readUint31 } from './frames.ts';
import { violation, type Violation } from './violation.ts';

export interface FrameSink {
  /**
   * One frame; its payload is `bytes[start, end)`, good during the call. What it returns ends the reading of the
   * connection: a violation of scope `connection`, or null to go on.
   */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): Violation | null;
}

/** A partial frame's buffer of this size is kept for the next one; a larger one is given back. */
const KEPT_OCTETS: number = 1024;
const NOTHING = Buffer.alloc(0);

export class FrameReader {
  /** SETTINGS_MAX_FRAME_SIZE that the peer knows of. */
  maximumFrameSize: number;
  /** Octets read before the frame at hand, since the reader began. */
  offset = 0;

  readonly #splitsContent: boolean;
  /** What is still to come of a DATA frame that is handed on in parts, and its header. */
  #contentLeft = 0;
  #contentFlags = 0;
  #contentStreamId = 0;
  #gathered: Buffer = NOTHING;
  #count = 0;
  #failure: Violation | null = null;

  /** `splitsContent`: DATA frames without padding are not gathered but handed on in parts. */
  constructor(maximumFrameSize: number = DEFAULT_MAXIMUM_FRAME_SIZE, splitsContent = false) {
    this.maximumFrameSize = maximumFrameSize;
    this.#splitsContent = splitsContent;
  }

  /** Octets of a frame that is not whole yet and is being gathered. */
  get pending(): number {
    return this.#count;
  }

  /** Type of the frame that is not whole yet; -1 where there is none or its header is not whole either. */
  get pendingType(): number {
    return this.#count > 3 ? this.#gathered[3]! : -1;
  }

  /** Stream of the frame that is not whole yet; -1 where there is none or its header is not whole either. */
  get pendingStreamId(): number {
    return this.#count >= FRAME_HEADER_LENGTH ? readUint31(this.#gathered, 5) : -1;
  }

  /**
   * Takes the octets `bytes[start, end)` and hands each frame that they complete to `sink`. Returns the violation that ends
   * the connection, or null; after one nothing more is read, and it is returned again.
   */
  feed(bytes: Buffer, start: number, end: number, sink: FrameSink): Violation | null {
    if (this.#failure !== null) return this.#failure;
    let at = start;
    if (this.#count > 0) {
      at = this.#complete(bytes, start, end, sink);
      if (this.#failure !== null || this.#count > 0) return this.#failure;
    }
    if (this.#contentLeft > 0) {
      at = this.#passContent(bytes, at, end, sink);
      if (this.#failure !== null || this.#contentLeft > 0) return this.#failure;
    }
    while (end - at >= FRAME_HEADER_LENGTH) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      const type = bytes[at + 3]!;
      const flags = bytes[at + 4]!;
      const streamId = readUint31(bytes, at + 5);
      const refused = checkFrameHeader(length, type, flags, streamId, this.maximumFrameSize);
      if (refused !== null) return this.#end(refused);
      const payloadEnd = at + FRAME_HEADER_LENGTH + length;
      if (payloadEnd > end) {
        if (!this.#maySplit(type, flags)) break;
        this.#beginContent(flags, streamId, length);
        this.#passContent(bytes, at + FRAME_HEADER_LENGTH, end, sink);
        return this.#failure;
      }
      const failed = sink.onFrame(type, flags, streamId, bytes, at + FRAME_HEADER_LENGTH, payloadEnd);
      if (failed !== null) return this.#end(failed);
      this.offset += payloadEnd - at;
      at = payloadEnd;
    }
    if (at < end) this.#gather(bytes, at, end);
    return null;
  }

  #maySplit(type: number, flags: number): boolean {
    return this.#splitsContent && type === FrameType.DATA && (flags & FrameFlag.PADDED) === 0;
  }

  #beginContent(flags: number, streamId: number, length: number): void {
    this.#contentLeft = length;
    this.#contentFlags = flags;
    this.#contentStreamId = streamId;
    this.offset += FRAME_HEADER_LENGTH;
  }

  /** Hands on what is here of the DATA frame at hand; returns how far the octets were used. */
  #passContent(bytes: Buffer, start: number, end: number, sink: FrameSink): number {
    const taken = Math.min(this.#contentLeft, end - start);
    if (taken === 0) return start;
    this.#contentLeft -= taken;
    const flags = this.#contentLeft === 0 ? this.#contentFlags : this.#contentFlags & ~FrameFlag.END_STREAM;
    const failed = sink.onFrame(FrameType.DATA, flags, this.#contentStreamId, bytes, start, start + taken);
    if (failed !== null) this.#end(failed);
    this.offset += taken;
    return start + taken;
  }

  #end(failure: Violation): Violation {
    this.#failure = failure;
    this.#contentLeft = 0;
    this.#gathered = NOTHING;
    this.#count = 0;
    return failure;
  }

  /** Adds to the frame that is not whole yet; returns how far the octets were used. */
  #complete(bytes: Buffer, start: number, end: number, sink: FrameSink): number {
    let at = start;
    if (this.#count < FRAME_HEADER_LENGTH) {
      const taken = Math.min(FRAME_HEADER_LENGTH - this.#count, end - at);
      this.#gather(bytes, at, at + taken);
      at += taken;
      if (this.#count < FRAME_HEADER_LENGTH) return at;
    }
    const head = this.#gathered;
    const length = (head[0]! << 16) | (head[1]! << 8) | head[2]!;
    const type = head[3]!;
    const flags = head[4]!;
    const streamId = readUint31(head, 5);
    const refused = checkFrameHeader(length, type, flags, streamId, this.maximumFrameSize);
    if (refused !== null) {
      this.#end(refused);
      return at;
    }
    if (length > 0 && this.#count === FRAME_HEADER_LENGTH && this.#maySplit(type, flags)) {
      this.#count = 0;
      this.#beginContent(flags, streamId, length);
      return at;
    }
    const whole = FRAME_HEADER_LENGTH + length;
    const taken = Math.min(whole - this.#count, end - at);
    this.#gather(bytes, at, at + taken);
    at += taken;
    if (this.#count < whole) return at;
    const frame = this.#gathered;
    this.#count = 0;
    if (frame.length > KEPT_OCTETS) this.#gathered = NOTHING;
    const failed = sink.onFrame(type, flags, streamId, frame, FRAME_HEADER_LENGTH, whole);
    if (failed !== null) this.#end(failed);
    this.offset += whole;
    return at;
  }

  /** Keeps octets of a frame that is not whole; as soon as its length is known, room for all of it is made at once. */
  #gather(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    const count = this.#count;
    let room = count + length;
    if (room > this.#gathered.length) {
      const lengthAt = (i: number) => (i < count ? this.#gathered[i]! : bytes[start + i - count]!);
      // The length was checked against the limit before any octet behind the header is kept.
      if (room >= FRAME_HEADER_LENGTH) {
        room = FRAME_HEADER_LENGTH + ((lengthAt(0) << 16) | (lengthAt(1) << 8) | lengthAt(2));
      }
      const grown = Buffer.allocUnsafeSlow(Math.max(room, FRAME_HEADER_LENGTH));
      grown.set(this.#gathered.subarray(0, count), 0);
      this.#gathered = grown;
    }
    this.#gathered.set(bytes.subarray(start, end), count);
    this.#count = count + length;
  }
}

/**
 * What a frame's header alone can get wrong: a length beyond the limit (section 4.2) or one that the type does not have, a
 * stream where the connection is meant or the other way round (section 6). Wrong lengths that concern one stream only
 * (PRIORITY) are left to whoever reads the payload.
 */
export function checkFrameHeader(
  length: number,
  type: number,
  flags: number,
  streamId: number,
  maximumFrameSize: number,
): Violation | null {
  if (length > maximumFrameSize) return violation('h2-frame-too-large');
  switch (type) {
    case FrameType.DATA:
    case FrameType.HEADERS:
    case FrameType.CONTINUATION:
    case FrameType.PRIORITY:
    case FrameType.PUSH_PROMISE:
      return streamId === 0 ? violation('h2-frame-on-wrong-stream') : null;
    case FrameType.RST_STREAM:
      if (streamId === 0) return violation('h2-frame-on-wrong-stream');
      return length === 4 ? null : violation('h2-frame-length-wrong');
    case FrameType.SETTINGS:
      if (streamId !== 0) return violation('h2-frame-on-wrong-stream');
      return ((flags & FrameFlag.ACK) !== 0 ? length === 0 : length % 6 === 0)
        ? null
        : violation('h2-frame-length-wrong');
    case FrameType.PING:
      if (streamId !== 0) return violation('h2-frame-on-wrong-stream');
      return length === 8 ? null : violation('h2-frame-length-wrong');
    case FrameType.GOAWAY:
      if (streamId !== 0) return violation('h2-frame-on-wrong-stream');
      return length >= 8 ? null : violation('h2-frame-length-wrong');
    case FrameType.WINDOW_UPDATE:
      return length === 4 ? null : violation('h2-frame-length-wrong');
    case FrameType.PRIORITY_UPDATE:
      // RFC 9218 section 7.1: on stream 0; the stream that it means stands in the payload.
      if (streamId !== 0) return violation('h2-frame-on-wrong-stream');
      return length >= 4 ? null : violation('h2-frame-length-wrong');
    default:
      return null;
  }
}
