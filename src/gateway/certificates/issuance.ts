/**
 * Certificates of public names, from a configuration to the handshakes: what is in the store is served from the start,
 * what is missing or due is ordered, what comes goes live in every process. It runs in the process that owns the gateway.
 * Whatever the store or an authority does wrong, what is served goes on being served.
 */
import { createSecureContext } from 'node:tls';
import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { askUrl } from '../../acme/manager/ask.ts';
import { createCertificateManager, type CertificateManager } from '../../acme/manager/certificate-manager.ts';
import { createOnDemand, type OnDemand } from '../../acme/manager/on-demand.ts';
import { systemTimers } from '../../acme/manager/timers.ts';
import type { CertificateEvent, CertificateStatus, WantedCertificate } from '../../acme/manager/wanted.ts';
import { createWebhook, type Webhook } from '../../acme/manager/webhook.ts';
import type { ChallengeSolver, Identifier } from '../../acme/issuer.ts';
import type { Config, SiteConfig } from '../../config/config.ts';
import type { IssuanceConfig, OnDemandConfig } from '../../config/issuance.ts';
import { createHttpFetch, fetchDefaults } from '../../pki/fetch/http-fetch.ts';
import type { CertificateStore, StoredCertificate } from '../../store/certificate-store.ts';
import { certificateIdOf } from '../../store/entry-name.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import type { Folder } from '../../store/folder.ts';
import { FindingError, onlyFinding } from '../../story/finding-error.ts';
import { finding, tellFinding, type Finding } from '../../story/finding.ts';
import type { ChallengeAnswer, ChallengeBoard, ChallengeQuestion } from '../challenge-board.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { CertificatePem } from '../tls/site-input.ts';
import { httpSolver, onlyWhere, sharedOver, tlsAlpnSolver } from './board-solvers.ts';
import { answerFromStore } from './answer-from-store.ts';
import { removeRecord, serveControl, writeRecord, type ControlRequest } from './control.ts';
import { createDnsSolvers, type DnsSolvers } from './dns-solvers.ts';
import { dnsWorldOf } from './dns-world.ts';
import { openIssuers, type OpenIssuers } from './issuers.ts';
import { Staples } from './staples.ts';
import { dateOf, tellEvent } from './tell-event.ts';

/** What issuance does to a gateway. */
export interface IssuedGateway {
  readonly challenges: ChallengeBoard;
  setCertificates(site: string, certificates: readonly CertificatePem[]): Promise<readonly Finding[]>;
}

export interface IssuanceSurroundings {
  readonly folder: Folder;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onEvent?: ((event: CertificateEvent) => void) | undefined;
}

/** How long answers of `menshen check --live` stay up. */
const PROBE_MS = 60_000;
/** Changes of the status that come together are written once. */
const RECORD_AFTER_MS = 200;
/** Whoever reads the record sees how old it is. */
const RECORD_EVERY_MS = 60_000;

export class Issuance {
  readonly #around: IssuanceSurroundings;
  readonly #settings: IssuanceConfig;
  readonly #store: CertificateStore;
  readonly #issuers: OpenIssuers;
  readonly #dns: DnsSolvers | undefined;
  readonly #staples: Staples;
  readonly #webhook: Webhook | undefined;
  /** The sites that are issued for, by name. */
  #sites: ReadonlyMap<string, SiteConfig> = new Map();
  /** Site by the id of its certificate. */
  #siteOf: ReadonlyMap<string, string> = new Map();
  /** What is served, by id. */
  readonly #live = new Map<string, StoredCertificate>();
  /** Certificates on their way into the handshakes, by id. */
  readonly #onTheWay = new Map<string, Promise<void>>();
  #gateway: IssuedGateway | undefined;
  #manager: CertificateManager | undefined;
  #onDemand: OnDemand | undefined;
  #onDemandRules: OnDemandConfig | undefined;
  #control: { close(): void } | undefined;
  #recordTimer: NodeJS.Timeout | undefined;
  #recordInterval: NodeJS.Timeout | undefined;
  /** Records are written one after the other. */
  #recorded: Promise<void> = Promise.resolve();
  #stopped = false;

  /** Throws a FindingError where a bundle of an authority cannot be read. Nothing runs yet. */
  constructor(config: Config, settings: IssuanceConfig, around: IssuanceSurroundings) {
    this.#around = around;
    this.#settings = settings;
    const { folder, clock, log, environment } = around;
    this.#store = createFolderStore({ folder, clock, report: (found) => log.finding(found) });
    this.#issuers = openIssuers(settings.issuers, this.#store, config.email);
    this.#dns = settings.dns && createDnsSolvers(settings.dns, dnsWorldOf(environment), environment);
    this.#webhook =
      settings.webhook && createWebhook({ ...settings.webhook, clock, report: (found) => log.finding(found) });
    this.#staples = new Staples({
      store: this.#store,
      fetch: createHttpFetch(fetchDefaults),
      clock,
      timers: systemTimers,
      report: (found) => log.finding(found),
      onStaple: (id) => void this.#show(id),
      onRevoked: (id) => this.#manager?.reportRevoked(id),
    });
    this.#takeSites(config);
  }

  /** What the store has for the sites, to be served before the first connection. Reports what it has not. */
  async load(): Promise<ReadonlyMap<string, readonly CertificatePem[]>> {
    const { log, clock } = this.#around;
    for (const id of this.#siteOf.keys()) {
      try {
        const stored = await this.#store.live(id);
        if (stored !== undefined && isUsable(stored)) this.#live.set(id, stored);
      } catch (error) {
        if (!(error instanceof FindingError)) throw error;
        log.finding(finding('certificates-unloaded', { reason: tellFinding(error.finding, 'en').cause }));
        break;
      }
    }
    const loaded = new Map<string, readonly CertificatePem[]>();
    for (const [name, site] of this.#sites) {
      const certificates = this.#certificatesOf(name);
      const issuer = site.issuance?.issuers[0] ?? '';
      if (certificates.length === 0) log.finding(finding('certificate-placeholder', { name, issuer }));
      else loaded.set(name, certificates);
    }
    for (const { identifiers, notAfterMs } of this.#live.values()) {
      const name = identifiers.map(({ value }) => value).join(', ');
      if (notAfterMs <= clock()) {
        log.finding(finding('certificate-served-expired', { name, date: dateOf(notAfterMs) }));
      }
    }
    return loaded;
  }

  /** Begins to order, on a gateway whose ports are open. */
  async start(gateway: IssuedGateway): Promise<void> {
    const { log, folder, metrics } = this.#around;
    this.#gateway = gateway;
    const refused = await this.#dns?.start();
    if (refused !== undefined) log.finding(refused);
    this.#manager = createCertificateManager({
      store: this.#store,
      issuers: this.#issuers.issuers,
      solvers: this.#solvers(gateway.challenges),
      clock: this.#around.clock,
      onLive: (certificate) => this.#goLive(certificate),
      onEvent: (event) => void this.#tell(event),
    });
    metrics.manageCertificates(() => this.#manager?.status() ?? []);
    const served = new Set(this.#live.keys());
    await this.#manager.setWanted(this.#wanted());
    await this.#manager.start();
    // Another gateway may have put it into the store since `load`, which told that there is none.
    for (const { id, identifiers, issuer, notAfterMs, version } of this.#live.values()) {
      if (served.has(id)) continue;
      const names = identifiers.map(({ value }) => value);
      void this.#tell({ type: 'adopted', id, names, atMs: this.#around.clock(), issuer, notAfterMs, version });
    }
    this.#openOnDemand(this.#manager, this.#settings.onDemand);
    for (const certificate of this.#live.values()) void this.#staples.follow(certificate);
    this.#control = serveControl(folder, (request) => this.#handle(request));
    this.#record();
    this.#recordInterval = setInterval(() => this.#record(), RECORD_EVERY_MS);
    this.#recordInterval.unref();
  }

  /** Goes over to the sites and the rules on demand of another configuration, all else of issuance being the same. */
  async reload(config: Config, settings: IssuanceConfig): Promise<void> {
    const before = this.#sites;
    this.#takeSites(config);
    for (const id of this.#live.keys()) if (!this.#siteOf.has(id)) this.#live.delete(id);
    this.#staples.keepOnly(new Set(this.#siteOf.keys()));
    if (this.#manager === undefined) return;
    await this.#manager.setWanted(this.#wanted());
    this.#openOnDemand(this.#manager, settings.onDemand);
    for (const [name, site] of this.#sites) {
      if (before.has(name) || this.#certificatesOf(name).length > 0) continue;
      const issuer = site.issuance?.issuers[0] ?? '';
      this.#around.log.finding(finding('certificate-placeholder', { name, issuer }));
    }
    this.#record();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#control?.close();
    clearTimeout(this.#recordTimer);
    clearInterval(this.#recordInterval);
    this.#staples.stop();
    this.#around.metrics.manageCertificates(() => []);
    await this.#manager?.stop();
    await this.#dns?.close();
    this.#issuers.close();
    // One that is still being written would stay, and whoever asks this gateway for something would wait in vain.
    await this.#recorded;
    await removeRecord(this.#around.folder).catch(onlyFinding);
  }

  /** For a name that no site has. Undefined where there is none; never rejects. */
  async certificateFor(serverName: string, peer: string): Promise<CertificatePem | undefined> {
    const obtained = await this.#onDemand?.obtain(serverName, peer);
    if (obtained === undefined) return undefined;
    if ('code' in obtained) {
      if (obtained.severity !== 'info') this.#around.log.finding(obtained, { peer });
      return undefined;
    }
    return { certPem: obtained.chainPem, keyPem: obtained.privateKeyPem };
  }

  /** What another gateway on the same store has put up. */
  async challengeFor(question: ChallengeQuestion): Promise<ChallengeAnswer | undefined> {
    return answerFromStore(this.#store, question);
  }

  status(): readonly CertificateStatus[] {
    return this.#manager?.status() ?? [];
  }

  // What is wanted.

  #takeSites({ sites }: Config): void {
    const issued = sites.filter(({ issuance }) => issuance !== undefined);
    this.#sites = new Map(issued.map((site) => [site.name, site]));
    this.#siteOf = new Map(
      issued.flatMap((site) =>
        (site.issuance?.keyTypes ?? []).map((keyType) => [certificateIdOf([identifierOf(site)], keyType), site.name]),
      ),
    );
  }

  #wanted(): readonly WantedCertificate[] {
    return [...this.#sites.values()].flatMap((site) =>
      site.issuance === undefined
        ? []
        : [
            {
              identifiers: [identifierOf(site)],
              keyTypes: site.issuance.keyTypes,
              issuers: site.issuance.issuers,
            },
          ],
    );
  }

  #solvers(board: ChallengeBoard): readonly ChallengeSolver[] {
    const onBoard = [httpSolver(board), tlsAlpnSolver(board)].map((solver) => sharedOver(this.#store, solver));
    const all = [...onBoard, ...(this.#dns?.solvers ?? [])];
    return all.map((solver) => onlyWhere(solver, ({ value }) => this.#sites.get(value)?.issuance?.challenge));
  }

  /** Answers and rates are kept as long as the rules are the same. A function is another one after each load. */
  #openOnDemand(manager: CertificateManager, rules: OnDemandConfig | undefined): void {
    if (isDeepStrictEqual(rules, this.#onDemandRules)) return;
    this.#onDemandRules = rules;
    this.#onDemand = undefined;
    if (rules === undefined) return;
    const { ask, burst, everyMs, issuers } = rules;
    this.#onDemand = createOnDemand({
      manager,
      store: this.#store,
      ask: typeof ask === 'string' ? askUrl(ask) : ask,
      issuers,
      clock: this.#around.clock,
      issueRate: { burst, refillMs: everyMs },
    });
  }

  // What is served.

  #goLive(certificate: StoredCertificate): void {
    const { id, chainPem } = certificate;
    if (!this.#siteOf.has(id)) return;
    const isServed = this.#live.get(id)?.chainPem === chainPem;
    this.#live.set(id, certificate);
    if (!isServed) {
      const shown = this.#show(id).finally(() => {
        if (this.#onTheWay.get(id) === shown) this.#onTheWay.delete(id);
      });
      this.#onTheWay.set(id, shown);
    }
    void this.#staples.follow(certificate);
  }

  /** Gives a site its certificates as they are now. */
  async #show(id: string): Promise<void> {
    const site = this.#siteOf.get(id);
    if (site === undefined || this.#gateway === undefined || this.#stopped) return;
    const findings = await this.#gateway.setCertificates(site, this.#certificatesOf(site));
    for (const found of findings) this.#around.log.finding(found);
  }

  #certificatesOf(site: string): CertificatePem[] {
    return [...this.#live.values()]
      .filter(({ id }) => this.#siteOf.get(id) === site)
      .map((certificate) => ({
        certPem: certificate.chainPem,
        keyPem: certificate.privateKeyPem,
        ocspStaple: this.#staples.of(certificate),
      }));
  }

  // What is told.

  /** What is said to be there is served by every process. */
  async #tell(event: CertificateEvent): Promise<void> {
    await this.#onTheWay.get(event.id);
    const { found, fields } = tellEvent(event);
    this.#around.log.finding(found, fields);
    this.#around.metrics.count('certificate_events', event.type);
    this.#webhook?.send(event);
    try {
      this.#around.onEvent?.(event);
    } catch (error) {
      // A callback that throws is its author's business and ends nothing here.
      this.#around.log.event('certificate-callback-failed', 'error', { reason: String(error) });
    }
    this.#record();
  }

  #record(): void {
    if (this.#recordTimer !== undefined || this.#stopped) return;
    this.#recordTimer = setTimeout(() => {
      this.#recordTimer = undefined;
      const { folder, clock } = this.#around;
      this.#recorded = this.#recorded.then(async () => {
        if (!this.#stopped) await writeRecord(folder, this.status(), clock()).catch(onlyFinding);
      });
    }, RECORD_AFTER_MS);
    this.#recordTimer.unref();
  }

  // What is asked by `menshen certs` and `menshen check --live`.

  async #handle(request: ControlRequest): Promise<readonly Finding[]> {
    try {
      if (request.kind === 'renew') return [await this.#renew(request.id)];
      if (request.kind === 'probe') return await this.#probe(request.answers);
      return [(await this.#manager?.revoke(request.id, request.reason)) ?? this.#revoked(request.id)];
    } catch (error) {
      if (error instanceof FindingError) return [error.finding];
      throw error;
    }
  }

  async #renew(id: string): Promise<Finding> {
    const result = await this.#manager!.renewNow(id);
    if ('code' in result) return result;
    await this.#onTheWay.get(id);
    const name = result.identifiers.map(({ value }) => value).join(', ');
    return finding('certs-renewed', { name, issuer: result.issuer, until: dateOf(result.notAfterMs) });
  }

  #revoked(id: string): Finding {
    return finding('certs-revoked', { name: id, issuer: this.#live.get(id)?.issuer ?? '' });
  }

  async #probe(answers: Extract<ControlRequest, { kind: 'probe' }>['answers']): Promise<readonly Finding[]> {
    const board = this.#gateway?.challenges;
    const findings: Finding[] = [];
    for (const answer of answers) {
      const refused = await board?.set(answer);
      if (refused !== undefined) findings.push(refused);
    }
    setTimeout(() => {
      for (const answer of answers) void board?.remove(answer);
    }, PROBE_MS).unref();
    return findings;
  }
}

export function identifierOf({ name }: SiteConfig): Identifier {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}

/** Whether OpenSSL takes it: one that it refuses must not keep the gateway from starting. */
function isUsable({ chainPem, privateKeyPem }: StoredCertificate): boolean {
  try {
    createSecureContext({ cert: chainPem, key: privateKeyPem });
    return true;
  } catch {
    return false;
  }
}
