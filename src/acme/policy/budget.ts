/**
 * The gateway's own account of what it has taken from one CA, mirroring the CA's limits, so that it waits by itself
 * before the CA would refuse. It is told of uses (its own, after a restart those that the store remembers, in a fleet
 * those of the other nodes) and answers when the next order fits. No clock inside: times are passed in.
 */
import { identifierKey, validatedName } from '../identifier.ts';
import type { Identifier } from '../issuer.ts';
import type { RateLimits } from './rate-limits.ts';
import { registeredDomains } from './registered-domain.ts';
import { afterUse, tokenAt, type BucketShape } from './token-bucket.ts';

/** Something that a CA counts. Plain data: the store keeps it. */
export interface BudgetUse {
  readonly atMs: number;
  /** Name of the issuer. */
  readonly issuer: string;
  /**
   * `order`: an order was made. `certificate`: a certificate was issued. `failure`: an authorization failed. Kept apart
   * because the CA does so: an order that never led to a certificate counts as an order only.
   */
  readonly kind: 'order' | 'certificate' | 'failure';
  readonly identifiers: readonly Identifier[];
  /** Made within an ARI window, naming what it replaces. */
  readonly inWindow: boolean;
  /** The set had a certificate before. */
  readonly again: boolean;
}

export interface OrderQuestion {
  readonly identifiers: readonly Identifier[];
  readonly inWindow: boolean;
  readonly again: boolean;
  readonly nowMs: number;
}

/** Which limit makes an order wait, and until when. */
export interface BudgetAnswer {
  /** `nowMs` where the order may be made at once. */
  readonly atMs: number;
  readonly limit: 'none' | 'orders' | 'domain' | 'set' | 'failures';
  /** What the limit is about: the domain, the set, the name; '' for the account. */
  readonly subject: string;
}

export class Budget {
  readonly #limits: RateLimits;
  #account: number | undefined;
  readonly #domains = new Map<string, number>();
  readonly #sets = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  /** Orders that were allowed and have not ended yet: their certificates are as good as taken. */
  readonly #reserved = new Map<string, number>();
  #usesUntilSweep = SWEEP_EVERY;

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** The earliest time at which the order breaks no limit. */
  earliest(question: OrderQuestion): BudgetAnswer {
    const { identifiers, inWindow, again, nowMs } = question;
    const limits = this.#limits;
    let answer: BudgetAnswer = { atMs: nowMs, limit: 'none', subject: '' };
    const ask = (
      shape: BucketShape | undefined,
      state: number | undefined,
      limit: BudgetAnswer['limit'],
      subject: string,
    ): void => {
      if (shape === undefined) return;
      const reserved = this.#reserved.get(`${limit} ${subject}`) ?? 0;
      const full = reserved === 0 ? state : Math.max(state ?? nowMs, nowMs) + reserved * shape.refillMs;
      const atMs = tokenAt(shape, full, nowMs);
      if (atMs > answer.atMs) answer = { atMs, limit, subject };
    };
    // Failed authorizations stop an order whatever it replaces.
    for (const identifier of identifiers) {
      const name = validatedName(identifier);
      ask(limits.failuresPerName, this.#failures.get(name), 'failures', name);
    }
    if (inWindow && limits.renewalWindowExempts) return answer;
    const set = setKey(identifiers);
    ask(limits.certificatesPerSet, this.#sets.get(set), 'set', set);
    if (again && limits.sameSetExempts) return answer;
    ask(limits.ordersPerAccount, this.#account, 'orders', '');
    if (limits.certificatesPerDomain !== undefined) {
      for (const domain of registeredDomains(identifiers)) {
        ask(limits.certificatesPerDomain, this.#domains.get(domain), 'domain', domain);
      }
    }
    return answer;
  }

  /** When the account has a token for an order that is not exempt. */
  nextOrder(nowMs: number): number {
    const shape = this.#limits.ordersPerAccount;
    if (shape === undefined) return nowMs;
    const reserved = this.#reserved.get('orders ') ?? 0;
    const full = reserved === 0 ? this.#account : Math.max(this.#account ?? nowMs, nowMs) + reserved * shape.refillMs;
    return tokenAt(shape, full, nowMs);
  }

  /** Holds tokens for an order that starts, so that orders side by side do not all take the last one. Call the result when it has ended. */
  reserve(question: OrderQuestion): () => void {
    const { identifiers, inWindow, again } = question;
    if (inWindow && this.#limits.renewalWindowExempts) return () => undefined;
    const keys = [`set ${setKey(identifiers)}`];
    if (!(again && this.#limits.sameSetExempts)) {
      keys.push('orders ');
      for (const domain of registeredDomains(identifiers)) keys.push(`domain ${domain}`);
    }
    for (const key of keys) this.#reserved.set(key, (this.#reserved.get(key) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const key of keys) {
        const count = (this.#reserved.get(key) ?? 1) - 1;
        if (count === 0) this.#reserved.delete(key);
        else this.#reserved.set(key, count);
      }
    };
  }

  /** Counts a use. Uses are best told in the order of their times; a late one counts a little too much, never too little. */
  record(use: BudgetUse): void {
    const limits = this.#limits;
    const exempt = use.inWindow && limits.renewalWindowExempts;
    const isKnown = use.again && limits.sameSetExempts;
    if (use.kind === 'failure') {
      for (const identifier of use.identifiers) {
        take(this.#failures, validatedName(identifier), limits.failuresPerName, use.atMs);
      }
    } else if (use.kind === 'order') {
      if (limits.ordersPerAccount !== undefined && !exempt && !isKnown) {
        this.#account = afterUse(limits.ordersPerAccount, this.#account, use.atMs);
      }
    } else if (!exempt) {
      take(this.#sets, setKey(use.identifiers), limits.certificatesPerSet, use.atMs);
      if (!isKnown && limits.certificatesPerDomain !== undefined) {
        for (const domain of registeredDomains(use.identifiers)) {
          take(this.#domains, domain, limits.certificatesPerDomain, use.atMs);
        }
      }
    }
    if (--this.#usesUntilSweep === 0) this.#sweep(use.atMs);
  }

  /** Buckets that are full again are forgotten, so that the account does not grow with the years. */
  #sweep(nowMs: number): void {
    this.#usesUntilSweep = SWEEP_EVERY;
    for (const states of [this.#domains, this.#sets, this.#failures]) {
      for (const [key, fullAtMs] of states) if (fullAtMs <= nowMs) states.delete(key);
    }
  }
}

const SWEEP_EVERY = 1024;

/** How far back uses matter: the longest time that any of these buckets takes to fill. */
export const BUDGET_MEMORY_MS = 7 * 86_400_000;

/** The same for the same set of names in any order. */
export function setKey(identifiers: readonly Identifier[]): string {
  const [only] = identifiers;
  if (identifiers.length === 1 && only !== undefined) return identifierKey(only);
  return [...new Set(identifiers.map(identifierKey))].sort().join(',');
}

function take(states: Map<string, number>, key: string, shape: BucketShape | undefined, atMs: number): void {
  if (shape !== undefined) states.set(key, afterUse(shape, states.get(key), atMs));
}
