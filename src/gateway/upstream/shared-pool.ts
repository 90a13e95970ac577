/**
 * The connections to an app that speaks HTTP/2, or may: `h2c://`, and `https://` where ALPN decides. Requests share
 * connections as far as the app allows; those for which there is no room wait for the next connection, of which as many are
 * made as are needed. An app that chooses HTTP/1.1 gets a connection for each request, from the common pool.
 *
 * A WebSocket is a stream like others where the app offers extended CONNECT (RFC 8441), which its SETTINGS tell. Where it
 * does not, TLS can still grant an HTTP/1.1 connection of its own; without TLS there is no way.
 */
import net from 'node:net';
import type tls from 'node:tls';
import { finding, type Finding } from '../../story/finding.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import { H2ClientConnection } from '../h2/client-connection.ts';
import type { H2ConnectionOwner } from '../h2/client-connection-owner.ts';
import type { ClientMemory } from '../h2/client-memory.ts';
import { H2ClientStream } from '../h2/client-stream.ts';
import type { StreamQueue } from '../h2/stream-carrier.ts';
import type { DialTarget } from './dial-target.ts';
import type { Protocol, TlsDialer } from './tls-dial.ts';
import type { UpstreamChannel, UpstreamFailure } from './upstream-channel.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamTally } from './upstream-tally.ts';

/** What an app is taken to allow on one connection until it has said so (RFC 9113 section 6.5.2 advises no less). */
const STREAMS_EXPECTED = 100;
/** That an app takes no WebSockets is told again only after this long. */
const REPEAT_MS = 10_000;

export interface SharedPoolSurroundings {
  readonly engine: Engine;
  readonly bounds: EngineBounds;
  readonly memory: ClientMemory;
  /** For `https://`; undefined for `h2c://`. */
  readonly dialer: TlsDialer | undefined;
  readonly label: string;
  readonly tally: UpstreamTally;
  readonly report: (found: Finding) => void;
  /** Takes an HTTP/1.1 connection over TLS into the common pool, in use. */
  adopt(socket: tls.TLSSocket): UpstreamConnection;
  /** The connection that was adopted is needed by nobody now. */
  release(connection: UpstreamConnection): void;
}

/** A connection in the making; `for` is the only one that may have it, and it is one of HTTP/1.1. */
interface Attempt {
  readonly for: H2ClientStream | undefined;
}

export class SharedPool implements StreamQueue, H2ConnectionOwner {
  readonly #target: DialTarget;
  readonly #with: SharedPoolSurroundings;
  readonly #connections: H2ClientConnection[] = [];
  readonly #attempts: Set<Attempt> = new Set();
  /** Connections that are not ready yet, and the attempts that they came of. */
  readonly #greeting: Map<H2ClientConnection, Attempt> = new Map();
  readonly #waiting: Set<H2ClientStream> = new Set();
  /** What the app chose the last time. */
  #protocol: Protocol = 'h2';
  #http11Only = false;
  /** What the app said of extended CONNECT the last time that it spoke HTTP/2. */
  #tunnelsOffered = true;
  #unsupportedToldMs = -REPEAT_MS;
  #perConnection = STREAMS_EXPECTED;
  #closed = false;

  constructor(target: DialTarget, surroundings: SharedPoolSurroundings) {
    this.#target = target;
    this.#with = surroundings;
  }

  /** A way to the app; `tunnel` asks for one that can become a WebSocket. */
  take(tunnel: boolean): UpstreamChannel {
    const stream = new H2ClientStream(this, tunnel);
    if (tunnel && this.#http11Tunnels) {
      this.#attempt(stream);
      return stream;
    }
    for (const connection of this.#connections) {
      if (connection.room === 0 || (tunnel && !connection.offersTunnels)) continue;
      connection.hold(stream);
      stream.placeQuietly(connection);
      this.#with.tally.reused += 1;
      return stream;
    }
    if (tunnel && this.#connections.length > 0 && !this.#connections.some(({ offersTunnels }) => offersTunnels)) {
      this.#divert(stream);
      return stream;
    }
    this.#waiting.add(stream);
    this.#makeMore();
    return stream;
  }

  /** The app is known to have no other way for a WebSocket than an HTTP/1.1 connection. */
  get #http11Tunnels(): boolean {
    if (this.#with.dialer === undefined) return false;
    return !this.#tunnelsOffered || this.#protocol === 'http/1.1';
  }

  /** The app speaks HTTP/2 and offers no extended CONNECT. */
  #divert(stream: H2ClientStream): void {
    if (this.#with.dialer !== undefined) this.#attempt(stream);
    else setImmediate(() => this.#refuseTunnel(stream));
  }

  #refuseTunnel(stream: H2ClientStream): void {
    const { engine, label, report } = this.#with;
    const nowMs = engine.clock.now();
    if (nowMs - this.#unsupportedToldMs >= REPEAT_MS) {
      this.#unsupportedToldMs = nowMs;
      report(finding('upstream-upgrade-unsupported', { upstream: label }));
    }
    stream.fail('upstream-upgrade-unsupported', -1);
  }

  giveUp(stream: H2ClientStream): void {
    this.#waiting.delete(stream);
  }

  get openConnections(): number {
    return this.#connections.length + this.#greeting.size;
  }

  /** No new exchange will come: idle connections go now, the others when their exchanges end. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.slice()) connection.retire();
  }

  // ---- connections in the making

  get #expected(): number {
    return this.#protocol === 'h2' ? this.#perConnection : 1;
  }

  #makeMore(): void {
    while (this.#shared * this.#expected < this.#waiting.size) this.#attempt(undefined);
  }

  /** Attempts that serve whoever waits. */
  get #shared(): number {
    let count = 0;
    for (const attempt of this.#attempts) if (attempt.for === undefined) count += 1;
    return count;
  }

  #attempt(only: H2ClientStream | undefined): void {
    const attempt: Attempt = { for: only };
    this.#attempts.add(attempt);
    const { dialer } = this.#with;
    const { address, port, socketPath } = this.#target;
    if (dialer === undefined) {
      const socket = net.connect({
        ...(socketPath === '' ? { host: address, port } : { path: socketPath }),
        noDelay: true,
      });
      this.#speak(socket, false, attempt);
      return;
    }
    const protocols: Protocol[] = only !== undefined || this.#http11Only ? ['http/1.1'] : ['h2', 'http/1.1'];
    dialer.dial(this.#target, protocols, {
      onSecured: (socket, protocol) => {
        if (protocol === 'h2') this.#speak(socket, true, attempt);
        else this.#settleForHttp11(socket, attempt);
      },
      onFailed: (failure, protocolsRefused) => this.#onAttemptFailed(attempt, failure, protocolsRefused),
    });
  }

  #speak(socket: net.Socket, encrypted: boolean, attempt: Attempt): void {
    const { engine, bounds, memory, label, tally } = this.#with;
    const authority = label.slice(label.indexOf('://') + 3);
    const connection = new H2ClientConnection(socket, encrypted, authority, engine, bounds, memory, this);
    tally.open += 1;
    this.#greeting.set(connection, attempt);
  }

  #settleForHttp11(socket: tls.TLSSocket, attempt: Attempt): void {
    this.#attempts.delete(attempt);
    if (attempt.for === undefined) this.#protocol = 'http/1.1';
    const connection = this.#with.adopt(socket);
    const candidates = attempt.for === undefined ? [...this.#waiting] : [attempt.for];
    for (const stream of candidates) {
      this.#waiting.delete(stream);
      if (stream.leaveFor(connection)) {
        // The others need one each.
        this.#makeMore();
        return;
      }
    }
    this.#with.release(connection);
  }

  #onAttemptFailed(attempt: Attempt, failure: UpstreamFailure, protocolsRefused: boolean): void {
    this.#attempts.delete(attempt);
    if (attempt.for !== undefined) {
      if (!protocolsRefused) attempt.for.fail(failure, -1);
      else {
        // No HTTP/1.1 there. The next one asks anew what is: the app may have changed.
        this.#tunnelsOffered = true;
        this.#protocol = 'h2';
        this.#refuseTunnel(attempt.for);
      }
      return;
    }
    // Those whom the attempts that are left cannot serve go with this one.
    const lost = Math.max(1, this.#waiting.size - this.#shared * this.#expected);
    for (const stream of [...this.#waiting].slice(0, lost)) {
      this.#waiting.delete(stream);
      stream.fail(failure, -1);
    }
  }

  // ---- connections at work

  onReady(connection: H2ClientConnection): void {
    const attempt = this.#greeting.get(connection);
    this.#greeting.delete(connection);
    if (attempt !== undefined) this.#attempts.delete(attempt);
    this.#protocol = 'h2';
    this.#tunnelsOffered = connection.offersTunnels;
    if (!this.#tunnelsOffered) this.#divertWaiting();
    const { room } = connection;
    if (room === 0) {
      // An app that takes no stream on a new connection takes none on another.
      for (const stream of Array.from(this.#waiting)) stream.fail('upstream-stream-refused', -1);
    } else this.#perConnection = room;
    this.#connections.push(connection);
    this.#serve();
    if (this.#closed) connection.retire();
  }

  #divertWaiting(): void {
    for (const stream of Array.from(this.#waiting)) {
      if (!stream.wantsTunnel) continue;
      this.#waiting.delete(stream);
      this.#divert(stream);
    }
  }

  onRoom(): void {
    if (this.#waiting.size > 0) this.#serve();
  }

  #serve(): void {
    for (const connection of this.#connections.slice()) {
      for (const stream of this.#waiting) {
        if (connection.room === 0) break;
        if (stream.wantsTunnel && !connection.offersTunnels) continue;
        this.#waiting.delete(stream);
        connection.hold(stream);
        stream.place(connection);
      }
    }
    this.#makeMore();
  }

  onDisplaced(stream: H2ClientStream): void {
    this.#waiting.add(stream);
    this.#makeMore();
  }

  onHttp11Required(): boolean {
    if (this.#with.dialer === undefined) return false;
    this.#http11Only = true;
    this.#protocol = 'http/1.1';
    for (const connection of this.#connections.slice()) connection.retire();
    return true;
  }

  onViolation(reason: string): void {
    this.#with.report(finding('upstream-response-malformed', { upstream: this.#with.label, detail: reason }));
  }

  onLeaving(connection: H2ClientConnection): void {
    const at = this.#connections.indexOf(connection);
    if (at >= 0) this.#connections.splice(at, 1);
  }

  onClosed(connection: H2ClientConnection, failure: UpstreamFailure | undefined): void {
    this.#with.tally.open -= 1;
    const attempt = this.#greeting.get(connection);
    this.#greeting.delete(connection);
    if (attempt !== undefined) this.#onAttemptFailed(attempt, failure ?? 'upstream-closed-early', false);
  }
}
