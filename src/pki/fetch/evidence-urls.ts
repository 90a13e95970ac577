import type { Certificate } from '../../codec/x509/certificate.ts';
import type { DistributionPoint } from '../../codec/x509/extension-values.ts';
import { Oid } from '../../codec/x509/oid.ts';

/** Places asked a certificate and kind; real certificates name one, some two. */
const MAX_PLACES = 4;

/** Where a certificate says that its OCSP responder is. */
export function ocspUrls(certificate: Certificate): string[] {
  const urls: string[] = [];
  for (const { method, location } of certificate.extensions.known.authorityInfoAccess?.value ?? [])
    if (method === Oid.accessOcsp && location.kind === 'uri') urls.push(location.value);
  return chosen(urls);
}

/** Where the lists and the delta lists are that speak about a certificate. */
export function crlUrls(certificate: Certificate): string[] {
  const { cRLDistributionPoints, freshestCRL } = certificate.extensions.known;
  return pointUrls([...(cRLDistributionPoints?.value ?? []), ...(freshestCRL?.value ?? [])]);
}

export function pointUrls(points: readonly DistributionPoint[]): string[] {
  const urls: string[] = [];
  for (const { name } of points) {
    if (name?.kind !== 'full') continue;
    for (const one of name.names) if (one.kind === 'uri') urls.push(one.value);
  }
  return chosen(urls);
}

const chosen = (urls: readonly string[]): string[] =>
  [...new Set(urls)].filter((url) => /^http:\/\//i.test(url)).slice(0, MAX_PLACES);
