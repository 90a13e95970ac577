/** `menshen serve` as a process of its own, the way people run it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { freePort } from '../free-port.ts';

const bin = path.resolve('bin', 'menshen.js');
const places = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];

/** Whether a program is there; tests that need one that is not are skipped with its name. */
export function lacks(...programs: string[]): string | undefined {
  const missing = programs.filter(
    (name) => !places.some((folder) => folder !== '' && existsSync(path.join(folder, name))),
  );
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than anything that a test runs; what hangs must not keep the tests from ending. */
const RUN_MS = 180_000;

/** Runs a program to its end, without holding up apps that live in this process. */
export function run(program: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: RUN_MS,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('latin1')));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

export type LogLine = Record<string, unknown> & { readonly event: string };

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly configFile: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly rootFile: string;
  readonly lines: readonly LogLine[];
  /** Resolves with the first line, past or to come, that fits. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** Replaces the configuration file. */
  configure(config: object): void;
  /** curl with the local CA trusted and every name led to this gateway; returns what it printed. */
  curl(...args: string[]): Promise<Ran>;
  /** Sends SIGTERM and resolves with the exit code. */
  end(): Promise<number | null>;
}

/** Starts a gateway on free ports with this configuration file and waits until it says that it is ready. */
export async function startServe(t: TestContext, config: object, flags: readonly string[] = []): Promise<ServeProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-serve-'));
  const configFile = path.join(folder, 'menshen.config.json');
  writeFileSync(configFile, JSON.stringify(config));
  const [httpsPort, httpPort] = [await freePort(), await freePort()];
  const state = path.join(folder, 'state');
  const args = ['serve', '--config', configFile, '--host', '127.0.0.1', '--state', state, '--log', 'json'];
  args.push('--https-port', String(httpsPort), '--http-port', String(httpPort), '--admin-port', '0', ...flags);
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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
    rmSync(folder, { recursive: true, force: true });
  });
  const line: ServeProcess['line'] = (fits) => {
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
  const rootFile = path.join(state, 'local-ca', 'root.pem');
  return {
    child,
    folder,
    configFile,
    httpsPort,
    httpPort,
    rootFile,
    lines,
    line,
    configure: (next) => writeFileSync(configFile, JSON.stringify(next)),
    curl(...curlArgs) {
      const lead = [
        '--connect-to',
        `::127.0.0.1:${httpsPort}`,
        ...(existsSync(rootFile) ? ['--cacert', rootFile] : []),
      ];
      return run('curl', '-sS', '-m', '20', ...lead, ...curlArgs);
    },
    async end() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
