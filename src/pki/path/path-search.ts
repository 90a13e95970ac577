import type { Certificate } from '../../codec/x509/certificate.ts';
import { checkCertificate, type Role } from './certificate-rules.ts';
import { checkPolicies } from './certificate-policies.ts';
import { isSelfIssued, nameKey, publicKeyKey } from './identity.ts';
import { checkLeaf, checkPurposes } from './leaf-rules.ts';
import { checkNameConstraints } from './name-constraints.ts';
import type { PathPolicy } from './path-policy.ts';
import { certificateLabel, ReasonList } from './reason.ts';
import { isSignedBy } from './signature.ts';
import type { CertificateIndex, TrustAnchors } from './trust-anchors.ts';
import type { RejectedPath } from './verdict.ts';
import { WorkMeter } from './work.ts';

/** Judging a path costs about as much as looking at this many candidates. */
const STEPS_TO_JUDGE = 16;

/** An accepted path. */
export interface AcceptedPath {
  readonly path: readonly Certificate[];
  readonly warnings: ReasonList['warnings'];
}

/**
 * Builds paths from the leaf upwards, depth first, and judges each one that reaches an anchor (RFC 4158's forward
 * building). At every certificate the likeliest issuers are tried first; what was refused is kept with its reasons.
 *
 * Two rounds. The first gives up a path as soon as one certificate of it is refused, so that a good path is found with
 * little work. If it found none and gave up some, the second follows refused certificates up to the anchor too, so that
 * the explanation can show whole paths. It has a work limit of its own, since the verdict is certain by then. Signatures
 * and single certificates are judged once for both.
 */
export class PathSearch {
  /** Work of the first round: what the verdict took. */
  readonly work: WorkMeter;
  readonly #policy: PathPolicy;
  readonly #intermediates: CertificateIndex;
  readonly #anchors: TrustAnchors;
  readonly #signatures = new Map<Certificate, { signer: string | undefined; readonly others: Set<string> }>();
  readonly #judged = new Map<Certificate, Map<Role, ReasonList>>();
  #meter: WorkMeter;
  #rejected: RejectedPath[] = [];
  #accepted: AcceptedPath | undefined;
  #gaveUp = false;
  #thorough = false;
  /** Nothing better can come: a path is accepted, or one is refused for what the leaf itself is only. */
  #settled = false;

  constructor(policy: PathPolicy, intermediates: CertificateIndex, anchors: TrustAnchors) {
    this.#policy = policy;
    this.#intermediates = intermediates;
    this.#anchors = anchors;
    this.work = new WorkMeter(policy.limits);
    this.#meter = this.work;
  }

  get rejected(): readonly RejectedPath[] {
    return this.#rejected;
  }

  run(leaf: Certificate): AcceptedPath | undefined {
    this.#extend([leaf]);
    if (this.#accepted !== undefined) return this.#accepted;
    if (this.work.exceeded !== undefined) this.#rejectForWork([leaf]);
    else if (this.#gaveUp && !this.#settled) {
      const first = this.#rejected;
      this.#thorough = true;
      this.#rejected = [];
      this.#meter = new WorkMeter(this.#policy.limits);
      this.#extend([leaf]);
      if (this.#meter.exceeded !== undefined) this.#rejected = first;
    }
    return undefined;
  }

  /** Continues a path whose last certificate is not yet known to be trusted. */
  #extend(path: readonly Certificate[]): void {
    const last = path.at(-1);
    if (last === undefined) return;
    if (path.length === 1 && this.#anchors.has(last)) this.#judge(path);
    if (this.#settled) return;
    const candidates = this.#candidates(last);
    let tried = 0;
    for (const candidate of candidates) {
      if (this.#settled || !this.#meter.spend('steps')) return;
      if (isSameAuthorityInside(path, candidate)) continue;
      tried++;
      if (path.length >= this.#policy.limits.pathLength) return this.#rejectLast(path, 'depth');
      this.#tryCandidate(path, last, candidate);
    }
    if (tried === 0 && !(path.length === 1 && this.#anchors.has(last))) this.#rejectLast(path, 'dead-end');
  }

  #tryCandidate(path: readonly Certificate[], child: Certificate, candidate: Certificate): void {
    const longer = [...path, candidate];
    const position = longer.length - 1;
    const signed = this.#isSigned(child, candidate);
    if (signed === undefined) return;
    const reasons = new ReasonList(this.#policy.conformance);
    if (!signed) {
      if (this.#isFull) return;
      const issuer = certificateLabel(candidate);
      reasons.add('certificate-signature-invalid', position - 1, child, { issuer });
      this.#adoptOwn(longer, this.#anchors.has(candidate) ? 'anchor' : 'intermediate', reasons);
      return this.#reject(longer, reasons, false);
    }
    const isAnchor = this.#anchors.has(candidate);
    if (isAnchor) return this.#judge(longer);
    const own = this.#judgeAlone(candidate, 'intermediate');
    if (own.errors.length > 0 && !this.#thorough) {
      this.#gaveUp = true;
      reasons.adopt(own, position);
      return this.#reject(longer, reasons, false);
    }
    return this.#extend(longer);
  }

  /** Issuers by name: anchors before intermediates, then the key identifier that the child names, then in date, then newer. */
  #candidates(child: Certificate): readonly Certificate[] {
    const anchors = this.#anchors.withSubject(child.issuer);
    const others = this.#intermediates.withSubject(child.issuer).filter((candidate) => !this.#anchors.has(candidate));
    if (anchors.length + others.length < 2) return [...anchors, ...others];
    const wanted = child.extensions.known.authorityKeyIdentifier?.value.keyIdentifier;
    const rank = (candidate: Certificate): number => {
      const own = candidate.extensions.known.subjectKeyIdentifier?.value;
      const named = wanted === undefined || own === undefined ? 1 : own === wanted ? 0 : 2;
      const { timeMs } = this.#policy;
      const inDate = candidate.notBefore.epochMs <= timeMs && timeMs <= candidate.notAfter.epochMs;
      return named * 4 + (this.#anchors.has(candidate) ? 0 : 2) + (inDate ? 0 : 1);
    };
    return [...anchors, ...others]
      .map((candidate) => ({ candidate, rank: rank(candidate) }))
      .sort((a, b) => a.rank - b.rank || b.candidate.notBefore.epochMs - a.candidate.notBefore.epochMs)
      .map(({ candidate }) => candidate);
  }

  /**
   * Whether the issuer's key signed the child; undefined where the work for finding out is spent. One signature has one
   * key: once that is found, other keys are not tried.
   */
  #isSigned(child: Certificate, issuer: Certificate): boolean | undefined {
    let known = this.#signatures.get(child);
    if (known === undefined) {
      known = { signer: undefined, others: new Set() };
      this.#signatures.set(child, known);
    }
    const key = publicKeyKey(issuer);
    if (known.signer !== undefined) return known.signer === key;
    if (known.others.has(key)) return false;
    if (!this.#meter.spend('signatureChecks')) return undefined;
    const signed = isSignedBy(child, issuer);
    if (signed) known.signer = key;
    else known.others.add(key);
    return signed;
  }

  #judgeAlone(certificate: Certificate, role: Role): ReasonList {
    let roles = this.#judged.get(certificate);
    if (roles === undefined) {
      roles = new Map();
      this.#judged.set(certificate, roles);
    }
    let reasons = roles.get(role);
    if (reasons === undefined) {
      reasons = checkCertificate(certificate, role, this.#policy);
      if (role === 'leaf') checkLeaf(certificate, this.#policy, reasons);
      roles.set(role, reasons);
    }
    return reasons;
  }

  /** Judges a path that ends at an anchor. */
  #judge(path: readonly Certificate[]): void {
    if (!this.#meter.spend('steps', STEPS_TO_JUDGE)) return;
    const policy = this.#policy;
    const reasons = new ReasonList(policy.conformance);
    this.#adoptOwn(path, 'anchor', reasons);
    checkKeyLinks(path, reasons);
    checkLengths(path, policy, reasons);
    checkPurposes(path, policy, reasons);
    checkNameConstraints(path, (comparisons) => this.#meter.spend('nameComparisons', comparisons), reasons);
    checkPolicies(path, policy.policies, (nodes) => this.#meter.spend('policyNodes', nodes), reasons);
    if (this.#meter.exceeded !== undefined) return this.#rejectForWork(path);
    const [leaf] = path;
    const ofLeaf = leaf === undefined ? 0 : this.#judgeAlone(leaf, 'leaf').errors.length;
    this.#settled = reasons.errors.length === ofLeaf;
    if (reasons.errors.length > 0) return this.#reject(path, reasons, true);
    this.#accepted = { path, warnings: reasons.warnings };
  }

  /** No more rejected paths are kept: explaining another one is of no use. */
  get #isFull(): boolean {
    return this.#rejected.length >= this.#policy.limits.rejectedPaths;
  }

  #reject(path: readonly Certificate[], { errors, warnings }: ReasonList, complete: boolean): void {
    if (!this.#isFull) this.#rejected.push({ path, complete, reasons: errors, warnings });
  }

  /** Nobody issued the last certificate, or the path got too long. What else is wrong with the path is told too. */
  #rejectLast(path: readonly Certificate[], why: 'depth' | 'dead-end'): void {
    if (this.#isFull) return;
    const reasons = new ReasonList(this.#policy.conformance);
    const position = path.length - 1;
    const last = path[position];
    if (last === undefined) return;
    if (why === 'depth') {
      const limit = this.#policy.limits.pathLength;
      reasons.add('certificate-depth-exceeded', position, last, { depth: Math.max(0, path.length - 1), limit });
    } else if (isSelfIssued(last)) reasons.add('certificate-untrusted-root', position, last);
    else {
      const issuer = certificateLabel({ ...last, subject: last.issuer });
      reasons.add('certificate-chain-incomplete', position, last, { issuer });
    }
    this.#adoptOwn(path, 'intermediate', reasons);
    this.#reject(path, reasons, false);
  }

  /** What is wrong with each certificate of a path by itself. */
  #adoptOwn(path: readonly Certificate[], lastRole: 'intermediate' | 'anchor', reasons: ReasonList): void {
    for (const [position, certificate] of path.entries()) {
      const role = position === 0 ? 'leaf' : position === path.length - 1 ? lastRole : 'intermediate';
      reasons.adopt(this.#judgeAlone(certificate, role), position);
    }
  }

  /** Kept even where the list of rejected paths is full: it is why there is no verdict. */
  #rejectForWork(path: readonly Certificate[]): void {
    const reasons = new ReasonList(this.#policy.conformance);
    const work = this.#meter.exceeded;
    const [leaf] = path;
    if (work === undefined || leaf === undefined) return;
    if (this.#rejected.some((rejected) => rejected.reasons.some(({ code }) => code === 'certificate-work-limit')))
      return;
    reasons.add('certificate-work-limit', 0, leaf, { work, limit: this.#policy.limits[work] });
    this.#rejected.push({ path, complete: false, reasons: reasons.errors, warnings: reasons.warnings });
  }
}

/**
 * Whether the path already holds the authority that the candidate stands for: same name and same key (RFC 4158 section
 * 5.2, loop detection). Going through it again proves nothing new.
 */
function isSameAuthorityInside(path: readonly Certificate[], candidate: Certificate): boolean {
  const name = nameKey(candidate.subject);
  const key = publicKeyKey(candidate);
  return path.some((certificate) => nameKey(certificate.subject) === name && publicKeyKey(certificate) === key);
}

/** The key identifier that each certificate names, beside its issuer's: a difference is odd, the signature decides. */
function checkKeyLinks(path: readonly Certificate[], reasons: ReasonList): void {
  for (const [position, certificate] of path.entries()) {
    const issuer = path[position + 1];
    const wanted = certificate.extensions.known.authorityKeyIdentifier?.value.keyIdentifier;
    const own = issuer?.extensions.known.subjectKeyIdentifier?.value;
    if (issuer !== undefined && wanted !== undefined && own !== undefined && wanted !== own)
      reasons.add('certificate-key-identifier-mismatch', position, certificate, { issuer: certificateLabel(issuer) });
  }
}

/**
 * Path lengths (RFC 5280 sections 4.2.1.9 and 6.1.4 (l), (m)): intermediates that follow, the leaf and self-issued ones
 * not counted. The caller's own limit counts the same way.
 */
function checkLengths(path: readonly Certificate[], policy: PathPolicy, reasons: ReasonList): void {
  let below = 0;
  for (const [position, certificate] of path.entries()) {
    if (position === 0) continue;
    const limit = certificate.extensions.known.basicConstraints?.value.pathLenConstraint;
    if (limit !== undefined && below > limit)
      reasons.add('certificate-path-too-long', position, certificate, { limit });
    if (position < path.length - 1 && !isSelfIssued(certificate)) below++;
  }
  const { maxIntermediates: limit } = policy;
  const [leaf] = path;
  if (limit !== undefined && below > limit && leaf !== undefined)
    reasons.add('certificate-depth-exceeded', 0, leaf, { depth: below, limit });
}
