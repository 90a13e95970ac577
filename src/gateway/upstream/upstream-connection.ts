/**
 * A connection to an app: one request at a time, HTTP/1.1, kept alive between requests while it is provably clean. It is
 * handed back to its pool only after a request that was sent whole and a response that ended where its framing says, with
 * nothing behind it; in every other case it is destroyed.
 */
import net from 'node:net';
import type tls from 'node:tls';
import type { ResponseHeadReader } from '../../codec/http1/response-head.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import { ResponseReader, type ResponseEvents } from '../h1/response-reader.ts';
import type { Sweepable } from '../sweeper.ts';
import { Transport, type TransportSink } from '../transport/transport.ts';
import { connectFailure } from './connect-failure.ts';
import { ContentBatch } from './content-batch.ts';
import type { DialTarget } from './dial-target.ts';
import { RequestBytes } from './request-bytes.ts';
import { tlsAlertCode } from './tls-failure.ts';
import type { RequestContent, UpstreamChannel, UpstreamExchange, UpstreamFailure } from './upstream-channel.ts';
import type { UpstreamTally } from './upstream-tally.ts';

/**
 * What one read takes at most: a large answer passes in fewer reads and writes than with the usual 64 KiB, and a client
 * that stops reading still has no more than this waiting for it. One buffer for all: a read is handled whole before the
 * next.
 */
const READ_BYTES = 262_144;
const sharedReadBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);

export interface ConnectionOwner {
  /** The connection is clean and idle. */
  release(connection: UpstreamConnection): void;
  /** The connection is gone; comes once for each. */
  forget(connection: UpstreamConnection): void;
}

type Stage = 'connecting' | 'idle' | 'busy' | 'closed';

export class UpstreamConnection implements UpstreamChannel, TransportSink, Sweepable, ResponseEvents {
  readonly target: DialTarget;
  /** Counts of the app that this leads to. */
  readonly tally: UpstreamTally;
  readonly request: RequestBytes = new RequestBytes();
  readonly transport: Transport;
  /** Monotonic time of the last release to the pool. */
  idleSinceMs = 0;
  /** Monotonic time of the read, or of the end of reading, that is being handled. */
  readMs = 0;
  /** Requests answered over this connection. */
  served = 0;

  readonly #engine: Engine;
  readonly #bounds: EngineBounds;
  readonly #owner: ConnectionOwner;
  readonly #response: ResponseReader;
  #exchange: UpstreamExchange | undefined;
  #stage: Stage = 'connecting';
  #deadlineMs: number;
  #requestEnded = false;
  /** Since when the app has not taken an octet of what waits for it; -1 while none waits. */
  #writeStalledSinceMs = -1;
  /** The first error of the socket, or over TLS the last: an alert is told before the end that it brings. */
  #error: NodeJS.ErrnoException | undefined;

  /** Connects; `secured` is a connection that stands already, its handshake done and judged. */
  constructor(
    target: DialTarget,
    tally: UpstreamTally,
    engine: Engine,
    bounds: EngineBounds,
    owner: ConnectionOwner,
    reader: ResponseHeadReader,
    secured?: tls.TLSSocket,
  ) {
    this.target = target;
    this.tally = tally;
    this.#engine = engine;
    this.#bounds = bounds;
    this.#owner = owner;
    this.#response = new ResponseReader(this, bounds.limits, reader);
    this.#deadlineMs = engine.clock.now() + bounds.timeouts.upstreamConnectMs;
    engine.sweeper.add(this);
    if (secured !== undefined) {
      this.#stage = 'idle';
      this.#deadlineMs = 0;
      this.transport = new Transport(secured, engine.level, true);
      this.transport.readsAfterWriteError = true;
      secured.on('error', this.#onError);
      this.transport.start(this);
      return;
    }
    const publicStreams = engine.level === 'plain';
    const socket = net.connect({
      ...(target.socketPath === '' ? { host: target.address, port: target.port } : { path: target.socketPath }),
      noDelay: true,
      allowHalfOpen: true,
      ...(publicStreams ? {} : { onread: { buffer: sharedReadBuffer, callback: this.#onSharedRead } }),
    });
    this.transport = new Transport(socket, engine.level, false);
    // An app may answer and close before it has read the whole request: its answer is still to be read.
    this.transport.readsAfterWriteError = true;
    this.transport.start(this, !publicStreams);
    socket.once('connect', () => this.#onConnect());
    socket.once('error', this.#onError);
  }

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#error = error;
  };

  readonly #onSharedRead = (length: number): boolean => {
    this.transport.deliver(sharedReadBuffer, length);
    return true;
  };

  get connecting(): boolean {
    return this.#stage === 'connecting';
  }

  /** Idle, and to our knowledge still open. */
  get usable(): boolean {
    return this.#stage === 'idle' && !this.transport.closed;
  }

  get reused(): boolean {
    return this.served > 0;
  }

  /** Milliseconds that the app says it keeps idle connections; 0 where it says nothing. */
  get idleHintMs(): number {
    return this.#response.idleHintMs;
  }

  #onConnect(): void {
    if (this.#stage !== 'connecting') return;
    this.#stage = 'idle';
    this.#deadlineMs = 0;
    this.#exchange?.onOpen(this);
  }

  assign(exchange: UpstreamExchange): void {
    this.#exchange = exchange;
    this.#requestEnded = false;
  }

  send(method: string, upgrade: boolean): void {
    this.#stage = 'busy';
    this.#deadlineMs = 0;
    this.#writeStalledSinceMs = -1;
    this.#response.begin(method, upgrade);
    if (!this.transport.write(this.request.view())) this.request.lend();
  }

  openContent(chunked: boolean): RequestContent {
    return new ContentBatch(this.transport, chunked);
  }

  openTunnel(): RequestContent {
    return new ContentBatch(this.transport, false);
  }

  requestEnded(): void {
    this.#requestEnded = true;
    if (!this.#response.inContent) this.#waitForHead();
  }

  #waitForHead(): void {
    // The real clock: short patience counted from the sweeper's last look could have run out already.
    this.#deadlineMs = this.#engine.clock.now() + this.#bounds.timeouts.upstreamResponseHeadMs;
  }

  pauseRead(): void {
    this.#deadlineMs = 0;
    this.transport.pauseRead();
  }

  resumeRead(): void {
    if (!this.transport.readPaused) return;
    this.#progress(this.#engine.clock.now());
    if (this.#requestEnded && !this.#response.inContent && !this.#response.inTunnel) this.#waitForHead();
    this.transport.resumeRead();
  }

  endTunnel(): void {
    this.transport.end();
  }

  /** Ends the connection; the exchange hears no more of it. */
  destroy(): void {
    this.#exchange = undefined;
    // The socket tells its end later in this turn: until then nobody may take the connection for a usable one.
    this.#stage = 'closed';
    this.#deadlineMs = 0;
    this.#response.stop();
    this.transport.destroy();
  }

  // ---- octets from the app

  onRead(buffer: Buffer, length: number): void {
    // Octets that nothing was asked for must not become the answer to the next request (RFC 9112 section 9.2).
    if (this.#exchange === undefined || this.#stage !== 'busy') {
      this.#fail('upstream-response-malformed');
      return;
    }
    this.readMs = this.#engine.clock.now();
    this.#progress(this.readMs);
    this.#response.feed(buffer, length);
    this.#exchange?.onReadDone();
  }

  #progress(nowMs: number): void {
    if (this.#response.inContent) {
      this.#deadlineMs = nowMs + this.#bounds.timeouts.upstreamContentIdleMs;
    } else if (this.#response.inTunnel) this.#deadlineMs = 0;
  }

  onInterim(status: number, block: Buffer, start: number, end: number): void {
    if (this.#requestEnded) this.#waitForHead();
    this.#exchange?.onInterim(status, block, start, end);
  }

  onHead(status: number, block: Buffer, start: number, end: number, contentLength: number, hasContent: boolean): void {
    this.#deadlineMs = hasContent ? this.readMs + this.#bounds.timeouts.upstreamContentIdleMs : 0;
    this.#exchange?.onHead(status, block, start, end, contentLength, hasContent);
  }

  onResponseContent(bytes: Buffer, start: number, end: number): void {
    this.#exchange?.onResponseContent(bytes, start, end);
  }

  onSwitched(block: Buffer, start: number, end: number): void {
    this.#deadlineMs = 0;
    this.#exchange?.onSwitched(block, start, end);
  }

  onResponseEnd(trailers: Buffer | undefined, clean: boolean): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#deadlineMs = 0;
    if (clean && this.#requestEnded && this.transport.pendingBytes === 0 && !this.transport.closed) {
      this.#stage = 'idle';
      this.served += 1;
      if (this.transport.readPaused) this.transport.resumeRead();
      // Back in the pool before the client is answered: its next request may come in the same turn.
      this.#owner.release(this);
    } else this.destroy();
    exchange?.onResponseEnd(trailers);
  }

  onInvalidResponse(): void {
    this.#fail('upstream-response-malformed');
  }

  onReadEnd(): void {
    this.readMs = this.#engine.clock.now();
    if (this.#stage === 'busy' && this.#exchange !== undefined) {
      if (this.#response.feedEnd()) return;
      if (this.#response.inTunnel) {
        this.#exchange.onTunnelEnd();
        return;
      }
      this.#fail(this.#failureNow());
      return;
    }
    this.destroy();
  }

  onWritable(): void {
    this.#writeStalledSinceMs = -1;
    this.#exchange?.onUpstreamWritable();
  }

  onClosed(error: Error | undefined): void {
    const wasConnecting = this.#stage === 'connecting';
    const wasTunnel = this.#response.inTunnel;
    this.#stage = 'closed';
    this.#engine.sweeper.delete(this);
    this.#owner.forget(this);
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange === undefined) return;
    if (wasConnecting) exchange.onUpstreamFailed(connectFailure(this.#error));
    else if (wasTunnel && error === undefined) exchange.onTunnelEnd();
    else exchange.onUpstreamFailed(this.#failureNow());
  }

  #failureNow(): UpstreamFailure {
    if (this.#response.inContent || this.#response.inTunnel) return 'upstream-response-truncated';
    if (this.#response.answered) return 'upstream-response-malformed';
    return (this.#error && tlsAlertCode(this.#error)) ?? 'upstream-closed-early';
  }

  #fail(failure: UpstreamFailure): void {
    const exchange = this.#exchange;
    this.destroy();
    exchange?.onUpstreamFailed(failure);
  }

  sweep(nowMs: number): void {
    if (this.#stage === 'busy' && this.transport.pendingBytes > 0 && this.#hasStoppedReading(nowMs)) {
      this.#fail('upstream-response-timeout');
      return;
    }
    if (this.#deadlineMs === 0 || nowMs < this.#deadlineMs) return;
    this.#deadlineMs = 0;
    if (this.#stage === 'connecting') this.#fail('upstream-connect-timeout');
    else if (this.#stage === 'idle') this.destroy();
    else this.#fail(this.#response.inContent ? 'upstream-content-timeout' : 'upstream-response-timeout');
  }

  /** An app that neither reads its request nor answers is waited for as long as one that has read it. */
  #hasStoppedReading(nowMs: number): boolean {
    if (this.#response.inContent || this.#response.inTunnel) return false;
    if (this.transport.hasWriteProgressed() || this.#writeStalledSinceMs < 0) {
      this.#writeStalledSinceMs = nowMs;
      return false;
    }
    return nowMs - this.#writeStalledSinceMs > this.#bounds.timeouts.upstreamResponseHeadMs;
  }

  /** In the pool, with the end of an answer just read: gone by itself after `idleMs`. */
  expireAfter(idleMs: number): void {
    this.idleSinceMs = this.readMs;
    this.#deadlineMs = this.idleSinceMs + idleMs;
  }
}
