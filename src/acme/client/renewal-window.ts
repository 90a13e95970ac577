import { finding, type Finding } from '../../story/finding.ts';
import type { RenewalWindow } from '../issuer.ts';
import { certificateId } from './certificate-id.ts';
import { readChain } from './issued-chain.ts';
import { plainText } from './plain-text.ts';
import { readRetryAfter } from './retry-after.ts';
import type { AcmeSession } from './session.ts';

/** RFC 9773 section 4.3: what comes sooner or later than this is held to it. */
const SOONEST_MS = 60_000;
const LATEST_MS = 86_400_000;
/** Where the CA does not say when to ask again. */
const DEFAULT_MS = 6 * 3_600_000;

/**
 * When the CA would like a certificate to be renewed (RFC 9773 section 4). Undefined where it offers no such information,
 * or none for this certificate; a finding where it could not be asked or says nonsense.
 */
export async function askRenewalWindow(
  session: AcmeSession,
  chainPem: string,
  signal?: AbortSignal,
): Promise<RenewalWindow | Finding | undefined> {
  const { issuer } = session;
  const directory = await session.directory(signal);
  if (!directory.ok) return directory.failure.finding;
  const base = directory.value.renewalInfo;
  if (base === undefined) return undefined;
  const leaf = readChain(chainPem)?.[0];
  if (leaf === undefined) return finding('acme-certificate-malformed', { issuer });
  const identifier = certificateId(leaf);
  if (identifier === undefined) return undefined;
  const answer = await session.get(`${base.replace(/\/$/, '')}/${identifier}`, signal);
  if (!answer.ok) return answer.failure.status === 404 ? undefined : answer.failure.finding;
  const read = session.resource('renewalInfo', answer.value);
  if (!read.ok) return read.failure.finding;
  const { suggestedWindow, explanationURL } = read.value;
  const startMs = Date.parse(suggestedWindow.start);
  const endMs = Date.parse(suggestedWindow.end);
  // "A RenewalInfo object in which the end timestamp equals or precedes the start timestamp is invalid" (section 4.2).
  if (endMs <= startMs) {
    const problem = 'suggestedWindow: the end is not after the start';
    return finding('acme-answer-malformed', { issuer, resource: 'renewalInfo', problem });
  }
  const nowMs = session.clock();
  const asked = readRetryAfter(answer.value.headers['retry-after'], nowMs) ?? nowMs + DEFAULT_MS;
  return {
    startMs,
    endMs,
    ...(explanationURL !== undefined && { explanationUrl: plainText(explanationURL) }),
    askAgainAtMs: Math.min(Math.max(asked, nowMs + SOONEST_MS), nowMs + LATEST_MS),
  };
}
