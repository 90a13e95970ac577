/** The HTTP/1.1 engine over sockets with one site behind it: what tests of the engine and of upstreams run on. */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import type { AccessRecord } from '../../src/gateway/access-record.ts';
import { answerError, buildRawErrorResponse } from '../../src/gateway/answer/error-answer.ts';
import { answerStatus } from '../../src/gateway/answer/statuses.ts';
import type { ConnectionFacts } from '../../src/gateway/connection-facts.ts';
import type { Engine } from '../../src/gateway/engine.ts';
import { H1ServerConnection } from '../../src/gateway/h1/server-connection.ts';
import { H2ServerConnection } from '../../src/gateway/h2/server-connection.ts';
import { Site } from '../../src/gateway/site.ts';
import { Sweeper } from '../../src/gateway/sweeper.ts';
import { Gather } from '../../src/gateway/transport/gather.ts';
import type { TransportLevel } from '../../src/gateway/transport/transport.ts';
import { ForwardedLines } from '../../src/gateway/upstream/forwarded-lines.ts';
import { systemResolver, type NameResolver } from '../../src/gateway/upstream/resolver.ts';
import type { UpstreamTally } from '../../src/gateway/upstream/upstream-tally.ts';
import { defaultLimits, defaultTimeouts } from '../../src/config/limits.ts';
import type { Limits, SiteConfig, Timeouts, UpstreamAddress } from '../../src/config/config.ts';
import { testCertificate } from './test-certificate.ts';

export interface Harness {
  readonly port: number;
  /** Copies of what was logged. */
  readonly records: AccessRecord[];
  /** Client connections that are open. */
  readonly connections: ReadonlySet<H1ServerConnection | H2ServerConnection>;
  /** Codes of the defences that acted, in order. */
  readonly defences: readonly string[];
  readonly sweeper: Sweeper;
  /** Counts of all connections to apps; none of them may ever be negative. */
  readonly tally: UpstreamTally;
  /** A client's connection, handshake done where the harness speaks TLS. */
  connect(): Promise<net.Socket>;
  /** No new request after those in flight. */
  drain(): void;
  /** Moves the clock of deadlines on and lets them be looked at. */
  advance(ms: number): void;
  close(): Promise<void>;
}

export interface HarnessOptions {
  /** Clients speak HTTP/2, as if they had agreed on it. */
  readonly h2?: boolean;
  /** Ports on 127.0.0.1, paths of unix sockets, or names with a port. */
  readonly upstreams: readonly (number | string | { readonly host: string; readonly port: number })[];
  readonly level?: TransportLevel;
  readonly timeouts?: Partial<Timeouts>;
  readonly limits?: Partial<Limits>;
  readonly trustedPeer?: boolean;
  readonly forwarded?: boolean;
  readonly resolver?: NameResolver;
  /** Whether clients come over TLS; by default as MENSHEN_TEST_TLS says. */
  readonly secure?: boolean;
  /** Only `advance` moves the clock, so that a slow machine lets no deadline pass. */
  readonly stillClock?: boolean;
}

export function upstreamAddress(target: HarnessOptions['upstreams'][number]): UpstreamAddress {
  if (typeof target === 'object') {
    const { host, port } = target;
    return { protocol: 'http', host, port, socketPath: '', label: `http://${host}:${port}` };
  }
  return typeof target === 'number'
    ? { protocol: 'http', host: '127.0.0.1', port: target, socketPath: '', label: `http://127.0.0.1:${target}` }
    : { protocol: 'http', host: '', port: 0, socketPath: target, label: `unix:${target}` };
}

export function siteConfig(options: HarnessOptions): SiteConfig {
  return {
    name: 'app.test',
    upstreams: options.upstreams.map(upstreamAddress),
    root: undefined,
    clientAuth: undefined,
    certificates: [],
    tls: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: '',
      groups: '',
      honorCipherOrder: false,
      ticketLifetimeSeconds: 7200,
    },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    limits: { ...defaultLimits, ...options.limits },
  };
}

/** The level that MENSHEN_TEST_LEVEL names, so that the same tests run at each; 'direct' otherwise. */
export const testLevel = (process.env['MENSHEN_TEST_LEVEL'] ?? 'direct') as TransportLevel;

const testOverTls = process.env['MENSHEN_TEST_TLS'] === '1';

export async function startHarness(options: HarnessOptions): Promise<Harness> {
  let offsetMs = 0;
  const startMs = performance.now();
  const clock = {
    now: () => (options.stillClock === true ? startMs : performance.now()) + offsetMs,
    wallNow: () => Date.now() + offsetMs,
  };
  const sweeper = new Sweeper(clock);
  const records: AccessRecord[] = [];
  const connections = new Set<H1ServerConnection | H2ServerConnection>();
  const defences: string[] = [];
  const tally: UpstreamTally = { open: 0, idle: 0, connectFailures: 0, retries: 0, reused: 0 };
  const secure = options.secure ?? testOverTls;
  const certificate = secure ? await testCertificate() : undefined;
  const engine: Engine = {
    clock,
    sweeper,
    gather: new Gather(),
    level: options.level ?? testLevel,
    wantsAgent: true,
    handler: {
      handle: (downstream) => {
        downstream.record.site = site.name;
        return site.answer(downstream);
      },
      finished: (record) => records.push({ ...record }),
      refusal: (code) => ({
        status: answerStatus(code).status,
        bytes: buildRawErrorResponse(code, { language: 'en' }),
      }),
    },
  };
  const site = new Site(siteConfig(options), {
    engine,
    resolver: options.resolver ?? systemResolver,
    leg: {
      now: clock.now,
      answerError: (downstream, code) => answerError(downstream, code, {}, { language: 'en' }),
    },
    tallies: () => tally,
    language: 'en',
    nextRequestId: () => 'TEST',
  });
  const take = (socket: net.Socket): void => {
    const said = {
      peer: '127.0.0.1',
      encrypted: secure,
      trustedPeer: options.trustedPeer ?? false,
      clientCertificate: { status: 'none' },
    } as const;
    const facts: ConnectionFacts = {
      ...said,
      peerPort: socket.remotePort ?? 0,
      localPort: 0,
      site: site.name,
      serverName: '',
      policyId: '',
      tlsVersion: '',
      cipherSuite: '',
      resumed: false,
      handshakeMs: -1,
      forwarded: new ForwardedLines(said, options.forwarded ?? false),
    };
    if (options.h2 === true) {
      const surroundings = { defended: (code: string) => void defences.push(code), random: randomBytes };
      connections.add(
        new H2ServerConnection(socket, facts, engine, site.bounds, surroundings, (closed) =>
          connections.delete(closed),
        ),
      );
      return;
    }
    connections.add(
      new H1ServerConnection(socket, facts, engine, site.bounds, site.reader, (closed) => connections.delete(closed)),
    );
  };
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (certificate === undefined) {
      take(socket);
      return;
    }
    const secureSocket = new tls.TLSSocket(socket, {
      isServer: true,
      secureContext: tls.createSecureContext(certificate),
    });
    socket.on('error', () => secureSocket.destroy());
    secureSocket.once('secure', () => take(secureSocket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    tally,
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = certificate
          ? tls.connect({
              host: '127.0.0.1',
              port,
              rejectUnauthorized: false,
              allowHalfOpen: true,
            } as tls.ConnectionOptions)
          : net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
        // What is written leaves at once: tests wait for turns of the loop, not for delayed acknowledgements.
        socket.setNoDelay(true);
        socket.once('error', reject);
        socket.once(certificate ? 'secureConnect' : 'connect', () => {
          socket.off('error', reject);
          resolve(socket);
        });
      }),
    drain() {
      for (const connection of connections) connection.drain();
    },
    records,
    connections,
    defences,
    sweeper,
    advance(ms) {
      offsetMs += ms;
      sweeper.sweep();
    },
    async close() {
      for (const connection of connections) connection.destroy();
      site.close();
      sweeper.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
