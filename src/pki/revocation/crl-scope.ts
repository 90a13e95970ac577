import type { Certificate } from '../../codec/x509/certificate.ts';
import type { CertificateList, RevokedCertificate } from '../../codec/x509/crl.ts';
import type {
  DistributionPoint,
  DistributionPointName,
  IssuingDistributionPoint,
  ReasonFlags,
} from '../../codec/x509/extension-values.ts';
import type { GeneralName } from '../../codec/x509/general-name.ts';
import { comparableName, hex, type Name } from '../../codec/x509/name.ts';
import { nameKey } from '../path/identity.ts';

/** ReasonFlags bits 1 to 8: every reason that a CRL can be limited to (RFC 5280 section 4.2.1.13). */
export const ALL_REASONS: ReasonFlags = 0x1fe;

/** The distribution points of a certificate; without the extension, one that stands for its issuer's own CRL. */
export function distributionPoints(certificate: Certificate): readonly DistributionPoint[] {
  const points = certificate.extensions.known.cRLDistributionPoints?.value;
  return points ?? [{ name: undefined, reasons: undefined, cRLIssuer: undefined }];
}

/**
 * Whether a CRL speaks about a certificate as far as one distribution point goes (RFC 5280 section 6.3.3 (b)), and for
 * which reasons (d); 0 where it does not.
 */
export function coveredReasons(certificate: Certificate, point: DistributionPoint, crl: CertificateList): ReasonFlags {
  const scope = crl.extensions.known.issuingDistributionPoint?.value;
  if (!isIssuedFor(certificate, point, crl, scope)) return 0;
  if (scope !== undefined) {
    if (scope.onlyContainsAttributeCerts) return 0;
    const isCa = certificate.extensions.known.basicConstraints?.value.cA === true;
    if ((scope.onlyContainsUserCerts && isCa) || (scope.onlyContainsCACerts && !isCa)) return 0;
    if (scope.name !== undefined && !sharesName(scope.name, point, crl.issuer, certificate)) return 0;
  }
  return (point.reasons ?? ALL_REASONS) & (scope?.onlySomeReasons ?? ALL_REASONS) & ALL_REASONS;
}

/** (b) (1): by the CRL issuer that the point names, and then marked as indirect; otherwise by the certificate's issuer. */
function isIssuedFor(
  certificate: Certificate,
  point: DistributionPoint,
  crl: CertificateList,
  scope: IssuingDistributionPoint | undefined,
): boolean {
  const issuer = nameKey(crl.issuer);
  if (point.cRLIssuer === undefined) return issuer === nameKey(certificate.issuer);
  const named = point.cRLIssuer.some((name) => name.kind === 'directory' && nameKey(name.value) === issuer);
  return named && scope?.indirectCRL === true;
}

/** (b) (2) (i): one name in common. A point without a name is called by its CRL issuer. */
function sharesName(
  scopeName: DistributionPointName,
  point: DistributionPoint,
  crlIssuer: Name,
  certificate: Certificate,
): boolean {
  const ofCrl = new Set(fullNames(scopeName, crlIssuer));
  // A certificate without distribution points is looked up by issuer; a partition of that CRL does not speak for it all.
  if (point.name === undefined && point.cRLIssuer === undefined) return false;
  const ofPoint =
    point.name === undefined
      ? (point.cRLIssuer ?? []).map(generalNameKey)
      : fullNames(point.name, directoryOf(point.cRLIssuer) ?? certificate.issuer);
  return ofPoint.some((name) => ofCrl.has(name));
}

const directoryOf = (names: readonly GeneralName[] | undefined): Name | undefined => {
  const found = names?.find((name) => name.kind === 'directory');
  return found?.kind === 'directory' ? found.value : undefined;
};

/** Comparable full names; a relative one is appended to its issuer's name. */
function fullNames(name: DistributionPointName, issuer: Name): string[] {
  if (name.kind === 'full') return name.names.map(generalNameKey);
  return [`directory:${comparableName({ ...issuer, rdns: [...issuer.rdns, name.rdn] })}`];
}

function generalNameKey(name: GeneralName): string {
  if (name.kind === 'directory') return `directory:${nameKey(name.value)}`;
  return `${name.kind}:${typeof name.value === 'string' ? name.value : hex(name.value)}`;
}

/**
 * The entry for a certificate, or undefined. In an indirect CRL an entry belongs to the issuer that it names, or that the
 * last entry before it named (RFC 5280 section 5.3.3).
 */
export function findEntry(crl: CertificateList, certificate: Certificate): RevokedCertificate | undefined {
  const serial = certificate.serialNumber.hex;
  const isIndirect = crl.extensions.known.issuingDistributionPoint?.value.indirectCRL === true;
  if (!isIndirect) return entriesBySerial(crl).get(serial);
  const wanted = nameKey(certificate.issuer);
  let current = nameKey(crl.issuer);
  for (const entry of crl.revoked) {
    const named = directoryOf(entry.extensions.known.certificateIssuer?.value);
    if (named !== undefined) current = nameKey(named);
    if (entry.serial === serial && current === wanted) return entry;
  }
  return undefined;
}

const serialIndexes = new WeakMap<CertificateList, ReadonlyMap<string, RevokedCertificate>>();

/** Entries of a direct CRL by serial number; lists hold up to a million. */
function entriesBySerial(crl: CertificateList): ReadonlyMap<string, RevokedCertificate> {
  let index = serialIndexes.get(crl);
  if (index === undefined) {
    index = new Map(crl.revoked.map((entry) => [entry.serial, entry]));
    serialIndexes.set(crl, index);
  }
  return index;
}
