/**
 * Reads the responses of an app, one per request (RFC 9112 section 6.3), without I/O: octets go in by `feed` and
 * `feedEnd`, events come out. Framing, interim answers, the switch to a tunnel and what may follow are decided here.
 */
import { applyCuts, COMPLETE, INCOMPLETE } from '../../codec/http1/field-section.ts';
import type { ResponseHeadReader } from '../../codec/http1/response-head.ts';
import { latin1Text } from '../../codec/latin1.ts';
import type { Limits } from '../../config/config.ts';
import { UNKNOWN_LENGTH } from '../exchange.ts';
import { ContentReader, type ContentSink } from './content-reader.ts';
import { HeldBytes } from './held-bytes.ts';

export interface ResponseEvents {
  /** 100, 102, 103 … */
  onInterim(status: number, block: Buffer, start: number, end: number): void;
  onHead(status: number, block: Buffer, start: number, end: number, contentLength: number, hasContent: boolean): void;
  onResponseContent(bytes: Buffer, start: number, end: number): void;
  /** A 101 that was asked for; everything behind it is raw and comes as content. */
  onSwitched(block: Buffer, start: number, end: number): void;
  /** The response is whole. `clean`: the connection may carry another request, as far as the response goes. */
  onResponseEnd(trailers: Buffer | undefined, clean: boolean): void;
  /** What came is not a response; nothing more is read. */
  onInvalidResponse(): void;
}

type Stage = 'closed' | 'head' | 'content' | 'tunnel';

export class ResponseReader implements ContentSink {
  readonly #events: ResponseEvents;
  readonly #sharedReader: ResponseHeadReader;
  readonly #content: ContentReader;
  readonly #maximumInterims: number;
  #ownReader: ResponseHeadReader | undefined;
  #held: HeldBytes | undefined;
  #stage: Stage = 'closed';
  #method = '';
  #upgrade = false;
  #interims = 0;
  #keepAlive = true;
  #ended = false;
  #trailers: Buffer | undefined;

  /** Octets of an answer to the request in flight have come. */
  answered = false;
  /** Milliseconds that the app says it keeps idle connections (`Keep-Alive: timeout=5`); 0 where it says nothing. */
  idleHintMs = 0;

  constructor(events: ResponseEvents, limits: Limits, sharedReader: ResponseHeadReader) {
    this.#events = events;
    this.#sharedReader = sharedReader;
    this.#maximumInterims = limits.interimResponses;
    this.#content = new ContentReader(this, {
      extensionBytes: limits.chunkExtensionBytes,
      trailerBytes: limits.trailerBytes,
    });
  }

  /** Expects the answer to a request. */
  begin(method: string, upgrade: boolean): void {
    this.#stage = 'head';
    this.#method = method;
    this.#upgrade = upgrade;
    this.#interims = 0;
    this.#keepAlive = true;
    this.#ended = false;
    this.answered = false;
  }

  /** A final head has been read and its content has not ended. */
  get inContent(): boolean {
    return this.#stage === 'content';
  }

  get inTunnel(): boolean {
    return this.#stage === 'tunnel';
  }

  feed(buffer: Buffer, length: number): void {
    this.answered = true;
    switch (this.#stage) {
      case 'head':
        this.#feedHead(buffer, length);
        return;
      case 'content':
        this.#feedContent(buffer, 0, length);
        return;
      case 'tunnel':
        this.#events.onResponseContent(buffer, 0, length);
        return;
      case 'closed':
        return;
    }
  }

  /** The app has closed its side. Returns whether that ends the response as it should (close-delimited content). */
  feedEnd(): boolean {
    if (this.#stage !== 'content' || this.#content.framing !== 'until-close') return false;
    this.#content.abandon();
    this.#complete(false);
    return true;
  }

  #feedHead(buffer: Buffer, length: number): void {
    let bytes = buffer;
    let end = length;
    const held = this.#held;
    if (held !== undefined) {
      held.append(buffer, 0, length);
      this.#held = undefined;
      bytes = held.buffer;
      end = held.length;
    }
    let position = 0;
    while (this.#stage === 'head' && position < end) {
      const reader = this.#ownReader ?? this.#sharedReader;
      const status = reader.read(bytes, position, end);
      if (status === INCOMPLETE) {
        this.#keepPartialHead(bytes, position, end, held);
        return;
      }
      this.#ownReader = undefined;
      if (status !== COMPLETE) {
        reader.reset();
        this.#invalid();
        return;
      }
      position = reader.headEnd;
      this.#onHead(bytes, reader);
    }
    if (this.#stage === 'content') this.#feedContent(bytes, position, end);
    else if (this.#stage === 'tunnel' && position < end) this.#events.onResponseContent(bytes, position, end);
  }

  #keepPartialHead(bytes: Buffer, start: number, end: number, held: HeldBytes | undefined): void {
    if (this.#ownReader === undefined) {
      this.#sharedReader.reset();
      this.#ownReader = this.#sharedReader.twin();
    }
    if (held !== undefined && start === 0) {
      this.#held = held;
      return;
    }
    this.#held = new HeldBytes(end - start);
    this.#held.append(bytes, start, end);
  }

  #onHead(bytes: Buffer, reader: ResponseHeadReader): void {
    const { fields, status } = reader;
    if (status < 200) {
      this.#onInterimHead(bytes, reader);
      return;
    }
    this.#keepAlive = !fields.close && reader.minorVersion === 1;
    if (fields.keepAliveStart >= 0) {
      this.idleHintMs = readIdleHint(latin1Text(bytes, fields.keepAliveStart, fields.keepAliveEnd));
    }
    const end = reader.headEnd - 2;
    const start = applyCuts(bytes, reader.fieldsStart, fields);
    this.#stage = 'content';
    if (status === 204 && (fields.contentLength >= 0 || fields.chunked)) {
      this.#endWithoutLength(bytes, start, end, fields.contentLength > 0 || fields.chunked);
    } else if (this.#method === 'HEAD' || status === 204 || status === 304) {
      this.#content.abandon();
      this.#ended = true;
      this.#events.onHead(status, bytes, start, end, fields.contentLength, false);
    } else if (fields.chunked) {
      this.#content.begin('chunked', 0);
      this.#events.onHead(status, bytes, start, end, UNKNOWN_LENGTH, true);
    } else if (fields.contentLength >= 0) {
      this.#content.begin(fields.contentLength === 0 ? 'none' : 'length', fields.contentLength);
      this.#ended = fields.contentLength === 0;
      this.#events.onHead(status, bytes, start, end, fields.contentLength, fields.contentLength > 0);
    } else {
      this.#content.begin('until-close', 0);
      this.#keepAlive = false;
      this.#events.onHead(status, bytes, start, end, UNKNOWN_LENGTH, true);
    }
  }

  /**
   * RFC 9110 section 8.6: a 204 has neither a length nor a transfer coding; RFC 9112 section 6.3: it has no content whatever
   * it says. An app that announces some may send it, too: then the connection is not used again.
   */
  #endWithoutLength(bytes: Buffer, start: number, end: number, announcesContent: boolean): void {
    if (announcesContent) this.#keepAlive = false;
    const lines = latin1Text(bytes, start, end).split('\r\n');
    const block = Buffer.from(lines.filter((line) => !/^content-length:/i.test(line)).join('\r\n'), 'latin1');
    this.#content.abandon();
    this.#ended = true;
    this.#events.onHead(204, block, 0, block.length, UNKNOWN_LENGTH, false);
  }

  #onInterimHead(bytes: Buffer, reader: ResponseHeadReader): void {
    const { fields, status } = reader;
    this.#interims += 1;
    // RFC 9110 section 15.2: an interim answer has no content, and nobody sends them without end.
    if (fields.chunked || fields.contentLength > 0 || this.#interims > this.#maximumInterims) {
      this.#invalid();
      return;
    }
    const start = applyCuts(bytes, reader.fieldsStart, fields);
    const end = reader.headEnd - 2;
    if (status !== 101) {
      this.#events.onInterim(status, bytes, start, end);
      return;
    }
    // RFC 9110 section 15.2.2: only to a request that asked, and only to what it asked for.
    if (!this.#upgrade || !fields.upgradeWebSocket || !fields.connectionUpgrade) {
      this.#invalid();
      return;
    }
    this.#stage = 'tunnel';
    this.#events.onSwitched(bytes, start, end);
  }

  /** Also ends a response that has no content, when `start` is `end`. */
  #feedContent(bytes: Buffer, start: number, end: number): void {
    const position = this.#content.feed(bytes, start, end);
    if (position < 0) this.#invalid();
    // Surplus octets belong to no request (RFC 9112 section 11.1): such a connection is not used again.
    else if (this.#ended && this.#stage === 'content') this.#complete(position === end);
  }

  onMessageContent(bytes: Buffer, start: number, end: number): void {
    this.#events.onResponseContent(bytes, start, end);
  }

  onMessageEnd(trailers: Buffer | undefined): void {
    this.#ended = true;
    this.#trailers = trailers;
  }

  #complete(noSurplus: boolean): void {
    const trailers = this.#trailers;
    this.#trailers = undefined;
    this.#stage = 'closed';
    this.#events.onResponseEnd(trailers, noSurplus && this.#keepAlive);
  }

  #invalid(): void {
    this.#stage = 'closed';
    this.#content.abandon();
    this.#events.onInvalidResponse();
  }

  /** Reads nothing more: the exchange is over. */
  stop(): void {
    this.#stage = 'closed';
    this.#content.abandon();
  }
}

function readIdleHint(value: string): number {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? 0 : Number(seconds) * 1000;
}
