/** When a CA wants a certificate renewed (RFC 9773): asked for, and asked for again when it says, within bounds. */
import { finding, type Finding } from '../../story/finding.ts';
import type { RenewalWindow } from '../issuer.ts';
import { seededFraction } from '../policy/seeded.ts';
import type { Effects } from './effects.ts';
import { replan, type Item } from './item.ts';
import type { Timers } from './timers.ts';

/** Bounds for when a CA is asked again about its window, whatever it says. */
export const ASK_SOONEST_MS = 60_000;
const ASK_LATEST_MS = 7 * 86_400_000;
/** After a question that was not answered. */
const ASK_AFTER_FAILURE_MS = 3_600_000;
const ASK_TIMEOUT_MS = 60_000;

export interface WindowSurroundings {
  readonly clock: () => number;
  readonly timers: Timers;
  /** Aborted when the manager stops. */
  readonly signal: AbortSignal;
  readonly emit: Effects['emit'];
}

/** Asks; a certificate that turns out to be revoked is told of. Never rejects. */
export async function askWindow(item: Item, { clock, timers, signal, emit }: WindowSurroundings): Promise<void> {
  const { live } = item;
  const by = item.issuers.find(({ issuer }) => issuer.name === live?.issuer)?.issuer;
  if (live === undefined || by === undefined) {
    item.askAtMs = Infinity;
    return;
  }
  const answer = await within(ASK_TIMEOUT_MS, timers, () => by.renewalWindow(live.chainPem, signal));
  if (item.live !== live) return;
  const nowMs = clock();
  if (answer === undefined) {
    // No such information: perhaps one day.
    item.window = undefined;
    item.askAtMs = nowMs + ASK_LATEST_MS;
  } else if (isWindow(answer)) {
    item.window = answer;
    item.askAtMs = Math.min(Math.max(answer.askAgainAtMs, nowMs + ASK_SOONEST_MS), nowMs + ASK_LATEST_MS);
  } else {
    // The last known window stays good.
    item.askAtMs = nowMs + ASK_AFTER_FAILURE_MS * (0.8 + 0.4 * seededFraction(item.id, nowMs));
  }
  const before = item.plan?.why;
  replan(item, nowMs);
  if (item.plan?.why === 'revoked' && before !== 'revoked') {
    emit(item, { type: 'revoked', explanationUrl: item.window?.explanationUrl });
  }
}

/** A question that hangs is left behind; the client has limits of its own, and stops with the manager. */
async function within<T>(timeoutMs: number, timers: Timers, ask: () => Promise<T>): Promise<T | Finding> {
  let cancel = (): void => undefined;
  const tooLong = new Promise<Finding>((resolve) => {
    cancel = timers.start(timeoutMs, () => {
      resolve(finding('renewal-timed-out', { issuer: '', name: '', seconds: timeoutMs / 1000 }));
    });
  });
  try {
    return await Promise.race([ask(), tooLong]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return finding('renewal-issuer-failed', { name: '', issuer: '', reason });
  } finally {
    cancel();
  }
}

const isWindow = (answer: RenewalWindow | Finding): answer is RenewalWindow => 'startMs' in answer;
