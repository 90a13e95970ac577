/** An app that is told of a cancelled request by its connection being closed has noticed within this. */
const NOTICE_MS = 1000;

/**
 * How many requests of one connection apps may be busy with. A request that was cancelled still counts for a while:
 * otherwise a client that cancels as fast as it asks keeps any number of them at work (Rapid Reset).
 */
export class WorkInFlight {
  readonly #limit: number;
  #running = 0;
  /** Cancelled in this period and in the one before. */
  #cancelled = 0;
  #cancelledBefore = 0;
  #periodStartMs = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#running + this.#cancelled + this.#cancelledBefore;
  }

  get full(): boolean {
    return this.count >= this.#limit;
  }

  start(): void {
    this.#running += 1;
  }

  end(cancelled: boolean): void {
    this.#running -= 1;
    if (cancelled) this.#cancelled += 1;
  }

  /** Time has passed: what was cancelled long enough ago counts no more. */
  forget(nowMs: number): void {
    if (nowMs - this.#periodStartMs < NOTICE_MS) return;
    this.#periodStartMs = nowMs;
    this.#cancelledBefore = this.#cancelled;
    this.#cancelled = 0;
  }
}
