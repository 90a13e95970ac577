import type { Clock } from './engine.ts';

/** Something with deadlines that are looked at now and then. */
export interface Sweepable {
  /** Looks whether a deadline has passed; `nowMs` is the monotonic clock. */
  sweep(nowMs: number): void;
}

/** How exact timeouts are: the shortest default is seconds, so half a second late does no harm. */
const INTERVAL_MS = 500;

/**
 * All deadlines of a process in one timer. A timer per connection and stage would be armed and cleared on every request;
 * a number compared twice a second costs nothing where requests are served.
 */
export class Sweeper {
  readonly #members: Set<Sweepable> = new Set();
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | undefined;
  /**
   * The monotonic clock as of the last look, at most half a second ago while there are members: what deadlines are counted
   * from. Reading the real clock for each of them would cost a request more than parsing its line.
   */
  nowMs = 0;
  /** What lies between the monotonic clock and the epoch, as of the last look. */
  #epochMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#look();
  }

  /** Epoch milliseconds, whole ones, of a recent moment that the monotonic clock gave: spares a request its second clock. */
  wallTime(monotonicMs: number): number {
    return Math.floor(monotonicMs + this.#epochMs);
  }

  add(member: Sweepable): void {
    this.#members.add(member);
    if (this.#timer === undefined) {
      this.#look();
      this.#timer = setInterval(() => this.sweep(), INTERVAL_MS);
      // Deadlines alone keep no process alive; the sockets that they guard do.
      this.#timer.unref();
    }
  }

  delete(member: Sweepable): void {
    this.#members.delete(member);
  }

  get size(): number {
    return this.#members.size;
  }

  /** Lets every member look at the clock once. */
  sweep(): void {
    const now = this.#look();
    for (const member of this.#members) member.sweep(now);
    if (this.#members.size === 0) this.stop();
  }

  #look(): number {
    this.nowMs = this.#clock.now();
    this.#epochMs = this.#clock.wallNow() - this.nowMs;
    return this.nowMs;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
