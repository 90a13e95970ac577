import type { Certificate } from '../codec/x509/certificate.ts';

/** `38 d`, `5 h`: how long until something ends, rounded down. */
export function formatLeft(leftMs: number): string {
  const hours = Math.floor(Math.max(0, leftMs) / 3_600_000);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** Whether renewal is late: less than a sixth of a certificate's life is left, where a third is the usual moment. */
export function isExpiring({ notBefore, notAfter }: Certificate, timeMs: number): boolean {
  const left = notAfter.epochMs - timeMs;
  return left >= 0 && left < (notAfter.epochMs - notBefore.epochMs) / 6;
}
