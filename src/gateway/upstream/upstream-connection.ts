/**
 * A connection to an app: one request at a time, HTTP/1.1, kept alive between requests while it is provably clean. It is
 * handed back to its pool only after a request that was sent whole and a response that ended where its framing says, with
 * nothing behind it; in every other case it is destroyed.
 */
import net from 'node:net';
import type { ResponseHeadReader } from '../../codec/http1/response-head.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import { ResponseReader, type ResponseEvents } from '../h1/response-reader.ts';
import type { Sweepable } from '../sweeper.ts';
import { Transport, type TransportSink } from '../transport/transport.ts';
import type { DialTarget } from './dial-target.ts';
import { RequestBytes } from './request-bytes.ts';
import type { UpstreamTally } from './upstream-tally.ts';

/** 64 KiB: what one read of a TCP handle returns at most. One buffer for all: a read is handled whole before the next. */
const sharedReadBuffer: Buffer = Buffer.allocUnsafeSlow(65_536);

/** Codes of the catalogue. */
export type UpstreamFailure =
  | 'upstream-refused'
  | 'upstream-unreachable'
  | 'upstream-connect-timeout'
  | 'upstream-closed-early'
  | 'upstream-response-malformed'
  | 'upstream-response-truncated'
  | 'upstream-response-timeout'
  | 'upstream-content-timeout';

/** The exchange that a connection serves. */
export interface UpstreamExchange {
  /** The connection stands; `send` may be called. */
  onOpen(): void;
  onInterim(status: number, block: Buffer, start: number, end: number): void;
  onHead(status: number, block: Buffer, start: number, end: number, contentLength: number, hasContent: boolean): void;
  onResponseContent(bytes: Buffer, start: number, end: number): void;
  onSwitched(block: Buffer, start: number, end: number): void;
  /** The response is whole, and the connection is the exchange's no more. */
  onResponseEnd(trailers: Buffer | undefined): void;
  /** The app has ended its direction of a tunnel. */
  onTunnelEnd(): void;
  /** All that one read brought has been told. */
  onReadDone(): void;
  /** Everything sent is out of our hands. */
  onUpstreamWritable(): void;
  /** The connection is lost to the exchange. */
  onUpstreamFailed(failure: UpstreamFailure): void;
}

export interface ConnectionOwner {
  /** The connection is clean and idle. */
  release(connection: UpstreamConnection): void;
  /** The connection is gone; comes once for each. */
  forget(connection: UpstreamConnection): void;
}

type Stage = 'connecting' | 'idle' | 'busy' | 'closed';

export class UpstreamConnection implements TransportSink, Sweepable, ResponseEvents {
  readonly target: DialTarget;
  /** Counts of the app that this leads to. */
  readonly tally: UpstreamTally;
  readonly request: RequestBytes = new RequestBytes();
  readonly transport: Transport;
  /** Monotonic time of the last release to the pool. */
  idleSinceMs = 0;
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
  #connectError: NodeJS.ErrnoException | undefined;

  constructor(
    target: DialTarget,
    tally: UpstreamTally,
    engine: Engine,
    bounds: EngineBounds,
    owner: ConnectionOwner,
    reader: ResponseHeadReader,
  ) {
    this.target = target;
    this.tally = tally;
    this.#engine = engine;
    this.#bounds = bounds;
    this.#owner = owner;
    this.#response = new ResponseReader(this, bounds.limits, reader);
    this.#deadlineMs = engine.clock.now() + bounds.timeouts.upstreamConnectMs;
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
    socket.once('error', (error: NodeJS.ErrnoException) => {
      this.#connectError = error;
    });
    engine.sweeper.add(this);
  }

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

  /** Milliseconds that the app says it keeps idle connections; 0 where it says nothing. */
  get idleHintMs(): number {
    return this.#response.idleHintMs;
  }

  #onConnect(): void {
    if (this.#stage !== 'connecting') return;
    this.#stage = 'idle';
    this.#deadlineMs = 0;
    this.#exchange?.onOpen();
  }

  /** Takes an exchange on; `send` follows, at once or after `onOpen`. */
  assign(exchange: UpstreamExchange): void {
    this.#exchange = exchange;
    this.#requestEnded = false;
  }

  /** Sends what stands in `request`. */
  send(method: string, upgrade: boolean): void {
    this.#stage = 'busy';
    this.#deadlineMs = 0;
    this.#writeStalledSinceMs = -1;
    this.#response.begin(method, upgrade);
    if (!this.transport.write(this.request.view())) this.request.lend();
  }

  /** The request has been handed over to its last octet: from now on the app is waited for. */
  requestEnded(): void {
    this.#requestEnded = true;
    if (!this.#response.inContent) this.#waitForHead();
  }

  #waitForHead(): void {
    this.#deadlineMs = this.#engine.clock.now() + this.#bounds.timeouts.upstreamResponseHeadMs;
  }

  /** The client is slow: nothing is read, and the app is not to blame for it. */
  pauseRead(): void {
    this.#deadlineMs = 0;
    this.transport.pauseRead();
  }

  resumeRead(): void {
    if (!this.transport.readPaused) return;
    this.#progress();
    if (this.#requestEnded && !this.#response.inContent && !this.#response.inTunnel) this.#waitForHead();
    this.transport.resumeRead();
  }

  /** Ends our direction of a tunnel. */
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
    this.#progress();
    this.#response.feed(buffer, length);
    this.#exchange?.onReadDone();
  }

  #progress(): void {
    if (this.#response.inContent) {
      this.#deadlineMs = this.#engine.clock.now() + this.#bounds.timeouts.upstreamContentIdleMs;
    } else if (this.#response.inTunnel) this.#deadlineMs = 0;
  }

  onInterim(status: number, block: Buffer, start: number, end: number): void {
    if (this.#requestEnded) this.#waitForHead();
    this.#exchange?.onInterim(status, block, start, end);
  }

  onHead(status: number, block: Buffer, start: number, end: number, contentLength: number, hasContent: boolean): void {
    this.#deadlineMs = hasContent ? this.#engine.clock.now() + this.#bounds.timeouts.upstreamContentIdleMs : 0;
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
    if (wasConnecting) exchange.onUpstreamFailed(connectFailure(this.#connectError));
    else if (wasTunnel && error === undefined) exchange.onTunnelEnd();
    else exchange.onUpstreamFailed(this.#failureNow());
  }

  #failureNow(): UpstreamFailure {
    if (this.#response.inContent || this.#response.inTunnel) return 'upstream-response-truncated';
    return this.#response.answered ? 'upstream-response-malformed' : 'upstream-closed-early';
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

  /** In the pool: gone by itself after `idleMs`. */
  expireAfter(idleMs: number): void {
    this.idleSinceMs = this.#engine.clock.now();
    this.#deadlineMs = this.idleSinceMs + idleMs;
  }
}

function connectFailure(error: NodeJS.ErrnoException | undefined): UpstreamFailure {
  // ENOENT: the unix socket's file is not there (yet): nobody listens, just as with a refused port.
  if (error?.code === 'ECONNREFUSED' || error?.code === 'ENOENT') return 'upstream-refused';
  return error?.code === 'ETIMEDOUT' ? 'upstream-connect-timeout' : 'upstream-unreachable';
}
