/**
 * Durations counted by size, as Prometheus' histograms want them: each bucket here holds only its own observations; they
 * are added up when they are read. Observing is a short loop and two additions, without an allocation.
 */

/** Upper bounds of the buckets in milliseconds: from a keep-alive request on one machine to a slow report. */
export const DURATION_BOUNDS_MS = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
] as const;

export class DurationHistogram {
  /** One count a bound, and one for what exceeds them all. */
  readonly #counts = new Float64Array(DURATION_BOUNDS_MS.length + 1);
  #sumMs = 0;

  /** Counts a duration; what is no duration (negative, NaN) is left out. */
  observe(durationMs: number): void {
    if (!(durationMs >= 0)) return;
    let bucket = 0;
    while (bucket < DURATION_BOUNDS_MS.length && durationMs > (DURATION_BOUNDS_MS[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumMs += durationMs;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get sumSeconds(): number {
    return this.#sumMs / 1000;
  }

  /** Bounds in seconds, each with the observations up to it; the last bound is `+Inf`. */
  buckets(): readonly { readonly bound: number | '+Inf'; readonly count: number }[] {
    let sum = 0;
    return [...this.#counts].map((count, index) => {
      sum += count;
      const bound = DURATION_BOUNDS_MS[index];
      return { bound: bound === undefined ? '+Inf' : bound / 1000, count: sum };
    });
  }
}
