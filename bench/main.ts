/**
 * `npm run bench`: the gateway beside nginx, HAProxy, Caddy and a proxy of Node's own modules on this machine.
 *
 * Every peer runs on one core (two for two workers), the load and the apps on another. Rounds are interleaved, and what is
 * reported are medians of the ratios within a round. A wrong answer is a failure and never a figure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import path from 'node:path';
import { startBackend } from './backend.ts';
import { makeCertificate } from './certificate.ts';
import { outputOf, requireCommands } from './commands.ts';
import { makeContents } from './contents.ts';
import { layoutFor } from './layout.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import type { Peer } from './peer.ts';
import { caddy } from './peers/caddy.ts';
import { haproxy } from './peers/haproxy.ts';
import { menshen } from './peers/menshen.ts';
import { nginx } from './peers/nginx.ts';
import { nodeProxy } from './peers/node-proxy.ts';
import { Stage } from './processes.ts';
import { markdown, plainData, readReport, table, type Report } from './report.ts';
import { runScenarios } from './run.ts';
import type { Bench, Scenario } from './scenario.ts';
import { churn, workersChurn } from './scenarios/churn.ts';
import { fullHandshakes, resumedHandshakes } from './scenarios/handshakes.ts';
import { idleMemory } from './scenarios/idle-memory.ts';
import { bareRequests, browserRequests, twoWorkers } from './scenarios/keep-alive-requests.ts';
import { oneStream, tenStreams } from './scenarios/streams.ts';
import { transfers } from './scenarios/transfers.ts';

const SERVER_NAME = 'localhost';

const scenarios: readonly Scenario[] = [
  bareRequests,
  browserRequests,
  tenStreams,
  oneStream,
  ...transfers,
  churn,
  fullHandshakes,
  resumedHandshakes,
  twoWorkers,
  workersChurn,
  idleMemory,
];
const others: readonly Peer[] = [nginx, haproxy, caddy, nodeProxy];
const OURS = 'menshen';
const OURS_26 = 'menshen-26';

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

/** The peers that take part. One that was asked for by name must be able to run. */
function choosePeers(options: Options): Peer[] {
  const project = process.cwd();
  const ours = [menshen(OURS, process.execPath, project)];
  if (options.node26 || options.only.includes(OURS_26)) ours.push(menshen(OURS_26, findNode26(), project));
  const all = [...others, ...ours];
  const named = all.filter(({ name }) => options.only.includes(name));
  const wanted = named.length > 0 ? named : all;
  return wanted.filter((peer) => {
    const why = peer.unavailable();
    if (why === undefined) return true;
    if (named.length > 0) throw new Error(why);
    say(`going without ${peer.name}: ${why}`);
    return false;
  });
}

/** The executable of Node 26, resolved once: npx itself must not be in the measured process tree. */
function findNode26(): string {
  const said = outputOf('npx', ['-y', '-p', 'node@26', 'which', 'node']);
  // npm may have warnings to add, before or after.
  return said.split('\n').find((line) => line.startsWith('/')) ?? 'Node 26';
}

async function run(options: Options, stage: Stage): Promise<Report> {
  requireCommands();
  const cores = availableParallelism();
  if (cores === 1) say('only one core: the load disturbs what it measures');
  const peers = choosePeers(options);
  const { load } = layoutFor(1, cores);
  // The bench itself, with all its threads, stays off the peers' core.
  spawnSync('taskset', ['-a', '-c', '-p', load.join(','), String(process.pid)]);
  const contents = makeContents(stage);
  const bench: Bench = {
    stage,
    contents,
    backend: await startBackend(stage, load, contents.root),
    certificate: makeCertificate(stage, SERVER_NAME),
    serverName: SERVER_NAME,
    loadCores: load,
    seconds: options.seconds,
    warmUpSeconds: options.warmUpSeconds,
  };
  const chosen = scenarios.filter(({ name }) => options.only.includes(name));
  const wanted = chosen.length > 0 ? chosen : scenarios;
  const outcome = await runScenarios(wanted, peers, bench, { rounds: options.rounds, cores, say });
  return {
    machine: { cpu: cpus()[0]?.model ?? '', cores: cpus().length, kernel: release() },
    peers: peers.map((peer) => ({ name: peer.name, version: peer.version() })),
    seconds: options.seconds,
    warmUpSeconds: options.warmUpSeconds,
    ...outcome,
  };
}

function print(report: Report, options: Options): void {
  const text = options.json
    ? JSON.stringify(plainData(report), null, 2)
    : options.markdown
      ? markdown(report)
      : table(report, 'en');
  process.stdout.write(`${text}\n`);
}

/** Measures and prints; returns the exit status: 1 when anything failed. */
async function measureAndPrint(options: Options): Promise<number> {
  if (process.platform !== 'linux') {
    say('this needs Linux: cores are pinned with taskset, and CPU time and memory are read from /proc');
    return 1;
  }
  const stage = new Stage(mkdtempSync(path.join(tmpdir(), 'menshen-bench-')));
  const atExit = () => stage.endNow();
  process.on('exit', atExit);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  try {
    const begun = performance.now();
    const report = await run(options, stage);
    say(`done after ${Math.round((performance.now() - begun) / 1000)} s`);
    print(report, options);
    return report.failures.length === 0 ? 0 : 1;
  } catch (error) {
    say((error as Error).message);
    return 1;
  } finally {
    await stage.stopAll();
    process.off('exit', atExit);
  }
}

/** Runs the bench with these arguments; returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let options: Options;
  try {
    const names = [...others, { name: OURS }, { name: OURS_26 }, ...scenarios].map(({ name }) => name);
    options = readOptions(argv, names);
    if (options.from !== '') {
      print(readReport(readFileSync(options.from, 'utf8')), options);
      return 0;
    }
  } catch (error) {
    say((error as Error).message);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  return await measureAndPrint(options);
}
