import type { Certificate } from '../../codec/x509/certificate.ts';
import { MAX_CRL_BYTES, parseCrl, type CertificateList } from '../../codec/x509/crl.ts';
import { encodeOcspRequest } from '../../codec/x509/ocsp-request.ts';
import { parseOcspResponse } from '../../codec/x509/ocsp-response.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { certificateLabel } from '../path/reason.ts';
import { judgeByCrls, type CrlSigners } from '../revocation/crl-judgement.ts';
import { certIdOf, delegateToCheck, judgeByOcsp, type OcspAnswer } from '../revocation/ocsp-judgement.ts';
import type { RevocationEvidence } from '../revocation/revocation-judgement.ts';
import type { RevocationSettings } from '../revocation/revocation-status.ts';
import { MAX_KEPT_MS } from './evidence-cache.ts';
import { crlUrls, ocspUrls, pointUrls } from './evidence-urls.ts';
import type { FetchingOptions } from './fetch-issuers.ts';

/** An OCSP answer holds a signature and a certificate or two. */
const MAX_OCSP_ANSWER_BYTES = 1 << 16;
/** RFC 9654 section 2.1: clients use at least 32 octets. */
const NONCE_LENGTH = 32;

export interface RevocationFetching extends FetchingOptions {
  readonly random: (byteLength: number) => Uint8Array;
  readonly settings: RevocationSettings;
}

export interface FetchedEvidence {
  readonly evidence: RevocationEvidence;
  /** Where something was asked, and whether it came from there or was kept. */
  readonly asked: readonly AskedPlace[];
  /** What could not be had or read. */
  readonly problems: readonly Finding[];
}

export interface AskedPlace {
  readonly subject: string;
  readonly kind: 'CRL' | 'OCSP';
  readonly url: string;
  readonly outcome: 'fetched' | 'kept' | 'failed';
}

/**
 * Adds to `given` what the certificates of an accepted path name: for each the OCSP answer, and where that settles
 * nothing, the CRLs. What the staple or given lists settle already is not asked for. Nothing is kept that would not be
 * believed: a forged answer costs one check, not all checks until its end.
 */
export async function fetchRevocation(
  path: readonly Certificate[],
  given: RevocationEvidence,
  options: RevocationFetching,
): Promise<FetchedEvidence> {
  const ocsp = new Map<Certificate, readonly OcspAnswer[]>(given.ocsp);
  const crls: CertificateList[] = [...given.crls];
  const gathering: Gathering = { options, asked: [], problems: [], lists: new Map() };
  for (const [position, certificate] of path.entries()) {
    const issuer = path[position + 1];
    if (issuer === undefined) continue;
    const signers: CrlSigners = { issuer, others: given.crlSigners, trusts: given.trustsCrlSigner };
    const isSettled = (): boolean =>
      (ocsp.get(certificate) ?? []).some(
        (answer) => judgeByOcsp(certificate, issuer, answer, options.settings, crls).kind !== 'unknown',
      ) || judgeByCrls(certificate, crls, signers, options.settings).kind !== 'unknown';
    /** The lists that tell of whoever signed an answer in the issuer's stead. */
    const askForDelegate = async ({ response }: OcspAnswer): Promise<void> => {
      const delegate = delegateToCheck(response, issuer, options.settings);
      if (delegate === undefined) return;
      for (const url of crlUrls(delegate)) {
        const crl = await askCrl(url, delegate, signers, gathering);
        if (crl !== undefined && !crls.includes(crl)) crls.push(crl);
      }
    };
    for (const answer of ocsp.get(certificate) ?? []) await askForDelegate(answer);
    for (const url of ocspUrls(certificate)) {
      if (isSettled()) break;
      const answer = await askOcsp(url, certificate, issuer, gathering);
      if (answer === undefined) continue;
      ocsp.set(certificate, [...(ocsp.get(certificate) ?? []), answer]);
      await askForDelegate(answer);
    }
    // Delta lists change what a complete one says, so that all lists are had before any is believed.
    if (isSettled()) continue;
    const urls = crlUrls(certificate);
    for (const url of urls) {
      const crl = await askCrl(url, certificate, signers, gathering);
      if (crl === undefined || crls.includes(crl)) continue;
      crls.push(crl);
      for (const delta of pointUrls(crl.extensions.known.freshestCRL?.value ?? []))
        if (!urls.includes(delta)) {
          const list = await askCrl(delta, certificate, signers, gathering);
          if (list !== undefined && !crls.includes(list)) crls.push(list);
        }
    }
  }
  return { evidence: { ...given, ocsp, crls }, asked: gathering.asked, problems: gathering.problems };
}

interface Gathering {
  readonly options: RevocationFetching;
  readonly asked: AskedPlace[];
  readonly problems: Finding[];
  /** Lists by URL; the certificates of a path often share one. */
  readonly lists: Map<string, CertificateList | undefined>;
}

async function askOcsp(
  url: string,
  certificate: Certificate,
  issuer: Certificate,
  { options, asked, problems }: Gathering,
): Promise<OcspAnswer | undefined> {
  const { fetch, cache, nowMs, random, settings } = options;
  const certId = certIdOf(certificate, issuer);
  if (certId === undefined) return undefined;
  const subject = certificateLabel(certificate);
  const key = `ocsp ${url} ${Buffer.from(encodeOcspRequest(certId)).toString('base64')}`;
  const kept = await cache.get(key, nowMs);
  if (kept !== undefined) {
    const parsed = parseOcspResponse(kept);
    asked.push({ subject, kind: 'OCSP', url, outcome: 'kept' });
    // Its nonce was compared when it came.
    if (parsed.ok) return { response: parsed.value, nonce: undefined, requireNonce: false };
  }
  const nonce = random(NONCE_LENGTH);
  const content = { type: 'application/ocsp-request', bytes: encodeOcspRequest(certId, nonce) };
  const outcome = await fetch({ url, content, maxBytes: MAX_OCSP_ANSWER_BYTES });
  asked.push({ subject, kind: 'OCSP', url, outcome: outcome.ok ? 'fetched' : 'failed' });
  if (!outcome.ok) {
    problems.push(finding('fetch-failed', { kind: 'OCSP', subject, url, reason: outcome.reason }));
    return undefined;
  }
  const parsed = parseOcspResponse(outcome.bytes);
  if (!parsed.ok) {
    problems.push(finding('fetch-malformed', { kind: 'OCSP', subject, url, ...parsed.error }));
    return undefined;
  }
  // Most responders sign answers beforehand and leave the nonce out, so that it is compared only where it comes back.
  const answer: OcspAnswer = { response: parsed.value, nonce, requireNonce: false };
  // Whether a delegate still may speak is found out anew each time that its answer is used.
  const status = judgeByOcsp(certificate, issuer, answer, { ...settings, mode: 'soft' }, []);
  if (status.kind !== 'unknown' && status.nextUpdateMs !== undefined)
    await cache.put(key, outcome.bytes, Math.min(status.nextUpdateMs, nowMs + MAX_KEPT_MS));
  return answer;
}

async function askCrl(
  url: string,
  certificate: Certificate,
  signers: CrlSigners,
  gathering: Gathering,
): Promise<CertificateList | undefined> {
  const { options, asked, problems, lists } = gathering;
  const { fetch, cache, nowMs, settings } = options;
  if (lists.has(url)) return lists.get(url);
  const subject = certificateLabel(certificate);
  const key = `crl ${url}`;
  const kept = await cache.get(key, nowMs);
  if (kept !== undefined) {
    const parsed = parseCrl(kept);
    asked.push({ subject, kind: 'CRL', url, outcome: 'kept' });
    if (parsed.ok) {
      lists.set(url, parsed.value);
      return parsed.value;
    }
  }
  const outcome = await fetch({ url, maxBytes: MAX_CRL_BYTES });
  asked.push({ subject, kind: 'CRL', url, outcome: outcome.ok ? 'fetched' : 'failed' });
  lists.set(url, undefined);
  if (!outcome.ok) {
    problems.push(finding('fetch-failed', { kind: 'CRL', subject, url, reason: outcome.reason }));
    return undefined;
  }
  const parsed = parseCrl(derOfList(outcome.bytes));
  if (!parsed.ok) {
    problems.push(finding('fetch-malformed', { kind: 'CRL', subject, url, ...parsed.error }));
    return undefined;
  }
  const crl = parsed.value;
  lists.set(url, crl);
  const untilMs = crl.nextUpdate?.epochMs ?? 0;
  const status = judgeByCrls(certificate, [crl], signers, settings);
  if (untilMs > nowMs && status.kind !== 'unknown')
    await cache.put(key, crl.bytes, Math.min(untilMs, nowMs + MAX_KEPT_MS));
  return crl;
}

/** RFC 5280 section 4.2.1.13 wants DER there; some private CAs serve PEM. */
export function derOfList(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0x30) return bytes;
  const pem = parsePem(Buffer.from(bytes).toString('latin1'));
  const block = pem.ok ? pem.blocks.find(({ label }) => label === 'X509 CRL') : undefined;
  return block?.bytes ?? bytes;
}
