import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import type http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { once } from 'node:events';
import type { Language } from '../../src/story/catalog.ts';
import { runTrace } from '../../src/cli/commands/trace-run.ts';
import type { TraceFlags } from '../../src/cli/commands/trace.ts';
import { leafKey, pem, type Chain, type ChainChanges } from '../pki/issue.ts';
import { presentChain } from './verify/lab.ts';

/** Servers of every kind on loopback, and `menshen trace` run against them. `host.localhost` is their name. */

interface ToldFinding {
  readonly code: string;
  readonly severity: string;
  readonly sentence: string;
  readonly mend: string;
}

export interface ToldObservation {
  readonly label: string;
  readonly text: string;
  readonly known: string;
  readonly direction: string;
  readonly peer?: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly details: readonly { readonly name: string; readonly value: string; readonly note?: string }[];
  readonly octets?: string;
}

export interface ToldStage {
  readonly name: string;
  readonly chapter: number;
  readonly connection: number;
  readonly observations: readonly ToldObservation[];
  readonly findings: readonly ToldFinding[];
}

export interface ToldTrace {
  readonly url: string;
  readonly verdict: string;
  readonly exitCode: number;
  readonly chapters: readonly { readonly kind: string; readonly url: string }[];
  readonly stages: readonly ToldStage[];
}

export interface Traced {
  readonly code: number;
  readonly told: ToldTrace;
  readonly codes: readonly string[];
  readonly labels: readonly string[];
}

const usual: TraceFlags = {
  follow: true,
  maxTime: 20,
  revocation: 'soft',
  fetch: false,
  cache: false,
  packets: false,
};

/** Runs the command and gives what it printed. */
export async function printed(
  url: string,
  flags: Partial<TraceFlags>,
  language: Language = 'en',
  columns?: number,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const stdout = { write: (piece: string) => (text += piece), ...(columns !== undefined && { columns }) };
  const code = await runTrace(url, { ...usual, ...flags }, language, { stdout, stderr: { write: () => {} }, env });
  return { code, text };
}

export async function traced(
  url: string,
  flags: Partial<TraceFlags> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Traced> {
  const { code, text } = await printed(url, { ...flags, json: true }, 'en', undefined, env);
  const told = JSON.parse(text) as ToldTrace;
  return {
    code,
    told,
    codes: told.stages.flatMap(({ findings }) => findings.map((found) => found.code)),
    labels: told.stages.flatMap(({ observations }) => observations.map(({ label }) => label)),
  };
}

/** Servers, files and a CA that are gone when the test is over. */
export class World {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'menshen-trace-'));
  readonly chain: Chain;
  /** What the tracing side trusts. */
  readonly cacert: string;
  /** The TLS server that was started last. */
  lastServer!: tls.Server;
  readonly #servers: net.Server[] = [];
  readonly #sockets = new Set<net.Socket>();

  constructor(changes: ChainChanges = {}) {
    this.chain = presentChain(changes);
    this.cacert = this.file('root.pem', pem(this.chain.root.bytes));
  }

  file(name: string, content: string | Uint8Array): string {
    const place = path.join(this.folder, name);
    writeFileSync(place, content);
    return place;
  }

  get material(): { key: string; cert: string } {
    const key = leafKey().privateKey.export({ format: 'pem', type: 'pkcs8' });
    return { key, cert: pem(this.chain.leaf.bytes) + pem(this.chain.intermediate.bytes) };
  }

  async #listen(server: net.Server): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket: net.Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as net.AddressInfo).port;
  }

  /** A web server that speaks HTTP/2 and HTTP/1.1; `origin` is its URL without a slash at the end. */
  async web(
    answer: (request: http2.Http2ServerRequest | http.IncomingMessage, response: http.ServerResponse) => void,
    options: tls.TlsOptions = {},
  ): Promise<string> {
    const server = http2.createSecureServer({
      allowHTTP1: true,
      ...this.material,
      ...options,
    } as http2.SecureServerOptions);
    this.lastServer = server;
    server.on('request', (request, response) => answer(request, response as unknown as http.ServerResponse));
    server.on('sessionError', () => {});
    server.on('tlsClientError', () => {});
    return `https://host.localhost:${await this.#listen(server)}`;
  }

  /** A server over TLS whose every octet the test says; http/1.1 unless told otherwise. */
  async raw(onConnection: (socket: tls.TLSSocket) => void, options: tls.TlsOptions = {}): Promise<string> {
    const server = tls.createServer({ ALPNProtocols: ['http/1.1'], ...this.material, ...options }, (socket) => {
      socket.on('error', () => {});
      onConnection(socket);
    });
    server.on('tlsClientError', () => {});
    return `https://host.localhost:${await this.#listen(server)}`;
  }

  /** As `raw`, and answers every request's head with these octets. */
  answering(octets: string | Buffer, end = false): Promise<string> {
    return this.raw((socket) =>
      socket.once('data', () => {
        socket.write(octets);
        if (end) socket.end();
      }),
    );
  }

  /** A server without TLS. */
  async plain(onConnection: (socket: net.Socket) => void): Promise<number> {
    return this.#listen(net.createServer(onConnection));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function withWorld(use: (world: World) => Promise<void>, changes: ChainChanges = {}): Promise<void> {
  const world = new World(changes);
  try {
    await use(world);
  } finally {
    await world.close();
  }
}
