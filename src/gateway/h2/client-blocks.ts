/** The heads and trailers of one connection's answers: blocks put together, decoded, judged and handed to their streams. */
import { ErrorCode } from '../../codec/http2/error-codes.ts';
import { PayloadRange, readHeaders } from '../../codec/http2/frame-payload.ts';
import { FrameFlag } from '../../codec/http2/frames.ts';
import { HeaderBlockAssembler } from '../../codec/http2/header-block.ts';
import { HpackDecoder, type FieldSink } from '../../codec/http2/hpack/decoder.ts';
import { ResponseFields } from '../../codec/http2/response-fields.ts';
import { TrailerFields } from '../../codec/http2/trailer-fields.ts';
import { violation, type Violation } from '../../codec/http2/violation.ts';
import type { Limits } from '../../config/config.ts';
import { EMPTY_CONTENT_LINE, type ClientMemory } from './client-memory.ts';
import type { H2ClientStream } from './client-stream.ts';

/** CONTINUATION frames of one head: a whole head fits in a few of 16 KiB. */
const MOST_CONTINUATIONS = 32;

/** The connection, as its blocks need it. */
export interface BlockOwner {
  /** The stream that a block is for; undefined where it is over, a violation where it never was. */
  streamFor(streamId: number): H2ClientStream | undefined | Violation;
  /** END_STREAM came. */
  complete(stream: H2ClientStream, trailers: Buffer | undefined): void;
  /** One message is wrong; the connection can go on. */
  failStream(stream: H2ClientStream, refused: Violation): void;
}

const discard: FieldSink = { onField() {} };

export class ClientBlocks {
  readonly #owner: BlockOwner;
  readonly #limits: Limits;
  readonly #decoder: HpackDecoder;
  readonly #response: ResponseFields;
  readonly #trailers: TrailerFields;
  readonly #assembler: HeaderBlockAssembler;
  readonly #range: PayloadRange = new PayloadRange();

  constructor(memory: ClientMemory, limits: Limits, owner: BlockOwner) {
    this.#owner = owner;
    this.#limits = limits;
    this.#decoder = new HpackDecoder(memory.limits, memory.scratch);
    this.#response = new ResponseFields(this.#decoder, memory.block);
    this.#trailers = new TrailerFields(this.#decoder, memory.block);
    this.#assembler = new HeaderBlockAssembler({
      blockSize: limits.responseHeadBytes,
      continuations: MOST_CONTINUATIONS,
    });
  }

  /** Whether a frame may come now: nothing may come between those of one block. */
  admit(type: number, streamId: number): Violation | null {
    return this.#assembler.admit(type, streamId);
  }

  onHeaders(flags: number, streamId: number, bytes: Buffer, start: number, end: number): Violation | null {
    const misformed = readHeaders(flags, streamId, bytes, start, end, this.#range);
    if (misformed !== null && misformed.scope === 'connection') return misformed;
    const endStream = (flags & FrameFlag.END_STREAM) !== 0;
    if ((flags & FrameFlag.END_HEADERS) === 0) {
      return this.#assembler.begin(streamId, endStream, bytes, this.#range.start, this.#range.end);
    }
    return this.#onBlock(streamId, endStream, bytes, this.#range.start, this.#range.end);
  }

  onContinuation(flags: number, bytes: Buffer, start: number, end: number): Violation | null {
    const assembler = this.#assembler;
    const refused = assembler.proceed(bytes, start, end);
    if (refused !== null || (flags & FrameFlag.END_HEADERS) === 0) return refused;
    const { streamId, endStream, block, length } = assembler;
    assembler.finish();
    return this.#onBlock(streamId, endStream, block, 0, length);
  }

  #onBlock(streamId: number, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    const stream = this.#owner.streamFor(streamId);
    if (stream !== undefined && 'reason' in stream) return stream;
    if (stream === undefined) {
      // Of a stream that is over, only what the compression learns from it counts.
      const undecoded = this.#decoder.decode(bytes, start, end, discard);
      return undecoded?.scope === 'connection' ? undecoded : null;
    }
    return stream.headPassed
      ? this.#onTrailers(stream, endStream, bytes, start, end)
      : this.#onHead(stream, endStream, bytes, start, end);
  }

  #onHead(stream: H2ClientStream, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    const response = this.#response;
    const refused = response.read(bytes, start, end, endStream, stream.isHead);
    if (refused !== null) {
      if (refused.scope === 'connection') return refused;
      this.#owner.failStream(stream, refused);
      return null;
    }
    if (response.status < 200) {
      stream.interims += 1;
      if (stream.interims <= this.#limits.interimResponses) stream.onInterim(response);
      else stream.fail('upstream-interim-flood', ErrorCode.ENHANCE_YOUR_CALM);
      return null;
    }
    let blockEnd = response.fieldsEnd;
    // The end of the stream said that there is no content: for HTTP/1.1 clients a line has to say so.
    if (endStream && response.contentLength === 0 && !hasContentLength(response)) {
      blockEnd += EMPTY_CONTENT_LINE.copy(response.fields, blockEnd);
    }
    stream.onHead(response, blockEnd, endStream);
    if (endStream && !stream.over) this.#owner.complete(stream, undefined);
    return null;
  }

  #onTrailers(stream: H2ClientStream, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    const trailers = this.#trailers;
    const refused = trailers.read(bytes, start, end, endStream);
    if (refused?.scope === 'connection') return refused;
    if (stream.inTunnel) {
      // RFC 9113 section 8.5: DATA is all that may come.
      this.#owner.failStream(stream, violation('h2-frame-on-wrong-stream'));
      return null;
    }
    const length = trailers.fieldsEnd;
    if (refused !== null || length > this.#limits.trailerBytes) {
      this.#owner.failStream(stream, refused ?? violation('h2-field-list-too-large'));
    } else this.#owner.complete(stream, length === 0 ? undefined : Buffer.from(trailers.fields.subarray(0, length)));
    return null;
  }
}

/** Whether a line of the block is Content-Length; names are in lower case here. */
function hasContentLength(response: ResponseFields): boolean {
  const block = response.fields.toString('latin1', 0, response.fieldsEnd);
  return block.startsWith('content-length:') || block.includes('\r\ncontent-length:');
}
