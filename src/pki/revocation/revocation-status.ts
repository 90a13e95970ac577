import type { Certificate } from '../../codec/x509/certificate.ts';
import type { RevocationReason } from '../../codec/x509/extension-values.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import { finding, type Finding, type FindingValues } from '../../story/finding.ts';
import type { Conformance } from '../path/path-policy.ts';
import { certificateLabel } from '../path/reason.ts';

export type RevocationSource = 'CRL' | 'OCSP';

/**
 * What to insist on. `off`: nothing is looked at. `soft`: no answer is fine and an old one too, but an answer that is
 * forged, unauthorized or malformed is not. `hard`: every certificate needs a good answer that is in date.
 */
export type RevocationMode = 'off' | 'soft' | 'hard';

export interface RevocationSettings {
  readonly mode: RevocationMode;
  /** The moment that the answer is for, epoch milliseconds. */
  readonly timeMs: number;
  readonly conformance: Conformance;
  /** How far clocks may differ, in milliseconds. */
  readonly clockSkewMs: number;
  /** How long an answer without nextUpdate counts, in milliseconds from its thisUpdate. */
  readonly maxAgeMs: number;
}

/** Five minutes of clock skew; a week for answers that do not say when the next one comes. */
export const revocationDefaults = {
  conformance: 'common',
  clockSkewMs: 5 * 60_000,
  maxAgeMs: 7 * 86_400_000,
} as const satisfies Partial<RevocationSettings>;

/** What one source says about one certificate. */
export interface RevocationStatus {
  readonly kind: 'good' | 'revoked' | 'unknown';
  readonly source: RevocationSource | undefined;
  /** Epoch milliseconds: when the answer was made, when the next is due. */
  readonly thisUpdateMs: number | undefined;
  readonly nextUpdateMs: number | undefined;
  /** For 'revoked'. */
  readonly revokedAtMs: number | undefined;
  readonly reason: RevocationReason | undefined;
  /** Why answers that were there could not be used, or are odd. */
  readonly problems: readonly Finding[];
}

export const unknownStatus = (problems: readonly Finding[]): RevocationStatus => ({
  kind: 'unknown',
  source: undefined,
  thisUpdateMs: undefined,
  nextUpdateMs: undefined,
  revokedAtMs: undefined,
  reason: undefined,
  problems,
});

/** A finding about an answer for `certificate`. */
export const revocationFinding = (
  code: FindingCode,
  certificate: Certificate,
  source: RevocationSource,
  values: FindingValues = {},
): Finding => finding(code, { subject: certificateLabel(certificate), source, ...values });

/** Whether an answer is of its time: 'current', or why not. */
export function freshness(
  thisUpdateMs: number,
  nextUpdateMs: number | undefined,
  settings: RevocationSettings,
): 'current' | 'future' | 'stale' {
  if (thisUpdateMs > settings.timeMs + settings.clockSkewMs) return 'future';
  const until = nextUpdateMs ?? thisUpdateMs + settings.maxAgeMs;
  return settings.timeMs > until + settings.clockSkewMs ? 'stale' : 'current';
}
