/**
 * Which certificate is worked on next. Each wakes at its own time; those that are awake queue up at their CA in a *lane*,
 * the one that expires soonest first. A lane lets so many work at once, and those that failed last time never take more
 * than half of its places: a hundred names that hang do not hold back the hundred and first.
 *
 * Names for which the CA's account has no order left wait apart, and are let in one by one as orders come back; asking
 * each of ten thousand whether it may go, every 36 seconds, would be work for nothing.
 */
import type { Budget } from '../policy/budget.ts';
import type { Item } from './item.ts';
import { PriorityQueue } from './priority-queue.ts';
import type { Timers } from './timers.ts';

interface Wake {
  readonly atMs: number;
  readonly item: Item;
  readonly stamp: number;
}

interface Lane {
  readonly budget: Budget;
  readonly fresh: PriorityQueue<Item>;
  readonly failing: PriorityQueue<Item>;
  readonly starved: PriorityQueue<Item>;
  running: number;
  runningFailing: number;
}

export interface ScheduleOptions {
  readonly clock: () => number;
  readonly timers: Timers;
  /** Items that one lane works on at a time. */
  readonly concurrency: number;
  readonly budgetOf: (issuer: string) => Budget;
  /** Whose lane the item queues up in. */
  readonly laneOf: (item: Item) => string;
  /** Does what is due; never rejects. 'starved': the account has no order left. */
  readonly work: (item: Item) => Promise<'done' | 'starved'>;
  /** When to look at it next. */
  readonly wakeTime: (item: Item) => number;
}

export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #wakes = new PriorityQueue<Wake>((a, b) => a.atMs < b.atMs);
  readonly #lanes = new Map<string, Lane>();
  #cancelTimer: () => void = () => undefined;
  #timerAtMs = Infinity;
  #stopped = true;
  #running = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#pump();
  }

  /** Nothing new begins; resolves when what was running has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#timerAtMs = Infinity;
    if (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Puts an item on the schedule, or moves it there. One that is being worked on is put there when that has ended. */
  add(item: Item): void {
    if (item.state === 'working' || item.removed) return;
    item.state = 'waiting';
    item.stamp += 1;
    this.#wakes.push({ atMs: this.#options.wakeTime(item), item, stamp: item.stamp });
  }

  /** Looks at what is due now. */
  pump(): void {
    if (!this.#stopped) this.#pump();
  }

  #pump(): void {
    const nowMs = this.#options.clock();
    for (let wake = this.#wakes.peek(); wake !== undefined && wake.atMs <= nowMs; wake = this.#wakes.peek()) {
      this.#wakes.pop();
      const { item, stamp } = wake;
      if (stamp !== item.stamp || item.state !== 'waiting') continue;
      const lane = this.#laneOf(item);
      (item.failures > 0 ? lane.failing : lane.fresh).push(item);
    }
    let nextMs = this.#wakes.peek()?.atMs ?? Infinity;
    for (const lane of this.#lanes.values()) nextMs = Math.min(nextMs, this.#pumpLane(lane, nowMs));
    this.#arm(nextMs, nowMs);
  }

  /** Lets items in as far as there are places; gives the time at which a starved one may try again. */
  #pumpLane(lane: Lane, nowMs: number): number {
    const { concurrency } = this.#options;
    const half = Math.max(1, concurrency >> 1);
    while (lane.running < concurrency) {
      const queue =
        lane.starved.size > 0 && lane.budget.nextOrder(nowMs) <= nowMs
          ? lane.starved
          : lane.fresh.size > 0
            ? lane.fresh
            : lane.runningFailing < half
              ? lane.failing
              : undefined;
      const item = queue?.pop();
      if (item === undefined) break;
      if (item.removed || item.state !== 'waiting') continue;
      void this.#run(item, lane);
    }
    return lane.starved.size > 0 && lane.running < concurrency ? lane.budget.nextOrder(nowMs) : Infinity;
  }

  async #run(item: Item, lane: Lane): Promise<void> {
    const failing = item.failures > 0;
    item.state = 'working';
    lane.running += 1;
    this.#running += 1;
    if (failing) lane.runningFailing += 1;
    const result = await this.#options.work(item);
    lane.running -= 1;
    this.#running -= 1;
    if (failing) lane.runningFailing -= 1;
    item.state = 'idle';
    if (result === 'starved' && !item.removed) {
      item.state = 'waiting';
      lane.starved.push(item);
    } else {
      this.add(item);
    }
    if (!this.#stopped) this.#pump();
    if (this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #laneOf(item: Item): Lane {
    const name = this.#options.laneOf(item);
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = {
        budget: this.#options.budgetOf(name),
        fresh: new PriorityQueue(soonest),
        failing: new PriorityQueue(soonest),
        starved: new PriorityQueue(soonest),
        running: 0,
        runningFailing: 0,
      };
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  #arm(atMs: number, nowMs: number): void {
    if (atMs === this.#timerAtMs && atMs > nowMs) return;
    this.#cancelTimer();
    this.#timerAtMs = atMs;
    if (atMs === Infinity) return;
    this.#cancelTimer = this.#options.timers.start(Math.max(0, atMs - nowMs), () => {
      this.#timerAtMs = Infinity;
      if (!this.#stopped) this.#pump();
    });
  }
}

/** Without a certificate counts as expiring last: those that serve come before those that never did. */
const soonest = (a: Item, b: Item): boolean => (a.facts?.notAfterMs ?? Infinity) < (b.facts?.notAfterMs ?? Infinity);
