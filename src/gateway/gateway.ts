/**
 * The gateway as a whole. Its life:
 *
 *   createGateway   reads certificates, builds the sites, opens nothing
 *   start           opens the ports and says `ready`
 *   reload          builds the new sites beside the old, then swaps; requests and tunnels in flight keep theirs
 *   drain           accepts nothing more, lets what is in flight end, closes
 */
import { randomBytes, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { RequestHeadReader } from '../codec/http1/request-head.ts';
import type { Config, SiteConfig } from '../config/config.ts';
import { openFolder, type Folder } from '../store/folder.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding, type Finding } from '../story/finding.ts';
import { createRequestIds } from './answer/request-id.ts';
import { OpenChallenges, SharedBoard, type ChallengeAnswer, type ChallengeBoard } from './challenge-board.ts';
import { ChallengesElsewhere } from './challenges-elsewhere.ts';
import { ClientConnections } from './client-connections.ts';
import type { Gateway, GatewayOptions, StagedConfig, Supplies, WorkerGateway } from './contract.ts';
import type { Clock, Engine } from './engine.ts';
import { GivenCertificates, withCertificates } from './given-certificates.ts';
import { takeInheritedSockets, type InheritedSocket } from './listen/inherited.ts';
import { Listeners } from './listeners.ts';
import { listenAdmin, type AdminListener, type GatewayStatus } from './observe/admin.ts';
import { createLog, type Log } from './observe/log.ts';
import type { MetricFamily } from './observe/metric-family.ts';
import { Metrics } from './observe/metrics.ts';
import { PlainHandler, SecureHandler, type HandlerSurroundings } from './request-handler.ts';
import { RequestSites } from './request-router.ts';
import { loadCertificates, type LoadedCertificates } from './site-certificates.ts';
import { Site, type SiteSurroundings } from './site.ts';
import { siteStatus } from './site-status.ts';
import { Sweeper } from './sweeper.ts';
import { systemClock } from './system-clock.ts';
import type { CertificatePem } from './tls/site-input.ts';
import { TlsFront, type SharedTicketKeys } from './tls/tls-front.ts';
import { Gather } from './transport/gather.ts';
import { chooseTransportLevel } from './transport/choose-level.ts';
import type { TransportLevel } from './transport/transport.ts';
import { TrustedPeers } from './trusted-peers.ts';
import { systemResolver, type NameResolver } from './upstream/resolver.ts';
import { VERSION } from '../version.ts';

/** Certificates are looked at this often: far below the shortest life of one, far above any cost. */
const RENEWAL_CHECK_MS = 60_000;

/** Makes a gateway that is ready to start. Rejects with a FindingError where certificates or the state folder are amiss. */
export async function createGateway(config: Config, options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = new MenshenGateway(config, options, options.level ?? (await chooseTransportLevel()));
  await gateway.prepare();
  return gateway;
}

/** Like createGateway, for a worker. */
export async function createWorkerGateway(
  config: Config,
  options: GatewayOptions & { readonly supplied: Supplies },
): Promise<WorkerGateway> {
  const gateway = new MenshenGateway(config, options, options.level ?? (await chooseTransportLevel()));
  await gateway.prepare();
  return gateway;
}

class MenshenGateway implements WorkerGateway {
  readonly challenges: ChallengeBoard = new SharedBoard((answers) => Promise.resolve(this.showChallenges(answers)));
  readonly #log: Log;
  readonly #ownsLog: boolean;
  readonly #clock: Clock;
  readonly #resolver: NameResolver;
  readonly #challenges: OpenChallenges;
  readonly #given: GivenCertificates;
  readonly #inherited: readonly InheritedSocket[];
  readonly #supplied: Supplies | undefined;
  readonly #metrics: Metrics;
  readonly #sweeper: Sweeper;
  readonly #engine: Engine;
  readonly #secure: SecureHandler;
  readonly #listeners: Listeners;
  readonly #front: TlsFront;
  readonly #connections: ClientConnections;
  readonly #siteSurroundings: () => SiteSurroundings;
  readonly #startedMs: number;
  #config: Config;
  #trusted: TrustedPeers;
  #sites: ReadonlyMap<string, Site> = new Map();
  #certificates: LoadedCertificates | undefined;
  #folder: Folder | undefined;
  #admin: AdminListener | undefined;
  #state: GatewayStatus['state'] = 'starting';
  #generation = 0;
  #renewal: NodeJS.Timeout | undefined;
  /** Reloads and renewals one after the other. */
  #changes: Promise<unknown> = Promise.resolve();
  #drained: Promise<void> | undefined;
  /** Monotonic. */
  #drainedByMs = Number.POSITIVE_INFINITY;

  constructor(config: Config, options: GatewayOptions, level: TransportLevel) {
    this.#config = config;
    this.#ownsLog = options.log === undefined;
    this.#log = options.log ?? createLog({ format: config.log, language: config.language });
    this.#clock = options.clock ?? systemClock;
    this.#resolver = options.resolver ?? systemResolver;
    this.#supplied = options.supplied;
    this.#inherited = options.inherited ?? (this.#supplied ? [] : takeInheritedSockets(process.env, process.pid));
    this.#startedMs = this.#clock.wallNow();
    this.#given = new GivenCertificates(options.given);
    this.#metrics = options.metrics ?? new Metrics({ version: VERSION, clock: this.#clock.wallNow });
    this.#sweeper = new Sweeper(this.#clock);
    this.#trusted = new TrustedPeers(config.trustedProxies);
    const surroundings: HandlerSurroundings = {
      log: this.#log,
      metrics: this.#metrics,
      language: () => this.#config.language,
      nextRequestId: createRequestIds(randomInt(2 ** 32)),
      wallNow: this.#clock.wallNow,
    };
    this.#secure = new SecureHandler(surroundings, new RequestSites([], '', new Map()));
    const shared = {
      clock: this.#clock,
      sweeper: this.#sweeper,
      gather: new Gather(),
      level,
      wantsAgent: this.#log.wantsAgent,
    };
    this.#engine = { ...shared, handler: this.#secure };
    this.#siteSurroundings = () => ({
      engine: this.#engine,
      resolver: this.#resolver,
      leg: {
        now: this.#clock.now,
        answerError: (downstream, code) => void this.#secure.answerError(downstream, code),
      },
      tallies: (label) => this.#metrics.upstream(label),
      report: (found) => this.#log.finding(found),
      language: this.#config.language,
      nextRequestId: surroundings.nextRequestId,
    });
    const elsewhere = options.challengeFor && new ChallengesElsewhere(options.challengeFor, this.#clock.now);
    this.#front = new TlsFront({
      clock: this.#clock,
      random: randomBytes,
      bounds: { handshakeTimeoutMs: config.timeouts.handshakeMs, clientHelloBytes: config.limits.clientHelloBytes },
      alpn: ['h2', 'http/1.1'],
      rotatesTicketKeys: this.#supplied === undefined,
      onSecure: (socket, info) => this.#connections.serveSecure(socket, info),
      onHandshakeFailure: (failure) => {
        this.#metrics.handshakeFailed(failure.finding.code);
        this.#log.handshakeFailure(failure);
      },
      onPlainHttp: (socket) => this.#connections.answerPlainHttp(socket),
      certificateFor: options.certificateFor,
      challengeElsewhere: elsewhere && ((serverName) => elsewhere.certificate(serverName)),
      report: (found) => this.#log.finding(found),
    });
    this.#challenges = new OpenChallenges((certificates) => this.#front.answerChallenges(certificates), elsewhere);
    this.#listeners = new Listeners({
      https: (socket) => this.#connections.accept(socket, (accepted) => this.#front.accept(accepted)),
      http: (socket) => this.#connections.accept(socket, (accepted) => this.#connections.servePlain(accepted)),
    });
    // Redirects name the port that is really open, which is known only then.
    let plain: PlainHandler | undefined;
    const plainEngine: Engine = {
      ...shared,
      handler: {
        handle: (downstream) =>
          (plain ??= new PlainHandler(surroundings, this.#secure, this.#challenges, this.#listeners.httpsPort)).handle(
            downstream,
          ),
        finished: (record) => this.#secure.finished(record),
        refusal: (code) => this.#secure.refusal(code),
      },
    };
    this.#connections = new ClientConnections({
      log: this.#log,
      metrics: this.#metrics,
      engine: this.#engine,
      plainEngine,
      plainReader: new RequestHeadReader({
        headBytes: config.limits.requestHeadBytes,
        targetBytes: config.limits.requestTargetBytes,
        fieldCount: config.limits.requestFieldCount,
      }),
      h2: { defended: (code) => this.#metrics.count('defences', code), random: randomBytes },
      rules: () => ({ config: this.#config, sites: this.#sites, trusted: this.#trusted }),
    });
  }

  /** Everything that can fail without a port being open. */
  async prepare(): Promise<void> {
    const findings = await this.#adopt(this.#config);
    const error = findings.find((found) => found.severity === 'error');
    if (error !== undefined) throw new FindingError(error);
    for (const found of findings) this.#log.finding(found);
  }

  async start(): Promise<void> {
    try {
      if (this.#supplied) await this.takePorts();
      else await this.#listeners.listen(this.#config, this.#inherited);
      await this.#startAdmin();
    } catch (error) {
      await this.#listeners.close();
      throw error;
    }
    this.#state = 'ready';
    // Renewal and the word that all is ready are the supervisor's where there is one.
    if (this.#supplied) return;
    this.#renewal = setInterval(() => void this.#renew(), RENEWAL_CHECK_MS);
    this.#renewal.unref();
    this.#log.event('ready', 'info', { addresses: [...this.addresses] });
  }

  async #startAdmin(): Promise<void> {
    if (this.#config.adminPort === 0) return;
    const admin = await listenAdmin({
      port: this.#config.adminPort,
      metrics: this.#metrics,
      status: () => this.status,
    });
    if ('code' in admin) throw new FindingError(admin);
    this.#admin = admin;
    this.#log.finding(finding('admin-ready', { address: admin.address }));
  }

  get addresses(): readonly string[] {
    return this.#listeners.addresses;
  }

  get httpsPort(): number {
    return this.#listeners.httpsPort;
  }

  get rootFile(): string | undefined {
    return this.#certificates?.localCa?.rootFile;
  }

  reload(config: Config): Promise<readonly Finding[]> {
    const change = this.#changes.then(async () => {
      try {
        await this.#listeners.listen(config, this.#inherited);
        const findings = await this.#adopt(config);
        const refused = findings.some((found) => found.severity === 'error');
        if (refused) await this.#listeners.listen(this.#config, this.#inherited);
        this.#metrics.reload(refused ? 'refused' : 'applied');
        return findings;
      } catch (error) {
        this.#metrics.reload('refused');
        if (error instanceof FindingError) return [error.finding];
        throw error;
      }
    });
    this.#changes = change.catch(() => undefined);
    return change;
  }

  /** Goes over to a configuration, whole or not at all: with an error among the findings nothing has changed. */
  async #adopt(config: Config): Promise<readonly Finding[]> {
    const staged = await this.stage(config);
    staged.commit?.();
    return staged.findings;
  }

  async stage(config: Config): Promise<StagedConfig> {
    let certificates: LoadedCertificates;
    try {
      certificates = this.#supplied?.certificates() ?? this.#given.over(await this.#loadCertificates(config));
    } catch (error) {
      if (error instanceof FindingError) return { findings: [error.finding] };
      throw error;
    }
    const prepared = this.#front.prepare(certificates.tls, this.#supplied?.ticketKeys());
    if (!prepared.ok) return { findings: prepared.findings };
    return {
      findings: certificates.findings,
      commit: () => {
        prepared.commit();
        this.#goLive(config, certificates);
      },
    };
  }

  takePorts(): Promise<void> {
    return this.#listeners.listenHanded(this.#supplied?.ports() ?? []);
  }

  importTicketKeys(keys: readonly SharedTicketKeys[]): void {
    this.#front.importTicketKeys(keys);
  }

  showChallenges(answers: readonly ChallengeAnswer[]): Finding | undefined {
    return this.#challenges.replace(answers);
  }

  setCertificates(site: string, certificates: readonly CertificatePem[]): Promise<readonly Finding[]> {
    const change = this.#changes.then(() => {
      const next = this.#certificates && withCertificates(this.#certificates, site, certificates);
      if (next === undefined) return [finding('certificate-for-no-site', { site })];
      const prepared = this.#front.prepare(next.tls);
      if (!prepared.ok) return prepared.findings;
      prepared.commit();
      this.#given.keep(site, certificates);
      this.#certificates = next;
      this.#secure.sites = this.#requestSites();
      this.#metrics.setCertificates(next.inUse);
      return [];
    });
    this.#changes = change.catch(() => undefined);
    return change;
  }

  forgetCertificates(site: string): readonly CertificatePem[] | undefined {
    return this.#given.forget(site);
  }

  #requestSites(): RequestSites {
    return new RequestSites([...this.#sites.values()], this.#config.defaultSite, this.#front.policyIds);
  }

  metricFamilies(): Promise<readonly MetricFamily[]> {
    return this.#metrics.families();
  }

  /** Nothing here fails: the new state is put together and swapped in one turn of the event loop. */
  #goLive(config: Config, certificates: LoadedCertificates): void {
    const before = this.#sites;
    const language = this.#config.language;
    this.#config = config;
    this.#certificates = certificates;
    this.#trusted = new TrustedPeers(config.trustedProxies);
    this.#front.bounds = {
      handshakeTimeoutMs: config.timeouts.handshakeMs,
      clientHelloBytes: config.limits.clientHelloBytes,
    };
    const surroundings = this.#siteSurroundings();
    const sites = config.sites.map((site) => {
      const running = before.get(site.name);
      return running !== undefined && language === config.language && sameSite(running.config, site)
        ? running
        : new Site(site, surroundings);
    });
    this.#sites = new Map(sites.map((site) => [site.name, site]));
    this.#secure.sites = this.#requestSites();
    this.#given.keepOnly(new Set(this.#sites.keys()));
    for (const site of before.values()) if (!sites.includes(site)) site.close();
    this.#generation += 1;
    const labels = config.sites.flatMap((site) => site.upstreams.map((upstream) => upstream.label));
    this.#metrics.configure(this.#generation, [...this.#sites.keys()], labels);
    this.#metrics.setCertificates(certificates.inUse);
  }

  #loadCertificates(config: Config): Promise<LoadedCertificates> {
    return loadCertificates(
      config,
      async () =>
        this.#folder?.path === config.stateFolder
          ? this.#folder
          : (this.#folder = await openFolder(config.stateFolder)),
      { clock: this.#clock.wallNow, random: randomBytes, machine: hostname() },
      this.#certificates,
    );
  }

  /** Leaves of the local CA whose time has come are made anew; live connections and tickets are not touched. */
  async #renew(): Promise<void> {
    if (this.#clock.wallNow() < (this.#certificates?.renewAtMs ?? Number.POSITIVE_INFINITY)) return;
    const change = this.#changes.then(async () => {
      for (const found of await this.#adopt(this.#config)) this.#log.finding(found);
    });
    this.#changes = change.catch(() => undefined);
    await this.#changes;
  }

  // ---- end

  drain(withinMs: number = this.#config.timeouts.drainMs): Promise<void> {
    this.#drainedByMs = Math.min(this.#drainedByMs, this.#clock.now() + withinMs);
    return (this.#drained ??= this.#drain());
  }

  async #drain(): Promise<void> {
    await this.#changes;
    // In the same turn as the ports are closed: what has been accepted until then is served.
    this.#state = 'draining';
    this.#connections.refuseMore();
    if (!this.#supplied) {
      this.#log.event('draining', 'info', {
        connections: this.#connections.size,
        seconds: Math.ceil(this.#config.timeouts.drainMs / 1000),
      });
    }
    clearInterval(this.#renewal);
    await this.#listeners.close();
    await this.#connections.drain(
      () => this.#front.handshakesInFlight === 0,
      () => this.#clock.now() >= this.#drainedByMs,
    );
    this.#front.close();
    this.#connections.destroy();
    for (const site of this.#sites.values()) site.close();
    this.#sweeper.stop();
    await this.#admin?.close();
    if (this.#ownsLog) await this.#log.close();
    else await this.#log.flush();
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
      connections: { open: this.#metrics.connectionsOpen },
      sites: siteStatus(this.#config, this.#certificates?.inUse ?? [], nowMs),
    };
  }
}

/** Whether a site can go on as it is: all of its configuration is plain data. */
function sameSite(one: SiteConfig, other: SiteConfig): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
