/**
 * One run of scenarios: every peer in turn, round after round (A B C D, A B C D, …). A peer that fails in a scenario has no
 * value there, and is started anew for the next one.
 */
import { freePort } from './processes.ts';
import type { CertificateFiles } from './certificate.ts';
import { layoutFor } from './layout.ts';
import type { Peer } from './peer.ts';
import type { Failure, Measured } from './report.ts';
import type { Bench, Scenario, Subject } from './scenario.ts';

export interface Outcome {
  readonly measured: Measured[];
  readonly failures: Failure[];
}

/** The peers that run, started when first needed. */
class Subjects {
  readonly #bench: Bench;
  readonly #cores: number;
  readonly #running = new Map<string, Subject>();

  constructor(bench: Bench, cores: number) {
    this.#bench = bench;
    this.#cores = cores;
  }

  async startFresh(peer: Peer, scenario: Scenario): Promise<Subject> {
    const { stage, backend, serverName } = this.#bench;
    const certificate: CertificateFiles = this.#bench.certificate;
    const port = await freePort();
    const running = await peer.start({
      stage,
      serverName,
      port,
      ...certificate,
      workers: scenario.workers,
      cores: layoutFor(scenario.workers, this.#cores).peer,
      backendPort: scenario.app === 'sink' ? backend.sinkPort : backend.port,
    });
    return { name: peer.name, port, running };
  }

  async lasting(peer: Peer, scenario: Scenario): Promise<Subject> {
    const key = keyOf(peer, scenario);
    const known = this.#running.get(key);
    if (known !== undefined) return known;
    const subject = await this.startFresh(peer, scenario);
    this.#running.set(key, subject);
    return subject;
  }

  /** Ends one that has failed. */
  async drop(peer: Peer, scenario: Scenario): Promise<void> {
    const key = keyOf(peer, scenario);
    const subject = this.#running.get(key);
    this.#running.delete(key);
    await subject?.running.stop();
  }
}

function keyOf(peer: Peer, { workers, app }: Scenario): string {
  return `${peer.name} ${workers} ${app}`;
}

/** Measures `scenarios` with all `peers`; `say` is told what goes on. `cores` is the number that the machine has. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  peers: readonly Peer[],
  bench: Bench,
  { rounds, cores, say }: { readonly rounds: number; readonly cores: number; say(text: string): void },
): Promise<Outcome> {
  const subjects = new Subjects(bench, cores);
  const measured: Measured[] = [];
  const failures: Failure[] = [];
  for (const scenario of scenarios) {
    const own = { ...bench, loadCores: layoutFor(scenario.workers, cores).load };
    const values = new Map<Peer, (readonly number[])[]>(peers.map((peer) => [peer, []]));
    const attempt = async (peer: Peer, what: () => Promise<void>) => {
      if (!values.has(peer)) return;
      try {
        await what();
      } catch (error) {
        const reason = (error as Error).message.replace(`${peer.name}: `, '');
        say(`${scenario.name}, ${peer.name} FAILED: ${reason}`);
        failures.push({ scenario: scenario.name, peer: peer.name, reason });
        values.delete(peer);
        await subjects.drop(peer, scenario);
      }
    };
    if (!scenario.freshPeer) {
      for (const peer of peers) {
        await attempt(peer, async () => {
          const subject = await subjects.lasting(peer, scenario);
          await scenario.check?.(subject, own);
          if (own.warmUpSeconds > 0) await scenario.warmUp(subject, own);
        });
      }
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const peer of peers) {
        await attempt(peer, async () => {
          const got = await measureOnce(scenario, peer, subjects, own);
          values.get(peer)?.push(got);
          const told = scenario.figures.map(({ unit }, index) => `${got[index]?.toFixed(1)} ${unit}`);
          say(`${scenario.name}, round ${round} of ${rounds}, ${peer.name}: ${told.join(', ')}`);
        });
      }
    }
    for (const [index, figure] of scenario.figures.entries()) {
      const byPeer = [...values].map(([peer, all]) => [peer.name, all.map((one) => one[index] ?? Number.NaN)] as const);
      measured.push({ figure, rounds: Object.fromEntries(byPeer) });
    }
  }
  return { measured, failures };
}

/** One round of one peer. A value that is not a positive number is a mistake of the bench and no figure. */
async function measureOnce(
  scenario: Scenario,
  peer: Peer,
  subjects: Subjects,
  bench: Bench,
): Promise<readonly number[]> {
  const subject = await (scenario.freshPeer ? subjects.startFresh(peer, scenario) : subjects.lasting(peer, scenario));
  try {
    const values = await scenario.measure(subject, bench);
    if (!values.every((value) => value > 0 && Number.isFinite(value))) throw new Error(`measured ${values.join(', ')}`);
    return values;
  } finally {
    if (scenario.freshPeer) await subject.running.stop();
  }
}
