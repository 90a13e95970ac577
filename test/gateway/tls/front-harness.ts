import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import type { TlsSettings } from '../../../src/config/config.ts';
import { defaultTlsProfile, tlsProfiles } from '../../../src/config/tls-profiles.ts';
import type { HandshakeFailure } from '../../../src/gateway/observe/handshake-failure.ts';
import { lateHandshakeFailure } from '../../../src/gateway/tls/failed-handshake.ts';
import type { TlsSiteInput, TlsSnapshot } from '../../../src/gateway/tls/site-input.ts';
import { TlsFront, type TlsFrontOptions } from '../../../src/gateway/tls/tls-front.ts';
import type { TlsInfo } from '../../../src/gateway/tls/tls-info.ts';
import type { Issued } from './certificates.ts';

export const defaultSettings: TlsSettings = tlsProfiles[defaultTlsProfile];

export function site(name: string, certificates: readonly Issued[], more: Partial<TlsSiteInput> = {}): TlsSiteInput {
  return { name, certificates, tls: defaultSettings, ...more };
}

/** A TlsFront behind a loopback listener. A secure connection is answered with one line of JSON and closed. */
export class FrontHarness {
  readonly front: TlsFront;
  readonly secured: TlsInfo[] = [];
  readonly failures: HandshakeFailure[] = [];
  readonly sockets: tls.TLSSocket[] = [];
  /** Milliseconds that the clock is ahead of now. */
  aheadMs = 0;
  /** False leaves secure connections open and silent. */
  answers = true;
  port = 0;
  readonly #server: net.Server;

  constructor(options: Partial<TlsFrontOptions> = {}, pauseOnConnect = true) {
    this.front = new TlsFront({
      clock: { now: () => performance.now() + this.aheadMs, wallNow: () => Date.now() + this.aheadMs },
      random: randomBytes,
      bounds: { handshakeTimeoutMs: 10_000, clientHelloBytes: 16_384 },
      alpn: ['http/1.1'],
      onSecure: (socket, info) => this.#answer(socket, info),
      onHandshakeFailure: (failure) => this.failures.push(failure),
      onPlainHttp: (socket, firstBytes) => socket.end(`HTTP/1.1 400 Bad Request\r\n\r\n${firstBytes.length}`),
      ...options,
    });
    this.#server = net.createServer({ allowHalfOpen: true, pauseOnConnect, noDelay: true }, (socket) =>
      this.front.accept(socket),
    );
  }

  async start(t: TestContext, snapshot: TlsSnapshot): Promise<this> {
    const result = this.front.apply(snapshot);
    if (!result.ok) throw new Error(JSON.stringify(result.findings));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as net.AddressInfo).port;
    t.after(() => {
      this.front.close();
      for (const socket of this.sockets) socket.destroy();
      this.#server.close();
    });
    return this;
  }

  #answer(socket: tls.TLSSocket, info: TlsInfo): void {
    this.sockets.push(socket);
    this.secured.push(info);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const late = lateHandshakeFailure(error, info, Date.now());
      if (late !== undefined) this.failures.push(late);
    });
    if (!this.answers) return;
    socket.resume();
    socket.end(`${JSON.stringify({ site: info.site, resumed: info.resumed })}\n`);
  }

  /** Waits until `count` handshakes have failed, and gives the last of them. */
  async failure(count = 1): Promise<HandshakeFailure> {
    await until(() => this.failures.length >= count);
    return this.failures[count - 1]!;
  }

  async info(count = 1): Promise<TlsInfo> {
    await until(() => this.secured.length >= count);
    return this.secured[count - 1]!;
  }

  /** A Node client that reads to the end; `session` is the last ticket that came. */
  async connect(options: tls.ConnectionOptions = {}): Promise<ClientResult> {
    const socket = tls.connect({ port: this.port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    let session: Buffer | undefined;
    let text = '';
    let error: NodeJS.ErrnoException | undefined;
    socket.on('session', (ticket) => (session = ticket));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', (problem) => (error = problem));
    socket.on('secureConnect', () => (subject = socket.getPeerCertificate().subject?.CN));
    let subject: string | string[] | undefined;
    await closed(socket);
    return { text, session, error, subject };
  }

  /** Sends octets on a raw connection, and gives what comes back until it is closed. */
  async raw(octets: Uint8Array | string, end = false): Promise<Buffer> {
    const socket = net.connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => socket.destroy());
    if (end) socket.end(octets);
    else socket.write(octets);
    socket.on('end', () => socket.end());
    await closed(socket);
    return Buffer.concat(chunks);
  }
}

export interface ClientResult {
  readonly text: string;
  readonly session: Buffer | undefined;
  readonly error: NodeJS.ErrnoException | undefined;
  readonly subject: string | string[] | undefined;
}

/** Waits for the end of a socket, whatever its errors. */
export function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

/** Polls without a deadline: the test runner has one. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

export function hasCommand(name: string): boolean {
  return spawnSync(name, ['version'], { stdio: 'ignore' }).error === undefined;
}

/** Runs a command without input; the output of both streams, and its exit code. */
export async function run(
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ out: string; code: number }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString('latin1')));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { out, code };
}

/** A folder that goes away after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
