/** What other nodes do to the store: looked at from time to time, and when the store hints at news. */
import type { CertificateStore } from '../../store/certificate-store.ts';
import type { CountedUses } from './counted-uses.ts';
import type { Effects } from './effects.ts';
import type { Item } from './item.ts';
import type { Schedule } from './schedule.ts';
import type { Timers } from './timers.ts';

export interface OtherNodesOptions {
  readonly store: CertificateStore;
  readonly items: ReadonlyMap<string, Item>;
  readonly uses: CountedUses;
  readonly schedule: Schedule;
  readonly effects: Effects;
  readonly clock: () => number;
  readonly timers: Timers;
  readonly pollMs: number;
}

const HINT_PAUSE_MS = 1_000;

export class OtherNodes {
  readonly #options: OtherNodesOptions;
  #cursor: number | undefined;
  #closed = false;
  #cancelPoll: () => void = () => undefined;
  #cancelHint: (() => void) | undefined;
  #unwatch: () => void = () => undefined;
  #polling: Promise<void> | undefined;

  constructor(options: OtherNodesOptions) {
    this.#options = options;
  }

  /** Notes where the changes are now: what comes from here on is news. To be called before the store is read. */
  async begin(): Promise<void> {
    const { store, effects } = this.#options;
    await effects.guarded(async () => {
      this.#cursor = (await store.changes()).cursor;
    });
  }

  watch(): void {
    if (this.#closed) return;
    this.#unwatch = this.#options.store.watch(() => this.#hinted());
    this.#armPoll();
  }

  /** Resolves when no look is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPoll();
    this.#cancelHint?.();
    this.#unwatch();
    await this.#polling;
  }

  #armPoll(): void {
    const { timers, pollMs, effects, uses } = this.#options;
    this.#cancelPoll = timers.start(pollMs, () => {
      void effects
        .guarded(() => uses.load(pollMs))
        .then(() => this.#poll())
        .then(() => {
          if (!this.#closed) this.#armPoll();
        });
    });
  }

  /** Our own writes give hints too, and writes come in crowds: one look a second is enough. */
  #hinted(): void {
    this.#cancelHint ??= this.#options.timers.start(HINT_PAUSE_MS, () => {
      this.#cancelHint = undefined;
      void this.#poll();
    });
  }

  #poll(): Promise<void> {
    this.#polling ??= this.#takeChanges().finally(() => (this.#polling = undefined));
    return this.#polling;
  }

  async #takeChanges(): Promise<void> {
    const { store, items: known, schedule, effects, clock } = this.#options;
    const changes = await effects.guarded(() => store.changes(this.#cursor));
    if (!changes.ok) return;
    const { cursor, ids } = changes.value;
    this.#cursor = cursor;
    const items = ids === 'all' ? [...known.values()] : ids.map((id) => known.get(id));
    for (const item of items) {
      // Whoever is at work on it looks for itself.
      if (item === undefined || item.state === 'working') continue;
      const found = await effects.guarded(() => store.live(item.id), item);
      if (!found.ok) continue;
      if (found.value !== undefined && effects.adopt(item, found.value)) {
        const { issuer, notAfterMs, version } = found.value;
        effects.emit(item, { type: 'adopted', issuer, notAfterMs, version });
      } else if (item.waitsFor === 'lease') {
        // Whoever was at work has given up.
        item.retryAtMs = clock();
      } else continue;
      schedule.add(item);
    }
    schedule.pump();
  }
}
