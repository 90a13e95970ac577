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
import type { RevocationReason } from '../issuer.ts';
import { BUDGET_MEMORY_MS } from '../policy/budget.ts';
import { emergencyTime } from '../policy/renewal-time.ts';
import { askWindow } from './ask-window.ts';
import { nameOf } from './attempt.ts';
import type { CertificateManager, CertificateManagerOptions } from './contract.ts';
import { CountedUses } from './counted-uses.ts';
import type { Effects, EventDetail, Guarded } from './effects.ts';
import { newItem, orderTime, replan, setLive, statusOf, wakeTime, type Item } from './item.ts';
import { LEASE_MS } from './lease-keeper.ts';
import { realMaterial, type Material } from './material.ts';
import { Ordering } from './ordering.ts';
import { OtherNodes } from './other-nodes.ts';
import { Schedule } from './schedule.ts';
import { systemTimers, type Timers } from './timers.ts';
import type { CertificateEvent, CertificateStatus, ManagedIssuer, WantedCertificate } from './wanted.ts';

const DEFAULTS = { concurrency: 8, orderTimeoutMs: 900_000, pollMs: 30_000 } as const;
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
  readonly #owner: string;
  readonly #items = new Map<string, Item>();
  readonly #schedule: Schedule;
  readonly #uses: CountedUses;
  readonly #effects: Effects = {
    emit: (item, event) => this.#emit(item, event),
    settle: (item, result) => this.#settle(item, result),
    goLive: (certificate) => this.#onLive(certificate),
    adopt: (item, certificate) => this.#adopt(item, certificate),
    guarded: (work, item) => this.#guarded(work, item),
  };
  readonly #ordering: Ordering;
  #others: OtherNodes | undefined;
  #stop = new AbortController();
  #started = false;

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
    this.#owner = options.owner ?? `${hostname()} ${process.pid} ${randomUUID()}`;
    const orderTimeoutMs = options.orderTimeoutMs ?? DEFAULTS.orderTimeoutMs;
    this.#uses = new CountedUses({ store, issuers, clock, memoryMs: 2 * this.#pollMs });
    this.#ordering = new Ordering({
      around: { store, clock, timers, material, solvers, owner: this.#owner, orderTimeoutMs },
      uses: this.#uses,
      effects: this.#effects,
      signal: () => this.#stop.signal,
    });
    this.#schedule = new Schedule({
      clock,
      timers,
      concurrency: options.concurrency ?? DEFAULTS.concurrency,
      budgetOf: (issuer) => this.#uses.budgetOf(issuer),
      laneOf: (item) => (item.issuers[this.#ordering.choose(item).index] ?? issuers[0])?.issuer.name ?? UNKNOWN_ISSUER,
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
    const others = new OtherNodes({
      store: this.#store,
      items: this.#items,
      uses: this.#uses,
      schedule: this.#schedule,
      effects: this.#effects,
      clock: this.#clock,
      timers: this.#timers,
      pollMs: this.#pollMs,
    });
    this.#others = others;
    await others.begin();
    await this.#load([...this.#items.values()]);
    for (const item of this.#items.values()) this.#schedule.add(item);
    this.#schedule.start();
    others.watch();
  }

  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    this.#stop.abort();
    await this.#others?.close();
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
      const lease = await this.#store.acquire(id, this.#owner, LEASE_MS);
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
      if (!item.kept && item.live !== undefined) await this.#ordering.keepAgain(item, item.live);
      this.#tellExpiring(item);
      if (item.askAtMs <= this.#clock()) {
        const { emit } = this.#effects;
        await askWindow(item, { clock: this.#clock, timers: this.#timers, signal: this.#stop.signal, emit });
      }
      if (item.removed || orderTime(item) > this.#clock()) return 'done';
      return await this.#ordering.order(item);
    } catch (error) {
      // A defect of ours must not end the scheduler; the item comes back later.
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const issuer = item.issuers[0]?.issuer.name ?? '';
      const found = finding('renewal-issuer-failed', { name: nameOf(item), issuer, reason });
      this.#ordering.fail(item, issuer, { finding: found, permanent: false, countedByAuthority: false });
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

  // Telling.

  #settle(item: Item, result: StoredCertificate | Finding): void {
    for (const resolve of item.waiters.splice(0)) resolve(result);
  }

  #emit(item: Item, event: EventDetail): void {
    const { id, names } = item;
    this.#onEvent({ id, names, atMs: this.#clock(), ...event });
  }

  /** A store that fails is told about, and nothing else happens. */
  async #guarded<T>(work: () => Promise<T>, item?: Item): Promise<Guarded<T>> {
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
