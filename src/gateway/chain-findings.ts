import type { Certificate } from '../codec/x509/certificate.ts';
import { parseCertificate } from '../codec/x509/certificate.ts';
import { parsePem } from '../codec/x509/pem.ts';
import { formatLeft, isExpiring } from '../pki/lifetime.ts';
import { certificateKey, isSelfIssued, nameKey } from '../pki/path/identity.ts';
import { certificateLabel, formatTime } from '../pki/path/reason.ts';
import { isSignedBy } from '../pki/path/signature.ts';
import type { TrustStore } from '../pki/trust-store/trust-store.ts';
import { finding, type Finding } from '../story/finding.ts';

/** A site's own certificate file, and whose it is. */
export interface SiteChain {
  readonly site: string;
  readonly file: string;
  readonly certPem: string;
}

/**
 * What clients will stumble over in a chain that can be served all the same: a missing intermediate, a wrong order, an end
 * that is near. Key, names and dates are looked at when the configuration is read. `systemStore` is asked only where a
 * chain ends below a root.
 */
export async function chainFindings(
  { site, file, certPem }: SiteChain,
  nowMs: number,
  systemStore: () => Promise<TrustStore>,
): Promise<Finding[]> {
  const chain = readChain(certPem);
  const [leaf] = chain;
  if (leaf === undefined) return [];
  const found: Finding[] = [];
  if (isExpiring(leaf, nowMs)) {
    const left = formatLeft(leaf.notAfter.epochMs - nowMs);
    const values = { site, file, notAfter: formatTime(leaf.notAfter.epochMs), left };
    found.push(finding('site-certificate-expiring', values));
  }
  const path = followIssuers(leaf, chain);
  const disordered = path.find((certificate, index) => chain[index] !== certificate);
  if (disordered !== undefined)
    found.push(finding('site-chain-disorder', { site, file, subject: certificateLabel(disordered) }));
  const last = path.at(-1);
  if (last !== undefined && !isSelfIssued(last)) {
    const { anchors } = await systemStore();
    const isKnown = anchors.has(last) || anchors.withSubject(last.issuer).some((root) => isSignedBy(last, root));
    const issuer = certificateLabel({ ...last, subject: last.issuer });
    if (!isKnown) found.push(finding('site-chain-incomplete', { site, file, subject: certificateLabel(last), issuer }));
  }
  return found;
}

/** Those of `found` that `told` does not hold. That less is left of a life is no news: the end is what it was. */
export function newChainFindings(found: readonly Finding[], told: readonly Finding[]): Finding[] {
  const keyOf = ({ code, values }: Finding): string =>
    JSON.stringify([code, Object.entries(values).filter(([name]) => name !== 'left')]);
  const known = new Set(told.map(keyOf));
  return found.filter((one) => !known.has(keyOf(one)));
}

/** Certificates of the file that parse, each once. */
function readChain(certPem: string): Certificate[] {
  const pem = parsePem(certPem);
  const chain = new Map<string, Certificate>();
  for (const { label, bytes } of pem.ok ? pem.blocks : []) {
    const parsed = label === 'CERTIFICATE' ? parseCertificate(bytes) : undefined;
    if (parsed?.ok === true) chain.set(certificateKey(parsed.value), parsed.value);
  }
  return [...chain.values()];
}

/** From the leaf up, each certificate's issuer as far as it is in the file. */
function followIssuers(leaf: Certificate, chain: readonly Certificate[]): Certificate[] {
  const path = [leaf];
  for (let last: Certificate | undefined = leaf; last !== undefined;) {
    const child: Certificate = last;
    last = chain.find(
      (candidate) =>
        !path.includes(candidate) &&
        nameKey(candidate.subject) === nameKey(child.issuer) &&
        isSignedBy(child, candidate),
    );
    if (last !== undefined) path.push(last);
  }
  return path;
}
