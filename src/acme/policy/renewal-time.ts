/**
 * When a certificate is to be renewed. Nothing here counts in days: every time is a share of the certificate's own life,
 * or comes from the CA (ARI, RFC 9773).
 *
 *     notBefore                    due                       emergency   notAfter
 *     |-----------------------------|--jitter--|--------------|-----------|
 *                                   1/3 of the life is left   1/6 is left
 *
 * A life of ten days or less is halved instead: a third of six days would leave too little for a CA that is down over a
 * weekend. The jitter goes towards the end, so that a CA's own window (which lies around the same point) is met rather
 * than forestalled: only orders within the window are exempt from its rate limits.
 */
import type { RenewalWindow } from '../issuer.ts';
import { seededFraction } from './seeded.ts';

/** Of a certificate, in epoch milliseconds. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * - `window`: the time that was drawn within the CA's window.
 * - `ratio`: the share of its own life.
 * - `revoked`: the CA's window has passed early in the certificate's life, or the certificate is revoked: at once, and
 *   with a new key.
 */
export type RenewalReason = 'window' | 'ratio' | 'revoked';

export interface RenewalPlan {
  readonly atMs: number;
  readonly why: RenewalReason;
}

export interface RenewalQuestion extends Validity {
  /** Last known answer of the CA. */
  readonly window?: RenewalWindow | undefined;
  /** Known to be revoked, by a CRL or by the person. */
  readonly revoked?: boolean | undefined;
  /** What makes this certificate's jitter its own: its serial number or fingerprint. */
  readonly seed: string;
  readonly nowMs: number;
}

/** Up to this length a life counts as short. */
const SHORT_LIFE_MS = 10 * 86_400_000;
/** Share of the life that is left when a certificate falls due. */
const LEFT_WHEN_DUE = 1 / 3;
const LEFT_WHEN_DUE_SHORT = 1 / 2;
/** Largest jitter, as a share of the life. */
const JITTER = 1 / 20;
/** Share of the life that is left when politeness ends. */
const LEFT_IN_EMERGENCY = 1 / 6;

const lifeOf = ({ notBeforeMs, notAfterMs }: Validity): number => Math.max(0, notAfterMs - notBeforeMs);

/** When the certificate falls due by its own life, without jitter. */
export function dueTime(validity: Validity): number {
  const life = lifeOf(validity);
  return validity.notAfterMs - life * (life <= SHORT_LIFE_MS ? LEFT_WHEN_DUE_SHORT : LEFT_WHEN_DUE);
}

/** From then on nothing but the CA's limits delays a renewal. */
export const emergencyTime = (validity: Validity): number => validity.notAfterMs - lifeOf(validity) * LEFT_IN_EMERGENCY;

/**
 * Before that time a certificate is not replaced for anything that a CA says: an answer that is stale, or a lie, costs one
 * certificate in a forty-eighth of a life, not five in ten seconds. People and revocation lists may replace it earlier.
 */
export function floorTime(validity: Validity, obtainedAtMs: number): number {
  return obtainedAtMs + Math.max(60_000, lifeOf(validity) / 48);
}

/** The earlier of the CA's window and the share of the certificate's own life. */
export function planRenewal(question: RenewalQuestion): RenewalPlan {
  const { window, revoked, seed, nowMs } = question;
  if (revoked === true) return { atMs: Math.min(nowMs, question.notAfterMs), why: 'revoked' };
  const due = dueTime(question);
  const byRatio = Math.floor(due + lifeOf(question) * JITTER * seededFraction(seed, 'ratio'));
  if (window === undefined || !isSensible(window)) return { atMs: byRatio, why: 'ratio' };
  const chosen = timeWithin(window, seed);
  if (window.endMs <= nowMs && window.endMs < due) return { atMs: chosen, why: 'revoked' };
  return chosen < byRatio ? { atMs: chosen, why: 'window' } : { atMs: byRatio, why: 'ratio' };
}

/** A random point of the window (RFC 9773 section 4.2), the same as long as the window is. */
export function timeWithin({ startMs, endMs }: RenewalWindow, seed: string): number {
  return Math.floor(startMs + (endMs - startMs) * seededFraction(seed, startMs, endMs));
}

/** "clients MUST NOT … end is before start" is the CA's mistake; such an answer counts as none. */
function isSensible({ startMs, endMs }: RenewalWindow): boolean {
  return Number.isFinite(startMs) && Number.isFinite(endMs) && startMs < endMs;
}

/** Whether an order at `timeMs` that names what it replaces is exempt from limits where ARI exempts. */
export function isWithinWindow(window: RenewalWindow | undefined, timeMs: number): boolean {
  return window !== undefined && timeMs >= window.startMs && timeMs < window.endMs;
}
