import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issue } from '../test/gateway/tls/certificates.ts';
import { findCommand } from './commands.ts';

/**
 * `npm run bench:cli`: how long the command line takes to start, and what `menshen trace` of a page on this machine
 * needs beside curl. Every program runs many times, taking turns; medians are told, Node's own start-up (`node -e 0`)
 * apart. Goal: trace adds 120 ms of CPU time at most to what curl needs.
 */

const RUNS = 15;
const GOAL_MS = 120;

interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Program {
  readonly name: string;
  readonly file: string;
  readonly words: readonly string[];
}

/** Runs a program through `time`, which tells what CPU time it took, its children's included. */
async function run({ file, words }: Program): Promise<Spent> {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1';
  const child = spawn('bash', ['-c', script, 'bash', file, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${file} ${words.join(' ')} ended with ${code}`);
  const [wall = NaN, user = NaN, system = NaN] = told.trim().split(/\s+/).map(Number);
  return { wallMs: wall * 1_000, cpuMs: (user + system) * 1_000 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Runs the bench; gives the exit code: 1 where the goal is missed. */
export async function main(): Promise<number> {
  const curl = findCommand('curl');
  if (curl === undefined || spawnSync('bash', ['--version']).status !== 0) {
    console.error('bench:cli needs curl and bash');
    return 2;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-bench-cli-'));
  const ca = issue({ name: 'Bench CA', isCa: true });
  const leaf = issue({ name: 'page.localhost', issuer: ca });
  const cacert = path.join(folder, 'ca.pem');
  writeFileSync(cacert, ca.certPem);
  const page = `<!doctype html><title>page</title>${'<p>the gods of the gate</p>'.repeat(100)}`;
  const server = https.createServer({ cert: leaf.certPem, key: leaf.keyPem }, (_, response) => response.end(page));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `https://page.localhost:${port}/`;
  const where = ['--resolve', `page.localhost:${port}:127.0.0.1`, '--cacert', cacert];
  const menshen = path.resolve('bin/menshen.js');
  const node = process.execPath;
  const programs: Program[] = [
    { name: 'node -e 0', file: node, words: ['-e', '0'] },
    { name: 'menshen --help', file: node, words: [menshen, '--help'] },
    { name: 'menshen trace', file: node, words: [menshen, 'trace', url, '--no-packets', '--no-cache', ...where] },
    { name: 'curl', file: curl, words: ['-sS', '-o', '/dev/null', url, ...where] },
  ];
  const spent = new Map(programs.map(({ name }) => [name, [] as Spent[]]));
  try {
    for (const program of programs) await run(program);
    for (let at = 0; at < RUNS; at += 1)
      for (const program of programs) spent.get(program.name)!.push(await run(program));
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (name: string, key: keyof Spent): number => median(spent.get(name)!.map((one) => one[key]));
  console.log(`median of ${RUNS}              elapsed      CPU`);
  for (const { name } of programs)
    console.log(
      `${name.padEnd(22)} ${of(name, 'wallMs').toFixed(0).padStart(6)} ms ${of(name, 'cpuMs').toFixed(0).padStart(6)} ms`,
    );
  const added = (key: keyof Spent): number => of('menshen trace', key) - of('node -e 0', key) - of('curl', key);
  const isMet = added('cpuMs') <= GOAL_MS;
  console.log(
    `trace adds to curl, Node's own start-up apart: ${added('wallMs').toFixed(0)} ms elapsed, ${added('cpuMs').toFixed(0)} ms CPU (goal: ${GOAL_MS} ms CPU, ${isMet ? 'met' : 'missed'})`,
  );
  return isMet ? 0 : 1;
}
