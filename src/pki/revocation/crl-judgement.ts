import { rangeOf, sameBytes } from '../../codec/der/octets.ts';
import type { Certificate } from '../../codec/x509/certificate.ts';
import type { CertificateList, RevokedCertificate } from '../../codec/x509/crl.ts';
import type { ReasonFlags } from '../../codec/x509/extension-values.ts';
import type { Extensions } from '../../codec/x509/extensions.ts';
import { Oid, oidName } from '../../codec/x509/oid.ts';
import type { Finding } from '../../story/finding.ts';
import { nameKey } from '../path/identity.ts';
import { certificateLabel, formatTime } from '../path/reason.ts';
import { isSignedBy, weakHash } from '../path/signature.ts';
import { ALL_REASONS, coveredReasons, distributionPoints, findEntry } from './crl-scope.ts';
import {
  freshness,
  revocationFinding,
  unknownStatus,
  type RevocationSettings,
  type RevocationStatus,
} from './revocation-status.ts';

/** Who may have signed the CRLs of one certificate. */
export interface CrlSigners {
  /** The certificate of the CA that issued the certificate, taken from its path: trusted already. */
  readonly issuer: Certificate;
  /** Other certificates that might belong to a CRL issuer. */
  readonly others: readonly Certificate[];
  /** Whether such a certificate is to be trusted: it needs a path to the same anchor (RFC 5280 section 6.3.3 (f)). */
  readonly trusts: (signer: Certificate) => boolean;
}

/** Extensions of lists and entries that are processed here; a critical one that is not among them makes a list unusable. */
const processed: ReadonlySet<string> = new Set([
  Oid.authorityKeyIdentifier,
  Oid.issuerAltName,
  Oid.cRLNumber,
  Oid.deltaCRLIndicator,
  Oid.issuingDistributionPoint,
  Oid.freshestCRL,
  Oid.authorityInfoAccess,
  Oid.reasonCode,
  Oid.invalidityDate,
  Oid.certificateIssuer,
]);

/**
 * What CRLs say about a certificate (RFC 5280 section 6.3). All lists that are at hand are given; those that do not speak
 * about the certificate are passed over without a word. Partitions by reason and by kind of certificate are put together:
 * the status is known only when all reasons are covered.
 */
export function judgeByCrls(
  certificate: Certificate,
  crls: readonly CertificateList[],
  signers: CrlSigners,
  settings: RevocationSettings,
): RevocationStatus {
  const problems: Finding[] = [];
  const usable = new Map<CertificateList, boolean>();
  const isUsable = (crl: CertificateList): boolean => {
    let known = usable.get(crl);
    if (known === undefined) {
      const found = findProblems(certificate, crl, signers, settings);
      problems.push(...found);
      known = found.length === 0;
      usable.set(crl, known);
    }
    return known;
  };
  let covered: ReasonFlags = 0;
  let thisUpdateMs: number | undefined;
  let nextUpdateMs: number | undefined;
  for (const point of distributionPoints(certificate)) {
    for (const crl of crls) {
      if (crl.extensions.known.deltaCRLIndicator !== undefined) continue;
      if (isByNamesake(crl, signers)) continue;
      const reasons = coveredReasons(certificate, point, crl);
      // (e): a list that adds no reason is not needed.
      if ((reasons & ~covered) === 0 || !isUsable(crl)) continue;
      const delta = findDelta(
        crls,
        crl,
        (candidate) => coveredReasons(certificate, point, candidate) !== 0 && isUsable(candidate),
      );
      const entry = currentEntry(crl, delta, certificate);
      if (entry !== undefined) return revoked(entry, crl, problems);
      covered |= reasons;
      thisUpdateMs = Math.min(thisUpdateMs ?? crl.thisUpdate.epochMs, crl.thisUpdate.epochMs);
      const next = (delta ?? crl).nextUpdate?.epochMs;
      if (next !== undefined) nextUpdateMs = Math.min(nextUpdateMs ?? next, next);
    }
  }
  if (covered !== ALL_REASONS) return unknownStatus(problems);
  return { ...unknownStatus(problems), kind: 'good', source: 'CRL', thisUpdateMs, nextUpdateMs };
}

/** (i) to (k): the delta's word goes before the complete list's, and `removeFromCRL` lifts a hold. */
function currentEntry(
  crl: CertificateList,
  delta: CertificateList | undefined,
  certificate: Certificate,
): RevokedCertificate | undefined {
  const entry = (delta === undefined ? undefined : findEntry(delta, certificate)) ?? findEntry(crl, certificate);
  return entry?.extensions.known.reasonCode?.value === 'removeFromCRL' ? undefined : entry;
}

function revoked(entry: RevokedCertificate, crl: CertificateList, problems: readonly Finding[]): RevocationStatus {
  return {
    kind: 'revoked',
    source: 'CRL',
    thisUpdateMs: crl.thisUpdate.epochMs,
    nextUpdateMs: crl.nextUpdate?.epochMs,
    revokedAtMs: entry.revocationDate.epochMs,
    reason: entry.extensions.known.reasonCode?.value,
    problems,
  };
}

/**
 * The newest delta list for a complete one: same issuer and scope, made for a base that is not newer than the complete
 * list, and itself newer (RFC 5280 sections 5.2.4 and 6.3.3 (c)).
 */
function findDelta(
  crls: readonly CertificateList[],
  complete: CertificateList,
  accepts: (delta: CertificateList) => boolean,
): CertificateList | undefined {
  const number = numberOf(complete);
  if (number === undefined) return undefined;
  let newest: CertificateList | undefined;
  for (const delta of crls) {
    const base = delta.extensions.known.deltaCRLIndicator?.value;
    const own = numberOf(delta);
    if (base === undefined || own === undefined || BigInt(`0x${base}`) > number || own <= number) continue;
    if (nameKey(delta.issuer) !== nameKey(complete.issuer) || !sameScope(delta, complete) || !accepts(delta)) continue;
    if (newest === undefined || own > (numberOf(newest) ?? 0n)) newest = delta;
  }
  return newest;
}

function numberOf(crl: CertificateList): bigint | undefined {
  const number = crl.extensions.known.cRLNumber?.value;
  return number === undefined ? undefined : BigInt(`0x${number}`);
}

function sameScope(a: CertificateList, b: CertificateList): boolean {
  const octets = (crl: CertificateList, oid: string): Uint8Array => {
    const extension = crl.extensions.list.find((candidate) => candidate.oid === oid);
    return extension === undefined ? new Uint8Array(0) : rangeOf(crl.bytes, extension.value);
  };
  return [Oid.issuingDistributionPoint, Oid.authorityKeyIdentifier].every((oid) =>
    sameBytes(octets(a, oid), octets(b, oid)),
  );
}

/** Why a list that speaks about the certificate may not be believed; empty where it may. */
function findProblems(
  certificate: Certificate,
  crl: CertificateList,
  signers: CrlSigners,
  settings: RevocationSettings,
): Finding[] {
  const problem = (
    code: Parameters<typeof revocationFinding>[0],
    values: Record<string, string | number> = {},
  ): Finding[] => [revocationFinding(code, certificate, 'CRL', values)];
  const [malformed] = [...crl.extensions.problems, ...crl.entryProblems];
  if (malformed !== undefined) return problem('revocation-malformed', { ...malformed });
  const broken = brokenRule(crl, settings);
  if (broken !== undefined) return problem('revocation-not-conforming', { extension: broken });
  const state = freshness(crl.thisUpdate.epochMs, crl.nextUpdate?.epochMs, settings);
  if (state === 'future')
    return problem('revocation-not-yet-valid', { thisUpdate: formatTime(crl.thisUpdate.epochMs) });
  const signer = findSigner(crl, signers);
  if (signer === undefined) {
    const named = certificateLabel({ ...signers.issuer, subject: crl.issuer });
    return problem('revocation-signature-invalid', { signer: named });
  }
  // (f): "If a key usage extension is present in the CRL issuer's certificate, verify that the cRLSign bit is set."
  const mayNotSign = signer.extensions.known.keyUsage?.value.has('cRLSign') === false;
  if (mayNotSign || (signer !== signers.issuer && !signers.trusts(signer)))
    return problem('revocation-signer-unauthorized', { signer: certificateLabel(signer) });
  if (state === 'stale')
    return problem('revocation-stale', {
      nextUpdate: formatTime(crl.nextUpdate?.epochMs ?? crl.thisUpdate.epochMs + settings.maxAgeMs),
    });
  return [];
}

/**
 * Whether a list is by another CA of the same name: it names the key that signed it (RFC 5280 section 5.2.1), and that is
 * the key of nobody here. Such a list says nothing about the certificate.
 */
function isByNamesake(crl: CertificateList, { issuer, others }: CrlSigners): boolean {
  const signedWith = crl.extensions.known.authorityKeyIdentifier?.value.keyIdentifier;
  if (signedWith === undefined) return false;
  const name = nameKey(crl.issuer);
  return [issuer, ...others]
    .filter((candidate) => nameKey(candidate.subject) === name)
    .every((candidate) => (candidate.extensions.known.subjectKeyIdentifier?.value ?? signedWith) !== signedWith);
}

/** The certificate with the CRL issuer's name whose key made the signature. */
function findSigner(crl: CertificateList, { issuer, others }: CrlSigners): Certificate | undefined {
  const name = nameKey(crl.issuer);
  return [issuer, ...others].find((candidate) => nameKey(candidate.subject) === name && hasSigned(crl, candidate));
}

/** Signatures found out before. A list may have megabytes, and every client certificate asks for it. */
const signatures = new WeakMap<CertificateList, WeakMap<Certificate, boolean>>();

function hasSigned(crl: CertificateList, candidate: Certificate): boolean {
  let known = signatures.get(crl);
  if (known === undefined) {
    known = new WeakMap();
    signatures.set(crl, known);
  }
  let signed = known.get(candidate);
  if (signed === undefined) {
    signed = isSignedBy(crl, candidate);
    known.set(candidate, signed);
  }
  return signed;
}

/** The extension or field by which a list breaks a rule that makes it unusable; undefined where there is none. */
function brokenRule(crl: CertificateList, settings: RevocationSettings): string | undefined {
  const { bytes, extensions, tbsSignatureAlgorithm, signatureAlgorithm } = crl;
  if (!sameBytes(rangeOf(bytes, tbsSignatureAlgorithm), rangeOf(bytes, signatureAlgorithm)))
    return 'signatureAlgorithm';
  const weak = weakHash(crl.signatureScheme);
  if (weak !== undefined) return weak;
  const unknown = unknownCritical(crl);
  if (unknown !== undefined) return oidName(unknown);
  if (settings.conformance === 'common') return undefined;
  // RFC 5280 sections 5.1.2.5, 5.2.1 and 5.2.3: required in every CRL of version 2, the two extensions non-critical.
  if (crl.nextUpdate === undefined) return 'nextUpdate';
  const { authorityKeyIdentifier, cRLNumber } = extensions.known;
  if (cRLNumber?.critical !== false) return 'cRLNumber';
  if (authorityKeyIdentifier?.critical !== false) return 'authorityKeyIdentifier';
  return undefined;
}

const unknownExtensions = new WeakMap<CertificateList, string | null>();

/** A critical extension of the list or of an entry that is not processed; looked for once a list. */
function unknownCritical(crl: CertificateList): string | undefined {
  let found = unknownExtensions.get(crl);
  if (found === undefined) {
    const find = ({ list }: Extensions): string | undefined =>
      list.find(({ critical, oid }) => critical && !processed.has(oid))?.oid;
    found = find(crl.extensions) ?? null;
    for (const { extensions } of crl.revoked) found ??= find(extensions) ?? null;
    unknownExtensions.set(crl, found);
  }
  return found ?? undefined;
}
