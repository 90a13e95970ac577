import {
  ChunkedDecoder,
  CHUNK_INVALID,
  CONTENT_FOUND,
  MORE,
  type ChunkErrorCode,
  type ChunkLimits,
} from '../../codec/http1/chunked.ts';

/** How the content of a message is delimited (RFC 9112 section 6.3). */
export type ContentFraming = 'none' | 'length' | 'chunked' | 'until-close';

export interface ContentSink {
  onMessageContent(bytes: Buffer, start: number, end: number): void;
  /** The message is whole. */
  onMessageEnd(trailers: Buffer | undefined): void;
}

/** Reads the content of one message after the other, for requests and responses alike. */
export class ContentReader {
  readonly #limits: ChunkLimits;
  readonly #sink: ContentSink;
  #framing: ContentFraming = 'none';
  #remaining = 0;
  /** Made for the first chunked message of a connection. */
  #decoder: ChunkedDecoder | undefined;
  /** Counts messages and abandonments: a sink that ends the exchange within a call is noticed. */
  #turn = 0;

  constructor(sink: ContentSink, limits: ChunkLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Starts a message; `length` counts for framing 'length' and is more than 0. */
  begin(framing: ContentFraming, length: number): void {
    this.#turn += 1;
    this.#framing = framing;
    this.#remaining = length;
    if (framing === 'chunked') (this.#decoder ??= new ChunkedDecoder()).begin(this.#limits);
  }

  /** No more content is expected: the message was whole, had none, or is given up. */
  get done(): boolean {
    return this.#framing === 'none';
  }

  get framing(): ContentFraming {
    return this.#framing;
  }

  get error(): ChunkErrorCode {
    return this.#decoder?.error ?? 'chunk-malformed';
  }

  /** Gives the message up. */
  abandon(): void {
    this.#turn += 1;
    this.#framing = 'none';
  }

  /**
   * Hands the content in `bytes[start, end)` to the sink. Returns the offset of the first octet that is not this
   * message's, or -1 when the framing is broken (see `error`).
   */
  feed(bytes: Buffer, start: number, end: number): number {
    const turn = this.#turn;
    switch (this.#framing) {
      case 'length': {
        const length = Math.min(this.#remaining, end - start);
        this.#remaining -= length;
        const last = this.#remaining === 0;
        this.#sink.onMessageContent(bytes, start, start + length);
        if (last && this.#turn === turn) this.#finish(undefined);
        return start + length;
      }
      case 'chunked':
        return this.#feedChunked(bytes, start, end, turn);
      case 'until-close':
        this.#sink.onMessageContent(bytes, start, end);
        return end;
      case 'none':
        break;
    }
    return start;
  }

  #feedChunked(bytes: Buffer, start: number, end: number, turn: number): number {
    const decoder = this.#decoder!;
    let position = start;
    for (;;) {
      const status = decoder.read(bytes, position, end);
      position = decoder.position;
      if (status === CONTENT_FOUND) {
        this.#sink.onMessageContent(bytes, decoder.contentStart, decoder.contentEnd);
        if (this.#turn !== turn) return position;
      } else if (status === MORE) return position;
      else if (status === CHUNK_INVALID) {
        this.abandon();
        return -1;
      } else {
        this.#finish(decoder.trailers);
        return position;
      }
    }
  }

  #finish(trailers: Buffer | undefined): void {
    this.abandon();
    this.#sink.onMessageEnd(trailers);
  }
}
