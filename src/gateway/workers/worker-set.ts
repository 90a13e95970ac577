/**
 * The workers of a supervisor: as many as are wanted, each replaced when it dies, all replaced in an upgrade.
 *
 *     slot 1   worker → (dies) → pause → worker → (upgrade) → worker → …
 *     slot 2   worker ───────────────────────────→ (upgrade) → worker → …
 *     retired            those that were replaced and still serve their last connections
 */
import type { Finding } from '../../story/finding.ts';
import { finding } from '../../story/finding.ts';
import type { WorkerStatus } from '../observe/admin.ts';
import type { Log } from '../observe/log.ts';
import type { ChallengeFor } from '../challenges-elsewhere.ts';
import type { CertificateFor } from '../tls/on-demand.ts';
import { DepartedMetrics, type ProcessMetrics } from './merge-metrics.ts';
import { restartPause } from './restart-pause.ts';
import { WorkerProcess, type WorkerEnd, type WorkerStart } from './worker-process.ts';

export interface WorkerSetSurroundings {
  readonly log: Log;
  readonly contract: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** What a worker that starts now has to serve. */
  readonly current: () => WorkerStart;
  /** Certificates for names that no site has. */
  readonly certificateFor: CertificateFor | undefined;
  /** Challenges that are on no board here. */
  readonly challengeFor: ChallengeFor | undefined;
  /** Runs a task when no other one runs: a worker must not start in the middle of a reload. */
  readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>;
  /** Standard error of a worker. */
  readonly onErrors: (text: string) => void;
  /** A worker has ended that had not been told to. */
  readonly onCrash: (how: string) => void;
}

interface Slot {
  readonly number: number;
  worker: WorkerProcess | undefined;
  pauseMs: number;
  /** Ends in a row, each soon after the start. */
  times: number;
  timer: NodeJS.Timeout | undefined;
}

export type UpgradeResult =
  | { readonly ok: true; readonly version: string; readonly count: number }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** What a worker gets beyond its time to drain before it is ended. */
const GRACE_MS = 2_000;
const TRIAL_MS = 1_000;

export class WorkerSet {
  readonly departed = new DepartedMetrics();
  readonly #surroundings: WorkerSetSurroundings;
  #slots: readonly Slot[] = [];
  readonly #retired = new Set<WorkerProcess>();
  /** Every process that is not gone. */
  readonly #alive = new Set<WorkerProcess>();
  #draining = false;
  #onEmpty: (() => void) | undefined;

  constructor(surroundings: WorkerSetSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Those that serve and take new connections. */
  get serving(): readonly WorkerProcess[] {
    return this.#slots.flatMap(({ worker }) => (worker?.state === 'ready' ? [worker] : []));
  }

  get alive(): ReadonlySet<WorkerProcess> {
    return this.#alive;
  }

  get connections(): number {
    return [...this.#alive].reduce((sum, { report }) => sum + report.connections, 0);
  }

  get status(): readonly WorkerStatus[] {
    return [...this.#alive].map(({ pid, state, startedAtMs, version, report }) => ({
      pid,
      state: state === 'gone' ? 'draining' : state,
      startedAt: new Date(startedAtMs).toISOString(),
      version,
      connections: report.connections,
    }));
  }

  /** What each process counts, and what those that are gone have counted. */
  get metrics(): readonly ProcessMetrics[] {
    const active = new Set(this.#slots.map(({ worker }) => worker));
    return [
      ...[...this.#alive].map((worker) => ({
        worker: active.has(worker) ? String(worker.number) : '',
        families: worker.report.metrics,
      })),
      { worker: '', families: this.departed.families },
    ];
  }

  async refresh(): Promise<void> {
    await Promise.all([...this.#alive].map((worker) => worker.refresh()));
  }

  /** Starts the first workers. With findings none runs. */
  async start(count: number): Promise<readonly Finding[]> {
    this.#slots = Array.from({ length: count }, (_, index) => newSlot(index + 1));
    const findings = (await Promise.all(this.#slots.map((slot) => this.#startIn(slot)))).flat();
    if (findings.length > 0) await this.drain(0);
    return findings;
  }

  /** Goes over to another number of workers. */
  async resize(count: number): Promise<void> {
    const surplus = this.#slots.slice(count);
    const missing = Array.from({ length: Math.max(0, count - this.#slots.length) }, (_, index) =>
      newSlot(this.#slots.length + index + 1),
    );
    this.#slots = [...this.#slots.slice(0, count), ...missing];
    for (const slot of surplus) {
      clearTimeout(slot.timer);
      this.#retire(slot.worker);
    }
    await Promise.all(
      missing.map(async (slot) => {
        const findings = await this.#startIn(slot);
        if (findings.length > 0) this.#tryAgain(slot, findings, 0);
      }),
    );
  }

  /**
   * Replaces every worker by one that runs the code on the disk. All new ones accept connections before the first old one
   * stops to; where one of them does not come up, the old ones stay. Workers that an earlier upgrade has replaced and
   * that still drain get `formerWithinMs` from now.
   */
  async upgrade(formerWithinMs: number): Promise<UpgradeResult> {
    const slots = this.#slots;
    const started = await Promise.all(slots.map((slot) => this.#launch(slot.number)));
    if (started.every(({ findings }) => findings.length === 0)) await this.#trial();
    const fresh = started.flatMap(({ worker }) => (worker.state === 'ready' ? [worker] : []));
    if (fresh.length < slots.length || this.#draining) {
      for (const worker of fresh) worker.drain(0);
      const fallen = started.filter(({ worker }) => !fresh.includes(worker));
      const findings = fallen.flatMap(({ worker, findings }) => (findings.length > 0 ? findings : [worker.failure]));
      return { ok: false, findings };
    }
    for (const worker of this.#retired) worker.drain(formerWithinMs);
    for (const [index, slot] of slots.entries()) {
      clearTimeout(slot.timer);
      const before = slot.worker;
      Object.assign(slot, { worker: fresh[index], pauseMs: 0, times: 0, timer: undefined });
      this.#retire(before);
    }
    return { ok: true, version: fresh[0]?.version ?? '', count: fresh.length };
  }

  /** No new connections anywhere; resolves when every worker is gone, of itself within `withinMs` or not. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    for (const { timer } of this.#slots) clearTimeout(timer);
    for (const worker of this.#alive) {
      if (worker.state === 'starting') worker.kill();
      else worker.drain(withinMs);
    }
    if (this.#alive.size === 0) return;
    const timer = setTimeout(() => this.kill(), withinMs + GRACE_MS);
    await new Promise<void>((resolve) => (this.#onEmpty = resolve));
    clearTimeout(timer);
  }

  kill(): void {
    for (const worker of this.#alive) worker.kill();
  }

  /** New workers serve beside the old ones for a moment: a version that falls over at once is not gone over to. */
  #trial(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, TRIAL_MS));
  }

  async #startIn(slot: Slot): Promise<readonly Finding[]> {
    const { worker, findings } = await this.#launch(slot.number, (launched) => (slot.worker = launched));
    if (findings.length > 0 && slot.worker === worker) slot.worker = undefined;
    return findings;
  }

  /** `adopt` is called before the worker can be told to have died. */
  async #launch(
    number: number,
    adopt: (worker: WorkerProcess) => void = () => {},
  ): Promise<{ readonly worker: WorkerProcess; readonly findings: readonly Finding[] }> {
    const { contract, now, log, onErrors, current, certificateFor, challengeFor } = this.#surroundings;
    const worker = new WorkerProcess({
      number,
      contract,
      now,
      onErrors,
      certificateFor,
      challengeFor,
      onLog: (text, lines) => log.relay(text, lines),
      onGone: (gone, end) => this.#onGone(gone, end),
    });
    this.#alive.add(worker);
    const findings = await worker.start(current());
    if (findings.length === 0) adopt(worker);
    return { worker, findings };
  }

  #retire(worker: WorkerProcess | undefined): void {
    if (worker === undefined || worker.state === 'gone') return;
    this.#retired.add(worker);
    worker.drain(Number.POSITIVE_INFINITY);
  }

  #onGone(worker: WorkerProcess, end: WorkerEnd): void {
    this.#alive.delete(worker);
    this.departed.add(worker.report.metrics);
    const slot = this.#slots.find((one) => one.worker === worker);
    const served = slot !== undefined || this.#retired.delete(worker);
    if (slot !== undefined) slot.worker = undefined;
    if (this.#alive.size === 0) this.#onEmpty?.();
    // One that never served is told of by whoever started it.
    if (end.inOrder || !served || this.#draining) return;
    const values = { number: worker.number, pid: worker.pid, lastWords: end.lastWords || '-' };
    const { signal, exitCode } = end;
    this.#surroundings.onCrash(signal === '' ? `exit code ${exitCode}` : signal);
    const told =
      signal === ''
        ? finding('worker-exited', { ...values, exitCode: exitCode ?? -1 })
        : finding('worker-killed', { ...values, signal });
    if (slot === undefined) this.#surroundings.log.finding(told);
    else this.#tryAgain(slot, [told], end.livedMs);
  }

  #pidIn({ worker }: Slot): number {
    return worker?.pid ?? 0;
  }

  /** Says why, and starts another worker in this slot: at once, or after a pause where that has not helped before. */
  #tryAgain(slot: Slot, why: readonly Finding[], livedMs: number): void {
    const { log, inTurn } = this.#surroundings;
    for (const found of why) log.finding(found);
    slot.pauseMs = restartPause(slot.pauseMs, livedMs);
    slot.times = slot.pauseMs === 0 ? 0 : slot.times + 1;
    if (slot.times > 1) {
      log.finding(finding('worker-crash-loop', { number: slot.number, times: slot.times, pauseMs: slot.pauseMs }));
    }
    slot.timer = setTimeout(() => {
      slot.timer = undefined;
      void inTurn(async () => {
        if (this.#draining || slot.worker !== undefined || !this.#slots.includes(slot)) return;
        const findings = await this.#startIn(slot);
        if (this.#draining) return;
        if (findings.length > 0) this.#tryAgain(slot, findings, 0);
        else log.finding(finding('worker-replaced', { number: slot.number, pid: this.#pidIn(slot) }));
      });
    }, slot.pauseMs);
  }
}

function newSlot(number: number): Slot {
  return { number, worker: undefined, pauseMs: 0, times: 0, timer: undefined };
}
