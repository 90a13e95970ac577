/**
 * Token buckets, as Let's Encrypt describes its rate limits: a bucket holds `burst` tokens, a use takes one, and one
 * comes back every `refillMs`. The state of a bucket is one number, the time at which it will be full again
 * (the *theoretical arrival time* of the generic cell rate algorithm, ITU-T I.371):
 *
 *     full again at   now + (tokens used) × refillMs
 *     a use is free   while that time lies at most (burst − 1) × refillMs ahead
 */
export interface BucketShape {
  readonly burst: number;
  readonly refillMs: number;
}

/** Earliest time at which a token is there. `fullAtMs` is undefined for a bucket that was never used. */
export function tokenAt({ burst, refillMs }: BucketShape, fullAtMs: number | undefined, nowMs: number): number {
  if (fullAtMs === undefined) return nowMs;
  return Math.max(nowMs, fullAtMs - (burst - 1) * refillMs);
}

/** The state after a use at `timeMs`, whether or not there was a token for it. */
export function afterUse({ refillMs }: BucketShape, fullAtMs: number | undefined, timeMs: number): number {
  return Math.max(fullAtMs ?? timeMs, timeMs) + refillMs;
}
