import { violation, type Violation } from '../../codec/http2/violation.ts';
import { Budget } from './budget.ts';
import { h2Floods, type H2FloodCode } from './defences.ts';

const codes = Object.keys(h2Floods) as H2FloodCode[];

/** What one connection may still do of things of which too many are an attack. */
export class FloodGuard {
  readonly #budgets: Readonly<Record<H2FloodCode, Budget>> = Object.fromEntries(
    codes.map((code) => [code, new Budget(h2Floods[code])]),
  ) as Record<H2FloodCode, Budget>;

  /** It happened once more; the violation that ends the connection where that is too often. */
  note(code: H2FloodCode): Violation | null {
    return this.#budgets[code].take() ? null : violation(code);
  }

  /** The client is entitled to `count` more. */
  earn(code: H2FloodCode, count: number): void {
    this.#budgets[code].earn(count);
  }

  refill(elapsedMs: number): void {
    for (const code of codes) this.#budgets[code].refill(elapsedMs);
  }
}
