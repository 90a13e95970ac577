import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createChallengeResponder } from '../src/dns/challenge-responder.ts';
import { issue } from '../test/gateway/tls/certificates.ts';
import { findCommand } from './commands.ts';

/**
 * `npm run bench:cli`: how long the command line takes to start, and what `menshen trace` of a page on this machine
 * needs beside curl, `verify` beside `openssl s_client`, and `dns` beside dig. Every program runs many times, taking
 * turns; medians are told, also without Node's own start-up (`node -e 0`). NODE_EXTRA_CA_CERTS is left out for all: Node
 * reads that file whenever it starts, which takes longer than the rest of its start and differs from run to run. A run
 * before the first one counts for nothing: it leaves the compiled code that later ones find. Goal: trace adds 120 ms of
 * CPU time at most to what curl needs.
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
  /** Runs on Node, whose own start-up is told apart. */
  readonly onNode?: boolean;
}

/** Runs a program through `time`, which tells what CPU time it took, its children's included. */
async function run({ file, words }: Program): Promise<Spent> {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1';
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
  const child = spawn('bash', ['-c', script, 'bash', file, ...words], { env, stdio: ['ignore', 'ignore', 'pipe'] });
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
  const names = await createChallengeResponder({
    zone: 'bench.example',
    nsName: 'ns.bench.example',
    addresses: ['127.0.0.1'],
    listen: [{ address: '127.0.0.1', port: 0 }],
    records: { 'a.bench.example': ['one'] },
  });
  const dnsPort = String(names.listening[0]!.port);
  const url = `https://page.localhost:${port}/`;
  const where = ['--resolve', `page.localhost:${port}:127.0.0.1`, '--cacert', cacert];
  const menshen = (name: string, ...words: string[]): Program => ({
    name: `menshen ${name}`,
    file: process.execPath,
    words: [path.resolve('bin/menshen.js'), name, ...words],
    onNode: true,
  });
  const peer = (command: string, name: string, words: readonly string[]): Program[] => {
    const file = findCommand(command);
    return file === undefined ? [] : [{ name, file, words }];
  };
  const server127 = `127.0.0.1:${port}`;
  const asked = ['--name', 'page.localhost', '--trust', cacert, '--no-fetch', '--no-cache'];
  const programs: Program[] = [
    { name: 'node -e 0', file: process.execPath, words: ['-e', '0'] },
    menshen('--help'),
    menshen('trace', url, '--no-packets', '--no-cache', ...where),
    { name: 'curl', file: curl, words: ['-sS', '-o', '/dev/null', url, ...where] },
    menshen('verify', server127, ...asked),
    ...peer(
      'openssl',
      'openssl s_client',
      `s_client -connect ${server127} -servername page.localhost -CAfile ${cacert} -verify_return_error`.split(' '),
    ),
    menshen('dns', 'a.bench.example', 'TXT', '--server', `127.0.0.1:${dnsPort}`, '--no-cache'),
    ...peer('dig', 'dig', ['@127.0.0.1', '-p', dnsPort, 'a.bench.example', 'TXT']),
  ];
  const spent = new Map(programs.map(({ name }) => [name, [] as Spent[]]));
  try {
    for (const program of programs) await run(program);
    for (let at = 0; at < RUNS; at += 1)
      for (const program of programs) spent.get(program.name)!.push(await run(program));
  } finally {
    server.close();
    server.closeAllConnections();
    await names.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (name: string, key: keyof Spent): number => median(spent.get(name)!.map((one) => one[key]));
  const column = (text: string): string => text.padStart(10);
  const cell = (ms: number): string => column(`${ms.toFixed(0)} ms`);
  const title = `median of ${RUNS}`.padEnd(20);
  console.log(`${title}${column('elapsed')}${column('CPU')}${column('less Node')}`);
  for (const { name, onNode } of programs) {
    const less = onNode === true ? cell(of(name, 'cpuMs') - of('node -e 0', 'cpuMs')) : '';
    console.log(`${name.padEnd(20)}${cell(of(name, 'wallMs'))}${cell(of(name, 'cpuMs'))}${less}`);
  }
  const added = (key: keyof Spent): number => of('menshen trace', key) - of('node -e 0', key) - of('curl', key);
  const isMet = added('cpuMs') <= GOAL_MS;
  console.log(
    `trace adds to curl, Node's own start-up apart: ${added('wallMs').toFixed(0)} ms elapsed, ${added('cpuMs').toFixed(0)} ms CPU (goal: ${GOAL_MS} ms CPU, ${isMet ? 'met' : 'missed'})`,
  );
  return isMet ? 0 : 1;
}
