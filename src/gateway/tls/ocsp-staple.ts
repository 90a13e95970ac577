import { createHash, X509Certificate } from 'node:crypto';
import { parseOcspResponse } from '../../codec/x509/ocsp-response.ts';
import { finding, type Finding } from '../../story/finding.ts';
import type { TlsSiteInput } from './site-input.ts';

/** A response about a site's certificate, ready to be sent in the handshake (RFC 6066 section 8). */
export interface Staple {
  /** DER. */
  readonly response: Buffer;
  /** Its nextUpdate, epoch milliseconds; infinity where newer ones are always to be had. */
  readonly untilMs: number;
  /** Equal for equal responses. */
  readonly id: string;
}

/**
 * The staple of a site that has one certificate and a response for it; undefined where there is none. The response must
 * be about this certificate and call it good; its signature is judged by whoever fetched it, and by the clients.
 */
export function readStaple({ name: site, certificates }: TlsSiteInput): Staple | Finding | undefined {
  const [pair] = certificates;
  if (pair?.ocspStaple === undefined || certificates.length !== 1) return undefined;
  const response = Buffer.from(pair.ocspStaple);
  const unusable = (reason: string): Finding => finding('tls-staple-unusable', { site, reason });
  const parsed = parseOcspResponse(response);
  if (!parsed.ok) return unusable(`${parsed.error.problem} in ${parsed.error.field}`);
  const { status, basic } = parsed.value;
  if (basic === undefined) return unusable(status);
  const serial = withoutSign(new X509Certificate(pair.certPem).serialNumber.toLowerCase());
  const single = basic.responses.find(({ certId }) => withoutSign(certId.serialNumber) === serial);
  if (single === undefined) return unusable('about another certificate');
  if (single.status.kind !== 'good') return unusable(`certificate ${single.status.kind}`);
  const untilMs = single.nextUpdate?.epochMs ?? Number.POSITIVE_INFINITY;
  return { response, untilMs, id: createHash('sha256').update(response).digest('base64url').slice(0, 22) };
}

/** Serial numbers begin with a zero octet where their first bit is set; some tell them without. */
function withoutSign(hex: string): string {
  return hex.replace(/^(?:00)+/, '');
}
