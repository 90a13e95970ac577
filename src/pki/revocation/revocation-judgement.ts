import type { Certificate } from '../../codec/x509/certificate.ts';
import type { CertificateList } from '../../codec/x509/crl.ts';
import type { Finding } from '../../story/finding.ts';
import { finding } from '../../story/finding.ts';
import { certificateLabel, formatTime, type PathReason } from '../path/reason.ts';
import { judgeByCrls, type CrlSigners } from './crl-judgement.ts';
import { judgeByOcsp, type OcspAnswer } from './ocsp-judgement.ts';
import { unknownStatus, type RevocationSettings, type RevocationStatus } from './revocation-status.ts';

/** Everything at hand that may say whether certificates are revoked. */
export interface RevocationEvidence {
  /** OCSP answers by the certificate that they were asked for or stapled for. */
  readonly ocsp: ReadonlyMap<Certificate, readonly OcspAnswer[]>;
  /** Complete and delta CRLs, of any issuer. */
  readonly crls: readonly CertificateList[];
  /** Certificates that might belong to CRL issuers other than the CAs of the path. */
  readonly crlSigners: readonly Certificate[];
  /** Whether the certificate of such a CRL issuer has a path to the same anchor. */
  readonly trustsCrlSigner: (signer: Certificate) => boolean;
  /** What the server stapled for the leaf is in `ocsp`; false where it stapled nothing, undefined where this is no TLS. */
  readonly stapled: boolean | undefined;
}

export const noEvidence: RevocationEvidence = {
  ocsp: new Map(),
  crls: [],
  crlSigners: [],
  trustsCrlSigner: () => false,
  stapled: undefined,
};

export interface RevocationVerdict {
  readonly ok: boolean;
  /** One status for each certificate of the path, the anchor excepted: nobody revokes an anchor but the store. */
  readonly statuses: readonly RevocationStatus[];
  readonly reasons: readonly PathReason[];
  readonly warnings: readonly PathReason[];
}

/** TLS extension number of status_request: what "must-staple" names (RFC 7633 section 4). */
const STATUS_REQUEST = 5;

/** Judges the certificates of an accepted path, leaf first and anchor last. */
export function judgeRevocation(
  path: readonly Certificate[],
  evidence: RevocationEvidence,
  settings: RevocationSettings,
): RevocationVerdict {
  const reasons: PathReason[] = [];
  const warnings: PathReason[] = [];
  const statuses: RevocationStatus[] = [];
  if (settings.mode === 'off') return { ok: true, statuses, reasons, warnings };
  const add = (found: Finding, position: number): void => {
    (found.severity === 'error' ? reasons : warnings).push({ ...found, position });
  };
  for (const [position, certificate] of path.entries()) {
    const issuer = path[position + 1];
    if (issuer === undefined) continue;
    const status = statusOf(certificate, issuer, evidence, settings);
    statuses.push(status);
    const subject = certificateLabel(certificate);
    if (status.kind === 'revoked') {
      const date = formatTime(status.revokedAtMs ?? 0);
      const values = { subject, date, reason: status.reason ?? 'unspecified', source: status.source ?? '' };
      // Whatever the catalogue says of it: this is what the whole judgement is for.
      reasons.push({ ...finding('certificate-revoked', values), severity: 'error', position });
      continue;
    }
    // A good answer settles the matter; what was wrong with others is told without deciding.
    for (const problem of status.problems)
      add(status.kind === 'good' ? { ...problem, severity: 'warning' } : problem, position);
    if (status.kind === 'unknown' && settings.mode === 'hard')
      add(finding('certificate-revocation-unknown', { subject }), position);
  }
  const [leaf] = path;
  const mustStaple = leaf?.extensions.known.tlsFeature?.value.includes(STATUS_REQUEST) === true;
  if (leaf !== undefined && mustStaple && evidence.stapled === false)
    add(finding('certificate-staple-missing', { subject: certificateLabel(leaf) }), 0);
  return { ok: reasons.length === 0, statuses, reasons, warnings };
}

/** The first source that knows wins; one that says "revoked" goes before one that says "good". */
function statusOf(
  certificate: Certificate,
  issuer: Certificate,
  evidence: RevocationEvidence,
  settings: RevocationSettings,
): RevocationStatus {
  const signers: CrlSigners = { issuer, others: evidence.crlSigners, trusts: evidence.trustsCrlSigner };
  const answers = evidence.ocsp.get(certificate) ?? [];
  const all = answers.map((answer) => judgeByOcsp(certificate, issuer, answer, settings, evidence.crls));
  all.push(judgeByCrls(certificate, evidence.crls, signers, settings));
  const problems = all.flatMap((status) => status.problems);
  const decisive = all.find(({ kind }) => kind === 'revoked') ?? all.find(({ kind }) => kind === 'good');
  return decisive === undefined ? unknownStatus(problems) : { ...decisive, problems };
}
