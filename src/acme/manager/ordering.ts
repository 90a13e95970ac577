/**
 * An item that is due: whose turn it is among its CAs, whether that one's limits allow an order now, the attempt, and what
 * follows from how it went.
 */
import { finding } from '../../story/finding.ts';
import type { StoredCertificate } from '../../store/certificate-store.ts';
import type { IssueFailure } from '../issuer.ts';
import { nextAttempt } from '../policy/back-off.ts';
import type { Budget, BudgetUse } from '../policy/budget.ts';
import { chooseIssuer, rehearses } from '../policy/issuer-choice.ts';
import { isWithinWindow } from '../policy/renewal-time.ts';
import { seededFraction } from '../policy/seeded.ts';
import { ASK_SOONEST_MS } from './ask-window.ts';
import { attemptOrder, keepCertificate, nameOf, type AttemptOutcome, type AttemptSurroundings } from './attempt.ts';
import type { CountedUses } from './counted-uses.ts';
import type { Effects } from './effects.ts';
import { isUrgent, recordOf, setLive, type Item } from './item.ts';
import { LEASE_MS } from './lease-keeper.ts';
import type { ManagedIssuer } from './wanted.ts';

export interface OrderingOptions {
  readonly around: AttemptSurroundings;
  readonly uses: CountedUses;
  readonly effects: Effects;
  /** Aborted when the manager stops; another one after each start. */
  readonly signal: () => AbortSignal;
}

export class Ordering {
  readonly #around: AttemptSurroundings;
  readonly #clock: () => number;
  readonly #uses: CountedUses;
  readonly #effects: Effects;
  readonly #signal: () => AbortSignal;

  constructor({ around, uses, effects, signal }: OrderingOptions) {
    this.#around = around;
    this.#clock = around.clock;
    this.#uses = uses;
    this.#effects = effects;
    this.#signal = signal;
  }

  /** Which CA is the item's turn with, and when. */
  choose(item: Item): { readonly index: number; readonly atMs: number } {
    if (item.issuers.length === 1 && item.failures === 0) return { index: 0, atMs: this.#clock() };
    const records = item.issuers.map(({ issuer }) => recordOf(item, issuer.name));
    const nowMs = this.#clock();
    return chooseIssuer({ records, urgent: isUrgent(item, nowMs), nowMs });
  }

  /** Orders for an item that is due, as far as the limits of its CAs allow. 'starved': the account has no order left. */
  async order(item: Item): Promise<'done' | 'starved'> {
    const nowMs = this.#clock();
    for (let turn = 0; turn < item.issuers.length; turn++) {
      const choice = this.choose(item);
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
          signal: this.#signal(),
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
        this.#effects.goLive(certificate);
        const { notAfterMs, version } = certificate;
        this.#effects.emit(item, { type, issuer, notAfterMs, version });
        if (outcome.kind === 'unkept') {
          item.kept = false;
          item.askAtMs = nowMs + ASK_SOONEST_MS;
          const reason = outcome.finding.code;
          this.#effects.emit(item, {
            type: 'notice',
            finding: finding('renewal-not-kept', { name: nameOf(item), reason }),
          });
          this.#effects.emit(item, { type: 'notice', finding: outcome.finding });
        }
        this.#effects.settle(item, certificate);
        return;
      }
      case 'adopted': {
        const { certificate } = outcome;
        if (!this.#effects.adopt(item, certificate)) return;
        const { notAfterMs, version } = certificate;
        this.#effects.emit(item, { type: 'adopted', issuer: certificate.issuer, notAfterMs, version });
        return;
      }
      case 'held':
        // Whoever has it is at work or dead; the change is told by the store, a dead one's lease ends.
        item.retryAtMs = nowMs + LEASE_MS * (0.25 + 0.25 * seededFraction(this.#around.owner, item.id, nowMs));
        item.waitsFor = 'lease';
        return;
      case 'failed':
        if (!this.#signal().aborted) this.fail(item, issuer, outcome.failure, outcome.atStaging);
    }
  }

  /** Notes a failure, plans the next attempt and tells of it. */
  fail(item: Item, issuer: string, failure: IssueFailure, atStaging = false): void {
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
    this.#effects.emit(item, { type: 'failed', issuer, finding: failure.finding, failures: item.failures, retryAtMs });
    this.#effects.settle(item, failure.finding);
  }

  /** A CA's Retry-After holds back the whole item only where there is no other CA. */
  #retryAfter(item: Item, { retryAtMs }: IssueFailure): number | undefined {
    return item.issuers.length === 1 ? retryAtMs : undefined;
  }

  /** Writes a certificate that the store could not take before. */
  async keepAgain(item: Item, live: StoredCertificate): Promise<void> {
    const kept = await keepCertificate(live, this.#around);
    if (item.live !== live) return;
    if (kept === undefined) {
      item.askAtMs = this.#clock() + ASK_SOONEST_MS;
      return;
    }
    item.live = kept;
    item.kept = true;
  }

  #tellLimit(item: Item, issuer: string, { atMs, limit, subject }: ReturnType<Budget['earliest']>): void {
    const key = `${issuer} ${limit}`;
    item.waitsFor = 'limit';
    if (item.toldLimit === key && item.waiters.length === 0) return;
    const until = new Date(atMs).toISOString();
    const found = finding('renewal-waits-for-limit', { name: nameOf(item), issuer, until, limit, subject });
    item.forced = false;
    this.#effects.settle(item, found);
    if (item.toldLimit === key) return;
    item.toldLimit = key;
    this.#effects.emit(item, { type: 'notice', finding: found });
  }
}
