/** A client of HTTP/2 (RFC 9113) over one connection: several streams at a time, every frame told. */
import type { Duplex } from 'node:stream';
import { ErrorCode, errorCodeName } from '../../codec/http2/error-codes.ts';
import { readFieldList } from '../../codec/http2/field-list.ts';
import { changeWindow, DEFAULT_WINDOW, ReceiveWindow, WINDOW_OVERFLOW } from '../../codec/http2/flow-control.ts';
import {
  PayloadRange,
  readData,
  readGoaway,
  readHeaders,
  readResetCode,
  readWindowIncrement,
  zeroIncrement,
} from '../../codec/http2/frame-payload.ts';
import { FrameReader, type FrameSink } from '../../codec/http2/frame-reader.ts';
import {
  finishHeaders,
  headersRoom,
  writeData,
  writeGoaway,
  writePing,
  writeReset,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from '../../codec/http2/frame-writer.ts';
import { FRAME_HEADER_LENGTH, FrameFlag, FrameType } from '../../codec/http2/frames.ts';
import { HeaderBlockAssembler } from '../../codec/http2/header-block.ts';
import { HpackDecoder } from '../../codec/http2/hpack/decoder.ts';
import { encodedRoom, HpackEncoder } from '../../codec/http2/hpack/encoder.ts';
import { CLIENT_PREFACE } from '../../codec/http2/preface.ts';
import { applySettings, SettingId, Settings } from '../../codec/http2/settings.ts';
import { violation, type Violation, type ViolationReason } from '../../codec/http2/violation.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { TraceLimits } from '../limits.ts';
import { readFrameEvent, type FrameEvent } from './frame-event.ts';
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

export interface Http2Options {
  readonly limits: TraceLimits;
  readonly nowMs: () => number;
  /** Told of every frame, both ways. */
  readonly onFrame: (event: FrameEvent) => void;
  readonly explainEnd?: () => Finding | undefined;
}

/** What we announce: a window that no ordinary answer waits for, and no push. */
const STREAM_WINDOW = 1_048_576;
const CONNECTION_WINDOW = 8_388_608;
const SCRATCH = 65_536;

/** One request under way. */
interface Stream {
  readonly exchange: Exchange;
  readonly content: Buffer[];
  length: number;
  /** Content-Length of the answer, or undefined. */
  announced: number | undefined;
  readonly credit: ReceiveWindow;
  sendWindow: number;
  /** Content of the request not yet sent. */
  unsent: Buffer;
  readonly finish: (problem: Finding | undefined) => void;
  readonly wait: () => void;
  readonly onHead: ((exchange: Exchange) => void) | undefined;
}

export class Http2Client implements FrameSink {
  readonly #socket: Duplex;
  readonly #options: Http2Options;
  readonly #frames = new FrameReader();
  readonly #settings = new Settings();
  readonly #range = new PayloadRange();
  readonly #decoder: HpackDecoder;
  readonly #encoder: HpackEncoder = new HpackEncoder(Buffer.allocUnsafe(SCRATCH));
  readonly #assembler: HeaderBlockAssembler;
  readonly #credit = new ReceiveWindow(DEFAULT_WINDOW);
  readonly #streams = new Map<number, Stream>();
  #sendWindow = DEFAULT_WINDOW;
  #nextId = 1;
  #ended = false;
  /** Set once no further stream may be opened. */
  #leaving: Finding | undefined;

  constructor(socket: Duplex, options: Http2Options) {
    this.#socket = socket;
    this.#options = options;
    // The server may have ended it since the handshake (with an alert, say); nobody would hear of that any more.
    this.#ended = socket.destroyed;
    const { headBytes, fieldCount } = options.limits;
    const limits = { tableSize: 4096, listSize: headBytes, fieldCount };
    this.#decoder = new HpackDecoder(limits, Buffer.allocUnsafe(headBytes + SCRATCH));
    this.#assembler = new HeaderBlockAssembler({ blockSize: headBytes, continuations: 64 });
    socket.on('data', (chunk: Buffer) => this.#feed(chunk));
    const end = (error?: Error): void => this.#end(error);
    socket.on('end', () => end());
    socket.on('error', (error: Error) => end(error));
    socket.on('close', () => end());
    this.#greet();
  }

  get reusable(): boolean {
    return !this.#ended && this.#leaving === undefined && this.#socket.writable;
  }

  /** How many requests the server takes at a time. */
  get maximumStreams(): number {
    return this.#settings.maximumConcurrentStreams;
  }

  #greet(): void {
    const out = Buffer.alloc(128);
    const settings: [number, number][] = [
      [SettingId.ENABLE_PUSH, 0],
      [SettingId.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
      [SettingId.MAX_HEADER_LIST_SIZE, this.#options.limits.headBytes],
    ];
    let at = writeSettings(out, 0, settings);
    at = writeWindowUpdate(out, at, 0, this.#credit.enlarge(CONNECTION_WINDOW));
    this.#socket.write(Buffer.from(CLIENT_PREFACE));
    this.#write(out.subarray(0, at));
  }

  /** Writes whole frames and tells of them. */
  #write(frames: Buffer, sent?: () => void): void {
    const atMs = this.#options.nowMs();
    for (let at = 0; at < frames.length;) {
      const end = at + FRAME_HEADER_LENGTH + frames.readUIntBE(at, 3);
      this.#options.onFrame(readFrameEvent(frames, at, end, 'sent', atMs));
      at = end;
    }
    if (!this.#ended && this.#socket.writable) this.#socket.write(frames, () => sent?.());
  }

  /** Sends a request on a stream of its own. Never rejects: what goes wrong is the exchange's problem. */
  exchange(request: HttpRequest, signal: AbortSignal, onHead?: (exchange: Exchange) => void): Promise<Exchange> {
    const { limits, nowMs } = this.#options;
    const exchange = newExchange(request, nowMs());
    exchange.framing = 'stream';
    return new Promise((resolve) => {
      if (this.#ended || this.#leaving !== undefined) {
        exchange.problem = this.#leaving ?? this.#explainEnd(undefined);
        exchange.endMs = nowMs();
        resolve(exchange);
        return;
      }
      const streamId = this.#nextId;
      this.#nextId += 2;
      exchange.streamId = streamId;
      let timer: NodeJS.Timeout | undefined;
      const finish = (problem: Finding | undefined): void => {
        if (!this.#streams.delete(streamId)) return;
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        exchange.problem = problem;
        exchange.endMs = nowMs();
        exchange.content = Buffer.concat(stream.content);
        resolve(exchange);
      };
      const abort = (): void => this.#give(streamId, finding('trace-time-out', { seconds: seconds(limits.totalMs) }));
      const wait = (): void => {
        clearTimeout(timer);
        const isHead = exchange.head === undefined;
        const ms = isHead ? limits.responseHeadMs : limits.contentIdleMs;
        const code = isHead ? 'trace-no-response' : 'trace-content-stalled';
        timer = setTimeout(() => this.#give(streamId, finding(code, { seconds: seconds(ms) })), ms);
      };
      const stream: Stream = {
        exchange,
        content: [],
        length: 0,
        announced: undefined,
        credit: new ReceiveWindow(STREAM_WINDOW),
        sendWindow: this.#settings.initialWindowSize,
        unsent: request.content ?? Buffer.alloc(0),
        finish,
        wait,
        onHead,
      };
      this.#streams.set(streamId, stream);
      signal.addEventListener('abort', abort);
      wait();
      if (signal.aborted) abort();
      else this.#sendHead(stream);
    });
  }

  #sendHead(stream: Stream): void {
    const { exchange } = stream;
    const { request, streamId } = exchange;
    const { method, url } = request;
    let lines = '';
    for (const [name, value] of request.fields)
      if (!/^(?:host|content-length|connection)$/i.test(name)) lines += `${name.toLowerCase()}: ${value}\r\n`;
    if (request.content !== undefined) lines += `content-length: ${request.content.length}\r\n`;
    const block = Buffer.from(lines, 'latin1');
    const authority = authorityOf(url);
    const target = targetOf(url);
    const room = encodedRoom(block.length + method.length + authority.length + target.length + 64);
    const out = Buffer.alloc(FRAME_HEADER_LENGTH + headersRoom(room, this.#settings.maximumFrameSize));
    const scheme = url.protocol.slice(0, -1);
    const encoder = this.#encoder;
    const end = encoder.encodeRequestHead(
      method,
      scheme,
      authority,
      target,
      '',
      block,
      0,
      block.length,
      out,
      FRAME_HEADER_LENGTH,
    );
    exchange.requestHead = Uint8Array.from(out.subarray(FRAME_HEADER_LENGTH, end));
    exchange.requestFields = [
      [':method', method],
      [':scheme', scheme],
      [':path', target],
      [':authority', authority],
      ...lines
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
    ].map(([name = '', value = '']) => ({ name, value, range: [0, 0] as const }));
    const bare = stream.unsent.length === 0;
    const whole = finishHeaders(out, 0, end, streamId, bare, this.#settings.maximumFrameSize);
    this.#write(out.subarray(0, whole), () => {
      if (bare) exchange.sentMs ??= this.#options.nowMs();
    });
    if (!bare) this.#pump(stream);
  }

  /** Sends as much content as both windows allow. */
  #pump(stream: Stream): void {
    const { exchange } = stream;
    while (stream.unsent.length > 0) {
      const room = Math.min(stream.sendWindow, this.#sendWindow, this.#settings.maximumFrameSize);
      if (room <= 0) return;
      const piece = stream.unsent.subarray(0, room);
      stream.unsent = stream.unsent.subarray(piece.length);
      stream.sendWindow -= piece.length;
      this.#sendWindow -= piece.length;
      const last = stream.unsent.length === 0;
      const out = Buffer.alloc(FRAME_HEADER_LENGTH + piece.length);
      writeData(out, 0, exchange.streamId, piece, 0, piece.length, last);
      this.#write(out, () => {
        if (last) exchange.sentMs ??= this.#options.nowMs();
      });
    }
  }

  /** Gives one stream up: its server is told, the others go on. */
  #give(streamId: number, problem: Finding): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    this.#reset(streamId, ErrorCode.CANCEL);
    stream.finish(problem);
  }

  #reset(streamId: number, code: number): void {
    const out = Buffer.alloc(FRAME_HEADER_LENGTH + 4);
    writeReset(out, 0, streamId, code);
    this.#write(out);
  }

  #feed(chunk: Buffer): void {
    const refused = this.#frames.feed(chunk, 0, chunk.length, this);
    if (refused !== null) this.#fail(refused);
  }

  /** The server broke a rule of the connection: GOAWAY, and all streams end. */
  #fail({ reason, errorCode }: Violation): void {
    if (this.#leaving !== undefined && this.#streams.size === 0) return;
    const isText = reason === 'h2-settings-not-first' || reason === 'h2-frame-too-large';
    const problem = finding(isText && this.#settings.count === 0 ? 'trace-not-http2' : 'trace-h2-violation', {
      reason,
    });
    this.#leaving = problem;
    const out = Buffer.alloc(FRAME_HEADER_LENGTH + 8);
    writeGoaway(out, 0, 0, errorCode);
    this.#write(out);
    for (const stream of this.#streams.values()) stream.finish(problem);
    this.#socket.end();
  }

  #explainEnd(error: Error | undefined): Finding {
    const known = this.#options.explainEnd?.();
    if (known !== undefined) return known;
    if (reasonOf(error) === 'ECONNRESET') return finding('trace-reset', { stage: 'HTTP/2' });
    return finding('trace-closed-without-answer', { reason: reasonInBrackets(error) });
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const stream of this.#streams.values()) {
      const { exchange, length, announced } = stream;
      if (exchange.head !== undefined) {
        const reason = reasonInBrackets(error);
        stream.finish(finding('trace-content-cut-short', { received: length, announced: told(announced), reason }));
      } else stream.finish(this.#leaving ?? this.#explainEnd(error));
    }
  }

  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): Violation | null {
    const { nowMs, onFrame } = this.#options;
    onFrame(readFrameEvent(bytes, start - FRAME_HEADER_LENGTH, end, 'received', nowMs()));
    // Section 3.4: the server's first frame is SETTINGS.
    if (this.#settings.count === 0 && !(type === FrameType.SETTINGS && (flags & FrameFlag.ACK) === 0))
      return violation('h2-settings-not-first');
    const admitted = this.#assembler.admit(type, streamId);
    if (admitted !== null) return admitted;
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) {
      stream.exchange.firstByteMs ??= nowMs();
      stream.exchange.wireBytes += FRAME_HEADER_LENGTH + end - start;
    }
    switch (type) {
      case FrameType.SETTINGS:
        return this.#onSettings(flags, bytes, start, end);
      case FrameType.PING:
        if ((flags & FrameFlag.ACK) === 0) {
          const out = Buffer.alloc(FRAME_HEADER_LENGTH + 8);
          writePing(out, 0, bytes, start, true);
          this.#write(out);
        }
        return null;
      case FrameType.WINDOW_UPDATE:
        return this.#onWindowUpdate(streamId, bytes, start);
      case FrameType.HEADERS: {
        const refused = readHeaders(flags, streamId, bytes, start, end, this.#range);
        if (refused !== null) return refused;
        const endStream = (flags & FrameFlag.END_STREAM) !== 0;
        const { start: from, end: to } = this.#range;
        if ((flags & FrameFlag.END_HEADERS) !== 0) return this.#onBlock(streamId, endStream, bytes, from, to);
        return this.#assembler.begin(streamId, endStream, bytes, from, to);
      }
      case FrameType.CONTINUATION: {
        const assembler = this.#assembler;
        const refused = assembler.proceed(bytes, start, end);
        if (refused !== null || (flags & FrameFlag.END_HEADERS) === 0) return refused;
        const failed = this.#onBlock(streamId, assembler.endStream, assembler.block, 0, assembler.length);
        assembler.finish();
        return failed;
      }
      case FrameType.DATA:
        return this.#onData(streamId, flags, bytes, start, end);
      case FrameType.RST_STREAM: {
        const code = readResetCode(bytes, start);
        const head = stream?.exchange.head;
        // Section 8.1: NO_ERROR after a whole answer only asks the client to stop sending.
        if (code === ErrorCode.NO_ERROR && head !== undefined && stream?.announced === stream?.length) {
          stream?.finish(undefined);
        } else stream?.finish(finding('trace-stream-reset', { errorCode: errorCodeName(code), stream: streamId }));
        return null;
      }
      case FrameType.GOAWAY: {
        const { lastStreamId, errorCode, debugData } = readGoaway(bytes, start, end);
        const debug = debugData.replaceAll(/[^\x20-\x7e]/g, '.').slice(0, 100);
        this.#leaving = finding('trace-goaway', { errorCode: errorCodeName(errorCode), debug });
        for (const [id, one] of this.#streams) if (id > lastStreamId) one.finish(this.#leaving);
        return null;
      }
      case FrameType.PUSH_PROMISE:
        return violation('h2-push-refused');
      default:
        return null;
    }
  }

  #onSettings(flags: number, bytes: Buffer, start: number, end: number): Violation | null {
    if ((flags & FrameFlag.ACK) !== 0) return null;
    const before = this.#settings.initialWindowSize;
    const refused = applySettings(this.#settings, 'server', bytes, start, end);
    if (refused !== null) return refused;
    this.#encoder.setTableLimit(this.#settings.headerTableSize);
    const out = Buffer.alloc(FRAME_HEADER_LENGTH);
    writeSettingsAck(out, 0);
    this.#write(out);
    for (const stream of this.#streams.values()) {
      stream.sendWindow = changeWindow(stream.sendWindow, this.#settings.initialWindowSize - before);
      if (stream.sendWindow === WINDOW_OVERFLOW) return violation('h2-window-overflow');
      this.#pump(stream);
    }
    return null;
  }

  #onWindowUpdate(streamId: number, bytes: Buffer, start: number): Violation | null {
    const increment = readWindowIncrement(bytes, start);
    if (increment === 0) return zeroIncrement(streamId);
    if (streamId === 0) {
      this.#sendWindow = changeWindow(this.#sendWindow, increment);
      if (this.#sendWindow === WINDOW_OVERFLOW) return violation('h2-window-overflow');
      for (const stream of this.#streams.values()) this.#pump(stream);
      return null;
    }
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) {
      stream.sendWindow = changeWindow(stream.sendWindow, increment);
      if (stream.sendWindow === WINDOW_OVERFLOW) return violation('h2-window-overflow');
      this.#pump(stream);
    }
    return null;
  }

  /** A whole header block: an interim answer, the answer's head, or trailers. */
  #onBlock(streamId: number, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    const { limits, nowMs } = this.#options;
    const list = readFieldList(this.#decoder, bytes, start, end);
    if (list.violation?.scope === 'connection') return list.violation;
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return streamId >= this.#nextId ? violation('h2-stream-idle') : null;
    if (list.violation !== null) {
      const problem = finding('trace-head-too-large', { bytes: limits.headBytes, fields: limits.fieldCount });
      this.#give(streamId, problem);
      return null;
    }
    const octets = Uint8Array.from(bytes.subarray(start, end));
    const fields: MessageField[] = list.fields.map(({ name, value, offset, representation }, index) => ({
      name,
      value,
      representation,
      range: [offset, list.fields[index + 1]?.offset ?? octets.length] as const,
    }));
    const { exchange } = stream;
    const refuse = (reason: ViolationReason, offset: number): null => {
      this.#give(streamId, finding('trace-response-malformed', { reason, offset }));
      return null;
    };
    const wrong = list.fields.find(({ valid }) => !valid);
    if (wrong !== undefined) return refuse('h2-field-value-invalid', wrong.offset);
    if (exchange.head !== undefined) {
      if (!endStream) return refuse('h2-trailers-without-end', 0);
      exchange.trailers = fields;
      stream.finish(this.#lengthProblem(stream));
      return null;
    }
    const [first] = fields;
    const status = first?.name === ':status' ? Number(first.value) : 0;
    if (!(status >= 100 && status < 600) || status === 101) return refuse('h2-status-invalid', 0);
    if (fields.slice(1).some(({ name }) => name.startsWith(':'))) return refuse('h2-pseudo-unknown', 0);
    const head: ResponseHead = { protocol: 'HTTP/2', status, reason: '', fields, octets, atMs: nowMs() };
    if (status < 200) {
      if (endStream) return refuse('h2-status-invalid', 0);
      exchange.interim.push(head);
      if (exchange.interim.length > limits.interimCount)
        this.#give(streamId, finding('trace-interim-flood', { count: limits.interimCount }));
      return null;
    }
    exchange.head = head;
    const length = fields.find(({ name }) => name === 'content-length')?.value;
    const bare = exchange.request.method === 'HEAD' || status === 204 || status === 304;
    stream.announced = bare || length === undefined ? undefined : Number(length);
    stream.onHead?.(exchange);
    stream.wait();
    if (endStream) stream.finish(this.#lengthProblem(stream));
    return null;
  }

  #lengthProblem({ announced, length }: Stream): Finding | undefined {
    if (announced === undefined || announced === length) return undefined;
    return finding('trace-content-cut-short', { received: length, announced: told(announced), reason: '' });
  }

  #onData(streamId: number, flags: number, bytes: Buffer, start: number, end: number): Violation | null {
    const payload = end - start;
    if (!this.#credit.receive(payload)) return violation('h2-window-ignored');
    const refused = readData(flags, bytes, start, end, this.#range);
    if (refused !== null) return refused;
    const stream = this.#streams.get(streamId);
    const increments: [number, number][] = [];
    const ofConnection = this.#credit.release(payload);
    if (ofConnection > 0) increments.push([0, ofConnection]);
    const endStream = (flags & FrameFlag.END_STREAM) !== 0;
    if (stream !== undefined && stream.exchange.head === undefined) {
      this.#give(streamId, finding('trace-response-malformed', { reason: 'content-before-head', offset: 0 }));
    } else if (stream !== undefined) {
      const { limits } = this.#options;
      if (!stream.credit.receive(payload)) return violation('h2-stream-window-ignored');
      stream.length += this.#range.end - this.#range.start;
      if (stream.length > limits.contentBytes) {
        this.#give(streamId, finding('trace-content-too-large', { bytes: limits.contentBytes }));
      } else {
        stream.content.push(Buffer.from(bytes.subarray(this.#range.start, this.#range.end)));
        stream.wait();
        const ofStream = stream.credit.release(payload);
        if (ofStream > 0 && !endStream) increments.push([streamId, ofStream]);
        if (endStream) stream.finish(this.#lengthProblem(stream));
      }
    }
    for (const [id, increment] of increments) {
      const out = Buffer.alloc(FRAME_HEADER_LENGTH + 4);
      writeWindowUpdate(out, 0, id, increment);
      this.#write(out);
    }
    return null;
  }

  /** Says goodbye (GOAWAY, NO_ERROR) and closes our side. */
  close(): void {
    if (this.#ended) return;
    const out = Buffer.alloc(FRAME_HEADER_LENGTH + 8);
    writeGoaway(out, 0, 0, ErrorCode.NO_ERROR);
    this.#write(out);
    this.#socket.end();
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** ` / 100` where a length was told. */
const told = (announced: number | undefined): string => (announced === undefined ? '' : ` / ${announced}`);
