import { parseCertificate, type Certificate } from '../../codec/x509/certificate.ts';
import { Oid } from '../../codec/x509/oid.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import type { PathPolicy } from './path-policy.ts';
import type { TrustAnchors } from './trust-anchors.ts';
import type { PathVerdict } from './verdict.ts';
import { verifyPath } from './verify-path.ts';

/** Fetches what an authorityInfoAccess URL points at; undefined where there is nothing to be had. Sets its own limits. */
export type FetchIssuers = (url: string) => Promise<Uint8Array | undefined>;

/** A certificate that the peer did not send, and from where it came. */
export interface FetchedCertificate {
  readonly certificate: Certificate;
  readonly url: string;
}

export interface FetchingVerdict extends PathVerdict {
  readonly fetched: readonly FetchedCertificate[];
}

/** Each missing intermediate costs one; a chain misses one, rarely two. */
const MAX_FETCHES = 4;

/**
 * Judges as `verifyPath` does; where the only paths end at a certificate whose issuer is not at hand, asks for that
 * issuer at the places that the certificate names (RFC 5280 section 4.2.2.1) and judges again.
 */
export async function verifyPathFetching(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: TrustAnchors,
  policy: PathPolicy,
  fetchIssuers: FetchIssuers,
): Promise<FetchingVerdict> {
  const fetched: FetchedCertificate[] = [];
  const asked = new Set<string>();
  for (;;) {
    const pool = [...intermediates, ...fetched.map(({ certificate }) => certificate)];
    const verdict = verifyPath(leaf, pool, anchors, policy);
    const url = verdict.ok ? undefined : missingIssuerUrls(verdict).find((candidate) => !asked.has(candidate));
    if (url === undefined || asked.size >= MAX_FETCHES) return { ...verdict, fetched };
    asked.add(url);
    const bytes = await fetchIssuers(url);
    for (const certificate of bytes === undefined ? [] : readCertificates(bytes)) fetched.push({ certificate, url });
  }
}

/** Where the issuers of the certificates at which paths broke off can be had; plain HTTP only, as the RFC intends. */
function missingIssuerUrls({ tried }: PathVerdict): string[] {
  const urls: string[] = [];
  for (const { path, reasons } of tried) {
    const last = path.at(-1);
    if (last === undefined || !reasons.some(({ code }) => code === 'certificate-chain-incomplete')) continue;
    for (const { method, location } of last.extensions.known.authorityInfoAccess?.value ?? []) {
      if (method === Oid.accessCaIssuers && location.kind === 'uri' && /^http:\/\//i.test(location.value))
        urls.push(location.value);
    }
  }
  return urls;
}

/** One DER certificate, or PEM, which the RFC does not allow and servers send. */
function readCertificates(bytes: Uint8Array): Certificate[] {
  const single = parseCertificate(bytes);
  if (single.ok) return [single.value];
  const pem = parsePem(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
  if (!pem.ok) return [];
  const certificates: Certificate[] = [];
  for (const block of pem.blocks) {
    const parsed = parseCertificate(block.bytes);
    if (parsed.ok) certificates.push(parsed.value);
  }
  return certificates;
}
