import { PriorityQueue } from '../../../src/acme/manager/priority-queue.ts';
import type { Timers } from '../../../src/acme/manager/timers.ts';

interface Event {
  readonly atMs: number;
  readonly order: number;
  work: (() => void) | undefined;
}

/** A clock that stands still until the next timer is due, and then jumps there. */
export class VirtualTime {
  nowMs: number;
  events = 0;
  readonly #queue = new PriorityQueue<Event>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
  #order = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  readonly clock = (): number => this.nowMs;

  readonly timers: Timers = {
    start: (delayMs, work) => {
      const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, work };
      this.#queue.push(event);
      return () => (event.work = undefined);
    },
  };

  /** Timers of a process that can be killed: afterwards none of them goes off any more. */
  process(): { readonly timers: Timers; kill(): void; readonly alive: () => boolean } {
    let alive = true;
    return {
      timers: { start: (delayMs, work) => this.timers.start(delayMs, () => alive && work()) },
      kill: () => (alive = false),
      alive: () => alive,
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.timers.start(ms, resolve));
  }

  /** Runs until `endMs`, or until nothing is due any more. Between two moments everything that can go on does. */
  async runUntil(endMs: number, until: () => boolean = () => false): Promise<void> {
    await settled();
    while (!until()) {
      const next = this.#queue.peek();
      if (next === undefined || next.atMs > endMs) break;
      this.#queue.pop();
      if (next.work === undefined) continue;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.events += 1;
      next.work();
      await settled();
    }
    if (!until()) this.nowMs = Math.max(this.nowMs, endMs);
  }
}

/** All promises that are resolved have told it: a turn of the event loop comes after every microtask. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
