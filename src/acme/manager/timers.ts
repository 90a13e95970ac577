/** Timers as they are passed in: `start` calls `work` once after `delayMs` and gives what takes that back. */
export interface Timers {
  start(delayMs: number, work: () => void): () => void;
}

/** What setTimeout can hold; longer waits are cut, and whoever waited looks at the clock and waits again. */
const LONGEST_MS = 2 ** 31 - 1;

/** The process's own. They do not keep it alive. */
export const systemTimers: Timers = {
  start(delayMs, work) {
    const timer = setTimeout(work, Math.min(Math.max(0, delayMs), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
