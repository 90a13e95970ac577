/** The connections of clients: from their acceptance, through the handshake, to an engine, and to the end of the last. */
import type net from 'node:net';
import type tls from 'node:tls';
import type { RequestHeadReader } from '../codec/http1/request-head.ts';
import type { Config } from '../config/config.ts';
import { buildRawErrorResponse } from './answer/error-answer.ts';
import { connectionFacts, type KnownFacts } from './connection-facts.ts';
import type { Engine, EngineBounds } from './engine.ts';
import { H1ServerConnection } from './h1/server-connection.ts';
import { H2ServerConnection, type H2Surroundings } from './h2/server-connection.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Site } from './site.ts';
import { lateHandshakeFailure } from './tls/failed-handshake.ts';
import { plainAddress, type TlsInfo } from './tls/tls-info.ts';
import { ForwardedLines } from './upstream/forwarded-lines.ts';
import type { TrustedPeers } from './trusted-peers.ts';

/** How often one that drains looks whether everybody has left. */
const DRAIN_LOOK_MS = 25;
/** How long a client of plain HTTP on the TLS port may take to read its answer. */
const PLAIN_ANSWER_MS = 1000;

/** What is in force; exchanged as one by a reload. */
export interface ConnectionRules {
  readonly config: Config;
  readonly sites: ReadonlyMap<string, Site>;
  readonly trusted: TrustedPeers;
}

export interface ConnectionSurroundings {
  readonly log: Log;
  readonly metrics: Metrics;
  /** For connections over TLS, and for those of the plain port. */
  readonly engine: Engine;
  readonly plainEngine: Engine;
  readonly plainReader: RequestHeadReader;
  readonly h2: H2Surroundings;
  readonly rules: () => ConnectionRules;
}

export class ClientConnections {
  readonly #around: ConnectionSurroundings;
  readonly #open: Set<H1ServerConnection | H2ServerConnection> = new Set();
  readonly #closed = (connection: H1ServerConnection | H2ServerConnection): void => {
    this.#open.delete(connection);
  };
  #draining = false;

  constructor(around: ConnectionSurroundings) {
    this.#around = around;
  }

  /** Those that have come as far as an engine. */
  get size(): number {
    return this.#open.size;
  }

  /** Counts a socket in and hands it on, unless there are too many or the gateway is about to end. */
  accept(socket: net.Socket, take: (socket: net.Socket) => void): void {
    const { metrics, rules } = this.#around;
    if (metrics.connectionsOpen >= rules().config.limits.connections || this.#draining) {
      metrics.count('defences', 'connections');
      socket.destroy();
      return;
    }
    metrics.connectionOpened();
    socket.once('close', () => metrics.connectionClosed());
    take(socket);
  }

  /** Serves a connection whose handshake is done. */
  serveSecure(socket: tls.TLSSocket, info: TlsInfo): void {
    const { log, metrics, engine, rules } = this.#around;
    const { sites, trusted } = rules();
    const site = sites.get(info.site);
    if (site === undefined) {
      // The site went away in a reload while this handshake was under way.
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    metrics.handshake(info.site, info.tlsVersion, info.resumed, info.handshakeMs);
    socket.on('error', (error) => {
      const late = lateHandshakeFailure(error, info, engine.clock.wallNow());
      if (late === undefined) return;
      metrics.handshakeFailed(late.finding.code);
      log.handshakeFailure(late);
    });
    const { peer, clientCertificate } = info;
    const said = { peer, encrypted: true, trustedPeer: trusted.has(peer), clientCertificate };
    const known = { ...info, ...said, localPort: socket.localPort ?? 0 };
    if (info.alpn === 'h2') this.#serveH2(socket, known, site.bounds);
    else this.#serveH1(socket, known, engine, site.bounds, site.reader);
  }

  /** Serves a connection of the plain port. */
  servePlain(socket: net.Socket): void {
    const { plainEngine, plainReader, rules } = this.#around;
    const known = {
      peer: plainAddress(socket.remoteAddress),
      peerPort: socket.remotePort ?? 0,
      localPort: socket.localPort ?? 0,
      encrypted: false,
      trustedPeer: false,
      site: '',
      serverName: '',
      policyId: '',
      tlsVersion: '',
      cipherSuite: '',
      resumed: false,
      handshakeMs: -1,
      clientCertificate: { status: 'none' },
    } as const;
    const { timeouts, limits } = rules().config;
    this.#serveH1(socket, known, plainEngine, { timeouts, limits }, plainReader);
  }

  /** Somebody typed http:// and the TLS port: they are told so in their own language, HTTP. */
  answerPlainHttp(socket: net.Socket): void {
    const { engine, rules } = this.#around;
    const bytes = buildRawErrorResponse('plain-http-on-https-port', {
      language: rules().config.language,
      nowMs: engine.clock.wallNow(),
    });
    const timer = setTimeout(() => socket.destroy(), PLAIN_ANSWER_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.end(bytes);
    socket.resume();
  }

  #serveH1(
    socket: net.Socket,
    known: KnownFacts,
    engine: Engine,
    bounds: EngineBounds,
    reader: RequestHeadReader,
  ): void {
    const facts = connectionFacts(known, new ForwardedLines(known, this.#around.rules().config.forwarded));
    this.#add(new H1ServerConnection(socket, facts, engine, bounds, reader, this.#closed));
  }

  #serveH2(socket: net.Socket, known: KnownFacts, bounds: EngineBounds): void {
    const { engine, h2, rules } = this.#around;
    const facts = connectionFacts(known, new ForwardedLines(known, rules().config.forwarded));
    this.#add(new H2ServerConnection(socket, facts, engine, bounds, h2, this.#closed));
  }

  #add(connection: H1ServerConnection | H2ServerConnection): void {
    this.#open.add(connection);
    if (this.#draining) connection.drain();
  }

  /** From now on nothing is accepted. */
  refuseMore(): void {
    this.#draining = true;
  }

  /** Lets what is in flight end; resolves when all have left, `othersLeft` too, or when `isOver` says so. */
  drain(othersLeft: () => boolean, isOver: () => boolean): Promise<void> {
    this.refuseMore();
    for (const connection of this.#open) connection.drain();
    return new Promise((resolve) => {
      const look = (): void => {
        const empty = this.#open.size === 0 && othersLeft();
        if (!empty && !isOver()) return;
        clearInterval(timer);
        resolve();
      };
      const timer = setInterval(look, DRAIN_LOOK_MS);
      look();
    });
  }

  /** Ends what is still there. */
  destroy(): void {
    for (const connection of this.#open) connection.destroy();
  }
}
