import type { DerTime } from '../der/der-time.ts';
import type { GeneralName } from './general-name.ts';
import type { NameAttribute } from './name.ts';

/** The values of the extensions that this codec reads, after RFC 5280 sections 4.2 and 5.2. */

export interface AuthorityKeyIdentifier {
  /** Octets in lower-case hexadecimal, as all identifiers and serial numbers here. */
  readonly keyIdentifier: string | undefined;
  readonly authorityCertIssuer: readonly GeneralName[] | undefined;
  readonly authorityCertSerialNumber: string | undefined;
}

export interface BasicConstraints {
  readonly cA: boolean;
  readonly pathLenConstraint: number | undefined;
}

/** Key usages by name, in the order of their bits (section 4.2.1.3). */
export const keyUsageNames = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsageName = (typeof keyUsageNames)[number];

export interface PolicyInformation {
  readonly policy: string;
  /** Dotted identifiers of the qualifiers; their contents are not interpreted. */
  readonly qualifiers: readonly string[];
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitPolicyMapping: number | undefined;
}

export interface GeneralSubtree {
  readonly base: GeneralName;
  /** RFC 5280 wants 0 and no maximum; others are kept so that a judge can refuse them. */
  readonly minimum: number;
  readonly maximum: number | undefined;
}

export interface NameConstraints {
  readonly permitted: readonly GeneralSubtree[];
  readonly excluded: readonly GeneralSubtree[];
}

export interface AccessDescription {
  readonly method: string;
  readonly location: GeneralName;
}

/** Revocation reasons of one partition (section 4.2.1.13): bit n of ReasonFlags is `1 << n`. */
export type ReasonFlags = number;

export type DistributionPointName =
  | { readonly kind: 'full'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'relative'; readonly rdn: readonly NameAttribute[] };

export interface DistributionPoint {
  readonly name: DistributionPointName | undefined;
  readonly reasons: ReasonFlags | undefined;
  readonly cRLIssuer: readonly GeneralName[] | undefined;
}

export interface IssuingDistributionPoint {
  readonly name: DistributionPointName | undefined;
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  readonly onlySomeReasons: ReasonFlags | undefined;
  readonly indirectCRL: boolean;
  readonly onlyContainsAttributeCerts: boolean;
}

/** Revocation reasons by number (section 5.3.1); 7 is not used. */
export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unused',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type RevocationReason = (typeof revocationReasons)[number];

/** Each known extension's value, by the RFC's name of the extension. */
export interface ExtensionValues {
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier;
  readonly subjectKeyIdentifier: string;
  readonly keyUsage: ReadonlySet<KeyUsageName>;
  readonly certificatePolicies: readonly PolicyInformation[];
  readonly policyMappings: readonly PolicyMapping[];
  readonly subjectAltName: readonly GeneralName[];
  readonly issuerAltName: readonly GeneralName[];
  readonly basicConstraints: BasicConstraints;
  readonly nameConstraints: NameConstraints;
  readonly policyConstraints: PolicyConstraints;
  readonly extKeyUsage: readonly string[];
  readonly cRLDistributionPoints: readonly DistributionPoint[];
  readonly freshestCRL: readonly DistributionPoint[];
  readonly inhibitAnyPolicy: number;
  readonly authorityInfoAccess: readonly AccessDescription[];
  readonly subjectInfoAccess: readonly AccessDescription[];
  /** TLS extension numbers; 5 is status_request, "must-staple". */
  readonly tlsFeature: readonly number[];
  /** The TLS-encoded list as it is (RFC 6962 section 3.3). */
  readonly signedCertificateTimestamps: Uint8Array;
  /** SHA-256 of the key authorization (RFC 8737 section 3). */
  readonly acmeIdentifier: Uint8Array;
  readonly ocspNoCheck: null;
  readonly cRLNumber: string;
  readonly deltaCRLIndicator: string;
  readonly issuingDistributionPoint: IssuingDistributionPoint;
  readonly reasonCode: RevocationReason;
  readonly invalidityDate: DerTime;
  readonly certificateIssuer: readonly GeneralName[];
  readonly ocspNonce: Uint8Array;
}

export type ExtensionName = keyof ExtensionValues;
