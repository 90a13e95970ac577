/**
 * A client's HTTP/2 connection (RFC 9113): frames in, streams between, frames out.
 *
 *   octets → FrameReader → onFrame → H2ServerStream → whoever answers
 *   octets ← Transport ← FrameOutput ← frames of all streams, once a turn of the event loop
 *
 * What a client does wrong ends a stream or the connection, as the RFC says; what it does too often ends the connection
 * (defences.ts). Nothing of a request reaches an app before its whole head has been judged.
 */
import type net from 'node:net';
import { ErrorCode } from '../../codec/http2/error-codes.ts';
import { changeWindow, DEFAULT_WINDOW, ReceiveWindow, WINDOW_OVERFLOW } from '../../codec/http2/flow-control.ts';
import {
  parsePriority,
  PayloadRange,
  readData,
  readHeaders,
  readPriority,
  readPriorityUpdate,
  readWindowIncrement,
  zeroIncrement,
} from '../../codec/http2/frame-payload.ts';
import { FrameReader, type FrameSink } from '../../codec/http2/frame-reader.ts';
import {
  writeGoaway,
  writePing,
  writeReset,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from '../../codec/http2/frame-writer.ts';
import { DEFAULT_MAXIMUM_FRAME_SIZE, FRAME_HEADER_LENGTH, FrameFlag, FrameType } from '../../codec/http2/frames.ts';
import { HeaderBlockAssembler } from '../../codec/http2/header-block.ts';
import { HpackEncoder } from '../../codec/http2/hpack/encoder.ts';
import { statusOfViolation } from '../../codec/http2/message-fields.ts';
import { CLIENT_PREFACE, matchPreface, PREFACE_MISMATCH } from '../../codec/http2/preface.ts';
import { applySettings, SettingId, Settings } from '../../codec/http2/settings.ts';
import { violation, type Violation } from '../../codec/http2/violation.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import { emptyRecord } from '../access-record.ts';
import type { ConnectionFacts } from '../connection-facts.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import type { AbortCode, RequestHead } from '../exchange.ts';
import type { Sweepable } from '../sweeper.ts';
import { Transport, type TransportSink } from '../transport/transport.ts';
import { clientNamedByProxy } from '../upstream/forwarded-lines.ts';
import { ClosedStreams } from './closed-streams.ts';
import { h2Limits, isDefence, PINGS_EARNED, PRIORITIES_EARNED, WINDOW_UPDATES_EARNED } from './defences.ts';
import { FloodGuard } from './flood-guard.ts';
import { FILLED_BYTES, FrameOutput } from './frame-output.ts';
import { HeaderReading } from './header-reading.ts';
import { SendOrder } from './send-order.ts';
import { H2ServerStream } from './server-stream.ts';
import type { StreamOwner } from './stream-owner.ts';
import { atTurnEnd, type TurnEnd } from './turn-end.ts';
import { NONCE_BYTES } from './websocket-connect.ts';
import { WorkInFlight } from './work-in-flight.ts';

/** How long unread octets are still taken after the last frame, so that a RST does not overtake it. */
const LINGER_MS = 2000;
/**
 * The client answers the PING of a drain in a round trip; one that does not is told the last stream after this. Far above
 * any round trip: on a machine that starts new workers at full load, the answer may lie here unread for seconds, behind
 * requests that the client would have to send again.
 */
const DRAIN_PING_MS = 5000;
const DRAIN_PING = Buffer.from('draining');
/** RFC 9113 section 6.8: no stream is ruled out yet. */
const ALL_STREAMS = 0x7fffffff;
/** Where lines are prepared for the table: one for all encoders of the process. */
const encoderScratch: Buffer = Buffer.allocUnsafeSlow(16_384);

/** What an HTTP/2 connection needs of the gateway besides the engine. */
export interface H2Surroundings {
  /** A defence has acted, under this code of the catalogue. */
  defended(code: FindingCode): void;
  /** `length` random octets. */
  random(length: number): Buffer;
}

type Stage = 'open' | 'lingering' | 'closed';
type Draining = 'no' | 'announced' | 'final';

export class H2ServerConnection implements TransportSink, Sweepable, FrameSink, StreamOwner, TurnEnd {
  readonly facts: ConnectionFacts;
  readonly engine: Engine;
  readonly bounds: EngineBounds;
  readonly output: FrameOutput;
  readonly encoder: HpackEncoder = new HpackEncoder(encoderScratch);
  sendWindow: number = DEFAULT_WINDOW;
  drainWanted = false;
  /** When the octets at hand were read, monotonic: the requests in them began then. */
  readMs = 0;

  readonly #surroundings: H2Surroundings;
  readonly #onClosed: (connection: H2ServerConnection) => void;
  readonly #transport: Transport;
  readonly #reader: FrameReader = new FrameReader(DEFAULT_MAXIMUM_FRAME_SIZE, true);
  readonly #headers: HeaderReading;
  readonly #assembler: HeaderBlockAssembler;
  readonly #range: PayloadRange = new PayloadRange();
  readonly #streams: Map<number, H2ServerStream> = new Map();
  readonly #closedStreams: ClosedStreams = new ClosedStreams();
  readonly #order: SendOrder<H2ServerStream> = new SendOrder();
  readonly #peer: Settings = new Settings();
  readonly #window: ReceiveWindow = new ReceiveWindow(h2Limits.connectionWindow.value);
  readonly #floods: FloodGuard = new FloodGuard();
  readonly #work: WorkInFlight = new WorkInFlight(h2Limits.workInFlight.value);
  /** Requests that wait for work to end. */
  readonly #waiting: H2ServerStream[] = [];
  /** Streams whose request is to be flushed when this read has been handled. */
  #touched: H2ServerStream[] = [];
  #stage: Stage = 'open';
  #awake = false;
  #prefaceMatched = 0;
  #requests = 0;
  #draining: Draining = 'no';
  /** Streams above it are not taken any more. */
  #lastAccepted = ALL_STREAMS;
  #peerLeaving = false;
  /** The header block at hand came with a dependency of its stream on itself. */
  #selfDependent = false;
  #lastPriority = '';
  #urgency = 3;
  #incremental = true;

  // Deadlines, monotonic; 0 for none.
  #settingsDeadlineMs: number;
  #headDeadlineMs: number;
  /** Which head the deadline is for. */
  #headMark = 0;
  #idleDeadlineMs = 0;
  #lingerDeadlineMs = 0;
  #drainDeadlineMs = 0;
  #writeStalledSinceMs = -1;
  #sweptMs: number;

  /** Takes over a socket whose handshake, if any, is done and which has agreed on h2. */
  constructor(
    socket: net.Socket,
    facts: ConnectionFacts,
    engine: Engine,
    bounds: EngineBounds,
    surroundings: H2Surroundings,
    onClosed: (connection: H2ServerConnection) => void,
  ) {
    const { limits, timeouts } = bounds;
    this.facts = facts;
    this.engine = engine;
    this.bounds = bounds;
    this.#surroundings = surroundings;
    this.#onClosed = onClosed;
    this.#headers = new HeaderReading(limits, facts.encrypted ? 'https' : 'http', facts.trustedPeer);
    this.#headers.request.notesAgent = engine.wantsAgent;
    this.#assembler = new HeaderBlockAssembler({
      blockSize: limits.requestHeadBytes,
      continuations: h2Limits.continuations.value,
    });
    const now = engine.clock.now();
    this.#sweptMs = now;
    this.#headDeadlineMs = now + timeouts.requestHeadMs;
    this.#settingsDeadlineMs = now + h2Limits.settingsAcknowledgement.value;
    engine.sweeper.add(this);
    this.#transport = new Transport(socket, engine.level, facts.encrypted);
    this.output = new FrameOutput(this.#transport);
    this.#greet();
    this.#transport.start(this);
  }

  /** Our preface (section 3.4). */
  #greet(): void {
    const { output } = this;
    const more = h2Limits.connectionWindow.value - DEFAULT_WINDOW;
    let at = output.claim(128);
    at = writeSettings(output.buffer, at, [
      [SettingId.MAX_CONCURRENT_STREAMS, h2Limits.concurrentStreams.value],
      [SettingId.INITIAL_WINDOW_SIZE, h2Limits.streamWindow.value],
      [SettingId.MAX_HEADER_LIST_SIZE, this.bounds.limits.requestHeadBytes],
      [SettingId.ENABLE_CONNECT_PROTOCOL, 1],
      [SettingId.NO_RFC7540_PRIORITIES, 1],
    ]);
    output.advance(writeWindowUpdate(output.buffer, at, 0, more));
    this.wake();
  }

  // ---- octets from the client

  onRead(buffer: Buffer, length: number): void {
    if (this.#stage !== 'open') return;
    this.readMs = this.engine.clock.now();
    let position = 0;
    if (this.#prefaceMatched < CLIENT_PREFACE.length) {
      const before = this.#prefaceMatched;
      this.#prefaceMatched = matchPreface(buffer, 0, length, before);
      if (this.#prefaceMatched === PREFACE_MISMATCH) {
        this.#breakOff(violation('h2-preface-invalid'));
        return;
      }
      position = this.#prefaceMatched - before;
    }
    const broken = this.#reader.feed(buffer, position, length, this);
    if (broken !== null) this.#breakOff(broken);
    this.#flushTouched();
    this.#watchHead();
  }

  #touch(stream: H2ServerStream): void {
    if (stream.touched || stream.closed) return;
    stream.touched = true;
    this.#touched.push(stream);
  }

  #flushTouched(): void {
    if (this.#touched.length === 0) return;
    const touched = this.#touched;
    this.#touched = [];
    for (const stream of touched) stream.flushRequest();
  }

  /** A head, or any frame but content, that was begun has a time to be whole. */
  #watchHead(): void {
    if (this.#prefaceMatched < CLIENT_PREFACE.length || this.#peer.count === 0) return;
    let mark = 0;
    if (this.#assembler.streamId !== 0) mark = -this.#assembler.streamId;
    else if (this.#reader.pending > 0 && this.#reader.pendingType !== FrameType.DATA) mark = this.#reader.offset + 1;
    if (mark === this.#headMark && (mark !== 0 || this.#headDeadlineMs === 0)) return;
    this.#headMark = mark;
    this.#headDeadlineMs = mark === 0 ? 0 : this.engine.clock.now() + this.bounds.timeouts.requestHeadMs;
  }

  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): Violation | null {
    // Streams that ended the connection by what they did leave nothing to read.
    if (this.#stage !== 'open') return null;
    if (this.#peer.count === 0 && (type !== FrameType.SETTINGS || (flags & FrameFlag.ACK) !== 0)) {
      return violation('h2-settings-not-first');
    }
    const misplaced = this.#assembler.admit(type, streamId);
    if (misplaced !== null) return misplaced;
    switch (type) {
      case FrameType.HEADERS:
        return this.#onHeaders(flags, streamId, bytes, start, end);
      case FrameType.DATA:
        return this.#onData(flags, streamId, bytes, start, end);
      case FrameType.WINDOW_UPDATE:
        return this.#onWindowUpdate(streamId, readWindowIncrement(bytes, start));
      case FrameType.RST_STREAM:
        return this.#onReset(streamId);
      case FrameType.SETTINGS:
        return this.#onSettings(flags, bytes, start, end);
      case FrameType.PING:
        return this.#onPing(flags, bytes, start, end);
      case FrameType.CONTINUATION:
        return this.#onContinuation(flags, bytes, start, end);
      case FrameType.PRIORITY:
        return this.#onPriority(streamId, bytes, start, end);
      case FrameType.PRIORITY_UPDATE:
        return this.#onPriorityUpdate(bytes, start, end);
      case FrameType.GOAWAY:
        this.#peerLeaving = true;
        if (this.#streams.size === 0) this.#leave(ErrorCode.NO_ERROR);
        return null;
      case FrameType.PUSH_PROMISE:
        return violation('h2-push-refused');
      default:
        return this.#floods.note('h2-unknown-frame-flood');
    }
  }

  // ---- heads

  #onHeaders(flags: number, id: number, bytes: Buffer, start: number, end: number): Violation | null {
    const range = this.#range;
    const broken = readHeaders(flags, id, bytes, start, end, range);
    if (broken !== null && broken.scope === 'connection') return broken;
    this.#selfDependent = broken !== null;
    const endStream = (flags & FrameFlag.END_STREAM) !== 0;
    if ((flags & FrameFlag.END_HEADERS) !== 0) return this.#onBlock(id, endStream, bytes, range.start, range.end);
    return this.#assembler.begin(id, endStream, bytes, range.start, range.end);
  }

  #onContinuation(flags: number, bytes: Buffer, start: number, end: number): Violation | null {
    const assembler = this.#assembler;
    const broken = assembler.proceed(bytes, start, end);
    if (broken !== null || (flags & FrameFlag.END_HEADERS) === 0) return broken;
    const { streamId, endStream, block, length } = assembler;
    assembler.finish();
    return this.#onBlock(streamId, endStream, block, 0, length);
  }

  /** A whole header block: a request, or the trailers of one. It is decoded whatever it is for, since the table goes on. */
  #onBlock(id: number, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    if (id % 2 === 0) return violation('h2-stream-number-invalid');
    const closed = this.#closedStreams;
    if (id > closed.lastId) return this.#onRequest(id, endStream, bytes, start, end);
    const stream = this.#streams.get(id);
    if (stream !== undefined) return this.#onTrailers(stream, endStream, bytes, start, end);
    if (closed.wasSkipped(id)) return violation('h2-stream-number-invalid');
    if (!closed.wasReset(id)) return violation('h2-stream-ended');
    const undecoded = this.#headers.trailers.read(bytes, start, end, endStream);
    return undecoded?.scope === 'connection' ? undecoded : null;
  }

  #onRequest(id: number, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    const fields = this.#headers.request;
    const refused = fields.read(bytes, start, end, endStream);
    if (refused?.scope === 'connection') return refused;
    // Section 6.8: what comes above the last stream of a GOAWAY is not looked at.
    if (id > this.#lastAccepted) return null;
    this.#closedStreams.open(id);
    this.#floods.earn('h2-window-update-flood', WINDOW_UPDATES_EARNED);
    this.#floods.earn('h2-priority-flood', PRIORITIES_EARNED);
    if (this.#streams.size >= h2Limits.concurrentStreams.value) return this.#refuseStream(id);

    const head: RequestHead = {
      method: fields.method,
      target: fields.target,
      authority: fields.authority,
      protocol: 'HTTP/2.0',
      hasContent: fields.hasContent,
      contentLength: fields.contentLength,
      expectContinue: fields.expectContinue,
      acceptsTrailers: fields.acceptsTrailers,
      upgrade: '',
      fields: fields.fields,
      fieldsStart: 0,
      fieldsEnd: fields.fieldsEnd,
    };
    const stream = new H2ServerStream(this, id, head, this.#peer.initialWindowSize, endStream);
    this.#streams.set(id, stream);
    this.#idleDeadlineMs = 0;
    this.#beginRecord(stream);
    if (refused !== null) return this.#refuseHead(stream, refused);
    if (this.#selfDependent) return this.#breakStream(id, violation('h2-depends-on-itself'));
    this.#setPriority(stream, fields.priority);

    const code = this.#judge(head, fields.protocol);
    if (code !== undefined) {
      stream.refuse(code);
      return null;
    }
    if (fields.protocol !== '') {
      stream.beginWebSocket(this.#surroundings.random(NONCE_BYTES).toString('base64'));
    }
    if (this.#work.full || this.#waiting.length > 0) {
      stream.keepFields();
      this.#waiting.push(stream);
      return null;
    }
    stream.handOver();
    if (!stream.remoteEnded) this.#touch(stream);
    return null;
  }

  /** What a valid request cannot have here, as in HTTP/1.1. */
  #judge(head: RequestHead, protocol: string): AbortCode | undefined {
    const { limits } = this.bounds;
    if (head.method === 'CONNECT' && protocol === '') return 'connect-refused';
    if (protocol !== '' && protocol !== 'websocket') return 'upgrade-malformed';
    if (head.target.length > limits.requestTargetBytes) return 'target-too-long';
    if (limits.requestContentBytes > 0 && head.contentLength > limits.requestContentBytes) return 'content-too-large';
    return undefined;
  }

  #refuseHead(stream: H2ServerStream, refused: Violation): Violation | null {
    if (statusOfViolation(refused) === 0) return this.#breakStream(stream.id, refused);
    this.#defend(refused.reason);
    stream.refuse(refused.reason === 'h2-too-many-fields' ? 'too-many-fields' : 'head-too-large');
    return this.#floods.note('h2-large-head-flood');
  }

  /** More streams than were announced. Before it knows of the limit, a client may do so in good faith (section 5.1.2). */
  #refuseStream(id: number): Violation | null {
    this.#defend('h2-stream-refused');
    this.#writeReset(id, ErrorCode.REFUSED_STREAM);
    return this.#floods.note('h2-reset-flood');
  }

  #beginRecord(stream: H2ServerStream): void {
    const { record, head } = stream;
    const { facts } = this;
    this.#requests += 1;
    record.timeMs = this.engine.sweeper.wallTime(this.readMs);
    record.peer = facts.trustedPeer ? clientNamedByProxy(head) || facts.peer : facts.peer;
    record.site = facts.site;
    record.method = head.method;
    record.target = head.target;
    record.authority = head.authority;
    record.protocol = head.protocol;
    record.tlsMs = this.#requests === 1 ? facts.handshakeMs : -1;
    record.tlsVersion = facts.tlsVersion;
    record.cipherSuite = facts.cipherSuite;
    record.resumed = facts.resumed;
    record.userAgent = this.#headers.request.userAgent;
    record.referer = this.#headers.request.referer;
  }

  /** Most requests of a connection say the same, if anything. */
  #setPriority(stream: H2ServerStream, value: string): void {
    if (value === '') return;
    if (value !== this.#lastPriority) {
      const { urgency, incremental } = parsePriority(value);
      this.#lastPriority = value;
      this.#urgency = urgency;
      this.#incremental = incremental;
    }
    stream.urgency = this.#urgency;
    stream.incremental = this.#incremental;
  }

  #onTrailers(stream: H2ServerStream, endStream: boolean, bytes: Buffer, start: number, end: number): Violation | null {
    const reader = this.#headers.trailers;
    const refused = reader.read(bytes, start, end, endStream);
    if (refused?.scope === 'connection') return refused;
    if (stream.remoteEnded) return this.#breakStream(stream.id, violation('h2-stream-closed'));
    if (refused !== null) return this.#breakStream(stream.id, refused);
    if (this.#selfDependent) return this.#breakStream(stream.id, violation('h2-depends-on-itself'));
    const length = reader.fieldsEnd;
    if (length > this.bounds.limits.trailerBytes) {
      return this.#breakStream(stream.id, violation('h2-field-list-too-large'));
    }
    const broken = stream.receiveTrailers(length === 0 ? undefined : reader.fields.subarray(0, length));
    if (broken !== null) return this.#breakStream(stream.id, broken);
    this.#touch(stream);
    return null;
  }

  // ---- content

  #onData(flags: number, id: number, bytes: Buffer, start: number, end: number): Violation | null {
    const length = end - start;
    if (!this.#window.receive(length)) return violation('h2-window-ignored');
    const range = this.#range;
    const broken = readData(flags, bytes, start, end, range);
    if (broken !== null) return broken;
    const endStream = (flags & FrameFlag.END_STREAM) !== 0;
    if (range.start === range.end && !endStream) {
      const flood = this.#floods.note('h2-empty-data-flood');
      if (flood !== null) return flood;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.releaseContent(length);
      const closed = this.#closedStreams;
      if (id > closed.lastId) return id > this.#lastAccepted ? null : violation('h2-stream-idle');
      if (id % 2 === 0 || closed.wasSkipped(id)) return violation('h2-stream-idle');
      return closed.wasReset(id) ? null : violation('h2-stream-ended');
    }
    if (stream.remoteEnded) {
      this.releaseContent(length);
      return this.#breakStream(id, violation('h2-stream-closed'));
    }
    const wrong = stream.receiveData(bytes, range.start, range.end, length, endStream);
    if (wrong !== null) {
      this.releaseContent(length);
      return this.#breakStream(id, wrong);
    }
    this.#touch(stream);
    return null;
  }

  releaseContent(length: number): void {
    if (length === 0) return;
    const increment = this.#window.release(length);
    if (increment === 0 || this.#stage !== 'open') return;
    const { output } = this;
    const at = output.claim(FRAME_HEADER_LENGTH + 4);
    output.advance(writeWindowUpdate(output.buffer, at, 0, increment));
    this.wake();
  }

  get receiveBlocked(): boolean {
    return this.#window.available <= 0;
  }

  pendingContent(id: number): number {
    const reader = this.#reader;
    return reader.pendingType === FrameType.DATA && reader.pendingStreamId === id ? reader.pending : 0;
  }

  #onWindowUpdate(id: number, increment: number): Violation | null {
    const flood = this.#floods.note('h2-window-update-flood');
    if (flood !== null) return flood;
    if (id === 0) {
      if (increment === 0) return zeroIncrement(0);
      const window = changeWindow(this.sendWindow, increment);
      if (window === WINDOW_OVERFLOW) return violation('h2-window-overflow');
      this.sendWindow = window;
      if (this.#order.length > 0) this.wake();
      return null;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#checkKnown(id);
    if (increment === 0) return this.#breakStream(id, zeroIncrement(id));
    const window = changeWindow(stream.sendWindow, increment);
    if (window === WINDOW_OVERFLOW) return this.#breakStream(id, violation('h2-stream-window-overflow'));
    stream.sendWindow = window;
    if (this.#order.length > 0) this.wake();
    return null;
  }

  /** A frame that may come late, for a stream that is no more; not for one that has never been. */
  #checkKnown(id: number): Violation | null {
    const { lastId } = this.#closedStreams;
    if (id > this.#lastAccepted) return null;
    return id > lastId || id % 2 === 0 ? violation('h2-stream-idle') : null;
  }

  // ---- other frames

  #onReset(id: number): Violation | null {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      const unknown = this.#checkKnown(id);
      if (unknown !== null) return unknown;
    } else stream.cancel('client-gone');
    return this.#floods.note('h2-reset-flood');
  }

  #onSettings(flags: number, bytes: Buffer, start: number, end: number): Violation | null {
    if ((flags & FrameFlag.ACK) !== 0) {
      this.#settingsDeadlineMs = 0;
      return null;
    }
    const flood = this.#floods.note('h2-settings-flood');
    if (flood !== null) return flood;
    const peer = this.#peer;
    if (peer.count === 0) {
      this.#idleDeadlineMs = this.engine.clock.now() + this.bounds.timeouts.keepAliveIdleMs;
    }
    const windowBefore = peer.initialWindowSize;
    const broken = applySettings(peer, 'client', bytes, start, end);
    if (broken !== null) return broken;
    this.encoder.setTableLimit(peer.headerTableSize);
    const change = peer.initialWindowSize - windowBefore;
    if (change !== 0) {
      for (const stream of this.#streams.values()) {
        const window = changeWindow(stream.sendWindow, change);
        // Section 6.9.2: for whichever stream, it is the connection that ends.
        if (window === WINDOW_OVERFLOW) return violation('h2-window-overflow');
        stream.sendWindow = window;
      }
    }
    const { output } = this;
    const at = output.claim(FRAME_HEADER_LENGTH);
    output.advance(writeSettingsAck(output.buffer, at));
    this.wake();
    return null;
  }

  #onPing(flags: number, bytes: Buffer, start: number, end: number): Violation | null {
    if ((flags & FrameFlag.ACK) !== 0) {
      if (this.#draining === 'announced' && bytes.compare(DRAIN_PING, 0, 8, start, end) === 0) this.#closeDoor();
      return null;
    }
    const flood = this.#floods.note('h2-ping-flood');
    if (flood !== null) return flood;
    const { output } = this;
    const at = output.claim(FRAME_HEADER_LENGTH + 8);
    output.advance(writePing(output.buffer, at, bytes, start, true));
    this.wake();
    return null;
  }

  #onPriority(id: number, bytes: Buffer, start: number, end: number): Violation | null {
    const flood = this.#floods.note('h2-priority-flood');
    if (flood !== null) return flood;
    const broken = readPriority(id, bytes, start, end, this.#range);
    return broken === null ? null : this.#breakStream(id, broken);
  }

  #onPriorityUpdate(bytes: Buffer, start: number, end: number): Violation | null {
    const flood = this.#floods.note('h2-priority-flood');
    if (flood !== null) return flood;
    const { streamId, urgency, incremental } = readPriorityUpdate(bytes, start, end);
    if (streamId === 0) return violation('h2-frame-on-wrong-stream');
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) {
      stream.urgency = urgency;
      stream.incremental = incremental;
    }
    return null;
  }

  // ---- errors

  /** Ends one stream, which need not exist, for what the client did; too many such ends are its end. */
  #breakStream(id: number, broken: Violation): Violation | null {
    if (isDefence(broken.reason)) this.#defend(broken.reason);
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#writeReset(id, broken.errorCode);
      this.#closedStreams.noteReset(id);
    } else stream.violate(broken);
    return this.#floods.note('h2-stream-error-flood');
  }

  #writeReset(id: number, errorCode: number): void {
    const { output } = this;
    const at = output.claim(FRAME_HEADER_LENGTH + 4);
    output.advance(writeReset(output.buffer, at, id, errorCode));
    this.wake();
    this.#closedStreams.noteReset(id);
  }

  #defend(code: FindingCode): void {
    this.#surroundings.defended(code);
  }

  /** Ends the connection for what the client did. */
  #breakOff(broken: Violation): void {
    if (this.#stage !== 'open') return;
    if (isDefence(broken.reason)) this.#defend(broken.reason);
    if (this.#streams.size === 0) this.#reportConnection(broken.reason);
    this.#leave(broken.errorCode, broken.reason);
  }

  /** A connection that ends without a request has a line of its own in the log. */
  #reportConnection(code: FindingCode): void {
    const record = emptyRecord();
    const { facts, engine } = this;
    record.timeMs = engine.clock.wallNow();
    record.peer = facts.peer;
    record.site = facts.site;
    record.protocol = 'HTTP/2.0';
    record.tlsMs = this.#requests === 0 ? facts.handshakeMs : -1;
    record.tlsVersion = facts.tlsVersion;
    record.cipherSuite = facts.cipherSuite;
    record.resumed = facts.resumed;
    record.error = code;
    engine.handler.finished(record);
  }

  /** Says good-bye, ends what runs, and takes what still comes for a while. */
  #leave(errorCode: number, reason: FindingCode | '' = ''): void {
    if (this.#stage !== 'open') return;
    this.#stage = 'lingering';
    for (const stream of this.#streams.values()) stream.cancel(reason === '' ? 'client-gone' : reason);
    this.#lingerDeadlineMs = this.engine.clock.now() + LINGER_MS;
    const { output } = this;
    const at = output.claim(FRAME_HEADER_LENGTH + 8 + reason.length);
    output.advance(writeGoaway(output.buffer, at, this.#closedStreams.lastId, errorCode, reason));
    this.#transport.resumeRead();
    this.endTurn();
  }

  // ---- octets to the client

  wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    atTurnEnd(this);
  }

  /** Everything of this turn has been read: content that waits is added, and all of it leaves. */
  endTurn(): void {
    this.#awake = false;
    if (this.#stage === 'closed') return;
    if (this.#transport.pendingBytes === 0) this.#write();
    if (this.output.length > h2Limits.unreadOutput.value) this.#transport.pauseRead();
    if (this.drainWanted) this.#drainStreams();
  }

  #write(): void {
    const { output } = this;
    const order = this.#order;
    let more = order.length > 0;
    while (more && output.length < FILLED_BYTES) {
      const stream = this.sendWindow > 0 ? order.next() : undefined;
      if (stream === undefined) more = false;
      else stream.sendQueued();
    }
    output.flush();
    // Plain TCP may take everything at once, and tells nobody when it does.
    if (more && this.#transport.pendingBytes === 0) this.wake();
    if (this.#stage === 'lingering' && output.length === 0) this.#transport.end();
  }

  contentQueued(stream: H2ServerStream): void {
    this.#order.add(stream);
  }

  contentUnqueued(stream: H2ServerStream): void {
    this.#order.delete(stream);
  }

  dataSent(): void {
    this.#floods.earn('h2-window-update-flood', WINDOW_UPDATES_EARNED);
    this.#floods.earn('h2-ping-flood', PINGS_EARNED);
  }

  get congested(): boolean {
    return this.output.length + this.#transport.pendingBytes >= FILLED_BYTES;
  }

  onWritable(): void {
    this.#writeStalledSinceMs = -1;
    if (this.#stage === 'closed') return;
    this.#write();
    if (this.#stage === 'open' && this.output.length <= h2Limits.unreadOutput.value) this.#transport.resumeRead();
    if (this.drainWanted) this.#drainStreams();
  }

  /** Lets those produce again who stopped for the connection's sake, or for a window that is open now. */
  #drainStreams(): void {
    if (this.congested) return;
    this.drainWanted = false;
    for (const stream of this.#streams.values()) if (stream.drain()) this.drainWanted = true;
  }

  // ---- streams come and go

  workStarted(): void {
    this.#work.start();
  }

  workEnded(cancelled: boolean): void {
    this.#work.end(cancelled);
    if (this.#waiting.length > 0) this.#startWaiting();
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && !this.#work.full && this.#stage === 'open') {
      const stream = this.#waiting.shift()!;
      stream.handOver();
      if (!stream.closed) stream.flushRequest();
    }
  }

  streamClosed(stream: H2ServerStream, resetByUs: boolean, nowMs: number): void {
    this.#streams.delete(stream.id);
    const waiting = this.#waiting.indexOf(stream);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    if (resetByUs) this.#closedStreams.noteReset(stream.id);
    if (stream.record.error !== '' && isDefence(stream.record.error as FindingCode)) {
      this.#defend(stream.record.error as FindingCode);
    }
    if (this.#streams.size > 0 || this.#stage !== 'open') return;
    if (this.#draining === 'final' || this.#peerLeaving) this.#leave(ErrorCode.NO_ERROR);
    else this.#idleDeadlineMs = nowMs + this.bounds.timeouts.keepAliveIdleMs;
  }

  // ---- ends

  /**
   * No new request after this: the client is told that the connection is going (section 6.8), then, when it must have heard
   * it, which stream was the last. What it sent in between is answered.
   */
  drain(): void {
    if (this.#draining !== 'no' || this.#stage !== 'open') return;
    this.#draining = 'announced';
    this.#drainDeadlineMs = this.engine.clock.now() + DRAIN_PING_MS;
    const { output } = this;
    const at = output.claim(2 * FRAME_HEADER_LENGTH + 16);
    const end = writeGoaway(output.buffer, at, ALL_STREAMS, ErrorCode.NO_ERROR);
    output.advance(writePing(output.buffer, end, DRAIN_PING, 0, false));
    this.wake();
  }

  #closeDoor(): void {
    this.#draining = 'final';
    this.#drainDeadlineMs = 0;
    this.#lastAccepted = this.#closedStreams.lastId;
    if (this.#streams.size === 0) {
      this.#leave(ErrorCode.NO_ERROR);
      return;
    }
    const { output } = this;
    const at = output.claim(FRAME_HEADER_LENGTH + 8);
    output.advance(writeGoaway(output.buffer, at, this.#lastAccepted, ErrorCode.NO_ERROR));
    this.wake();
  }

  destroy(): void {
    this.#transport.destroy();
  }

  onReadEnd(): void {
    // As in HTTP/1.1: a client that ends its side has left.
    if (this.#stage === 'open') this.#leave(ErrorCode.NO_ERROR);
  }

  onClosed(): void {
    const wasOpen = this.#stage === 'open';
    this.#stage = 'closed';
    this.engine.sweeper.delete(this);
    if (wasOpen) for (const stream of this.#streams.values()) stream.cancel('client-gone');
    this.output.discard();
    this.#onClosed(this);
  }

  // ---- deadlines

  sweep(nowMs: number): void {
    const elapsedMs = nowMs - this.#sweptMs;
    this.#sweptMs = nowMs;
    this.#floods.refill(elapsedMs);
    this.#work.forget(nowMs);
    if (this.#waiting.length > 0) this.#startWaiting();
    if (this.#transport.pendingBytes > 0 && this.#isWriteStalled(nowMs)) {
      this.#defend('response-write-stalled');
      for (const stream of this.#streams.values()) stream.cancel('response-write-stalled');
      this.#transport.destroy();
      return;
    }
    if (this.#stage === 'lingering') {
      if (nowMs >= this.#lingerDeadlineMs) this.#transport.destroy();
      return;
    }
    if (isDue(this.#headDeadlineMs, nowMs)) this.#breakOff(violation('h2-head-unfinished'));
    else if (isDue(this.#settingsDeadlineMs, nowMs)) this.#breakOff(violation('h2-settings-unacknowledged'));
    else if (this.#streams.size > 0) for (const stream of this.#streams.values()) stream.sweep(nowMs);
    else if (isDue(this.#idleDeadlineMs, nowMs)) this.#leave(ErrorCode.NO_ERROR);
    if (isDue(this.#drainDeadlineMs, nowMs) && this.#stage === 'open') this.#closeDoor();
  }

  #isWriteStalled(nowMs: number): boolean {
    if (this.#transport.hasWriteProgressed() || this.#writeStalledSinceMs < 0) {
      this.#writeStalledSinceMs = nowMs;
      return false;
    }
    return nowMs - this.#writeStalledSinceMs > this.bounds.timeouts.responseWriteStallMs;
  }
}

function isDue(deadlineMs: number, nowMs: number): boolean {
  return deadlineMs !== 0 && nowMs >= deadlineMs;
}
