/**
 * A worker as its supervisor sees it: a process that is asked, answers, and ends one day, in order or not.
 *
 *     starting → ready → draining → gone          (any of them → gone, by a crash or a kill)
 */
import { fork, type ChildProcess, type SendHandle } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { finding, type Finding } from '../../story/finding.ts';
import type { ChallengeAnswer } from '../challenge-board.ts';
import type { ChallengeFor } from '../challenges-elsewhere.ts';
import type { CertificateFor } from '../tls/on-demand.ts';
import type { CertificatePem } from '../tls/site-input.ts';
import type { PortForWorkers } from './held-ports.ts';
import { LastWords } from './last-words.ts';
import { LineRelay } from './line-relay.ts';
import type {
  FromWorker,
  ServedState,
  ToWorker,
  WorkerAnswer,
  WorkerLog,
  WorkerReport,
  WorkerRequest,
} from './messages.ts';

/** How a worker ended. */
export interface WorkerEnd {
  /** It had been told to, and did so by itself. */
  readonly inOrder: boolean;
  readonly exitCode: number | null;
  readonly signal: string;
  readonly lastWords: string;
  readonly livedMs: number;
}

export interface WorkerOptions {
  /** Number of the worker, from 1; a replacement has the number of the one that it replaces. */
  readonly number: number;
  readonly contract: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Asked for names that no site has; absent where nobody gives certificates for such. */
  readonly certificateFor?: CertificateFor | undefined;
  /** Asked for challenges that are on no board here. */
  readonly challengeFor?: ChallengeFor | undefined;
  /** Whole lines of its log. */
  readonly onLog: (text: string, lines: number) => void;
  /** Whole lines of its standard error. */
  readonly onErrors: (text: string) => void;
  /** Called once, when the process is gone and all that it said has been passed on. */
  readonly onGone: (worker: WorkerProcess, end: WorkerEnd) => void;
}

/** What a worker that starts has to serve. */
export interface WorkerStart {
  readonly state: ServedState;
  readonly ports: readonly PortForWorkers[];
  readonly log: WorkerLog;
  readonly challenges: readonly ChallengeAnswer[];
}

/** A start takes tenths of a second; what takes this long on a busy machine hangs. */
const PATIENCE_MS = 30_000;
/** Somebody waits for the metrics: what a worker counted last time is better than a late answer. */
const REPORT_PATIENCE_MS = 2_000;

const here = fileURLToPath(import.meta.url);
/** Beside this file, and with the same ending, whether it runs from its source or compiled. */
const program = path.join(path.dirname(here), `worker-program${path.extname(here)}`);

export class WorkerProcess {
  readonly number: number;
  readonly startedAtMs = Date.now();
  state: 'starting' | 'ready' | 'draining' | 'gone' = 'starting';
  /** Of the code that it runs; '' before it has said so. */
  version = '';
  /** What it counted when it was asked last. */
  report: WorkerReport = { connections: 0, metrics: [] };
  readonly #child: ChildProcess;
  readonly #options: WorkerOptions;
  readonly #startedMs: number;
  readonly #waiting = new Map<number, (answer: WorkerAnswer | undefined) => void>();
  readonly #lastWords = new LastWords();
  readonly #hello: Promise<Extract<FromWorker, { kind: 'hello' }> | undefined>;
  #greet: (hello: Extract<FromWorker, { kind: 'hello' }> | undefined) => void = () => {};
  #requests = 0;
  #saidFarewell = false;

  /** Starts the process, from what is on the disk now. */
  constructor(options: WorkerOptions) {
    this.#options = options;
    this.number = options.number;
    this.#startedMs = options.now();
    this.#hello = new Promise((resolve) => (this.#greet = resolve));
    this.#child = fork(program, [String(options.number)], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#listen();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #listen(): void {
    const { onLog, onErrors, onGone, now } = this.#options;
    const log = new LineRelay(onLog);
    const errors = new LineRelay((text) => {
      this.#lastWords.add(text);
      onErrors(text);
    });
    this.#child.stdout?.on('data', (octets: Buffer) => log.push(octets));
    this.#child.stderr?.on('data', (octets: Buffer) => errors.push(octets));
    this.#child.on('message', (message) => this.#onMessage(message as FromWorker));
    // A process that cannot be started ends without an exit; one that is gone takes no messages.
    let failure = '';
    this.#child.on('error', (error) => (failure ||= error.message));
    const gone = (exitCode: number | null, signal: string | null): void => {
      if (this.state === 'gone') return;
      const inOrder = this.state === 'draining' && this.#saidFarewell && exitCode === 0;
      this.state = 'gone';
      const rest = errors.takeRest();
      if (rest !== '') errors.push(Buffer.from(`${rest}\n`));
      if (failure !== '') this.#lastWords.add(`${failure}\n`);
      this.#greet(undefined);
      for (const answer of this.#waiting.values()) answer(undefined);
      this.#waiting.clear();
      const lastWords = this.#lastWords.tell();
      onGone(this, { inOrder, exitCode, signal: signal ?? '', lastWords, livedMs: now() - this.#startedMs });
    };
    // 'close' comes when the process is gone and its pipes are read to their end.
    this.#child.once('close', gone);
    this.#child.once('error', () => this.#child.pid === undefined && gone(null, null));
  }

  #onMessage(message: FromWorker): void {
    switch (message.kind) {
      case 'hello':
        this.version = message.version;
        this.#greet(message);
        return;
      case 'certificate-wanted':
        void this.#giveCertificate(message);
        return;
      case 'challenge-wanted':
        void this.#giveChallenge(message);
        return;
      case 'farewell':
        this.#saidFarewell = true;
        this.report = message.report;
        return;
      case 'answer':
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
    }
  }

  /** Resolves with [] when the worker accepts connections; with what is in the way otherwise, the worker being ended. */
  async start({ state, ports, log, challenges }: WorkerStart): Promise<readonly Finding[]> {
    const hello = await this.#inTime(this.#hello);
    if (hello === undefined) return this.#giveUp([this.failure]);
    if (hello.contract !== this.#options.contract) {
      return this.#giveUp([finding('worker-of-other-version', { version: hello.version })]);
    }
    this.handPorts(ports);
    const { certificateFor, challengeFor } = this.#options;
    const asked = { onDemand: certificateFor !== undefined, challengesElsewhere: challengeFor !== undefined };
    const answer = await this.#ask({ kind: 'start', state, log, challenges, ...asked });
    if (answer === undefined) return this.#giveUp([this.failure]);
    if (answer.findings.some((found) => found.severity === 'error')) return this.#giveUp(answer.findings);
    if (this.state === 'starting') this.state = 'ready';
    return [];
  }

  handPorts(ports: readonly PortForWorkers[]): void {
    for (const { id, role, handle } of ports) this.#send({ kind: 'port', port: id, role }, handle);
  }

  /** What the worker has against a state; [] where nothing, or where it is gone and has nothing to say any more. */
  async stage(state: ServedState): Promise<readonly Finding[]> {
    return (await this.#ask({ kind: 'stage', state }))?.findings ?? [];
  }

  async commit(): Promise<void> {
    await this.#ask({ kind: 'commit' });
  }

  async abandon(): Promise<void> {
    await this.#ask({ kind: 'abandon' });
  }

  /** What the worker has against these certificates; [] where nothing, or where it is gone. */
  async setCertificates(site: string, certificates: readonly CertificatePem[]): Promise<readonly Finding[]> {
    return (await this.#ask({ kind: 'certificates', site, certificates }))?.findings ?? [];
  }

  /** Resolves when the worker answers these challenges and no others. */
  async showChallenges(answers: readonly ChallengeAnswer[]): Promise<readonly Finding[]> {
    return (await this.#ask({ kind: 'challenges', answers }))?.findings ?? [];
  }

  async #giveCertificate({
    wish,
    serverName,
    peer,
  }: Extract<FromWorker, { kind: 'certificate-wanted' }>): Promise<void> {
    const certificate = await this.#options.certificateFor?.(serverName, peer).catch(() => undefined);
    this.#send({ kind: 'certificate-given', wish, certificate });
  }

  async #giveChallenge({ wish, question }: Extract<FromWorker, { kind: 'challenge-wanted' }>): Promise<void> {
    const answer = await this.#options.challengeFor?.(question).catch(() => undefined);
    this.#send({ kind: 'challenge-given', wish, answer });
  }

  /** Brings `report` up to date, unless the worker is too busy or gone. */
  async refresh(): Promise<void> {
    if (this.state === 'starting') return;
    const answer = await this.#ask({ kind: 'report' }, REPORT_PATIENCE_MS);
    if (answer?.report !== undefined) this.report = answer.report;
  }

  shareTicketKeys(keys: ServedState['ticketKeys']): void {
    this.#send({ kind: 'ticket-keys', keys });
  }

  /** No new connections; ends when the last one has, or after `withinMs`. May be called again with less time. */
  drain(withinMs: number): void {
    if (this.state === 'gone') return;
    this.state = 'draining';
    this.#send({ kind: 'drain', withinMs });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Says why a worker that ended so early did. */
  get failure(): Finding {
    return finding('worker-start-failed', { number: this.number, lastWords: this.#lastWords.tell() || '-' });
  }

  #giveUp(findings: readonly Finding[]): readonly Finding[] {
    this.kill();
    return findings;
  }

  /** Undefined where the worker is gone before it answers. One that does not answer in time is ended, but for reports. */
  async #ask(request: WorkerRequest, patienceMs: number = PATIENCE_MS): Promise<WorkerAnswer | undefined> {
    if (this.state === 'gone') return undefined;
    this.#requests += 1;
    const id = this.#requests;
    const answer = new Promise<WorkerAnswer | undefined>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ ...request, id });
    const came = await this.#inTime(answer, patienceMs);
    if (came === undefined) this.#waiting.delete(id);
    if (came === undefined && request.kind !== 'report') this.kill();
    return came;
  }

  #inTime<T>(promise: Promise<T | undefined>, limitMs: number = PATIENCE_MS): Promise<T | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), limitMs);
      void promise.then((value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
  }

  #send(message: ToWorker, handle?: object): void {
    if (!this.#child.connected) return;
    // A worker that dies in this moment is told of by `close`.
    this.#child.send(message, handle as SendHandle | undefined, () => {});
  }
}
