/**
 * Sees to it that every wanted set of names has a live certificate, now and for ever. It never throws what the store or a
 * CA does wrong: that becomes events and the status, and TLS goes on with what is live.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { formatLeft } from '../../pki/lifetime.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type {
  CertificateContent,
  CertificateStore,
  KeyType,
  StoredCertificate,
} from '../../store/certificate-store.ts';
import { certificateIdOf } from '../../store/entry-name.ts';
import type { IssueFailure, RenewalWindow, RevocationReason } from '../issuer.ts';
import { nextAttempt } from '../policy/back-off.ts';
import { BUDGET_MEMORY_MS, type Budget, type BudgetUse } from '../policy/budget.ts';
import { chooseIssuer, rehearses } from '../policy/issuer-choice.ts';
import { emergencyTime, isWithinWindow } from '../policy/renewal-time.ts';
import { seededFraction } from '../policy/seeded.ts';
import { attemptOrder, keepCertificate, nameOf, type AttemptOutcome, type AttemptSurroundings } from './attempt.ts';
import type { CertificateManager, CertificateManagerOptions } from './contract.ts';
import { CountedUses } from './counted-uses.ts';
import { isUrgent, newItem, orderTime, recordOf, replan, setLive, statusOf, wakeTime, type Item } from './item.ts';
import { LEASE_MS } from './lease-keeper.ts';
import { realMaterial, type Material } from './material.ts';
import { Schedule } from './schedule.ts';
import { systemTimers, type Timers } from './timers.ts';
import type { CertificateEvent, CertificateStatus, ManagedIssuer, WantedCertificate } from './wanted.ts';

const DEFAULTS = { concurrency: 8, orderTimeoutMs: 900_000, pollMs: 30_000 } as const;
/** Bounds for when a CA is asked again about its window, whatever it says. */
const ASK_SOONEST_MS = 60_000;
const ASK_LATEST_MS = 7 * 86_400_000;
/** After a question that was not answered. */
const ASK_AFTER_FAILURE_MS = 3_600_000;
const ASK_TIMEOUT_MS = 60_000;
/** Certificates that are read from the store at a time. */
const LOADING = 16;
/** What a CA without limits of its own in the list is measured by: the lane of names whose CA is not configured. */
const UNKNOWN_ISSUER = '';

export type { CertificateManager, CertificateManagerOptions } from './contract.ts';

export function createCertificateManager(options: CertificateManagerOptions): CertificateManager {
  return new Manager(options);
}

class Manager implements CertificateManager {
  readonly #store: CertificateStore;
  readonly #issuers: readonly ManagedIssuer[];
  readonly #clock: () => number;
  readonly #timers: Timers;
  readonly #material: Material;
  readonly #pollMs: number;
  readonly #onLive: (certificate: StoredCertificate) => void;
  readonly #onEvent: (event: CertificateEvent) => void;
  readonly #around: AttemptSurroundings;
  readonly #items = new Map<string, Item>();
  readonly #schedule: Schedule;
  readonly #uses: CountedUses;
  #stop = new AbortController();
  #started = false;
  #cursor: number | undefined;
  #cancelPoll: () => void = () => undefined;
  #cancelHint: (() => void) | undefined;
  #unwatch: () => void = () => undefined;
  #polling: Promise<void> | undefined;

  constructor(options: CertificateManagerOptions) {
    const { store, issuers, solvers, clock = Date.now, timers = systemTimers, material = realMaterial } = options;
    if (issuers.length === 0) throw new RangeError('a certificate manager needs an issuer');
    this.#store = store;
    this.#issuers = issuers;
    this.#clock = clock;
    this.#timers = timers;
    this.#material = material;
    this.#pollMs = options.pollMs ?? DEFAULTS.pollMs;
    this.#onLive = options.onLive ?? (() => undefined);
    this.#onEvent = options.onEvent ?? (() => undefined);
    const owner = options.owner ?? `${hostname()} ${process.pid} ${randomUUID()}`;
    const orderTimeoutMs = options.orderTimeoutMs ?? DEFAULTS.orderTimeoutMs;
    this.#around = { store, clock, timers, material, solvers, owner, orderTimeoutMs };
    this.#uses = new CountedUses({ store, issuers, clock, memoryMs: 2 * this.#pollMs });
    this.#schedule = new Schedule({
      clock,
      timers,
      concurrency: options.concurrency ?? DEFAULTS.concurrency,
      budgetOf: (issuer) => this.#uses.budgetOf(issuer),
      laneOf: (item) => (item.issuers[this.#choose(item).index] ?? issuers[0])?.issuer.name ?? UNKNOWN_ISSUER,
      work: (item) => this.#work(item),
      wakeTime,
    });
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    this.#stop = new AbortController();
    // Every attempt under way listens.
    setMaxListeners(0, this.#stop.signal);
    await this.#guarded(() => this.#uses.load(BUDGET_MEMORY_MS));
    await this.#guarded(async () => {
      this.#cursor = (await this.#store.changes()).cursor;
    });
    await this.#load([...this.#items.values()]);
    for (const item of this.#items.values()) this.#schedule.add(item);
    this.#schedule.start();
    this.#unwatch = this.#store.watch(() => this.#hinted());
    this.#armPoll();
  }

  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    this.#cancelPoll();
    this.#cancelHint?.();
    this.#cancelHint = undefined;
    this.#unwatch();
    this.#stop.abort();
    await this.#polling;
    await this.#schedule.stop();
    for (const item of this.#items.values()) this.#settle(item, finding('renewal-stopped', { name: nameOf(item) }));
  }

  async setWanted(wanted: readonly WantedCertificate[]): Promise<void> {
    const keep = new Set<string>();
    const added: Item[] = [];
    for (const one of wanted) {
      for (const item of this.#itemsOf(one, added)) keep.add(item.id);
    }
    for (const item of this.#items.values()) if (!keep.has(item.id)) this.#drop(item);
    await this.#add(added);
  }

  async obtain(wanted: WantedCertificate): Promise<StoredCertificate | Finding> {
    const added: Item[] = [];
    const [item] = this.#itemsOf(wanted, added);
    if (item === undefined) throw new RangeError('a certificate needs a name');
    await this.#add(added);
    const { live } = item;
    if (live !== undefined && live.notAfterMs > this.#clock()) return live;
    return new Promise((resolve) => item.waiters.push(resolve));
  }

  forget(id: string): void {
    const item = this.#items.get(id);
    if (item !== undefined) this.#drop(item);
  }

  live(id: string): StoredCertificate | undefined {
    return this.#items.get(id)?.live;
  }

  status(): readonly CertificateStatus[] {
    const nowMs = this.#clock();
    const all = [...this.#items.values()].map((item) => statusOf(item, nowMs));
    return all.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async renewNow(id: string): Promise<StoredCertificate | Finding> {
    const item = this.#items.get(id);
    if (item === undefined) return finding('renewal-unknown-certificate', { name: id });
    item.forced = true;
    item.retryAtMs = 0;
    const done = new Promise<StoredCertificate | Finding>((resolve) => item.waiters.push(resolve));
    this.#schedule.add(item);
    this.#schedule.pump();
    return done;
  }

  async revoke(id: string, reason: RevocationReason): Promise<Finding | undefined> {
    const item = this.#items.get(id);
    const found = await this.#guarded(async () => item?.live ?? (await this.#store.live(id)));
    if (!found.ok) return found.finding;
    const certificate = found.value;
    if (certificate === undefined) return finding('renewal-unknown-certificate', { name: id });
    const by = this.#issuers.find(({ issuer }) => issuer.name === certificate.issuer)?.issuer;
    if (by === undefined) return finding('renewal-unknown-issuer', { name: id, issuer: certificate.issuer });
    const failure = await by.revoke(certificate.chainPem, certificate.privateKeyPem, reason);
    if (failure !== undefined) return failure;
    if (item !== undefined && item.live?.version === certificate.version) this.reportRevoked(id);
    return undefined;
  }

  reportRevoked(id: string): void {
    const item = this.#items.get(id);
    if (item?.live === undefined || item.revoked) return;
    item.revoked = true;
    this.#emit(item, { type: 'revoked', explanationUrl: undefined });
    replan(item, this.#clock());
    this.#schedule.add(item);
    this.#schedule.pump();
  }

  async importCertificate(content: CertificateContent): Promise<Finding | undefined> {
    const id = certificateIdOf(content.identifiers, content.keyType);
    const result = await this.#guarded(async () => {
      const lease = await this.#store.acquire(id, this.#around.owner, LEASE_MS);
      if (lease === undefined) return finding('renewal-held-elsewhere', { name: id });
      try {
        const kept = await this.#store.publish(lease, content);
        const item = this.#items.get(id);
        if (item !== undefined && this.#adopt(item, kept)) this.#schedule.add(item);
      } finally {
        await this.#store.release(lease);
      }
      return undefined;
    });
    return result.ok ? result.value : result.finding;
  }

  // The wanted sets.

  /** The items of a wanted set; those that were not there are made and put into `added`. */
  #itemsOf(wanted: WantedCertificate, added: Item[]): Item[] {
    const chosen = this.#issuersOf(wanted);
    return (wanted.keyTypes ?? ['ecdsa']).map((keyType: KeyType) => {
      const id = certificateIdOf(wanted.identifiers, keyType);
      const known = this.#items.get(id);
      if (known !== undefined) {
        known.issuers = chosen;
        return known;
      }
      const item = newItem(id, wanted.identifiers, keyType, chosen);
      this.#items.set(id, item);
      added.push(item);
      return item;
    });
  }

  #issuersOf({ issuers }: WantedCertificate): readonly ManagedIssuer[] {
    if (issuers === undefined) return this.#issuers;
    const chosen = issuers.flatMap((name) => this.#issuers.filter(({ issuer }) => issuer.name === name));
    return chosen.length === 0 ? this.#issuers : chosen;
  }

  async #add(added: readonly Item[]): Promise<void> {
    if (!this.#started) return;
    await this.#load(added);
    for (const item of added) this.#schedule.add(item);
    this.#schedule.pump();
  }

  #drop(item: Item): void {
    item.removed = true;
    this.#items.delete(item.id);
    const why = finding('renewal-unknown-certificate', { name: item.id });
    for (const resolve of item.waiters.splice(0)) resolve(why);
  }

  async #load(items: readonly Item[]): Promise<void> {
    let next = 0;
    const loader = async (): Promise<void> => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) {
        const loading = item;
        const result = await this.#guarded(() => this.#store.live(loading.id), loading);
        if (result.ok && result.value !== undefined) this.#adopt(loading, result.value);
      }
    };
    await Promise.all(Array.from({ length: LOADING }, loader));
  }

  /** Takes a certificate of the store as the live one, if it is another than the present one. */
  #adopt(item: Item, certificate: StoredCertificate): boolean {
    const present = item.live;
    if (present !== undefined && (certificate.fence < present.fence || certificate.version === present.version)) {
      return false;
    }
    const facts = this.#material.read(certificate.chainPem);
    if (facts === undefined) return false;
    setLive(item, certificate, facts, this.#clock());
    this.#onLive(certificate);
    this.#settle(item, certificate);
    return true;
  }

  // What is done when an item wakes.

  async #work(item: Item): Promise<'done' | 'starved'> {
    try {
      if (!item.kept && item.live !== undefined) await this.#keepAgain(item, item.live);
      this.#tellExpiring(item);
      if (item.askAtMs <= this.#clock()) await this.#askWindow(item);
      if (item.removed || orderTime(item) > this.#clock()) return 'done';
      return await this.#order(item);
    } catch (error) {
      // A defect of ours must not end the scheduler; the item comes back later.
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const issuer = item.issuers[0]?.issuer.name ?? '';
      const found = finding('renewal-issuer-failed', { name: nameOf(item), issuer, reason });
      this.#fail(item, issuer, { finding: found, permanent: false, countedByAuthority: false });
      return 'done';
    }
  }

  #tellExpiring(item: Item): void {
    const { live, facts } = item;
    const nowMs = this.#clock();
    if (live === undefined || facts === undefined || item.toldExpiring === live.version) return;
    if (nowMs < emergencyTime(facts)) return;
    item.toldExpiring = live.version;
    const left = formatLeft(facts.notAfterMs - nowMs);
    const found = finding('renewal-expiring', { name: nameOf(item), left });
    this.#emit(item, { type: 'expiring', notAfterMs: facts.notAfterMs, finding: found });
  }

  async #askWindow(item: Item): Promise<void> {
    const { live } = item;
    const by = item.issuers.find(({ issuer }) => issuer.name === live?.issuer)?.issuer;
    if (live === undefined || by === undefined) {
      item.askAtMs = Infinity;
      return;
    }
    const answer = await this.#within(ASK_TIMEOUT_MS, (signal) => by.renewalWindow(live.chainPem, signal));
    if (item.live !== live) return;
    const nowMs = this.#clock();
    if (answer === undefined) {
      // No such information: perhaps one day.
      item.window = undefined;
      item.askAtMs = nowMs + ASK_LATEST_MS;
    } else if (isWindow(answer)) {
      item.window = answer;
      item.askAtMs = Math.min(Math.max(answer.askAgainAtMs, nowMs + ASK_SOONEST_MS), nowMs + ASK_LATEST_MS);
    } else {
      // The last known window stays good.
      item.askAtMs = nowMs + ASK_AFTER_FAILURE_MS * (0.8 + 0.4 * seededFraction(item.id, nowMs));
    }
    const before = item.plan?.why;
    replan(item, nowMs);
    if (item.plan?.why === 'revoked' && before !== 'revoked') {
      this.#emit(item, { type: 'revoked', explanationUrl: item.window?.explanationUrl });
    }
  }

  /** A question that hangs is left behind; the client has limits of its own, and stops with the manager. */
  async #within<T>(timeoutMs: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T | Finding> {
    let cancel = (): void => undefined;
    const tooLong = new Promise<Finding>((resolve) => {
      cancel = this.#timers.start(timeoutMs, () => {
        resolve(finding('renewal-timed-out', { issuer: '', name: '', seconds: timeoutMs / 1000 }));
      });
    });
    try {
      return await Promise.race([ask(this.#stop.signal), tooLong]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return finding('renewal-issuer-failed', { name: '', issuer: '', reason });
    } finally {
      cancel();
    }
  }

  /** Which CA is the item's turn with, and when. */
  #choose(item: Item): { readonly index: number; readonly atMs: number } {
    if (item.issuers.length === 1 && item.failures === 0) return { index: 0, atMs: this.#clock() };
    const records = item.issuers.map(({ issuer }) => recordOf(item, issuer.name));
    const nowMs = this.#clock();
    return chooseIssuer({ records, urgent: isUrgent(item, nowMs), nowMs });
  }

  async #order(item: Item): Promise<'done' | 'starved'> {
    const nowMs = this.#clock();
    for (let turn = 0; turn < item.issuers.length; turn++) {
      const choice = this.#choose(item);
      const managed = item.issuers[choice.index];
      if (managed === undefined) return 'done';
      if (choice.atMs > nowMs) {
        item.retryAtMs = choice.atMs;
        return 'done';
      }
      const { name } = managed.issuer;
      const budget = this.#uses.budgetOf(name);
      const { live, facts } = item;
      const replaces = live?.issuer === name ? facts?.renewalId : undefined;
      const inWindow = replaces !== undefined && isWithinWindow(item.window, nowMs);
      const question = { identifiers: item.identifiers, inWindow, again: live?.issuer === name, nowMs };
      const allowed = budget.earliest(question);
      if (allowed.atMs <= nowMs) {
        await this.#attempt(item, managed, { ...question, replaces });
        return 'done';
      }
      this.#tellLimit(item, name, allowed);
      // The only CA that there is: its account's orders are dealt out one by one.
      if (allowed.limit === 'orders' && item.issuers.length === 1) return 'starved';
      recordOf(item, name).notBeforeMs = allowed.atMs;
      item.retryAtMs = allowed.atMs;
      item.waitsFor = 'limit';
    }
    const times = item.issuers.map(({ issuer }) => recordOf(item, issuer.name).notBeforeMs);
    item.retryAtMs = Math.max(nowMs + 1_000, Math.min(...times));
    return 'done';
  }

  async #attempt(
    item: Item,
    issuer: ManagedIssuer,
    order: Omit<BudgetUse, 'kind' | 'issuer' | 'atMs'> & {
      readonly nowMs: number;
      readonly replaces: string | undefined;
    },
  ): Promise<void> {
    const { name } = issuer.issuer;
    const { identifiers, inWindow, again, replaces, nowMs } = order;
    const record = recordOf(item, name);
    const settle = this.#uses.budgetOf(name).reserve(order);
    try {
      const outcome = await attemptOrder(
        {
          id: item.id,
          identifiers,
          keyType: item.keyType,
          issuer,
          knownFence: item.live?.fence ?? 0,
          replaces,
          rehearse: rehearses(record, issuer.staging !== undefined, item.facts !== undefined && isUrgent(item, nowMs)),
          count: (kind) => this.#uses.count({ kind, issuer: name, identifiers, inWindow, again, atMs: this.#clock() }),
          signal: this.#stop.signal,
        },
        this.#around,
      );
      this.#conclude(item, name, outcome);
    } finally {
      settle();
    }
  }

  #conclude(item: Item, issuer: string, outcome: AttemptOutcome): void {
    const nowMs = this.#clock();
    switch (outcome.kind) {
      case 'published':
      case 'unkept': {
        const type = item.live === undefined ? 'obtained' : 'renewed';
        const { certificate, facts } = outcome;
        setLive(item, certificate, facts, nowMs);
        this.#onLive(certificate);
        const { notAfterMs, version } = certificate;
        this.#emit(item, { type, issuer, notAfterMs, version });
        if (outcome.kind === 'unkept') {
          item.kept = false;
          item.askAtMs = nowMs + ASK_SOONEST_MS;
          const reason = outcome.finding.code;
          this.#emit(item, { type: 'notice', finding: finding('renewal-not-kept', { name: nameOf(item), reason }) });
          this.#emit(item, { type: 'notice', finding: outcome.finding });
        }
        this.#settle(item, certificate);
        return;
      }
      case 'adopted': {
        const { certificate } = outcome;
        if (!this.#adopt(item, certificate)) return;
        const { notAfterMs, version } = certificate;
        this.#emit(item, { type: 'adopted', issuer: certificate.issuer, notAfterMs, version });
        return;
      }
      case 'held':
        // Whoever has it is at work or dead; the change is told by the store, a dead one's lease ends.
        item.retryAtMs = nowMs + LEASE_MS * (0.25 + 0.25 * seededFraction(this.#around.owner, item.id, nowMs));
        item.waitsFor = 'lease';
        return;
      case 'failed':
        if (!this.#stop.signal.aborted) this.#fail(item, issuer, outcome.failure, outcome.atStaging);
    }
  }

  #fail(item: Item, issuer: string, failure: IssueFailure, atStaging = false): void {
    const nowMs = this.#clock();
    const record = recordOf(item, issuer);
    record.failures += 1;
    record.permanent = failure.permanent;
    // What failed at staging would have been counted by the real CA: staging stays first.
    record.counted = failure.countedByAuthority || (atStaging && record.counted);
    item.failures += 1;
    item.lastError = { finding: failure.finding, atMs: nowMs };
    // With several CAs the first failures only pass the turn on; each round of all of them counts as one.
    const failures = Math.ceil(item.failures / item.issuers.length);
    const question = { permanent: failure.permanent && item.issuers.length === 1, seed: item.id, nowMs };
    const notAfterMs = item.facts?.notAfterMs;
    // Where there is nothing to serve, a CA that has not been asked yet is asked at once.
    const passesOn =
      isUrgent(item, nowMs) && item.issuers.some((one) => recordOf(item, one.issuer.name).failures === 0);
    item.retryAtMs = passesOn
      ? nowMs
      : nextAttempt({ ...question, failures, notAfterMs, retryAtMs: this.#retryAfter(item, failure) });
    item.waitsFor = 'retry';
    if (failure.retryAtMs !== undefined) record.notBeforeMs = Math.min(failure.retryAtMs, nowMs + 86_400_000);
    const { retryAtMs } = item;
    this.#emit(item, { type: 'failed', issuer, finding: failure.finding, failures: item.failures, retryAtMs });
    this.#settle(item, failure.finding);
  }

  /** A CA's Retry-After holds back the whole item only where there is no other CA. */
  #retryAfter(item: Item, { retryAtMs }: IssueFailure): number | undefined {
    return item.issuers.length === 1 ? retryAtMs : undefined;
  }

  async #keepAgain(item: Item, live: StoredCertificate): Promise<void> {
    const kept = await keepCertificate(live, this.#around);
    if (item.live !== live) return;
    if (kept === undefined) {
      item.askAtMs = this.#clock() + ASK_SOONEST_MS;
      return;
    }
    item.live = kept;
    item.kept = true;
  }

  // Limits.

  #tellLimit(item: Item, issuer: string, { atMs, limit, subject }: ReturnType<Budget['earliest']>): void {
    const key = `${issuer} ${limit}`;
    item.waitsFor = 'limit';
    if (item.toldLimit === key && item.waiters.length === 0) return;
    const until = new Date(atMs).toISOString();
    const found = finding('renewal-waits-for-limit', { name: nameOf(item), issuer, until, limit, subject });
    item.forced = false;
    this.#settle(item, found);
    if (item.toldLimit === key) return;
    item.toldLimit = key;
    this.#emit(item, { type: 'notice', finding: found });
  }

  // Other nodes.

  #armPoll(): void {
    this.#cancelPoll = this.#timers.start(this.#pollMs, () => {
      void this.#guarded(() => this.#uses.load(this.#pollMs))
        .then(() => this.#poll())
        .then(() => {
          if (this.#started) this.#armPoll();
        });
    });
  }

  /** Our own writes give hints too, and writes come in crowds: one look a second is enough. */
  #hinted(): void {
    this.#cancelHint ??= this.#timers.start(HINT_PAUSE_MS, () => {
      this.#cancelHint = undefined;
      void this.#poll();
    });
  }

  #poll(): Promise<void> {
    this.#polling ??= this.#takeChanges().finally(() => (this.#polling = undefined));
    return this.#polling;
  }

  async #takeChanges(): Promise<void> {
    const changes = await this.#guarded(() => this.#store.changes(this.#cursor));
    if (!changes.ok) return;
    const { cursor, ids } = changes.value;
    this.#cursor = cursor;
    const items = ids === 'all' ? [...this.#items.values()] : ids.map((id) => this.#items.get(id));
    for (const item of items) {
      // Whoever is at work on it looks for itself.
      if (item === undefined || item.state === 'working') continue;
      const found = await this.#guarded(() => this.#store.live(item.id), item);
      if (!found.ok) continue;
      if (found.value !== undefined && this.#adopt(item, found.value)) {
        const { issuer, notAfterMs, version } = found.value;
        this.#emit(item, { type: 'adopted', issuer, notAfterMs, version });
      } else if (item.waitsFor === 'lease') {
        // Whoever was at work has given up.
        item.retryAtMs = this.#clock();
      } else continue;
      this.#schedule.add(item);
    }
    this.#schedule.pump();
  }

  // Telling.

  #settle(item: Item, result: StoredCertificate | Finding): void {
    for (const resolve of item.waiters.splice(0)) resolve(result);
  }

  #emit(item: Item, event: EventDetail): void {
    const { id, names } = item;
    this.#onEvent({ id, names, atMs: this.#clock(), ...event });
  }

  /** A store that fails is told about, and nothing else happens. */
  async #guarded<T>(
    work: () => Promise<T>,
    item?: Item,
  ): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly finding: Finding }> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      const subject = { id: item?.id ?? '', names: item?.names ?? [], atMs: this.#clock() };
      this.#onEvent({ ...subject, type: 'notice', finding: error.finding });
      return { ok: false, finding: error.finding };
    }
  }
}

type EventDetail = CertificateEvent extends infer E
  ? E extends CertificateEvent
    ? Omit<E, 'id' | 'names' | 'atMs'>
    : never
  : never;

const HINT_PAUSE_MS = 1_000;

const isWindow = (answer: RenewalWindow | Finding): answer is RenewalWindow => 'startMs' in answer;
