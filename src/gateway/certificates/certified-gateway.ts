/**
 * A gateway that gets its certificates by itself: the gateway of one process or the supervisor of several, with issuance
 * beside it. A configuration that orders nothing runs the gateway alone.
 */
import type { Config } from '../../config/config.ts';
import type { IssuanceConfig } from '../../config/issuance.ts';
import type { CertificateEvent } from '../../acme/manager/wanted.ts';
import { openFolder } from '../../store/folder.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, tellFinding, type Finding } from '../../story/finding.ts';
import { VERSION } from '../../version.ts';
import type { ChallengeAnswer, ChallengeQuestion } from '../challenge-board.ts';
import type { Gateway, GatewayOptions } from '../contract.ts';
import { createLog, type Log } from '../observe/log.ts';
import { Metrics } from '../observe/metrics.ts';
import type { CertificatePem } from '../tls/site-input.ts';
import { workerCount } from '../workers/worker-count.ts';
import type { FileStaples, StapledFiles } from './file-staples.ts';
import type { Issuance } from './issuance.ts';

export interface CertifiedGatewayOptions {
  readonly log?: Log;
  /** Told of every event of a certificate. What it throws is logged. */
  readonly onCertificateEvent?: ((event: CertificateEvent) => void) | undefined;
  /** Runs in this process alone, whatever `workers` says: for a gateway inside another program. */
  readonly oneProcess?: boolean;
  /** Default: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The gateway as the command line and programs drive it. */
export interface CertifiedGateway extends Gateway {
  upgrade?(): Promise<unknown>;
}

/** Rejects with a FindingError where certificates or the state folder are amiss; nothing is open yet. */
export async function createCertifiedGateway(
  config: Config,
  options: CertifiedGatewayOptions = {},
): Promise<CertifiedGateway> {
  const ownsLog = options.log === undefined;
  const log = options.log ?? createLog({ format: config.log, language: config.language });
  const metrics = new Metrics({ version: VERSION });
  const keeper = new CertificateKeeper(log, metrics, options);
  const given = await keeper.open(config);
  const parts: GatewayOptions & { readonly log: Log } = {
    log,
    metrics,
    given,
    // Asked only while the configuration has `onDemand`, which may come and go with a reload.
    certificateFor: (serverName, peer) => keeper.certificateFor(serverName, peer),
    challengeFor: (question) => keeper.challengeFor(question),
  };
  const several = options.oneProcess !== true && workerCount(config) > 1;
  const supervisor = several
    ? await (await import('../workers/supervisor.ts')).createSupervisor(config, parts)
    : undefined;
  const inner: Gateway = supervisor ?? (await (await import('../gateway.ts')).createGateway(config, parts));
  return {
    challenges: inner.challenges,
    setCertificates: (site, certificates) => inner.setCertificates(site, certificates),
    forgetCertificates: (site) => inner.forgetCertificates(site),
    get addresses() {
      return inner.addresses;
    },
    get httpsPort() {
      return inner.httpsPort;
    },
    get status() {
      return inner.status;
    },
    get rootFile() {
      return inner.rootFile;
    },
    async start() {
      await inner.start();
      // Orders are nothing that a gateway that is ready waits for.
      void keeper.start(inner);
    },
    reload: (next) => keeper.reload(next, inner),
    async drain() {
      await keeper.stop();
      await inner.drain();
      if (ownsLog) await log.close();
    },
    ...(supervisor && { upgrade: () => supervisor.upgrade() }),
  };
}

/** Opens issuance, exchanges it when its settings change, and ends it. */
class CertificateKeeper {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #options: CertifiedGatewayOptions;
  #config: Config | undefined;
  #issuance: Issuance | undefined;
  #fileStaples: FileStaples | undefined;
  #stapled: StapledFiles = new Map();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(log: Log, metrics: Metrics, options: CertifiedGatewayOptions) {
    this.#log = log;
    this.#metrics = metrics;
    this.#options = options;
  }

  /** What the store has for the sites. */
  async open(config: Config): Promise<ReadonlyMap<string, readonly CertificatePem[]>> {
    this.#config = config;
    this.#issuance = config.issuance && (await this.#make(config, config.issuance));
    return (await this.#issuance?.load()) ?? new Map<string, readonly CertificatePem[]>();
  }

  /** Never rejects: what is served is served without it. */
  async start(gateway: Gateway): Promise<void> {
    try {
      await this.#inTurn(async () => {
        await this.#stapleFiles(gateway);
        await this.#issuance?.start(gateway);
      });
    } catch (error) {
      const reason = error instanceof FindingError ? tellFinding(error.finding, 'en').cause : String(error);
      this.#log.finding(finding('certificates-unloaded', { reason }));
    }
  }

  reload(config: Config, gateway: Gateway): Promise<readonly Finding[]> {
    return this.#inTurn(async () => {
      const before = this.#config;
      // What was issued no longer counts for a site that now has files, or the local CA.
      const issued = new Set(config.sites.filter(({ issuance }) => issuance).map(({ name }) => name));
      const leaving = (before?.sites ?? []).filter(({ name, issuance }) => issuance && !issued.has(name));
      // Files may have changed: they are read anew, and stapled again after that.
      const names = [...leaving.map(({ name }) => name), ...this.#stapled.keys()];
      const taken = names.map((name) => [name, gateway.forgetCertificates(name)] as const);
      const findings = await gateway.reload(config);
      if (findings.some(({ severity }) => severity === 'error')) {
        for (const [name, certificates] of taken) {
          if (certificates !== undefined) await gateway.setCertificates(name, certificates);
        }
        return findings;
      }
      this.#config = config;
      await this.#stapleFiles(gateway);
      return [...findings, ...(await this.#goOver(config, before, gateway))];
    });
  }

  async #goOver(config: Config, before: Config | undefined, gateway: Gateway): Promise<readonly Finding[]> {
    const { issuance } = config;
    if (this.#issuance !== undefined && issuance !== undefined && isSame(before, config)) {
      await this.#issuance.reload(config, issuance);
      return [];
    }
    await this.#issuance?.stop();
    this.#issuance = undefined;
    if (issuance === undefined) return [];
    const findings: Finding[] = [];
    try {
      this.#issuance = await this.#make(config, issuance);
      for (const [site, certificates] of await this.#issuance.load()) {
        findings.push(...(await gateway.setCertificates(site, certificates)));
      }
      await this.#issuance.start(gateway);
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      findings.push(error.finding);
    }
    return findings;
  }

  /** For a name that no site has. What a reload is about to change is waited for. */
  async certificateFor(serverName: string, peer: string): Promise<CertificatePem | undefined> {
    await this.#turn;
    return this.#issuance?.certificateFor(serverName, peer);
  }

  async challengeFor(question: ChallengeQuestion): Promise<ChallengeAnswer | undefined> {
    return this.#issuance?.challengeFor(question);
  }

  stop(): Promise<void> {
    this.#fileStaples?.stop();
    return this.#inTurn(async () => this.#issuance?.stop());
  }

  /** Follows the certificates from files that name a responder; where there are none, nothing is loaded for them. */
  async #stapleFiles(gateway: Gateway): Promise<void> {
    const config = this.#config!;
    if (this.#fileStaples === undefined && config.sites.every(({ certificates }) => certificates.length === 0)) return;
    const { openFileStaples, readStapledFiles } = await import('./file-staples.ts');
    this.#stapled = await readStapledFiles(config);
    if (this.#stapled.size > 0) {
      this.#fileStaples ??= await openFileStaples({
        stateFolder: config.stateFolder,
        log: this.#log,
        clock: Date.now,
        show: (site, certificate) =>
          void this.#inTurn(async () => {
            // A reload that came first has read the files anew.
            if (this.#stapled.get(site)?.certPem !== certificate.certPem) return;
            for (const found of await gateway.setCertificates(site, [certificate])) this.#log.finding(found);
          }),
      });
    }
    this.#fileStaples?.take(this.#stapled);
  }

  async #make(config: Config, settings: IssuanceConfig): Promise<Issuance> {
    // A configuration that orders nothing loads nothing of this.
    const { Issuance: Opened } = await import('./issuance.ts');
    return new Opened(config, settings, {
      folder: await openFolder(config.stateFolder),
      log: this.#log,
      metrics: this.#metrics,
      clock: Date.now,
      environment: this.#options.environment ?? process.env,
      onEvent: this.#options.onCertificateEvent,
    });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(task);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

/** Whether issuance can go on: with other sites, and other rules for names on demand. */
function isSame(one: Config | undefined, other: Config): boolean {
  return one?.issuance !== undefined && settingsOf(one) === settingsOf(other);
}

function settingsOf({ issuance, email, stateFolder }: Config): string {
  const { onDemand: _, ...rest } = issuance!;
  return JSON.stringify([rest, email, stateFolder]);
}
