/** `menshen serve` as a process of its own, in front of which a CA looks at challenges. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import tls from 'node:tls';
import type { TestContext } from 'node:test';
import { freePort } from '../../free-port.ts';
import { type LogLine } from '../../gateway/serve-process.ts';

const bin = path.resolve('bin', 'menshen.js');

export interface LiveGateway {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly state: string;
  readonly configFile: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
  readonly lines: readonly LogLine[];
  /** Resolves with the first line, past or to come, that fits. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** What a client that names `serverName` is shown. */
  shown(serverName: string): Promise<tls.DetailedPeerCertificate>;
  configure(config: object): void;
  end(): Promise<number | null>;
}

export interface Ports {
  readonly httpsPort: number;
  readonly httpPort: number;
}

export const freePorts = async (): Promise<Ports> => ({ httpsPort: await freePort(), httpPort: await freePort() });

/** A folder for a test, gone with this process: what the test has started writes into it until it is ended. */
export function testFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-live-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface LiveOptions {
  readonly folder: string;
  readonly ports: Ports;
  readonly workers?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** A program and its arguments that ends in becoming the command that stands behind them. */
  readonly launcher?: readonly string[];
}

/** Resolves when the gateway says that it is ready. */
export async function startLive(t: TestContext, config: object, options: LiveOptions): Promise<LiveGateway> {
  const { folder, ports, workers = 2, launcher = [] } = options;
  const { httpsPort, httpPort } = ports;
  const adminPort = await freePort();
  const configFile = path.join(folder, 'menshen.config.json');
  const state = path.join(folder, 'state');
  const write = (content: object): void =>
    writeFileSync(
      configFile,
      JSON.stringify({
        listen: { host: '127.0.0.1', https: httpsPort, http: httpPort },
        admin: { port: adminPort },
        state,
        workers,
        log: 'json',
        lang: 'en',
        ...content,
      }),
    );
  write(config);
  const [program, ...words] = [...launcher, process.execPath, bin, 'serve', '--config', configFile];
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as LogLine;
    lines.push(line);
    for (const look of waiting) look(line);
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  t.signal.addEventListener('abort', () => {
    if (child.exitCode === null)
      tellStuck(
        'the gateway',
        `${lines
          .slice(-20)
          .map((each) => JSON.stringify(each))
          .join('\n')}\n${errors}`,
      );
  });
  const line: LiveGateway['line'] = (fits) => {
    const past = lines.find(fits);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const look = (next: LogLine): void => {
        if (!fits(next)) return;
        waiting.delete(look);
        resolve(next);
      };
      waiting.add(look);
      void exited.then((code) => reject(new Error(`the gateway ended with ${code}: ${errors}`)));
    });
  };
  await line((each) => each.event === 'ready');
  return {
    child,
    folder,
    state,
    configFile,
    httpsPort,
    httpPort,
    adminPort,
    lines,
    line,
    shown: (serverName) => certificateShown(httpsPort, serverName),
    configure: write,
    end() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** What was going on when a test ran out of time. */
export function tellStuck(who: string, said: string): void {
  console.error(`${who} said last:\n${said.slice(-8_000)}`);
}

/** The certificate of a handshake on 127.0.0.1; it is not judged. */
export function certificateShown(port: number, serverName: string): Promise<tls.DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: serverName, rejectUnauthorized: false }, () => {
      const shown = socket.getPeerCertificate(true);
      socket.end();
      resolve(shown);
    });
    socket.on('error', reject);
  });
}
