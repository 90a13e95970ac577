import type { Certificate } from '../../codec/x509/certificate.ts';
import { shortName } from '../../codec/x509/name.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import { finding, type Finding, type FindingValues } from '../../story/finding.ts';
import type { Conformance } from './path-policy.ts';

/** Why a path is refused, or what is odd about it: a finding, and the certificate that it is about. */
export interface PathReason extends Finding {
  /** Index in the path: 0 is the leaf. */
  readonly position: number;
}

/** Rules that RFC 5280 or the Baseline Requirements put on CAs, and that no common verifier refuses a path for. */
const strictOnly: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'certificate-serial-invalid',
  'certificate-time-encoding',
  'certificate-extension-must-be-critical',
  'certificate-extension-must-not-be-critical',
  'certificate-authority-key-identifier-missing',
  'certificate-authority-key-identifier-wrong',
  'certificate-subject-key-identifier-missing',
  'certificate-key-usage-contradiction',
  'certificate-path-length-contradiction',
  'certificate-key-size-uneven',
  'certificate-key-not-web',
  'certificate-purpose-missing',
  'certificate-purpose-any',
  'certificate-root-with-purpose',
  'certificate-leaf-is-ca',
  'certificate-name-malformed',
  'certificate-name-underscore',
  'certificate-address-as-name',
  'certificate-wildcard-shared-domain',
  'certificate-common-name-not-in-san',
  'certificate-name-constraint-leading-dot',
  'certificate-name-constraints-in-leaf',
]);

/** Findings of one code in one list. */
const MAX_TOLD = 16;

/** Collects what is found about a path, errors apart from what only deserves a warning. */
export class ReasonList {
  readonly errors: PathReason[] = [];
  readonly warnings: PathReason[] = [];
  readonly #conformance: Conformance;
  readonly #told = new Map<FindingCode, number>();

  constructor(conformance: Conformance) {
    this.#conformance = conformance;
  }

  /**
   * Adds a finding about the certificate at `position`; its name is filled in as `{subject}`. A code is told only so
   * often: a certificate with thousands of wrong names is explained by some.
   */
  add(code: FindingCode, position: number, certificate: Certificate, values: FindingValues = {}): void {
    const told = (this.#told.get(code) ?? 0) + 1;
    if (told > MAX_TOLD) return;
    this.#told.set(code, told);
    const made = finding(code, { subject: certificateLabel(certificate), ...values });
    const lenient = this.#conformance === 'common' && strictOnly.has(code);
    const reason: PathReason = { ...made, severity: lenient ? 'warning' : made.severity, position };
    (reason.severity === 'error' ? this.errors : this.warnings).push(reason);
  }

  /** Takes over what another list holds, about a certificate that now stands at `position`. */
  adopt(other: ReasonList, position: number): void {
    for (const reason of other.errors) this.errors.push({ ...reason, position });
    for (const reason of other.warnings) this.warnings.push({ ...reason, position });
  }
}

/** What to call a certificate: its subject, the first name that it is for, or its serial number. */
export function certificateLabel(certificate: Certificate): string {
  const subject = shortName(certificate.subject);
  if (subject !== '') return subject;
  const first = certificate.extensions.known.subjectAltName?.value.find((name) => name.kind === 'dns');
  return first?.kind === 'dns' ? first.value : `#${certificate.serialNumber.hex}`;
}

/** `2026-11-22T01:02:03Z`. */
export const formatTime = (epochMs: number): string => new Date(epochMs).toISOString().replace('.000Z', 'Z');
