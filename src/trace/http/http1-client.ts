/** A client of HTTP/1.1 (RFC 9112) over one connection: one request at a time, everything kept to be told. */
import type { Duplex } from 'node:stream';
import { ChunkedDecoder, CHUNK_INVALID, CONTENT_FOUND, MESSAGE_END } from '../../codec/http1/chunked.ts';
import { COMPLETE, INCOMPLETE } from '../../codec/http1/field-section.ts';
import { ResponseHeadReader } from '../../codec/http1/response-head.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { TraceLimits } from '../limits.ts';
import { reasonInBrackets, reasonOf } from './error-reason.ts';
import {
  authorityOf,
  newExchange,
  targetOf,
  type Exchange,
  type HttpRequest,
  type MessageField,
  type ResponseHead,
} from './message.ts';

export interface Http1Options {
  readonly limits: TraceLimits;
  readonly nowMs: () => number;
  /** What ended the connection, if somebody knows better than the stream does. */
  readonly explainEnd?: () => Finding | undefined;
}

const CHUNK_LIMITS = { extensionBytes: 16_384, trailerBytes: 65_536 };

export class Http1Client {
  readonly #socket: Duplex;
  readonly #options: Http1Options;
  #take: ((chunk: Buffer) => void) | undefined;
  #onEnd: ((error: Error | undefined) => void) | undefined;
  #ended = false;
  #reusable = true;
  /** Octets that came when nobody had asked. */
  #surplus = 0;

  constructor(socket: Duplex, options: Http1Options) {
    this.#socket = socket;
    this.#options = options;
    // The server may have ended it since the handshake (with an alert, say); nobody would hear of that any more.
    this.#ended = socket.destroyed;
    socket.on('data', (chunk: Buffer) => {
      if (this.#take === undefined) this.#surplus += chunk.length;
      else this.#take(chunk);
    });
    const end = (error?: Error): void => {
      this.#ended = true;
      this.#onEnd?.(error);
    };
    socket.on('end', () => end());
    socket.on('error', (error: Error) => end(error));
    socket.on('close', () => end());
  }

  /** Whether another request can be sent. */
  get reusable(): boolean {
    return this.#reusable && !this.#ended && this.#surplus === 0 && this.#socket.writable;
  }

  /** Octets that came beyond the last answer. */
  get surplus(): number {
    return this.#surplus;
  }

  /** Sends a request and waits for its answer. Never rejects: what goes wrong is the exchange's problem. */
  exchange(request: HttpRequest, signal: AbortSignal, onHead?: (exchange: Exchange) => void): Promise<Exchange> {
    const { limits, nowMs } = this.#options;
    const exchange = newExchange(request, nowMs());
    const { octets, fields } = encodeRequest(request);
    exchange.requestHead = octets;
    exchange.requestFields = fields;
    return new Promise((resolve) => {
      const reading = new AnswerReading(exchange, limits, nowMs, onHead);
      let timer: NodeJS.Timeout | undefined;
      const finish = (problem: Finding | undefined): void => {
        if (this.#take === undefined) return;
        this.#take = undefined;
        this.#onEnd = undefined;
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        exchange.problem = problem;
        exchange.endMs = nowMs();
        exchange.content = Buffer.concat(reading.content);
        if (problem !== undefined || !reading.keepsAlive) this.#reusable = false;
        resolve(exchange);
      };
      const abort = (): void => finish(finding('trace-time-out', { seconds: seconds(limits.totalMs) }));
      const wait = (ms: number, code: 'trace-no-response' | 'trace-content-stalled'): void => {
        clearTimeout(timer);
        timer = setTimeout(() => finish(finding(code, { seconds: seconds(ms) })), ms);
      };
      this.#take = (chunk) => {
        exchange.firstByteMs ??= nowMs();
        exchange.wireBytes += chunk.length;
        const done = reading.feed(chunk);
        if (done === undefined) {
          if (exchange.head !== undefined) wait(limits.contentIdleMs, 'trace-content-stalled');
          return;
        }
        this.#surplus += reading.surplus;
        finish(done === 'whole' ? undefined : done);
      };
      this.#onEnd = (error) => {
        if (reading.endsWithConnection && error === undefined) finish(undefined);
        else finish(this.#options.explainEnd?.() ?? explainEnd(exchange, reading, error));
      };
      signal.addEventListener('abort', abort);
      wait(limits.responseHeadMs, 'trace-no-response');
      if (signal.aborted) abort();
      else if (this.#ended) this.#onEnd(undefined);
      else {
        const { content } = request;
        this.#socket.write(content === undefined ? octets : Buffer.concat([octets, content]), () => {
          exchange.sentMs ??= nowMs();
        });
      }
    });
  }

  close(): void {
    this.#socket.end();
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

function explainEnd(
  { firstByteMs, head }: Exchange,
  { received, announced }: AnswerReading,
  error: Error | undefined,
): Finding {
  const reason = reasonInBrackets(error);
  if (firstByteMs === undefined) {
    if (reasonOf(error) === 'ECONNRESET') return finding('trace-reset', { stage: 'HTTP' });
    return finding('trace-closed-without-answer', { reason });
  }
  if (head === undefined) return finding('trace-head-cut-short', { reason });
  return finding('trace-content-cut-short', { received, announced, reason });
}

/** The request's octets: start line, Host first (RFC 9112 section 3.2), the fields, framing. */
function encodeRequest({ method, url, fields, content }: HttpRequest): {
  readonly octets: Buffer;
  readonly fields: readonly MessageField[];
} {
  let text = `${method} ${targetOf(url)} HTTP/1.1\r\n`;
  const placed: MessageField[] = [];
  const add = (name: string, value: string): void => {
    const line = `${name}: ${value}\r\n`;
    placed.push({ name, value, range: [text.length, text.length + line.length] });
    text += line;
  };
  add('Host', authorityOf(url));
  for (const [name, value] of fields) if (!/^(?:host|content-length)$/i.test(name)) add(name, value);
  if (content !== undefined) add('Content-Length', String(content.length));
  return { octets: Buffer.from(`${text}\r\n`, 'latin1'), fields: placed };
}

/** Reads one answer, interim answers before it included. */
class AnswerReading {
  readonly content: Buffer[] = [];
  /** Octets behind the answer. */
  surplus = 0;
  keepsAlive = false;
  /** Content goes on until the connection ends, and the head has come. */
  endsWithConnection = false;
  readonly #exchange: Exchange;
  readonly #limits: TraceLimits;
  readonly #nowMs: () => number;
  readonly #onHead: ((exchange: Exchange) => void) | undefined;
  readonly #reader: ResponseHeadReader;
  readonly #chunked = new ChunkedDecoder();
  #pending: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Content octets still to come where a length was told. */
  #remaining = 0;

  constructor(
    exchange: Exchange,
    limits: TraceLimits,
    nowMs: () => number,
    onHead: ((exchange: Exchange) => void) | undefined,
  ) {
    this.#exchange = exchange;
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#onHead = onHead;
    this.#reader = new ResponseHeadReader({
      headBytes: limits.headBytes,
      fieldCount: limits.fieldCount,
      targetBytes: 0,
    });
  }

  /** Octets of content that came. */
  get received(): number {
    return this.#length;
  }

  /** ` / 100` where a length was told. */
  get announced(): string {
    return this.#exchange.framing === 'content-length' ? ` / ${this.#length + this.#remaining}` : '';
  }

  /** Takes what came. `whole` at the end of the answer, a finding where it is not one; undefined: more is to come. */
  feed(chunk: Buffer): 'whole' | Finding | undefined {
    if (this.#exchange.head !== undefined) return this.#feedContent(chunk);
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const bytes = this.#pending;
      const reader = this.#reader;
      const status = reader.read(bytes, 0, bytes.length);
      if (status === INCOMPLETE) return undefined;
      if (status !== COMPLETE) return this.#refuse();
      const head = readHead(reader, bytes, this.#nowMs());
      const rest = bytes.subarray(reader.headEnd);
      if (head.status >= 200 || head.status === 101) return this.#beginContent(head, rest);
      this.#exchange.interim.push(head);
      if (this.#exchange.interim.length > this.#limits.interimCount)
        return finding('trace-interim-flood', { count: this.#limits.interimCount });
      this.#pending = rest;
      if (rest.length === 0) return undefined;
    }
  }

  #refuse(): Finding {
    const { error, errorOffset } = this.#reader;
    const sizes: readonly string[] = ['head-too-large', 'too-many-fields'];
    if (sizes.includes(error))
      return finding('trace-head-too-large', { bytes: this.#limits.headBytes, fields: this.#limits.fieldCount });
    const isHttp = this.#pending.subarray(0, 5).toString('latin1') === 'HTTP/';
    if (!isHttp) {
      const answer = this.#pending.toString('latin1', 0, 40).replace(/[^\x20-\x7e].*$/s, '');
      return finding('trace-not-http', { answer: JSON.stringify(answer) });
    }
    return finding('trace-response-malformed', { reason: error, offset: errorOffset });
  }

  #beginContent(head: ResponseHead, rest: Buffer): 'whole' | Finding | undefined {
    const exchange = this.#exchange;
    const { fields } = this.#reader;
    exchange.head = head;
    this.#onHead?.(exchange);
    const persistent = head.protocol === 'HTTP/1.1' ? !fields.close : fields.keepAlive && !fields.close;
    // RFC 9112 section 6.3: these have no content, whatever their fields say.
    const bare = exchange.request.method === 'HEAD' || head.status === 204 || head.status === 304;
    if (head.status === 101) return finding('trace-response-malformed', { reason: 'switched-protocols', offset: 9 });
    this.keepsAlive = persistent;
    if (bare) exchange.framing = 'none';
    else if (fields.chunked) {
      exchange.framing = 'chunked';
      this.#chunked.begin(CHUNK_LIMITS);
    } else if (fields.contentLength >= 0) {
      exchange.framing = 'content-length';
      this.#remaining = fields.contentLength;
    } else {
      exchange.framing = 'until-close';
      this.endsWithConnection = true;
      this.keepsAlive = false;
    }
    return this.#feedContent(rest);
  }

  #feedContent(chunk: Buffer): 'whole' | Finding | undefined {
    switch (this.#exchange.framing) {
      case 'content-length': {
        const taken = Math.min(this.#remaining, chunk.length);
        this.#remaining -= taken;
        const refused = this.#keep(chunk.subarray(0, taken));
        if (refused !== undefined) return refused;
        this.surplus = chunk.length - taken;
        return this.#remaining === 0 ? 'whole' : undefined;
      }
      case 'chunked':
        return this.#feedChunks(chunk);
      case 'until-close':
        return this.#keep(chunk);
      case 'none':
      case 'stream':
        this.surplus = chunk.length;
        return 'whole';
    }
    return undefined;
  }

  #feedChunks(chunk: Buffer): 'whole' | Finding | undefined {
    const decoder = this.#chunked;
    let at = 0;
    for (;;) {
      const status = decoder.read(chunk, at, chunk.length);
      at = decoder.position;
      if (status === CONTENT_FOUND) {
        const refused = this.#keep(chunk.subarray(decoder.contentStart, decoder.contentEnd));
        if (refused !== undefined) return refused;
        continue;
      }
      if (status === CHUNK_INVALID) return finding('trace-response-malformed', { reason: decoder.error, offset: at });
      if (status !== MESSAGE_END) return undefined;
      this.surplus = chunk.length - at;
      if (decoder.trailers !== undefined) {
        const lines = Buffer.concat([decoder.trailers, Buffer.from('\r\n')]);
        this.#exchange.trailers = readFields(lines, 0, lines.length);
      }
      return 'whole';
    }
  }

  #keep(piece: Buffer): Finding | undefined {
    this.#length += piece.length;
    if (this.#length > this.#limits.contentBytes)
      return finding('trace-content-too-large', { bytes: this.#limits.contentBytes });
    if (piece.length > 0) this.content.push(piece);
    return undefined;
  }
}

function readHead(reader: ResponseHeadReader, bytes: Buffer, atMs: number): ResponseHead {
  const octets = Buffer.from(bytes.subarray(0, reader.headEnd));
  return {
    protocol: `HTTP/1.${reader.minorVersion}`,
    status: reader.status,
    reason: octets.toString('latin1', 12, reader.fieldsStart - 2).trim(),
    fields: readFields(octets, reader.fieldsStart, octets.length),
    octets,
    atMs,
  };
}

/** The lines of a section that has been validated. */
function readFields(bytes: Buffer, start: number, end: number): MessageField[] {
  const fields: MessageField[] = [];
  let at = start;
  while (at < end) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0 || lineEnd === at) break;
    const line = bytes.toString('latin1', at, lineEnd);
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    fields.push({ name: line.slice(0, colon), value, range: [at, lineEnd + 2] });
    at = lineEnd + 2;
  }
  return fields;
}
