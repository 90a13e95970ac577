import type { Certificate } from '../../codec/x509/certificate.ts';
import type { PathPolicy } from './path-policy.ts';
import { PathSearch } from './path-search.ts';
import { CertificateIndex, type TrustAnchors } from './trust-anchors.ts';
import type { PathVerdict, RejectedPath } from './verdict.ts';

/**
 * Judges a certificate: looks for a path from `leaf` over `intermediates`, in any order, to one of `anchors`, and holds
 * every path against `policy` (RFC 5280 section 6, RFC 9525, Baseline Requirements). Never throws on what the
 * certificates hold, does no I/O, and ends within the policy's work limits.
 */
export function verifyPath(
  leaf: Certificate,
  intermediates: Iterable<Certificate>,
  anchors: TrustAnchors,
  policy: PathPolicy,
): PathVerdict {
  const index = new CertificateIndex(intermediates);
  const search = new PathSearch(policy, index, anchors);
  const accepted = search.run(leaf);
  const tried = search.rejected;
  const common = { tried, work: search.work.counts, exceeded: search.work.exceeded };
  if (accepted !== undefined)
    return { ok: true, path: accepted.path, complete: true, reasons: [], warnings: accepted.warnings, ...common };
  const closest = closestPath(tried);
  return {
    ok: false,
    path: closest?.path ?? [leaf],
    complete: closest?.complete ?? false,
    reasons: closest?.reasons ?? [],
    warnings: closest?.warnings ?? [],
    ...common,
  };
}

/** The rejected path that tells a person most: one where work ran out, then whole ones, then the fewest reasons. */
function closestPath(tried: readonly RejectedPath[]): RejectedPath | undefined {
  const cost = ({ complete, reasons, path }: RejectedPath): number => {
    if (reasons.some(({ code }) => code === 'certificate-work-limit')) return -1;
    const unsigned = reasons.some(({ code }) => code === 'certificate-signature-invalid') ? 1_000 : 0;
    return (complete ? 0 : 100) + unsigned + reasons.length * 2 - Math.min(path.length, 32) / 32;
  };
  let best: RejectedPath | undefined;
  for (const candidate of tried) if (best === undefined || cost(candidate) < cost(best)) best = candidate;
  return best;
}
