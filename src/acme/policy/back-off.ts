import { seededFraction } from './seeded.ts';

const FIRST_MS = 60_000;
const LONGEST_MS = 6 * 3_600_000;
/** A wait is never longer than this share of what is left until the certificate ends. */
const SHARE_OF_REST = 1 / 8;
/** A permanent failure (CAA forbids, the name is refused) is tried again too: people mend it without telling us. */
const PERMANENT_MS = 3_600_000;

export interface BackOffQuestion {
  /** Failures in a row, from 1. */
  readonly failures: number;
  /** Trying again unchanged cannot help. */
  readonly permanent: boolean;
  /** The CA's Retry-After as a point in time. */
  readonly retryAtMs?: number | undefined;
  /** When the live certificate ends; undefined where there is none. */
  readonly notAfterMs?: number | undefined;
  readonly seed: string;
  readonly nowMs: number;
}

/**
 * When to try again after a failure: one minute, doubled with every further failure up to six hours, jittered by a fifth
 * either way. Close to the end of a certificate waits shrink with what is left. A CA that says Retry-After is not asked
 * earlier, but a Retry-After beyond a day is taken for a mistake and cut.
 */
export function nextAttempt(question: BackOffQuestion): number {
  const { failures, permanent, retryAtMs, notAfterMs, seed, nowMs } = question;
  const doubled = FIRST_MS * 2 ** Math.min(30, Math.max(0, failures - 1));
  const base = Math.min(LONGEST_MS, permanent ? Math.max(doubled, PERMANENT_MS) : doubled);
  const jittered = base * (0.8 + 0.4 * seededFraction(seed, failures, 'back-off'));
  const restMs = notAfterMs === undefined || notAfterMs <= nowMs ? Infinity : notAfterMs - nowMs;
  const wait = Math.max(FIRST_MS, Math.min(jittered, restMs * SHARE_OF_REST));
  const asked = retryAtMs === undefined ? nowMs : Math.min(retryAtMs, nowMs + 86_400_000);
  return Math.ceil(Math.max(nowMs + wait, asked));
}
