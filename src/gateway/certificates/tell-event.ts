import type { CertificateEvent } from '../../acme/manager/wanted.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { LogFields } from '../observe/level.ts';

/** What the log says of an event. */
export function tellEvent(event: CertificateEvent): { readonly found: Finding; readonly fields: LogFields } {
  const name = event.names.join(', ');
  const fields: LogFields = { certificate: event.id };
  if ('version' in event) {
    const { issuer, notAfterMs } = event;
    return { found: finding(`certificate-${event.type}`, { name, issuer, until: dateOf(notAfterMs) }), fields };
  }
  if (event.type === 'revoked') return { found: finding('managed-certificate-revoked', { name }), fields };
  if (!('failures' in event)) return { found: event.finding, fields };
  const { issuer, failures, retryAtMs } = event;
  return { found: event.finding, fields: { ...fields, issuer, failures, retryAt: new Date(retryAtMs).toISOString() } };
}

/** To the minute, in UTC: `2026-12-24 18:00 UTC`. */
export const dateOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
