/**
 * A connection to an app that speaks HTTP/2 (RFC 9113), shared by many exchanges.
 *
 *   connecting → (preface and SETTINGS sent) greeting → (the app's SETTINGS) ready → draining → closed
 *
 * No request is sent before the app's SETTINGS have come: until then nothing says that HTTP/2 is spoken there at all, nor
 * how many streams it takes. After GOAWAY, or when it has been idle for long enough, the connection takes no new streams
 * and ends with its last one.
 */
import type net from 'node:net';
import { ErrorCode } from '../../codec/http2/error-codes.ts';
import { changeWindow, DEFAULT_WINDOW, ReceiveWindow, WINDOW_OVERFLOW } from '../../codec/http2/flow-control.ts';
import {
  readData,
  readGoaway,
  readResetCode,
  readWindowIncrement,
  PayloadRange,
  zeroIncrement,
} from '../../codec/http2/frame-payload.ts';
import { FrameReader, type FrameSink } from '../../codec/http2/frame-reader.ts';
import { DEFAULT_MAXIMUM_FRAME_SIZE, FrameFlag, FrameType } from '../../codec/http2/frames.ts';
import { applySettings, Settings } from '../../codec/http2/settings.ts';
import { violation, type Violation } from '../../codec/http2/violation.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import type { Sweepable } from '../sweeper.ts';
import { Transport, type TransportSink } from '../transport/transport.ts';
import { connectFailure } from '../upstream/connect-failure.ts';
import { tlsAlertCode } from '../upstream/tls-failure.ts';
import type { UpstreamFailure } from '../upstream/upstream-channel.ts';
import { ClientBlocks, type BlockOwner } from './client-blocks.ts';
import type { ClientMemory } from './client-memory.ts';
import type { H2ConnectionOwner } from './client-connection-owner.ts';
import type { H2ClientStream } from './client-stream.ts';
import { ClientWriter } from './client-writer.ts';
import type { StreamCarrier } from './stream-carrier.ts';

/** What one stream may have on its way to us: enough for a gigabit over 2 ms, and what a slow client makes wait at most. */
const STREAM_WINDOW = 262_144;
/** All streams together; given back as soon as it is read, so that one slow client holds nobody up. */
const CONNECTION_WINDOW = 4_194_304;
/** RFC 9113 section 6.5.2 advises apps to allow no fewer than 100. One with no limit gets this many on one connection. */
const MOST_STREAMS = 1000;
/** Beyond this the number of the next stream would not fit (section 5.1.1). */
const LAST_STREAM_ID = 0x7fff_ff00;
/** An app that does not take our answers to its PINGs and SETTINGS gets no more of them. */
const MOST_UNSENT_BYTES = 1_048_576;
/** How long an app may take to close its side after ours. */
const CLOSING_MS = 1000;

type Stage = 'connecting' | 'greeting' | 'ready' | 'closing' | 'closed';

export class H2ClientConnection implements TransportSink, FrameSink, Sweepable, StreamCarrier, BlockOwner {
  readonly #engine: Engine;
  readonly #bounds: EngineBounds;
  readonly #owner: H2ConnectionOwner;
  readonly #transport: Transport;
  readonly #writer: ClientWriter;
  readonly #frames: FrameReader = new FrameReader(DEFAULT_MAXIMUM_FRAME_SIZE, true);
  readonly #blocks: ClientBlocks;
  readonly #range: PayloadRange = new PayloadRange();
  readonly #settings: Settings = new Settings();
  readonly #credit: ReceiveWindow = new ReceiveWindow(DEFAULT_WINDOW);
  readonly #streams: Map<number, H2ClientStream> = new Map();
  /** Streams that hold a place and have not sent their head. */
  readonly #placed: Set<H2ClientStream> = new Set();
  /** Streams whose content waits for the connection's window or for room in the output. */
  readonly #awaiting: Set<H2ClientStream> = new Set();
  /** Streams that the read at hand has concerned. */
  readonly #touched: Set<H2ClientStream> = new Set();
  #stage: Stage = 'connecting';
  #leaving = false;
  #nextId = 1;
  #sendWindow = DEFAULT_WINDOW;
  /** The app refuses streams: no more until another of them has ended. */
  #saturated = false;
  #refusing = false;
  /** The connection ends as soon as what is held back has been written. */
  #closeDue = false;
  #served = 0;
  #idleSinceMs: number;
  #deadlineMs: number;
  #failure: UpstreamFailure | undefined;

  /**
   * Takes a socket that is connecting, or (after a TLS handshake, `encrypted`) connected. `authority` names the app where
   * a client did not name it.
   */
  constructor(
    socket: net.Socket,
    encrypted: boolean,
    authority: string,
    engine: Engine,
    bounds: EngineBounds,
    memory: ClientMemory,
    owner: H2ConnectionOwner,
  ) {
    this.#engine = engine;
    this.#bounds = bounds;
    this.#owner = owner;
    this.#blocks = new ClientBlocks(memory, bounds.limits, this);
    this.#idleSinceMs = engine.clock.now();
    this.#deadlineMs = this.#idleSinceMs + bounds.timeouts.upstreamConnectMs;
    this.#transport = new Transport(socket, engine.level, encrypted);
    this.#writer = new ClientWriter(this.#transport, encrypted ? 'https' : 'http', authority, () => this.#pumpAll());
    engine.sweeper.add(this);
    if (socket.connecting) socket.once('connect', () => this.#greet(bounds));
    else this.#greet(bounds);
    this.#transport.start(this);
  }

  #greet(bounds: EngineBounds): void {
    if (this.#stage !== 'connecting') return;
    this.#stage = 'greeting';
    // A peer that is cut off without a word is found out by TCP. PINGs are not for this: gRPC apps count them as abuse.
    this.#transport.socket.setKeepAlive(true, 30_000);
    this.#writer.greet(STREAM_WINDOW, bounds.limits.responseHeadBytes);
    this.#writer.windowUpdate(0, this.#credit.enlarge(CONNECTION_WINDOW));
  }

  // ---- for the pool

  /** How many more streams may be placed. */
  get room(): number {
    if (this.#stage !== 'ready' || this.#leaving || this.#saturated) return 0;
    const most = Math.min(this.#settings.maximumConcurrentStreams, MOST_STREAMS);
    return Math.max(0, most - this.#streams.size - this.#placed.size);
  }

  /** The app takes WebSockets by extended CONNECT (RFC 8441 section 3). Not known before it is ready. */
  get offersTunnels(): boolean {
    return this.#settings.enableConnectProtocol;
  }

  get idle(): boolean {
    return this.#streams.size === 0 && this.#placed.size === 0;
  }

  /** Holds a place for the stream until it is sent or given up. */
  hold(stream: H2ClientStream): void {
    this.#placed.add(stream);
  }

  /** Takes no new streams and ends with its last one. */
  retire(): void {
    this.#leave();
    if (this.idle) this.#closeIdle();
  }

  // ---- for streams

  get reused(): boolean {
    return this.#served > 0;
  }

  now(): number {
    return this.#engine.clock.now();
  }

  open(stream: H2ClientStream, endStream: boolean): void {
    this.#register(stream);
    this.#writer.head(stream.id, stream.request, endStream);
    if (this.#nextId > LAST_STREAM_ID) this.#leave();
  }

  connect(stream: H2ClientStream, fields: Buffer): void {
    this.#register(stream);
    this.#writer.connect(stream.id, stream.request, fields);
    if (this.#nextId > LAST_STREAM_ID) this.#leave();
  }

  #register(stream: H2ClientStream): void {
    this.#placed.delete(stream);
    const id = this.#nextId;
    this.#nextId += 2;
    stream.opened(id, this.#settings.initialWindowSize, STREAM_WINDOW);
    this.#streams.set(id, stream);
  }

  writeContent(stream: H2ClientStream, bytes: Buffer, start: number, end: number): number {
    let position = start;
    while (position < end && !this.#writer.filled) {
      const length = Math.min(end - position, stream.sendWindow, this.#sendWindow, this.#writer.frameSize);
      if (length <= 0) break;
      this.#writer.data(stream.id, bytes, position, position + length);
      position += length;
      stream.sendWindow -= length;
      this.#sendWindow -= length;
    }
    return position;
  }

  await(stream: H2ClientStream): void {
    this.#awaiting.add(stream);
  }

  writeEnd(stream: H2ClientStream, trailers: Buffer | undefined): void {
    this.#awaiting.delete(stream);
    this.#writer.end(stream.id, trailers);
  }

  grant(stream: H2ClientStream, increment: number): void {
    this.#writer.windowUpdate(stream.id, increment);
  }

  release(stream: H2ClientStream, resetCode: number): void {
    this.#placed.delete(stream);
    this.#awaiting.delete(stream);
    this.#touched.delete(stream);
    if (this.#streams.delete(stream.id)) {
      if (!this.#refusing) this.#saturated = false;
      if (resetCode >= 0 && this.#stage === 'ready') this.#writer.reset(stream.id, resetCode);
    }
    if (!this.idle) {
      if (!this.#leaving) this.#owner.onRoom(this);
      return;
    }
    this.#idleSinceMs = this.now();
    // No pool, or no more use: the connection ends with its last stream.
    const { limits, timeouts } = this.#bounds;
    const kept = timeouts.upstreamPoolIdleMs > 0 && limits.upstreamPoolSize > 0;
    if (this.#leaving || !kept) this.#closeIdle();
    else this.#owner.onRoom(this);
  }

  /** The end of a tunnel may still wait to be written: it goes before the connection. */
  #closeIdle(): void {
    this.#leave();
    if (this.#writer.heldBack) this.#closeDue = true;
    else this.#close(ErrorCode.NO_ERROR, '');
  }

  // ---- octets from the app

  onRead(buffer: Buffer, length: number): void {
    if (this.#stage === 'closing' || this.#stage === 'closed') return;
    const failed = this.#frames.feed(buffer, 0, length, this);
    if (failed !== null) {
      this.#refuse(failed);
      return;
    }
    for (const stream of this.#touched) stream.readDone();
    this.#touched.clear();
  }

  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): Violation | null {
    if (this.#stage === 'greeting' && (type !== FrameType.SETTINGS || (flags & FrameFlag.ACK) !== 0)) {
      return violation('h2-settings-not-first');
    }
    // What a stream had to say may have ended the connection.
    if (this.#stage === 'closing' || this.#stage === 'closed') return null;
    const misplaced = this.#blocks.admit(type, streamId);
    if (misplaced !== null) return misplaced;
    switch (type) {
      case FrameType.DATA:
        return this.#onData(flags, streamId, bytes, start, end);
      case FrameType.HEADERS:
        return this.#blocks.onHeaders(flags, streamId, bytes, start, end);
      case FrameType.CONTINUATION:
        return this.#blocks.onContinuation(flags, bytes, start, end);
      case FrameType.RST_STREAM:
        return this.#onReset(streamId, readResetCode(bytes, start));
      case FrameType.SETTINGS:
        return this.#onSettings(flags, bytes, start, end);
      case FrameType.PUSH_PROMISE:
        return violation('h2-push-refused');
      case FrameType.PING:
        if ((flags & FrameFlag.ACK) === 0) this.#answer(() => this.#writer.pong(bytes, start));
        return null;
      case FrameType.GOAWAY:
        this.#onGoaway(readGoaway(bytes, start, end).lastStreamId);
        return null;
      case FrameType.WINDOW_UPDATE:
        return this.#onWindowUpdate(streamId, readWindowIncrement(bytes, start));
      default:
        // PRIORITY means nothing to a client; what nobody knows is ignored (section 4.1).
        return null;
    }
  }

  #answer(write: () => void): void {
    if (this.#writer.pendingBytes > MOST_UNSENT_BYTES) this.#fail('upstream-response-malformed');
    else write();
  }

  streamFor(streamId: number): H2ClientStream | undefined | Violation {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.#touched.add(stream);
    else if (this.#isIdle(streamId)) return violation('h2-frame-on-wrong-stream');
    return stream;
  }

  /** Streams that we never opened: odd numbers not yet used, and all even ones, since nothing may be pushed. */
  #isIdle(streamId: number): boolean {
    return (streamId & 1) === 0 || streamId >= this.#nextId;
  }

  #onData(flags: number, streamId: number, bytes: Buffer, start: number, end: number): Violation | null {
    const length = end - start;
    if (!this.#credit.receive(length)) return violation('h2-window-ignored');
    const misformed = readData(flags, bytes, start, end, this.#range);
    if (misformed !== null) return misformed;
    const increment = this.#credit.release(length);
    if (increment > 0) this.#writer.windowUpdate(0, increment);
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return this.#isIdle(streamId) ? violation('h2-frame-on-wrong-stream') : null;
    if (!stream.headPassed) {
      this.failStream(stream, violation('h2-pseudo-missing'));
      return null;
    }
    this.#touched.add(stream);
    const wrong = stream.onData(bytes, this.#range.start, this.#range.end, length);
    if (wrong === 'window') this.failStream(stream, violation('h2-stream-window-ignored'));
    else if (wrong === 'ended') this.failStream(stream, violation('h2-stream-closed'));
    else if (wrong === 'content') this.failStream(stream, violation('h2-content-length-differs'));
    else if ((flags & FrameFlag.END_STREAM) !== 0 && !stream.over) this.complete(stream, undefined);
    return null;
  }

  complete(stream: H2ClientStream, trailers: Buffer | undefined): void {
    this.#served += 1;
    if (!stream.complete(trailers)) this.failStream(stream, violation('h2-content-length-differs'));
  }

  /** One message is wrong; the connection can go on. */
  failStream(stream: H2ClientStream, refused: Violation): void {
    this.#owner.onViolation(refused.reason);
    stream.fail(failureOf(stream, refused), refused.errorCode);
  }

  #onReset(streamId: number, errorCode: number): Violation | null {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return this.#isIdle(streamId) ? violation('h2-frame-on-wrong-stream') : null;
    this.#touched.delete(stream);
    if (stream.headPassed) stream.cut();
    else if (errorCode === ErrorCode.REFUSED_STREAM) {
      this.#saturated = true;
      this.#refusing = true;
      stream.fail('upstream-stream-refused', -1);
      this.#refusing = false;
    } else if (errorCode === ErrorCode.HTTP_1_1_REQUIRED && this.#owner.onHttp11Required()) {
      stream.fail('upstream-stream-refused', -1);
    } else stream.fail('upstream-stream-reset', -1);
    return null;
  }

  #onSettings(flags: number, bytes: Buffer, start: number, end: number): Violation | null {
    if ((flags & FrameFlag.ACK) !== 0) return null;
    const settings = this.#settings;
    const windowBefore = settings.initialWindowSize;
    const refused = applySettings(settings, 'server', bytes, start, end);
    if (refused !== null) return refused;
    this.#writer.adopt(settings);
    // Section 6.9.2: the change counts for streams that are open, too.
    const change = settings.initialWindowSize - windowBefore;
    for (const stream of this.#streams.values()) {
      if (!addToWindow(stream, change)) return violation('h2-window-overflow');
    }
    this.#answer(() => this.#writer.settingsAck());
    if (this.#stage === 'greeting') {
      this.#stage = 'ready';
      this.#deadlineMs = 0;
      this.#idleSinceMs = this.now();
      this.#owner.onReady(this);
    } else if (this.room > 0) this.#owner.onRoom(this);
    if (change > 0) for (const stream of this.#streams.values()) stream.pump();
    return null;
  }

  #onWindowUpdate(streamId: number, increment: number): Violation | null {
    if (streamId === 0) {
      if (increment === 0) return zeroIncrement(0);
      this.#sendWindow = changeWindow(this.#sendWindow, increment);
      if (this.#sendWindow === WINDOW_OVERFLOW) return violation('h2-window-overflow');
      this.#pumpAll();
      return null;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return this.#isIdle(streamId) ? violation('h2-frame-on-wrong-stream') : null;
    if (increment === 0) this.failStream(stream, zeroIncrement(streamId));
    else if (!addToWindow(stream, increment)) this.failStream(stream, violation('h2-stream-window-overflow'));
    else stream.pump();
    return null;
  }

  /** Lets every stream that waits send a part of its content in turn, as far as window and room reach. */
  #pumpAll(): void {
    for (const stream of Array.from(this.#awaiting)) {
      if (this.#sendWindow <= 0 || this.#writer.filled) return;
      this.#awaiting.delete(stream);
      stream.pump();
      // Those that could not send all go behind the others.
      if (stream.hasWaiting && !stream.over) this.#awaiting.add(stream);
    }
  }

  #onGoaway(lastStreamId: number): void {
    this.#leave();
    // Those above were not looked at and never will be (section 6.8): they can be sent again elsewhere.
    for (const [id, stream] of this.#streams) {
      if (id <= lastStreamId) continue;
      if (stream.headPassed) stream.cut();
      else stream.fail('upstream-stream-refused', -1);
    }
    if (this.idle) this.#closeIdle();
  }

  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#owner.onLeaving(this);
    for (const stream of this.#placed) {
      this.#placed.delete(stream);
      stream.displace();
      this.#owner.onDisplaced(stream);
    }
  }

  // ---- ends

  /** The app broke a rule of the connection: it is told which, and everything on it fails. */
  #refuse(refused: Violation): void {
    if (this.#stage === 'greeting') {
      this.#fail('upstream-not-http2');
      return;
    }
    this.#owner.onViolation(refused.reason);
    this.#failure = 'upstream-response-malformed';
    this.#close(refused.errorCode, refused.reason);
    this.#failStreams();
  }

  #close(errorCode: number, reason: string): void {
    if (this.#stage === 'closing' || this.#stage === 'closed') return;
    this.#leave();
    const spoken = this.#stage !== 'connecting';
    this.#stage = 'closing';
    this.#deadlineMs = 0;
    if (!spoken) {
      this.#transport.destroy();
      return;
    }
    this.#writer.goaway(errorCode, reason);
    this.#transport.end();
    // Not left to the sweeper: it stops with the gateway, and an app that keeps its side open must not keep the process.
    setTimeout(() => this.#transport.destroy(), CLOSING_MS).unref();
  }

  #fail(failure: UpstreamFailure): void {
    this.#failure = failure;
    this.#leave();
    if (this.#stage === 'ready') this.#stage = 'closing';
    this.#transport.destroy();
  }

  #failStreams(): void {
    for (const stream of this.#streams.values()) {
      if (stream.headPassed) stream.cut();
      else stream.fail(this.#failure ?? 'upstream-closed-early', -1);
    }
  }

  onReadEnd(): void {
    this.#transport.destroy();
  }

  onWritable(): void {
    this.#writer.flush();
    this.#pumpAll();
    if (this.#closeDue && this.idle) this.#closeIdle();
  }

  onClosed(error: NodeJS.ErrnoException | undefined): void {
    const stage = this.#stage;
    this.#leave();
    this.#stage = 'closed';
    this.#writer.discard();
    this.#engine.sweeper.delete(this);
    this.#failStreams();
    if (stage === 'connecting') this.#owner.onClosed(this, this.#failure ?? connectFailure(error));
    else if (stage !== 'greeting') this.#owner.onClosed(this, undefined);
    else this.#owner.onClosed(this, this.#failure ?? (error && tlsAlertCode(error)) ?? 'upstream-closed-early');
  }

  sweep(nowMs: number): void {
    if (this.#deadlineMs !== 0 && nowMs >= this.#deadlineMs) {
      this.#deadlineMs = 0;
      this.#fail('upstream-connect-timeout');
      return;
    }
    if (this.#stage !== 'ready') return;
    const { upstreamResponseHeadMs, upstreamContentIdleMs, upstreamPoolIdleMs } = this.#bounds.timeouts;
    for (const stream of this.#streams.values()) {
      const overdue = stream.overdue(nowMs, upstreamResponseHeadMs, upstreamContentIdleMs);
      if (overdue !== undefined) stream.fail(overdue, ErrorCode.CANCEL);
    }
    if (this.idle && nowMs - this.#idleSinceMs >= upstreamPoolIdleMs) this.#close(ErrorCode.NO_ERROR, '');
  }
}

/** Changes the stream's send window; false where it grows too large. */
function addToWindow(stream: H2ClientStream, change: number): boolean {
  stream.sendWindow = changeWindow(stream.sendWindow, change);
  return stream.sendWindow !== WINDOW_OVERFLOW;
}

function failureOf(stream: H2ClientStream, refused: Violation): UpstreamFailure {
  if (stream.headPassed) return 'upstream-response-truncated';
  return refused.errorCode === ErrorCode.ENHANCE_YOUR_CALM ? 'upstream-head-too-large' : 'upstream-response-malformed';
}
