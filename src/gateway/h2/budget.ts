/** How often something may happen: a burst, and so many more each second. */
export interface BudgetRule {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * What is left of a rule on one connection. Time is given to it now and then instead of being asked for each frame; the
 * rules of a connection cost a number each.
 */
export class Budget {
  readonly #rule: BudgetRule;
  #left: number;

  constructor(rule: BudgetRule) {
    this.#rule = rule;
    this.#left = rule.burst;
  }

  /** It happened. False: more often than the rule allows. */
  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }

  /** The peer did something that entitles it to `count` more. */
  earn(count: number): void {
    if (this.#left < this.#rule.burst) this.#left += count;
  }

  refill(elapsedMs: number): void {
    this.#left = Math.min(this.#rule.burst, this.#left + (this.#rule.perSecond * elapsedMs) / 1000);
  }
}
