import { parsing } from '../../codec/der/der-error.ts';
import { DerReader } from '../../codec/der/der-reader.ts';
import { contextConstructed } from '../../codec/der/der-tag.ts';
import { MAX_CERTIFICATE_BYTES } from '../../codec/x509/certificate.ts';
import type { FetchIssuers } from '../path/aia-fetching.ts';
import { MAX_KEPT_MS, type EvidenceCache } from './evidence-cache.ts';
import type { FetchOutcome, HttpFetch } from './http-fetch.ts';

export interface FetchingOptions {
  readonly fetch: HttpFetch;
  readonly cache: EvidenceCache;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Told of every fetch that failed. */
export type OnFailure = (url: string, reason: string) => void;

/** Fetches the certificates of issuers, for path building. A bundle (RFC 5280 section 4.2.2.1) is handed on as PEM. */
export function createIssuerFetch({ fetch, cache, nowMs }: FetchingOptions, onFailure: OnFailure): FetchIssuers {
  return async (url) => {
    const key = `issuer ${url}`;
    const kept = await cache.get(key, nowMs);
    if (kept !== undefined) return kept;
    const outcome: FetchOutcome = await fetch({ url, maxBytes: MAX_CERTIFICATE_BYTES });
    if (!outcome.ok) {
      onFailure(url, outcome.reason);
      return undefined;
    }
    const bytes = unwrapBundle(outcome.bytes) ?? outcome.bytes;
    // Certificates do not say for how long they are to be had there.
    await cache.put(key, bytes, nowMs + MAX_KEPT_MS);
    return bytes;
  };
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';

/** The certificates of a "certs-only" CMS message (RFC 5652 section 5.1, RFC 8551 section 3.8), as PEM text. */
function unwrapBundle(bytes: Uint8Array): Uint8Array | undefined {
  const parsed = parsing(() => {
    const info = new DerReader(bytes, '').sequence('contentInfo');
    if (info.oid('contentType') !== SIGNED_DATA) info.fail('value-not-allowed', 'contentType', info.position);
    const signed = info.enter(contextConstructed(0), 'content').sequence('signedData');
    signed.smallInteger('version');
    signed.set('digestAlgorithms');
    signed.sequence('encapContentInfo');
    const certificates = signed.enter(contextConstructed(0), 'certificates');
    let text = '';
    while (!certificates.atEnd) {
      const { start, end } = certificates.element('certificate');
      const base64 = Buffer.from(bytes.subarray(start, end)).toString('base64');
      text += `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
    }
    return Buffer.from(text, 'latin1');
  });
  return parsed.ok ? parsed.value : undefined;
}
