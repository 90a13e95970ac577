/**
 * The supervisor: it owns the configuration, the certificates and their renewal, the ports, the ticket keys, the log and
 * the admin listener, and serves nothing itself. Its workers each run the gateway of a single process, on what it gives
 * them.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../../config/config.ts';
import { openFolder, type Folder } from '../../store/folder.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, tellFinding, type Finding } from '../../story/finding.ts';
import { VERSION } from '../../version.ts';
import type { Clock } from '../engine.ts';
import type { Gateway } from '../contract.ts';
import { takeInheritedSockets, type InheritedSocket } from '../listen/inherited.ts';
import { OpenChallenges, SharedBoard, type ChallengeAnswer } from '../challenge-board.ts';
import type { ChallengeFor } from '../challenges-elsewhere.ts';
import { GivenCertificates, withCertificates } from '../given-certificates.ts';
import { addressOf } from '../listeners.ts';
import { listenAdmin, type AdminListener, type GatewayStatus } from '../observe/admin.ts';
import { hasColours, type Log } from '../observe/log.ts';
import { Metrics } from '../observe/metrics.ts';
import { loadCertificates, type LoadedCertificates } from '../site-certificates.ts';
import { siteStatus } from '../site-status.ts';
import { systemClock } from '../system-clock.ts';
import type { CertificateFor } from '../tls/on-demand.ts';
import type { CertificatePem } from '../tls/site-input.ts';
import { TlsFront, type SharedTicketKeys } from '../tls/tls-front.ts';
import { workerContract } from './contract.ts';
import { canHoldPorts } from './held-port.ts';
import { closeAllBut, holdPorts, type PortForWorkers } from './held-ports.ts';
import { exposeFamilies, mergeMetrics } from './merge-metrics.ts';
import type { ServedState } from './messages.ts';
import { removeSupervisorRecord, writeSupervisorRecord, type UpgradeOutcome } from './supervisor-record.ts';
import { workerCount } from './worker-count.ts';
import { WorkerSet } from './worker-set.ts';

export interface SupervisorOptions {
  readonly log: Log;
  readonly clock?: Clock;
  /** Sockets that were handed over (systemd); taken from the environment unless given. */
  readonly inherited?: readonly InheritedSocket[];
  /** Certificates for names that no site has; the default site answers them. */
  readonly certificateFor?: CertificateFor;
  /** Challenges that are on no board of this gateway. */
  readonly challengeFor?: ChallengeFor;
  /** Certificates of sites that are there from the start, as by `setCertificates`. */
  readonly given?: ReadonlyMap<string, readonly CertificatePem[]>;
  /** Where to count what the supervisor itself does; its own by default. */
  readonly metrics?: Metrics;
  /** What workers write to their standard error, in whole lines; to standard error by default. */
  readonly writeError?: (text: string) => void;
}

/** Certificates and ticket keys are looked at this often: far below the life of either. */
const CHECK_MS = 60_000;
/** How much of what a worker has counted may be lost when it is killed. */
const REPORT_MS = 5_000;

/** Reads certificates and checks that the state folder can be used. Rejects with a FindingError; nothing runs yet. */
export async function createSupervisor(config: Config, options: SupervisorOptions): Promise<Supervisor> {
  if (!canHoldPorts) throw new FindingError(finding('workers-unsupported', { node: process.version }));
  const supervisor = new Supervisor(config, options);
  await supervisor.prepare();
  return supervisor;
}

export class Supervisor implements Gateway {
  readonly challenges: SharedBoard = new SharedBoard((answers) => this.#inTurn(() => this.#showChallenges(answers)));
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #inherited: readonly InheritedSocket[];
  readonly #metrics: Metrics;
  /** Never given a connection: it judges what the sites' TLS is made from, and makes and rotates the ticket keys. */
  readonly #front: TlsFront;
  readonly #workers: WorkerSet;
  /** Judges what the workers are to answer challenges with. */
  readonly #openChallenges: OpenChallenges;
  readonly #given: GivenCertificates;
  readonly #startedMs: number;
  #config: Config;
  #certificates: LoadedCertificates | undefined;
  #ticketKeys: readonly SharedTicketKeys[] = [];
  #ports: readonly PortForWorkers[] = [];
  #folder: Folder | undefined;
  #admin: AdminListener | undefined;
  #state: GatewayStatus['state'] = 'starting';
  #generation = 0;
  #timers: readonly NodeJS.Timeout[] = [];
  #upgrades = 0;
  /** Reloads, renewals, upgrades and starts of workers, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #drained: Promise<void> | undefined;
  /** Without it, workers of a supervisor that ends at once would go on draining. */
  readonly #onExit = (): void => {
    if (this.#state === 'draining') this.#workers.kill();
  };

  constructor(config: Config, options: SupervisorOptions) {
    this.#config = config;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
    this.#inherited = options.inherited ?? takeInheritedSockets(process.env, process.pid);
    this.#startedMs = this.#clock.wallNow();
    this.#given = new GivenCertificates(options.given);
    this.#metrics = options.metrics ?? new Metrics({ version: VERSION, clock: this.#clock.wallNow });
    const crashes = this.#metrics.defineCounter('worker_crashes', 'Workers that ended without being told to, by how.', [
      'how',
    ]);
    this.#front = new TlsFront({
      clock: this.#clock,
      random: randomBytes,
      bounds: { handshakeTimeoutMs: 0, clientHelloBytes: 0 },
      alpn: [],
      onSecure: () => {},
      onHandshakeFailure: () => {},
      onPlainHttp: () => {},
    });
    this.#openChallenges = new OpenChallenges((certificates) => this.#front.answerChallenges(certificates));
    this.#workers = new WorkerSet({
      log: this.#log,
      contract: workerContract(),
      now: this.#clock.now,
      inTurn: (task) => this.#inTurn(task),
      current: () => {
        this.#shareTicketKeys();
        const { log: format, language } = config;
        return {
          state: this.#stateFor(this.#config, this.#certificates!, this.#ticketKeys, this.#ports),
          ports: this.#ports,
          log: { format, language, colour: hasColours(1) },
          challenges: this.challenges.answers,
        };
      },
      certificateFor: options.certificateFor,
      challengeFor: options.challengeFor,
      onErrors: options.writeError ?? ((text) => void process.stderr.write(text)),
      onCrash: (how) => (crashes.cell(how).value += 1),
    });
  }

  /** Everything that can fail without a port being open. */
  async prepare(): Promise<void> {
    await this.#openFolder(this.#config);
    const certificates = this.#given.over(await this.#loadCertificates(this.#config));
    const prepared = this.#front.prepare(certificates.tls);
    if (!prepared.ok) throw new FindingError(prepared.findings[0]!);
    prepared.commit();
    this.#adopt(this.#config, certificates);
    for (const found of certificates.findings) this.#log.finding(found);
  }

  async start(): Promise<void> {
    process.on('exit', this.#onExit);
    try {
      this.#ports = await holdPorts(this.#config, this.#inherited, []);
      const findings = await this.#inTurn(() => this.#workers.start(workerCount(this.#config)));
      const [first] = findings;
      if (first !== undefined) throw new FindingError(first);
      await this.#startAdmin();
      await this.#writeRecord(undefined);
    } catch (error) {
      await this.#close();
      throw error;
    }
    this.#state = 'ready';
    this.#timers = [
      setInterval(() => void this.#inTurn(() => this.#check()), CHECK_MS),
      setInterval(() => void this.#workers.refresh(), REPORT_MS),
    ];
    for (const timer of this.#timers) timer.unref();
    this.#log.finding(finding('workers-started', { count: this.#workers.serving.length }));
    this.#log.event('ready', 'info', { addresses: [...this.addresses] });
  }

  get addresses(): readonly string[] {
    return this.#ports.map(addressOf);
  }

  get httpsPort(): number {
    return this.#ports.find(({ role }) => role === 'https')?.port ?? 0;
  }

  get rootFile(): string | undefined {
    return this.#certificates?.localCa?.rootFile;
  }

  reload(config: Config): Promise<readonly Finding[]> {
    return this.#inTurn(async () => {
      let findings: readonly Finding[];
      try {
        await this.#openFolder(config);
        findings = await this.#change(config);
      } catch (error) {
        this.#metrics.reload('refused');
        if (error instanceof FindingError) return [error.finding];
        throw error;
      }
      const refused = findings.some((found) => found.severity === 'error');
      this.#metrics.reload(refused ? 'refused' : 'applied');
      if (!refused) await this.#workers.resize(workerCount(config));
      return findings;
    });
  }

  /**
   * Replaces all workers by ones that run the code on the disk, without refusing a connection. The supervisor itself
   * stays what it was started as. Resolves with an error among the findings where that did not come about.
   */
  upgrade(): Promise<readonly Finding[]> {
    return this.#inTurn(async () => {
      this.#upgrades += 1;
      this.#log.finding(finding('upgrade-started', { count: workerCount(this.#config) }));
      const result = await this.#workers.upgrade(this.#config.timeouts.drainMs);
      const outcome: UpgradeOutcome = result.ok
        ? { number: this.#upgrades, done: true, version: result.version, workers: result.count, reason: '' }
        : { number: this.#upgrades, done: false, version: '', workers: 0, reason: this.#tell(result.findings) };
      const { version, workers: count, reason } = outcome;
      const told = result.ok ? finding('upgraded', { count, version }) : finding('upgrade-refused', { reason });
      this.#log.finding(told);
      await this.#writeRecord(outcome);
      return [told];
    });
  }

  setCertificates(site: string, certificates: readonly CertificatePem[]): Promise<readonly Finding[]> {
    return this.#inTurn(async () => {
      const next = withCertificates(this.#certificates!, site, certificates);
      if (next === undefined) return [finding('certificate-for-no-site', { site })];
      const prepared = this.#front.prepare(next.tls);
      if (!prepared.ok) return prepared.findings;
      prepared.commit();
      this.#given.keep(site, certificates);
      this.#certificates = next;
      this.#metrics.setCertificates(next.inUse);
      const said = await Promise.all(this.#workers.serving.map((worker) => worker.setCertificates(site, certificates)));
      return said.find(isRefusal) ?? [];
    });
  }

  forgetCertificates(site: string): readonly CertificatePem[] | undefined {
    return this.#given.forget(site);
  }

  async #showChallenges(answers: readonly ChallengeAnswer[]): Promise<Finding | undefined> {
    const refused = this.#openChallenges.replace(answers);
    if (refused !== undefined) return refused;
    // Those that drain may still have accepted the CA's connection.
    const said = await Promise.all([...this.#workers.alive].map((worker) => worker.showChallenges(answers)));
    return said.find(isRefusal)?.[0];
  }

  drain(): Promise<void> {
    return (this.#drained ??= this.#drain());
  }

  async #drain(): Promise<void> {
    this.#state = 'draining';
    const { drainMs } = this.#config.timeouts;
    this.#log.event('draining', 'info', {
      connections: this.#workers.connections,
      seconds: Math.ceil(drainMs / 1000),
    });
    // Held ports are closed first: with the workers' copies gone too, connections are refused and not kept waiting.
    closeAllBut([], this.#ports);
    await this.#workers.drain(drainMs);
    await this.#close();
    await this.#log.flush();
  }

  /** What is left once no worker runs. */
  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    closeAllBut([], this.#ports);
    await this.#workers.drain(0);
    await this.#admin?.close();
    // A folder that has become unusable keeps nobody from ending.
    if (this.#folder !== undefined) await removeSupervisorRecord(this.#folder).catch(() => undefined);
    process.off('exit', this.#onExit);
  }

  get status(): GatewayStatus {
    const nowMs = this.#clock.wallNow();
    return {
      version: VERSION,
      state: this.#state,
      startedAt: new Date(this.#startedMs).toISOString(),
      uptimeSeconds: Math.floor((nowMs - this.#startedMs) / 1000),
      configGeneration: this.#generation,
      addresses: this.addresses,
      connections: { open: this.#workers.connections },
      sites: siteStatus(this.#config, this.#certificates?.inUse ?? [], nowMs),
      workers: this.#workers.status,
    };
  }

  // ---- changes

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(task);
    this.#turn = run.catch(() => undefined);
    return run;
  }

  /**
   * Goes over to a configuration in all workers, or in none. First every worker reads and judges it while the former one
   * stays in force; when nobody has an objection, each swaps in one turn of its event loop.
   */
  async #change(config: Config): Promise<readonly Finding[]> {
    const before = this.#ports;
    const ports = await holdPorts(config, this.#inherited, before);
    const refuse = (findings: readonly Finding[]): readonly Finding[] => {
      closeAllBut(before, ports);
      return findings;
    };
    let certificates: LoadedCertificates;
    try {
      certificates = this.#given.over(await this.#loadCertificates(config));
    } catch (error) {
      refuse([]);
      throw error;
    }
    const prepared = this.#front.prepare(certificates.tls);
    if (!prepared.ok) return refuse(prepared.findings);
    const state = this.#stateFor(config, certificates, prepared.ticketKeys, ports);
    const workers = this.#workers.serving;
    const opened = ports.filter((port) => !before.includes(port));
    for (const worker of workers) worker.handPorts(opened);
    const objections = (await Promise.all(workers.map((worker) => worker.stage(state)))).find(isRefusal);
    if (objections !== undefined) {
      await Promise.all(workers.map((worker) => worker.abandon()));
      return refuse(objections);
    }
    prepared.commit();
    this.#ports = ports;
    this.#adopt(config, certificates);
    await Promise.all(workers.map((worker) => worker.commit()));
    closeAllBut(ports, before);
    return certificates.findings;
  }

  #adopt(config: Config, certificates: LoadedCertificates): void {
    this.#config = config;
    this.#certificates = certificates;
    this.#ticketKeys = this.#front.exportTicketKeys();
    this.#generation += 1;
    const sites = config.sites.map(({ name }) => name);
    const upstreams = config.sites.flatMap((site) => site.upstreams.map(({ label }) => label));
    this.#metrics.configure(this.#generation, sites, upstreams);
    this.#metrics.setCertificates(certificates.inUse);
    this.#workers.departed.keepOnly(new Set(sites), new Set(upstreams));
    this.#given.keepOnly(new Set(sites));
  }

  #stateFor(
    config: Config,
    { tls, inUse }: LoadedCertificates,
    ticketKeys: readonly SharedTicketKeys[],
    ports: readonly PortForWorkers[],
  ): ServedState {
    // The admin listener is the supervisor's, and so are certificates with the secrets of their issuance.
    const { issuance: _, ...served } = config;
    return { config: { ...served, adminPort: 0 }, tls, inUse, ticketKeys, ports: ports.map(({ id }) => id) };
  }

  /** Leaves of the local CA and ticket keys whose time has come are made anew. */
  async #check(): Promise<void> {
    this.#shareTicketKeys();
    if (this.#clock.wallNow() < (this.#certificates?.renewAtMs ?? Number.POSITIVE_INFINITY)) return;
    try {
      for (const found of await this.#change(this.#config)) this.#log.finding(found);
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      this.#log.finding(error.finding);
    }
  }

  /** Rotates the keys that are due and gives them to everybody, so that a ticket is good with every worker. */
  #shareTicketKeys(): void {
    const before = this.#ticketKeys;
    this.#ticketKeys = this.#front.exportTicketKeys();
    if (this.#ticketKeys.every(({ keys }, index) => keys === before[index]?.keys)) return;
    for (const worker of this.#workers.alive) worker.shareTicketKeys(this.#ticketKeys);
  }

  async #openFolder({ stateFolder }: Config): Promise<void> {
    if (this.#folder?.path !== stateFolder) this.#folder = await openFolder(stateFolder);
  }

  #loadCertificates(config: Config): Promise<LoadedCertificates> {
    const ca = { clock: this.#clock.wallNow, random: randomBytes, machine: hostname() };
    return loadCertificates(config, () => Promise.resolve(this.#folder!), ca, this.#certificates);
  }

  /** Without the record `menshen upgrade` finds nobody; all else goes on, also with a disk that is full. */
  async #writeRecord(upgrade: UpgradeOutcome | undefined): Promise<void> {
    try {
      await writeSupervisorRecord(this.#folder!, upgrade);
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      this.#log.finding(error.finding);
    }
  }

  #tell(findings: readonly Finding[]): string {
    return findings.map((found) => tellFinding(found, this.#config.language).cause).join(' ');
  }

  // ---- admin

  async #startAdmin(): Promise<void> {
    if (this.#config.adminPort === 0) return;
    const admin = await listenAdmin({
      port: this.#config.adminPort,
      metrics: { contentType: this.#metrics.contentType, expose: () => this.#expose() },
      status: () => this.status,
      refresh: () => this.#workers.refresh(),
    });
    if ('code' in admin) throw new FindingError(admin);
    this.#admin = admin;
    this.#log.finding(finding('admin-ready', { address: admin.address }));
  }

  async #expose(): Promise<string> {
    await this.#workers.refresh();
    const own = { worker: 'supervisor', families: await this.#metrics.families() };
    return exposeFamilies(mergeMetrics([own, ...this.#workers.metrics]));
  }
}

function isRefusal(findings: readonly Finding[]): boolean {
  return findings.some((found) => found.severity === 'error');
}
