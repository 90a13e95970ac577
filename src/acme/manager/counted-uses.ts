import type { CertificateStore } from '../../store/certificate-store.ts';
import { Budget, setKey, type BudgetUse } from '../policy/budget.ts';
import { noLimits } from '../policy/rate-limits.ts';
import type { ManagedIssuer } from './wanted.ts';

export interface CountedUsesOptions {
  readonly store: CertificateStore;
  readonly issuers: readonly ManagedIssuer[];
  readonly clock: () => number;
  /** How long it is remembered which uses were counted already; longer than between two calls of `load`. */
  readonly memoryMs: number;
}

/** The budgets of all issuers, kept in step with what the store knows of earlier starts and other nodes. */
export class CountedUses {
  readonly #options: CountedUsesOptions;
  readonly #budgets = new Map<string, Budget>();
  readonly #seen = new Map<string, number>();

  constructor(options: CountedUsesOptions) {
    this.#options = options;
    for (const { issuer, limits } of options.issuers) this.#budgets.set(issuer.name, new Budget(limits));
  }

  /** An issuer that is not configured (any more) has no limits here: nothing is ordered from it. */
  budgetOf(issuer: string): Budget {
    let budget = this.#budgets.get(issuer);
    if (budget === undefined) {
      budget = new Budget(noLimits);
      this.#budgets.set(issuer, budget);
    }
    return budget;
  }

  /** Counted here in any case; a store that cannot take it rejects, since after a restart nobody would know. */
  async count(use: BudgetUse): Promise<void> {
    this.budgetOf(use.issuer).record(use);
    this.#seen.set(useKey(use), use.atMs);
    await this.#options.store.recordUse(use);
  }

  /** Counts what the store knows of the last `agoMs` and was not counted here yet. */
  async load(agoMs: number): Promise<void> {
    const { store, clock, memoryMs } = this.#options;
    for (const use of await store.uses(clock() - agoMs - LATE_USE_MS)) {
      const key = useKey(use);
      if (this.#seen.has(key)) continue;
      this.#seen.set(key, use.atMs);
      this.budgetOf(use.issuer).record(use);
    }
    for (const [key, atMs] of this.#seen) {
      if (atMs >= clock() - memoryMs - LATE_USE_MS) break;
      this.#seen.delete(key);
    }
  }
}

/** How long after its time a use of another node may still come into the store. */
const LATE_USE_MS = 120_000;

const useKey = ({ atMs, kind, issuer, identifiers }: BudgetUse): string =>
  `${atMs} ${kind} ${issuer} ${setKey(identifiers)}`;
