import type { FindingCode } from '../../story/catalog/index.ts';
import type { Finding } from '../../story/finding.ts';

/** What a person checks a certificate for, each with its findings. */
export type CheckName =
  | 'trust'
  | 'dates'
  | 'name'
  | 'revocation'
  | 'purpose'
  | 'strength'
  | 'form'
  | 'sent'
  | 'client'
  | 'openssl';

/** Why a certificate is not to be trusted, in the order in which one is named where several are true. */
export const verifyCauses = [
  'cannot-connect',
  'revoked',
  'untrusted',
  'chain-incomplete',
  'expired',
  'not-yet-valid',
  'weak',
  'constraint-violated',
  'malformed',
  'name-mismatch',
  'staple-missing',
  'revocation-unknown',
  'client-refused',
] as const;

export type VerifyCause = (typeof verifyCauses)[number];

const trust = ['trust', 'untrusted'] as const;
const purpose = ['purpose', 'constraint-violated'] as const;
const strength = ['strength', 'weak'] as const;
const name = ['name', 'name-mismatch'] as const;
const unconnected = ['client', 'cannot-connect'] as const;

type Place = readonly [CheckName, VerifyCause];

/** Codes that a table holds; every other one that is about a certificate is about its form. */
const places: Partial<Record<FindingCode, Place>> = {
  'certificate-expired': ['dates', 'expired'],
  'certificate-not-yet-valid': ['dates', 'not-yet-valid'],
  'certificate-chain-incomplete': ['trust', 'chain-incomplete'],
  'certificate-root-unknown': trust,
  'certificate-untrusted-root': trust,
  'certificate-self-signed': trust,
  'certificate-local-root-untrusted': trust,
  'certificate-signature-invalid': trust,
  'certificate-work-limit': ['trust', 'constraint-violated'],
  'certificate-path-too-long': purpose,
  'certificate-depth-exceeded': purpose,
  'certificate-not-a-ca': purpose,
  'certificate-may-not-sign': purpose,
  'certificate-key-usage-wrong': purpose,
  'certificate-purpose-wrong': purpose,
  'certificate-purpose-missing': purpose,
  'certificate-purpose-any': purpose,
  'certificate-root-with-purpose': purpose,
  'certificate-leaf-is-ca': purpose,
  'certificate-name-excluded': purpose,
  'certificate-name-not-permitted': purpose,
  'certificate-name-constraint-unsupported': purpose,
  'certificate-name-constraint-malformed': purpose,
  'certificate-critical-extension-unknown': purpose,
  'certificate-policy-missing': purpose,
  'certificate-policy-mapping-any': purpose,
  'certificate-name-mismatch': name,
  'certificate-without-san': name,
  'certificate-common-name-not-in-san': name,
  'certificate-wildcard-too-wide': name,
  'certificate-wildcard-shared-domain': name,
  'certificate-signature-weak': strength,
  'certificate-signature-unsupported': strength,
  'certificate-key-weak': strength,
  'certificate-key-unsupported': strength,
  'certificate-revoked': ['revocation', 'revoked'],
  'certificate-staple-missing': ['revocation', 'staple-missing'],
  'certificate-revocation-unknown': ['revocation', 'revocation-unknown'],
  'verify-client-certificate-required': ['client', 'client-refused'],
  'verify-client-certificate-refused': ['client', 'client-refused'],
  'verify-client-certificate-asked': ['client', 'client-refused'],
  'verify-unresolved': unconnected,
  'verify-refused': unconnected,
  'verify-timeout': unconnected,
  'verify-unreachable': unconnected,
  'verify-not-tls': unconnected,
  'verify-handshake-failed': unconnected,
  'verify-certificate-unseen': unconnected,
};

function placeOf(code: FindingCode): Place {
  const place = places[code];
  if (place !== undefined) return place;
  // An answer that is forged or malformed leaves the status unknown.
  if (/^(?:revocation|ocsp|fetch|staple)-/.test(code)) return ['revocation', 'revocation-unknown'];
  if (code.startsWith('chain-')) return ['sent', 'malformed'];
  return ['form', 'malformed'];
}

/** The check that a finding belongs to. */
export const checkOf = (code: FindingCode): CheckName => placeOf(code)[0];

/** The cause that stands for all errors among the findings; undefined where there is none. */
export function causeOf(findings: readonly Finding[]): VerifyCause | undefined {
  const causes = new Set(findings.filter(({ severity }) => severity === 'error').map(({ code }) => placeOf(code)[1]));
  return verifyCauses.find((cause) => causes.has(cause));
}
