/**
 * What a worker process runs: the same gateway as a single process, with all that it needs given by the supervisor.
 * It ends when the supervisor says so, and when the supervisor is gone.
 */
import type { StagedConfig, WorkerGateway } from '../contract.ts';
import { createWorkerGateway } from '../gateway.ts';
import type { ChallengeAnswer, ChallengeQuestion } from '../challenge-board.ts';
import type { HandedPort } from '../listeners.ts';
import { createLog, type Log } from '../observe/log.ts';
import { FindingError } from '../../story/finding-error.ts';
import type { Finding } from '../../story/finding.ts';
import { VERSION } from '../../version.ts';
import type { CertificatePem } from '../tls/site-input.ts';
import { workerContract } from './contract.ts';
import type { FromWorker, ServedState, ToWorker, WorkerAnswer, WorkerReport, WorkerRequest } from './messages.ts';
import { Wishes } from './wishes.ts';

class Worker {
  readonly #ports = new Map<string, HandedPort>();
  /** The state that the gateway asks for: in force, or the one that is being staged. */
  #state: ServedState | undefined;
  #staged: { readonly state: ServedState; readonly config: StagedConfig } | undefined;
  #gateway: WorkerGateway | undefined;
  #log: Log | undefined;
  readonly #certificates = new Wishes<{ readonly serverName: string; readonly peer: string }, CertificatePem>(
    (wish, wanted) => say({ kind: 'certificate-wanted', wish, ...wanted }),
  );
  readonly #challenges = new Wishes<ChallengeQuestion, ChallengeAnswer>((wish, question) =>
    say({ kind: 'challenge-wanted', wish, question }),
  );
  #ending = false;

  addPort(port: HandedPort): void {
    this.#ports.set(port.id, port);
  }

  giveCertificate(wish: number, certificate: CertificatePem | undefined): void {
    this.#certificates.fulfil(wish, certificate);
  }

  giveChallenge(wish: number, answer: ChallengeAnswer | undefined): void {
    this.#challenges.fulfil(wish, answer);
  }

  importTicketKeys(keys: ServedState['ticketKeys']): void {
    this.#gateway?.importTicketKeys(keys);
  }

  async answer(request: WorkerRequest): Promise<Omit<WorkerAnswer, 'kind' | 'id'>> {
    switch (request.kind) {
      case 'start':
        return { findings: await this.#start(request) };
      case 'stage':
        return { findings: await this.#stage(request.state) };
      case 'commit':
        await this.#commit();
        return { findings: [] };
      case 'abandon':
        this.#staged = undefined;
        this.#forgetPorts();
        return { findings: [] };
      case 'certificates':
        return { findings: await this.#gateway!.setCertificates(request.site, request.certificates) };
      case 'challenges': {
        const refused = this.#gateway!.showChallenges(request.answers);
        return { findings: refused === undefined ? [] : [refused] };
      }
      case 'report':
    }
    return { findings: [], report: await this.#report() };
  }

  async #start(request: Extract<WorkerRequest, { kind: 'start' }>): Promise<readonly Finding[]> {
    const { state, log, challenges, onDemand, challengesElsewhere } = request;
    this.#state = state;
    this.#log = createLog(log);
    try {
      this.#gateway = await createWorkerGateway(state.config, {
        log: this.#log,
        supplied: {
          certificates: () => ({
            ...this.#known,
            localCa: undefined,
            renewAtMs: Number.POSITIVE_INFINITY,
            chainFindings: [],
            findings: [],
          }),
          ticketKeys: () => this.#known.ticketKeys,
          ports: () => this.#known.ports.flatMap((id) => this.#ports.get(id) ?? []),
        },
        ...(onDemand && { certificateFor: (serverName, peer) => this.#certificates.make({ serverName, peer }) }),
        ...(challengesElsewhere && { challengeFor: (question) => this.#challenges.make(question) }),
      });
      const refused = this.#gateway.showChallenges(challenges);
      if (refused !== undefined) return [refused];
      await this.#gateway.start();
      return [];
    } catch (error) {
      if (error instanceof FindingError) return [error.finding];
      throw error;
    }
  }

  get #known(): ServedState {
    return this.#state!;
  }

  async #stage(state: ServedState): Promise<readonly Finding[]> {
    const before = this.#state;
    this.#state = state;
    const config = await this.#gateway!.stage(state.config);
    this.#state = before;
    if (config.commit !== undefined) this.#staged = { state, config };
    return config.findings;
  }

  async #commit(): Promise<void> {
    if (this.#staged === undefined) return;
    const { state, config } = this.#staged;
    this.#staged = undefined;
    this.#state = state;
    config.commit?.();
    await this.#gateway!.takePorts();
    this.#forgetPorts();
  }

  /** Drops what was handed over and is not accepted from: its servers are closed, or were never opened. */
  #forgetPorts(): void {
    for (const [id, { handle }] of this.#ports) {
      if (this.#known.ports.includes(id)) continue;
      this.#ports.delete(id);
      (handle as { close(): void }).close();
    }
  }

  async #report(): Promise<WorkerReport> {
    const gateway = this.#gateway!;
    return { connections: gateway.status.connections.open, metrics: await gateway.metricFamilies() };
  }

  /** Drains, says farewell and ends the process. Further calls only shorten the time. */
  drain(withinMs: number | undefined): void {
    const drained = this.#gateway?.drain(withinMs) ?? Promise.resolve();
    if (this.#ending) return;
    this.#ending = true;
    void drained.then(() => this.#end());
  }

  async #end(): Promise<void> {
    const report = this.#gateway === undefined ? { connections: 0, metrics: [] } : await this.#report();
    await say({ kind: 'farewell', report });
    await this.#log?.close();
    process.exit(0);
  }
}

/** Resolves when it is said, or nobody listens any more. */
function say(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });
}

const worker = new Worker();
/** Requests are answered one after the other. */
let answered: Promise<void> = Promise.resolve();

process.title = `menshen worker ${process.argv[2] ?? ''}`;
// A terminal's Ctrl-C and a service manager's stop reach the whole group: the supervisor knows what is to be done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
process.on('disconnect', () => worker.drain(undefined));
process.on('message', (received, handle) => {
  const message = received as ToWorker;
  switch (message.kind) {
    case 'port':
      worker.addPort({ id: message.port, role: message.role, handle: handle as object });
      return;
    case 'ticket-keys':
      worker.importTicketKeys(message.keys);
      return;
    case 'certificate-given':
      worker.giveCertificate(message.wish, message.certificate);
      return;
    case 'challenge-given':
      worker.giveChallenge(message.wish, message.answer);
      return;
    case 'drain':
      worker.drain(message.withinMs);
      return;
    case 'start':
    case 'stage':
    case 'commit':
    case 'abandon':
    case 'certificates':
    case 'challenges':
    case 'report':
      answered = answered.then(async () => say({ kind: 'answer', id: message.id, ...(await worker.answer(message)) }));
  }
});
void say({ kind: 'hello', contract: workerContract(), version: VERSION });
