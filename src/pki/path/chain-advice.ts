import type { Certificate } from '../../codec/x509/certificate.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { certificateKey, isSelfIssued } from './identity.ts';
import type { FetchedCertificate } from './aia-fetching.ts';
import { certificateLabel } from './reason.ts';

/**
 * What the server should send instead: compares the chain as it was sent, leaf first, with the path that was accepted.
 * A chain that is right yields nothing.
 */
export function adviseChain(
  sent: readonly Certificate[],
  path: readonly Certificate[],
  fetched: readonly FetchedCertificate[] = [],
): Finding[] {
  const found: Finding[] = [];
  const inPath = new Set(path.map(certificateKey));
  for (const { certificate, url } of fetched) {
    if (inPath.has(certificateKey(certificate)))
      found.push(finding('chain-fetched', { subject: certificateLabel(certificate), url }));
  }
  const order = new Map(path.map((certificate, index) => [certificateKey(certificate), index]));
  const seen = new Set<string>();
  let highest = -1;
  for (const [index, certificate] of sent.entries()) {
    const key = certificateKey(certificate);
    const subject = certificateLabel(certificate);
    const place = order.get(key);
    if (seen.has(key) || (place === undefined && !isSelfIssued(certificate))) {
      found.push(finding('chain-holds-unused', { subject }));
    } else if (isSelfIssued(certificate) && index > 0) found.push(finding('chain-holds-root', { subject }));
    else if (place !== undefined) {
      if (place < highest) found.push(finding('chain-out-of-order', { subject }));
      highest = Math.max(highest, place);
    }
    seen.add(key);
  }
  return found;
}
