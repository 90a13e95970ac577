import type { Finding } from '../../story/finding.ts';

/** How much an event matters. The names and their order are pino's. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

/** What an event may carry: plain values. Secrets and field values of requests have no place here. */
export type LogValue = string | number | boolean | null | undefined | Error | readonly LogValue[] | LogFields;
export interface LogFields {
  readonly [name: string]: LogValue;
}

/**
 * The level of a finding. What a client or the network did wrong is nothing that the operator has to get up for, so it
 * is a warning at most.
 */
export function levelOf(found: Finding): Level {
  if (found.severity === 'info') return 'info';
  if (found.severity === 'warning' || found.fault === 'client' || found.fault === 'network') return 'warn';
  return 'error';
}
