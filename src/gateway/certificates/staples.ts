/**
 * OCSP responses for the certificates that are served (RFC 6960), where they name a responder: fetched and judged here,
 * kept in the store over restarts, asked for again at half of their life. Most authorities have no responder any more;
 * for their certificates nothing happens at all.
 */
import { X509Certificate } from 'node:crypto';
import type { Timers } from '../../acme/manager/timers.ts';
import { parseCertificate, type Certificate } from '../../codec/x509/certificate.ts';
import { encodeOcspRequest } from '../../codec/x509/ocsp-request.ts';
import { parseOcspResponse } from '../../codec/x509/ocsp-response.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import { ocspUrls } from '../../pki/fetch/evidence-urls.ts';
import type { HttpFetch } from '../../pki/fetch/http-fetch.ts';
import { certIdOf, judgeByOcsp } from '../../pki/revocation/ocsp-judgement.ts';
import { revocationDefaults } from '../../pki/revocation/revocation-status.ts';
import type { CertificateStore, StoredCertificate } from '../../store/certificate-store.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, tellFinding, type Finding } from '../../story/finding.ts';

export interface StaplesOptions {
  readonly store: Pick<CertificateStore, 'ocsp' | 'putOcsp'>;
  readonly fetch: HttpFetch;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly timers: Timers;
  readonly report: (found: Finding) => void;
  /** There is another staple for a certificate, or none any more. */
  readonly onStaple: (id: string) => void;
  /** The responder says that it is revoked. */
  readonly onRevoked: (id: string) => void;
}

/** An answer that is good, and until when. Epoch milliseconds. */
interface Good {
  readonly response: Uint8Array;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

interface Followed {
  readonly id: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly leaf: Certificate;
  readonly issuer: Certificate;
  readonly urls: readonly string[];
  good: Good | undefined;
  failures: number;
  cancel: () => void;
}

/** An answer of a responder is a kilobyte or two. */
const MAX_RESPONSE_BYTES = 65_536;
/** Answers without an end are asked for again after this long. */
const OPEN_ENDED_MS = 12 * 3_600_000;
const RETRY_FIRST_MS = 60_000;
const RETRY_LATEST_MS = 3_600_000;

/** What is to be known of a certificate that is followed. */
export type StapledCertificate = Pick<StoredCertificate, 'id' | 'chainPem' | 'identifiers'>;

export class Staples {
  readonly #options: StaplesOptions;
  readonly #followed = new Map<string, Followed>();
  #stopped = false;

  constructor(options: StaplesOptions) {
    this.#options = options;
  }

  /** The response to send with a certificate; undefined where there is none that is good now. */
  of({ id, chainPem }: StapledCertificate): Uint8Array | undefined {
    const followed = this.#followed.get(id);
    if (followed?.good === undefined || followed.good.nextUpdateMs <= this.#options.clock()) return undefined;
    return followed.fingerprint === fingerprintOf(chainPem) ? followed.good.response : undefined;
  }

  /** A certificate is served from now on, in the place of an earlier one with its id. */
  async follow(certificate: StapledCertificate): Promise<void> {
    const { id, chainPem, identifiers } = certificate;
    const fingerprint = fingerprintOf(chainPem);
    const before = this.#followed.get(id);
    if (before?.fingerprint === fingerprint) return;
    before?.cancel();
    this.#followed.delete(id);
    const [leaf, issuer] = certificatesOf(chainPem);
    const urls = leaf === undefined ? [] : ocspUrls(leaf);
    if (leaf === undefined || issuer === undefined || urls.length === 0 || fingerprint === '') return;
    const name = identifiers.map(({ value }) => value).join(', ');
    const cancel = (): void => undefined;
    const followed: Followed = { id, name, fingerprint, leaf, issuer, urls, good: undefined, failures: 0, cancel };
    this.#followed.set(id, followed);
    const kept = await this.#kept(fingerprint);
    if (this.#followed.get(id) !== followed) return;
    const judged = kept && this.#judge(followed, kept);
    if (typeof judged === 'object' && 'response' in judged) this.#take(followed, judged);
    else await this.#refresh(followed);
  }

  /** These are served, and no others. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const [id, followed] of this.#followed) {
      if (ids.has(id)) continue;
      followed.cancel();
      this.#followed.delete(id);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.keepOnly(new Set());
  }

  async #refresh(followed: Followed): Promise<void> {
    const { clock, timers, report, onRevoked, onStaple } = this.#options;
    const certId = certIdOf(followed.leaf, followed.issuer);
    let reason = '';
    for (const url of certId === undefined ? [] : followed.urls) {
      const content = { type: 'application/ocsp-request', bytes: encodeOcspRequest(certId!) };
      const outcome = await this.#options.fetch({ url, content, maxBytes: MAX_RESPONSE_BYTES });
      if (this.#stopped || this.#followed.get(followed.id) !== followed) return;
      const judged = outcome.ok ? this.#judge(followed, outcome.bytes) : outcome.reason;
      if (typeof judged !== 'string' && 'response' in judged) {
        followed.failures = 0;
        await this.#keep(followed, judged.response);
        this.#take(followed, judged);
        return;
      }
      if (typeof judged !== 'string' && outcome.ok) {
        followed.good = undefined;
        // Kept too, so that the good answer before it does not come back with a restart.
        await this.#keep(followed, outcome.bytes);
        onStaple(followed.id);
        onRevoked(followed.id);
        return;
      }
      if (typeof judged === 'string') reason = judged;
    }
    followed.failures += 1;
    if (followed.failures === 1) {
      report(finding('staple-unavailable', { name: followed.name, url: followed.urls.join(', '), reason }));
    }
    const waitMs = Math.min(RETRY_FIRST_MS * 2 ** (followed.failures - 1), RETRY_LATEST_MS);
    this.#refreshAt(followed, clock() + waitMs, timers);
  }

  #take(followed: Followed, good: Good): void {
    const { clock, timers, onStaple } = this.#options;
    followed.good = good;
    const half = good.thisUpdateMs + (good.nextUpdateMs - good.thisUpdateMs) / 2;
    // A responder that gives out old answers has a new one soon.
    this.#refreshAt(followed, Math.max(half, clock() + RETRY_FIRST_MS), timers);
    onStaple(followed.id);
  }

  #refreshAt(followed: Followed, atMs: number, timers: Timers): void {
    followed.cancel();
    followed.cancel = timers.start(atMs - this.#options.clock(), () => {
      // Timers cannot wait for weeks.
      if (this.#options.clock() < atMs) this.#refreshAt(followed, atMs, timers);
      else void this.#refresh(followed);
    });
  }

  /** A good answer, a revocation, or in words why it is neither. */
  #judge(followed: Followed, response: Uint8Array): Good | { readonly revoked: true } | string {
    const { leaf, issuer } = followed;
    const parsed = parseOcspResponse(response);
    if (!parsed.ok) return `${parsed.error.problem} in ${parsed.error.field}`;
    const timeMs = this.#options.clock();
    const answer = { response: parsed.value, nonce: undefined, requireNonce: false };
    const status = judgeByOcsp(leaf, issuer, answer, { ...revocationDefaults, mode: 'soft', timeMs }, []);
    if (status.kind === 'revoked') return { revoked: true };
    const thisUpdateMs = status.thisUpdateMs ?? timeMs;
    const nextUpdateMs = status.nextUpdateMs ?? thisUpdateMs + 2 * OPEN_ENDED_MS;
    const [problem] = status.problems;
    if (status.kind === 'good' && nextUpdateMs > timeMs) return { response, thisUpdateMs, nextUpdateMs };
    return problem === undefined ? 'an answer that has ended' : tellFinding(problem, 'en').cause;
  }

  /** A store that is out of order costs the answer only after a restart. */
  async #keep({ fingerprint }: Followed, response: Uint8Array): Promise<void> {
    const { store, report } = this.#options;
    await store.putOcsp(fingerprint, response).catch((error: unknown) => {
      if (!(error instanceof FindingError)) throw error;
      report(error.finding);
    });
  }

  async #kept(fingerprint: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#options.store.ocsp(fingerprint);
    } catch (error) {
      if (error instanceof FindingError) return undefined;
      throw error;
    }
  }
}

function certificatesOf(chainPem: string): Certificate[] {
  const pem = parsePem(chainPem);
  const blocks = pem.ok ? pem.blocks.filter(({ label }) => label === 'CERTIFICATE') : [];
  return blocks.slice(0, 2).flatMap(({ bytes }) => {
    const parsed = parseCertificate(bytes);
    return parsed.ok ? [parsed.value] : [];
  });
}

function fingerprintOf(chainPem: string): string {
  try {
    return new X509Certificate(chainPem).fingerprint256;
  } catch {
    return '';
  }
}
