import type { DerError } from '../../codec/der/der-error.ts';
import { rangeOf, sameBytes } from '../../codec/der/octets.ts';
import type { AlgorithmIdentifier } from '../../codec/x509/algorithm.ts';
import type { Certificate, TimeField } from '../../codec/x509/certificate.ts';
import type { ExtensionName } from '../../codec/x509/extension-values.ts';
import { Oid, oidName } from '../../codec/x509/oid.ts';
import { isSelfIssued } from './identity.ts';
import { checkKey } from './key-rules.ts';
import type { PathPolicy } from './path-policy.ts';
import { formatTime, ReasonList } from './reason.ts';
import { describeScheme, isSignedBy, weakHash } from './signature.ts';

/** What a certificate is in a path. A leaf that is itself trusted is a leaf. */
export type Role = 'leaf' | 'intermediate' | 'anchor';

/** Checks that look at one certificate alone, whatever path it stands in. Positions in the list are 0. */
export function checkCertificate(certificate: Certificate, role: Role, policy: PathPolicy): ReasonList {
  const reasons = new ReasonList(policy.conformance);
  checkForm(certificate, role, reasons);
  checkValidity(certificate, policy, reasons);
  checkKey(certificate, policy, reasons);
  if (role !== 'anchor') checkSignatureAlgorithm(certificate, policy, reasons);
  checkCriticality(certificate, policy, reasons);
  checkKeyIdentifiers(certificate, role, policy, reasons);
  if (role !== 'leaf') checkIssuer(certificate, role, policy, reasons);
  return reasons;
}

/** Encoding, version, serial number, names: RFC 5280 section 4.1. */
function checkForm(certificate: Certificate, role: Role, reasons: ReasonList): void {
  const { extensions, publicKey, serialNumber, version } = certificate;
  const malformed = (error: DerError): void => reasons.add('certificate-malformed', 0, certificate, { ...error });
  for (const problem of extensions.problems) malformed(problem);
  if (publicKey.problem !== undefined) malformed(publicKey.problem);
  if (!sameAlgorithm(certificate, certificate.tbsSignatureAlgorithm, certificate.signatureAlgorithm))
    reasons.add('certificate-signature-algorithm-mismatch', 0, certificate);
  // Old roots of version 1 are trusted by being in the store; anything below them needs version 3's extensions.
  if (version !== 3 && !(role === 'anchor' && version === 1))
    reasons.add('certificate-version-old', 0, certificate, { version });
  if (serialNumber.negative || serialNumber.zero || serialNumber.byteLength > 20)
    reasons.add('certificate-serial-invalid', 0, certificate, { serial: serialNumber.hex });
  if (!isEncodedByYear(certificate.notBefore) || !isEncodedByYear(certificate.notAfter))
    reasons.add('certificate-time-encoding', 0, certificate);
  if (certificate.issuer.rdns.length === 0) reasons.add('certificate-issuer-empty', 0, certificate);
  const isCa = role !== 'leaf' || extensions.known.basicConstraints?.value.cA === true;
  if (isCa && certificate.subject.rdns.length === 0)
    reasons.add('certificate-subject-empty', 0, certificate, { serial: serialNumber.hex });
}

function sameAlgorithm({ bytes }: Certificate, a: AlgorithmIdentifier, b: AlgorithmIdentifier): boolean {
  return sameBytes(rangeOf(bytes, a), rangeOf(bytes, b));
}

/** UTCTime through 2049, GeneralizedTime from 2050 (section 4.1.2.5). */
const isEncodedByYear = ({ encoding, epochMs }: TimeField): boolean =>
  (encoding === 'utcTime') === epochMs < Date.UTC(2050, 0, 1);

/**
 * Both ends are inclusive (section 4.1.2.5), and a certificate counts in whole seconds: so does the moment, whose
 * fraction is dropped.
 */
function checkValidity(certificate: Certificate, { timeMs }: PathPolicy, reasons: ReasonList): void {
  const moment = Math.floor(timeMs / 1_000) * 1_000;
  const { notBefore, notAfter } = certificate;
  if (moment < notBefore.epochMs)
    reasons.add('certificate-not-yet-valid', 0, certificate, { notBefore: formatTime(notBefore.epochMs) });
  if (moment > notAfter.epochMs)
    reasons.add('certificate-expired', 0, certificate, { notAfter: formatTime(notAfter.epochMs) });
}

/** An anchor's own signature proves nothing and is not looked at. */
function checkSignatureAlgorithm(certificate: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  const scheme = certificate.signatureScheme;
  const hash = weakHash(scheme);
  if (hash !== undefined) reasons.add('certificate-signature-weak', 0, certificate, { hash });
  else if (scheme.kind === 'unknown' || scheme.kind === 'dsa' || !policy.acceptsSignature(scheme))
    reasons.add('certificate-signature-unsupported', 0, certificate, { algorithm: describeScheme(scheme) });
}

/** Extensions that are processed here or when revocation is judged; a critical one that is not among them is refused. */
const processed: ReadonlySet<string> = new Set([
  Oid.authorityKeyIdentifier,
  Oid.subjectKeyIdentifier,
  Oid.keyUsage,
  Oid.certificatePolicies,
  Oid.policyMappings,
  Oid.subjectAltName,
  Oid.issuerAltName,
  Oid.basicConstraints,
  Oid.nameConstraints,
  Oid.policyConstraints,
  Oid.extKeyUsage,
  Oid.cRLDistributionPoints,
  Oid.freshestCRL,
  Oid.inhibitAnyPolicy,
  Oid.authorityInfoAccess,
  Oid.subjectInfoAccess,
  Oid.tlsFeature,
  Oid.signedCertificateTimestamps,
  Oid.ocspNoCheck,
]);

/** "Conforming CAs MUST mark this extension as non-critical": sections 4.2.1.1, 4.2.1.2, 4.2.1.15, 4.2.2.1, 4.2.2.2. */
const neverCritical: readonly ExtensionName[] = [
  'authorityKeyIdentifier',
  'subjectKeyIdentifier',
  'freshestCRL',
  'authorityInfoAccess',
  'subjectInfoAccess',
];

/** "Conforming CAs MUST mark this extension as critical": sections 4.2.1.11 and 4.2.1.14. */
const alwaysCritical: readonly ExtensionName[] = ['policyConstraints', 'inhibitAnyPolicy'];

function checkCriticality(certificate: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  const { list, known } = certificate.extensions;
  for (const { oid, critical } of list) {
    if (critical && !processed.has(oid))
      reasons.add('certificate-critical-extension-unknown', 0, certificate, { extension: oidName(oid) });
  }
  const must = (extension: ExtensionName): void => {
    if (known[extension]?.critical === false)
      reasons.add('certificate-extension-must-be-critical', 0, certificate, { extension });
  };
  for (const extension of neverCritical) {
    if (known[extension]?.critical === true)
      reasons.add('certificate-extension-must-not-be-critical', 0, certificate, { extension });
  }
  for (const extension of alwaysCritical) must(extension);
  if (known.basicConstraints?.value.cA === true) must('basicConstraints');
  // Baseline Requirements section 7.1.2.5.2 lets name constraints be non-critical, RFC 5280 section 4.2.1.10 does not.
  if (policy.profile === 'rfc5280') must('nameConstraints');
}

/** RFC 5280 sections 4.2.1.1 and 4.2.1.2, Baseline Requirements sections 7.1.2.1.3 and 7.1.2.11.1. */
function checkKeyIdentifiers(certificate: Certificate, role: Role, policy: PathPolicy, reasons: ReasonList): void {
  const { known } = certificate.extensions;
  const authority = known.authorityKeyIdentifier?.value;
  const own = known.subjectKeyIdentifier?.value;
  if (own === undefined && known.basicConstraints?.value.cA === true)
    reasons.add('certificate-subject-key-identifier-missing', 0, certificate);
  // Only whoever signed itself may leave the identifier of its issuer's key out. The signature is checked where that
  // decides, since anybody can put the subject's name in the issuer's place.
  const mayOmit = (): boolean =>
    role !== 'intermediate' &&
    isSelfIssued(certificate) &&
    (policy.conformance === 'common' || isSignedBy(certificate, certificate));
  if (authority === undefined) {
    if (!mayOmit()) reasons.add('certificate-authority-key-identifier-missing', 0, certificate);
    return;
  }
  if (policy.profile === 'webpki') {
    const alone =
      authority.keyIdentifier !== undefined &&
      authority.authorityCertIssuer === undefined &&
      authority.authorityCertSerialNumber === undefined;
    const ofRoot = role !== 'anchor' || !isSelfIssued(certificate) || authority.keyIdentifier === own;
    if (!alone || !ofRoot) reasons.add('certificate-authority-key-identifier-wrong', 0, certificate);
  } else if (authority.keyIdentifier === undefined && !mayOmit())
    reasons.add('certificate-authority-key-identifier-missing', 0, certificate);
}

/** Whether the certificate may sign others: sections 4.2.1.3 and 4.2.1.9, 6.1.4 (k) and (n). */
function checkIssuer(certificate: Certificate, role: Role, policy: PathPolicy, reasons: ReasonList): void {
  const { basicConstraints, keyUsage } = certificate.extensions.known;
  const maySign = keyUsage?.value.has('keyCertSign');
  // Outside of the strict reading an anchor from before basicConstraints counts, if it is of version 1 or says that it
  // signs certificates.
  const isOldAnchor =
    role === 'anchor' &&
    policy.conformance === 'common' &&
    basicConstraints === undefined &&
    (certificate.version === 1 || maySign === true);
  if (basicConstraints?.value.cA !== true && !isOldAnchor) reasons.add('certificate-not-a-ca', 0, certificate);
  if (maySign === false) reasons.add('certificate-may-not-sign', 0, certificate);
}
