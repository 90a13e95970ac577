import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree } from './measure.ts';

/** What to start. stdout and stderr go to `<name>.out` and `<name>.err` in the run's folder unless `pipe` is asked for. */
export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Cores that the process and its children stay on. */
  readonly cores: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
  /** Gives stdin and stdout to the caller instead of files. */
  readonly pipe?: boolean;
}

/** A started process. `exited` settles with a sentence that says how it ended. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  readonly exited: Promise<string>;
  /** Ends it: SIGTERM, after `graceMs` SIGKILL for it and every descendant. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Everything that a run starts and writes: processes pinned to cores and one temporary folder.
 * `endNow` may be called from an `exit` handler: it is synchronous and leaves nothing behind.
 */
export class Stage {
  readonly folder: string;
  readonly #running = new Set<Running>();
  #count = 0;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Path of a file in the run's folder. */
  file(name: string): string {
    return path.join(this.folder, name);
  }

  start(command: Command): Running {
    const label = `${command.name}-${(this.#count += 1)}`;
    const out = openSync(this.file(`${label}.out`), 'a', 0o600);
    const err = openSync(this.file(`${label}.err`), 'a', 0o600);
    const child = spawn('taskset', ['-c', command.cores.join(','), command.file, ...command.args], {
      stdio: command.pipe === true ? ['pipe', 'pipe', err] : ['ignore', out, err],
      env: { ...process.env, ...command.env },
      // Its own process group: Ctrl-C at the terminal reaches the bench alone, which then ends its children in order.
      detached: true,
    });
    closeSync(out);
    closeSync(err);
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => {
        this.#running.delete(running);
        resolve(`${command.name} could not be started: ${error.message}`);
      });
      child.once('exit', (code, signal) => {
        this.#running.delete(running);
        resolve(`${command.name} ended with ${signal ?? `exit status ${code}`}${lastLines(this.file(`${label}.err`))}`);
      });
    });
    const running: Running = {
      name: command.name,
      pid: child.pid ?? 0,
      child,
      exited,
      stop: async (graceMs = 3000) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const tree = processTree(running.pid);
        child.kill('SIGTERM');
        const timer = setTimeout(() => killAll(tree), graceMs);
        await exited;
        clearTimeout(timer);
        // A master that was killed leaves its workers behind; one that drains may leave them for a while.
        killAll(tree.slice(1));
      },
    };
    this.#running.add(running);
    return running;
  }

  /**
   * Runs a command to its end and returns what it wrote to stdout. Throws when it ends with anything but exit status 0, or
   * has to be killed after `limitMs`. `begun` gets the process.
   */
  async run(command: Command, limitMs: number, begun?: (running: Running) => void): Promise<string> {
    const running = this.start({ ...command, pipe: true });
    const chunks: Buffer[] = [];
    const { stdin, stdout } = running.child;
    stdin?.on('error', () => {
      // It ended before it could be told that there is no input.
    });
    stdin?.end();
    stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const closed = new Promise((resolve) => stdout?.once('close', resolve));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killAll(processTree(running.pid));
    }, limitMs);
    begun?.(running);
    const how = await running.exited;
    clearTimeout(timer);
    if (late) throw new Error(`${command.name} took longer than ${limitMs / 1000} s`);
    if (!how.includes('exit status 0')) throw new Error(how);
    await closed;
    return Buffer.concat(chunks).toString();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  endNow(): void {
    for (const running of this.#running) if (running.pid > 0) killAll(processTree(running.pid));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}

function lastLines(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
    return lines === '' ? '' : `:\n${lines}`;
  } catch {
    return '';
  }
}

/** A TCP port on 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Waits until `port` accepts connections; fails when `running` ends first or `timeoutMs` passes. */
export async function accepting(running: Running, port: number, timeoutMs = 15_000): Promise<void> {
  let ended: string | undefined;
  void running.exited.then((how) => {
    ended = how;
  });
  for (let waited = 0; waited < timeoutMs; waited += 50) {
    if (ended !== undefined) throw new Error(ended);
    if (await connects(port)) return;
    await sleep(50);
  }
  throw new Error(`${running.name} does not accept connections on port ${port} after ${timeoutMs / 1000} s`);
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
