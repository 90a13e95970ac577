/** A gateway with two workers, and ways to see and disturb them. */
import http from 'node:http';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../free-port.ts';
import type { GatewayStatus, WorkerStatus } from '../../../src/gateway/observe/admin.ts';
import { startServe, type ServeProcess } from '../serve-process.ts';

export const bin = path.resolve('bin', 'menshen.js');
/** Everything here starts processes; nothing takes this long unless it hangs. */
export const limit = { timeout: 120_000 };

export interface Supervised {
  readonly serve: ServeProcess;
  readonly adminPort: number;
  readonly ca: string;
  status(): Promise<GatewayStatus>;
  metrics(): Promise<string>;
  /** Replaces the configuration file, with two workers unless it says otherwise. */
  configure(config: object): void;
  /** Those that serve, in the order of their numbers. */
  workers(): Promise<readonly WorkerStatus[]>;
  /** GET over a connection of its own; rejects where it does not come about. */
  get(target?: string, options?: https.RequestOptions): Promise<{ readonly status: number; readonly content: string }>;
  /** Lets only this worker run while `task` does: all connections are its. */
  onlyWith<T>(pid: number, task: () => Promise<T>): Promise<T>;
}

export async function startSupervised(
  t: TestContext,
  config: object,
  flags: readonly string[] = [],
): Promise<Supervised> {
  const adminPort = await freePort();
  const two = (given: object): object => ({ workers: 2, ...given });
  const serve = await startServe(t, two(config), ['--admin-port', String(adminPort), ...flags]);
  const ca = readFileSync(serve.rootFile, 'utf8');
  const admin = (target: string): Promise<string> =>
    new Promise((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port: adminPort, path: target, agent: false }, (response) => {
          let text = '';
          response.on('data', (octets) => (text += String(octets))).on('end', () => resolve(text));
        })
        .on('error', reject);
    });
  const status = async () => JSON.parse(await admin('/status')) as GatewayStatus;
  const workers = async () => ((await status()).workers ?? []).filter(({ state }) => state === 'ready');
  return {
    serve,
    adminPort,
    ca,
    status,
    workers,
    configure: (next) => serve.configure(two(next)),
    metrics: () => admin('/metrics'),
    get: (target = '/', options = {}) =>
      new Promise((resolve, reject) => {
        const to = { host: '127.0.0.1', port: serve.httpsPort, servername: 'app.localhost', ca, path: target };
        const headers = { Host: 'app.localhost' };
        https
          .get({ ...to, headers, agent: false, ...options }, (response) => {
            let content = '';
            response
              .on('data', (octets) => (content += String(octets)))
              .on('end', () => resolve({ status: response.statusCode ?? 0, content }))
              .on('error', reject);
          })
          .on('error', reject);
      }),
    async onlyWith(pid, task) {
      const others = (await workers()).map((worker) => worker.pid).filter((other) => other !== pid);
      for (const other of others) process.kill(other, 'SIGSTOP');
      try {
        await Promise.all(others.map(stopped));
        return await task();
      } finally {
        for (const other of others) process.kill(other, 'SIGCONT');
      }
    },
  };
}

/** A secure connection on which nothing has been sent. */
export async function connect(
  { serve, ca }: Pick<Supervised, 'serve' | 'ca'>,
  options: tls.ConnectionOptions = {},
): Promise<tls.TLSSocket> {
  const socket = tls.connect({ host: '127.0.0.1', port: serve.httpsPort, servername: 'app.localhost', ca, ...options });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

/** The same, and the session that the server gives: in TLS 1.2 within the handshake, in TLS 1.3 soon after it. */
export async function connectForTicket(
  { serve, ca }: Pick<Supervised, 'serve' | 'ca'>,
  options: tls.ConnectionOptions,
): Promise<{ readonly socket: tls.TLSSocket; readonly ticket: Promise<Buffer> }> {
  const socket = tls.connect({ host: '127.0.0.1', port: serve.httpsPort, servername: 'app.localhost', ca, ...options });
  const ticket = new Promise<Buffer>((resolve) => socket.once('session', resolve));
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return { socket, ticket };
}

/** Resolves when `holds` does. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** Whether a process is there; a zombie is not. */
export async function runs(pid: number): Promise<boolean> {
  const state = await stateOf(pid);
  return state !== '' && state !== 'Z';
}

const stopped = (pid: number): Promise<void> => until(async () => (await stateOf(pid)) === 'T');

/** proc_pid_stat(5), the third field; '' where there is no such process. */
async function stateOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}
