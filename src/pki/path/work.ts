import type { WorkLimits } from './path-policy.ts';

/** Kinds of work that are counted for one verdict. */
export type WorkKind = 'signatureChecks' | 'steps' | 'nameComparisons' | 'policyNodes';

/** Counts work and says when a limit is hit. Once hit, everything is refused: the verdict is over. */
export class WorkMeter {
  readonly counts: Record<WorkKind, number> = { signatureChecks: 0, steps: 0, nameComparisons: 0, policyNodes: 0 };
  readonly #limits: WorkLimits;
  #exceeded: WorkKind | undefined;

  constructor(limits: WorkLimits) {
    this.#limits = limits;
  }

  /** The limit that was hit, or undefined. */
  get exceeded(): WorkKind | undefined {
    return this.#exceeded;
  }

  /** Asks for some work: false where it may not be done any more. Nothing is counted then. */
  spend(kind: WorkKind, amount = 1): boolean {
    if (this.#exceeded !== undefined) return false;
    if (this.counts[kind] + amount > this.#limits[kind]) {
      this.#exceeded = kind;
      return false;
    }
    this.counts[kind] += amount;
    return true;
  }
}
