/**
 * `npm run bench`: the gateway beside nginx, HAProxy and Caddy on this machine.
 *
 * Every peer runs on one core, the load and the backend on another. Rounds are interleaved (A B C D, A B C D, …), and
 * what is reported are medians of the ratios within a round. A wrong answer of a peer ends the run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import path from 'node:path';
import { startBackend } from './backend.ts';
import { makeCertificate } from './certificate.ts';
import { outputOf } from './commands.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import type { Peer, PeerSetting } from './peer.ts';
import { caddy } from './peers/caddy.ts';
import { haproxy } from './peers/haproxy.ts';
import { menshen } from './peers/menshen.ts';
import { nginx } from './peers/nginx.ts';
import { freePort, Stage } from './processes.ts';
import { markdown, plainData, type Measured } from './report.ts';
import type { Bench, Scenario, Subject } from './scenario.ts';
import { fullHandshakes, resumedHandshakes } from './scenarios/handshakes.ts';
import { idleMemory } from './scenarios/idle-memory.ts';
import { bareRequests, browserRequests } from './scenarios/keep-alive-requests.ts';

const SERVER_NAME = 'localhost';
const PEER_CORE = 0;
/** Memory does not vary as time does: fewer rounds of it are enough. */
const MEMORY_ROUNDS = 3;

const scenarios: readonly Scenario[] = [bareRequests, browserRequests, fullHandshakes, resumedHandshakes, idleMemory];
const others: readonly Peer[] = [nginx, haproxy, caddy];
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

async function startSubject(peer: Peer, setting: Omit<PeerSetting, 'port'>): Promise<Subject> {
  const port = await freePort();
  return { name: peer.name, port, running: await peer.start({ ...setting, port }) };
}

async function measureScenario(
  scenario: Scenario,
  bench: Bench,
  peers: readonly Peer[],
  subjects: ReadonlyMap<string, Subject>,
  setting: Omit<PeerSetting, 'port'>,
  rounds: number,
): Promise<Measured> {
  const values: Record<string, number[]> = Object.fromEntries(peers.map(({ name }) => [name, []]));
  if (!scenario.freshPeer) for (const subject of subjects.values()) await scenario.warmUp(subject, bench);
  for (let round = 1; round <= rounds; round += 1) {
    for (const peer of peers) {
      const lasting = scenario.freshPeer ? undefined : subjects.get(peer.name);
      const subject = lasting ?? (await startSubject(peer, setting));
      const value = await scenario.measure(subject, bench);
      values[peer.name]?.push(value);
      if (lasting === undefined) await subject.running.stop();
      say(`${scenario.title}, round ${round} of ${rounds}, ${peer.name}: ${value.toFixed(1)} ${scenario.unit}`);
    }
  }
  return { scenario: { name: scenario.name, title: scenario.title, unit: scenario.unit }, rounds: values };
}

async function run(options: Options, stage: Stage): Promise<string> {
  const loadCore = availableParallelism() > 1 ? 1 : PEER_CORE;
  if (loadCore === PEER_CORE) say('only one core: the load disturbs what it measures');
  const peers = choosePeers(options);
  // The bench itself, with all its threads, stays off the peers' core.
  spawnSync('taskset', ['-a', '-c', '-p', String(loadCore), String(process.pid)]);
  const certificate = makeCertificate(stage, SERVER_NAME);
  const backend = await startBackend(stage, loadCore);
  const bench: Bench = {
    stage,
    backend,
    certificate,
    serverName: SERVER_NAME,
    loadCore,
    seconds: options.seconds,
  };
  const setting = { stage, core: PEER_CORE, backendPort: backend.port, serverName: SERVER_NAME, ...certificate };
  const chosen = scenarios.filter(({ name }) => options.only.includes(name));
  const wanted = chosen.length > 0 ? chosen : scenarios;
  const subjects = new Map<string, Subject>();
  if (wanted.some(({ freshPeer }) => !freshPeer)) {
    for (const peer of peers) subjects.set(peer.name, await startSubject(peer, setting));
  }
  const measured: Measured[] = [];
  for (const scenario of wanted) {
    const rounds = scenario.freshPeer ? Math.min(options.rounds, MEMORY_ROUNDS) : options.rounds;
    measured.push(await measureScenario(scenario, bench, peers, subjects, setting, rounds));
  }
  const report = {
    machine: { cpu: cpus()[0]?.model ?? '', cores: cpus().length, kernel: release() },
    peers: peers.map((peer) => ({ name: peer.name, version: peer.version() })),
    seconds: options.seconds,
    measured,
  };
  return options.json ? JSON.stringify(plainData(report), null, 2) : markdown(report);
}

/** Runs the bench with these arguments; returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let options: Options;
  try {
    const names = [...others, { name: OURS }, { name: OURS_26 }, ...scenarios].map(({ name }) => name);
    options = readOptions(argv, names);
  } catch (error) {
    say((error as Error).message);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (process.platform !== 'linux') {
    say('this needs Linux: cores are pinned with taskset, and CPU time and memory are read from /proc');
    return 1;
  }
  const stage = new Stage(mkdtempSync(path.join(tmpdir(), 'menshen-bench-')));
  const atExit = () => stage.endNow();
  process.on('exit', atExit);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  try {
    const text = await run(options, stage);
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    say((error as Error).message);
    return 1;
  } finally {
    await stage.stopAll();
    process.off('exit', atExit);
  }
}
