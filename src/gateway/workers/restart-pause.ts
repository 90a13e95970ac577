/** A worker that lived this long did not die of its start: what killed it has passed or is rare. */
const CALM_MS = 30_000;
const FIRST_MS = 250;
const LAST_MS = 30_000;

/**
 * How long to wait before a worker is replaced that lived `livedMs`, after a pause of `beforeMs` before that one.
 *
 *     lived long: at once · lived shortly: 250 ms, 500 ms, 1 s, … 30 s
 */
export function restartPause(beforeMs: number, livedMs: number): number {
  if (livedMs >= CALM_MS) return 0;
  return Math.min(LAST_MS, Math.max(FIRST_MS, beforeMs * 2));
}
