import type tls from 'node:tls';
import { parseCertificate, type Certificate } from '../../codec/x509/certificate.ts';
import { parseCrl, type CertificateList } from '../../codec/x509/crl.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import { isSelfIssued } from '../../pki/path/identity.ts';
import { clientPolicy, defaultWorkLimits, type WorkLimits } from '../../pki/path/path-policy.ts';
import { certificateLabel, type PathReason } from '../../pki/path/reason.ts';
import { CertificateIndex, TrustAnchors } from '../../pki/path/trust-anchors.ts';
import type { PathVerdict } from '../../pki/path/verdict.ts';
import { verifyPath } from '../../pki/path/verify-path.ts';
import { judgeRevocation, noEvidence } from '../../pki/revocation/revocation-judgement.ts';
import { revocationDefaults } from '../../pki/revocation/revocation-status.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import { finding, type Finding } from '../../story/finding.ts';

/** A stranger can have one explanation for each handshake that he pays for: it costs a millisecond or two, no more. */
const limits: WorkLimits = {
  ...defaultWorkLimits,
  signatureChecks: 16,
  steps: 1_024,
  nameComparisons: 10_000,
  pathLength: 12,
  rejectedPaths: 8,
  policyNodes: 256,
};

/** Lists above this, all together, are not read for an explanation: OpenSSL's word on revocation has to do. */
const MAX_LISTS_BYTES = 4 << 20;

/** What OpenSSL says (X509_V_ERR_…) where what it judged is not all at hand here. */
const opensslCodes: ReadonlyMap<string, FindingCode> = new Map<string, FindingCode>([
  ['UNABLE_TO_GET_ISSUER_CERT', 'client-certificate-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'client-certificate-untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'client-certificate-untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'client-certificate-untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'client-certificate-untrusted'],
  ['CERT_UNTRUSTED', 'client-certificate-untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'client-certificate-untrusted'],
  ['CERT_HAS_EXPIRED', 'client-certificate-expired'],
  ['CERT_NOT_YET_VALID', 'client-certificate-not-yet-valid'],
  ['CERT_REVOKED', 'client-certificate-revoked'],
  ['INVALID_PURPOSE', 'client-certificate-wrong-usage'],
  ['UNABLE_TO_GET_CRL', 'client-certificate-crl-missing'],
  ['CRL_HAS_EXPIRED', 'client-certificate-crl-expired'],
  ['CRL_NOT_YET_VALID', 'client-certificate-crl-invalid'],
  ['CRL_SIGNATURE_FAILURE', 'client-certificate-crl-invalid'],
  ['UNABLE_TO_DECRYPT_CRL_SIGNATURE', 'client-certificate-crl-invalid'],
  ['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'client-certificate-crl-invalid'],
  ['ERROR_IN_CRL_NEXT_UPDATE_FIELD', 'client-certificate-crl-invalid'],
]);

/** Our reasons by what they mean for whoever sent the certificate, the one that is told first coming first. */
const ownCodes: ReadonlyMap<FindingCode, FindingCode> = new Map<FindingCode, FindingCode>([
  ['certificate-chain-incomplete', 'client-certificate-untrusted'],
  ['certificate-untrusted-root', 'client-certificate-untrusted'],
  ['certificate-signature-invalid', 'client-certificate-untrusted'],
  ['certificate-revoked', 'client-certificate-revoked'],
  ['certificate-expired', 'client-certificate-expired'],
  ['certificate-not-yet-valid', 'client-certificate-not-yet-valid'],
  ['certificate-purpose-wrong', 'client-certificate-wrong-usage'],
  ['certificate-key-usage-wrong', 'client-certificate-wrong-usage'],
  ['revocation-stale', 'client-certificate-crl-expired'],
  ['revocation-signature-invalid', 'client-certificate-crl-invalid'],
  ['revocation-signer-unauthorized', 'client-certificate-crl-invalid'],
  ['revocation-not-conforming', 'client-certificate-crl-invalid'],
  ['revocation-not-yet-valid', 'client-certificate-crl-invalid'],
  ['revocation-malformed', 'client-certificate-crl-invalid'],
  ['certificate-revocation-unknown', 'client-certificate-crl-missing'],
]);
const order = [...ownCodes.keys()];

/** What a client sent, DER: the leaf, and the certificates after it as far as they are known. */
export interface SentByClient {
  readonly leaf: Uint8Array;
  readonly others: readonly Uint8Array[];
  /** OpenSSL's name for what it found (`authorizationError`). */
  readonly opensslCode: string;
}

/**
 * Explains why a client's certificate was refused. OpenSSL is the gate; the explanation is the verdict of this project's
 * own path building and revocation over the same authorities and lists, since OpenSSL tells one number only, and of several
 * mistakes whichever it met last. Nothing here can let anybody in.
 */
export class ClientJudgement {
  readonly #ca: readonly string[];
  readonly #crl: readonly string[];
  #authorities: Authorities | undefined;
  #lists: Lists | undefined;

  /** PEM blocks one by one. They are read when the first certificate is refused. */
  constructor(ca: readonly string[], crl: readonly string[]) {
    this.#ca = ca;
    this.#crl = crl;
  }

  /** `nowMs`: epoch milliseconds. */
  explain({ leaf: der, others, opensslCode }: SentByClient, nowMs: number): Finding {
    const parsed = parseCertificate(der);
    if (!parsed.ok) return finding('certificate-malformed', { subject: '?', ...parsed.error });
    const leaf = parsed.value;
    const authorities = (this.#authorities ??= readAuthorities(this.#ca));
    const pool = [...others.flatMap(readOne), ...authorities.intermediates];
    const policy = clientPolicy({ timeMs: nowMs, limits });
    const verdict = verifyPath(leaf, pool, authorities.roots, policy);
    const theirs = opensslCodes.get(opensslCode);
    if (verdict.ok) return this.#explainStatus(verdict, pool, opensslCode, nowMs);
    const own = translate(verdict.reasons, opensslCode);
    if (own.code !== 'client-certificate-untrusted') return own;
    const end = verdict.path.at(-1);
    if (end !== undefined && !isSelfIssued(end) && authorities.known.has(end)) {
      const issuer = certificateLabel({ ...end, subject: end.issuer });
      return finding('client-certificate-root-missing', { subject: certificateLabel(end), issuer });
    }
    // Node may keep back what the client sent after its leaf: then OpenSSL has seen a whole path where we have not.
    const sawMore = others.length === 0 && theirs !== undefined && !isAboutIssuerOrList(theirs);
    return sawMore ? finding(theirs, { subject: certificateLabel(leaf), reason: opensslCode }) : own;
  }

  #explainStatus({ path }: PathVerdict, pool: readonly Certificate[], opensslCode: string, timeMs: number): Finding {
    const subject = certificateLabel(path[0]!);
    const theirs = opensslCodes.get(opensslCode);
    const { crls, complete } = (this.#lists ??= readLists(this.#crl));
    // Node has every certificate checked as soon as there is one list.
    if (complete && this.#crl.length > 0) {
      const settings = { ...revocationDefaults, mode: 'hard', timeMs } as const;
      const judged = judgeRevocation(path, { ...noEvidence, crls, crlSigners: pool }, settings);
      const told = [...judged.reasons, ...judged.warnings];
      if (!judged.ok) return translate(told, opensslCode);
    } else if (theirs !== undefined && this.#crl.length > 0) {
      return finding(theirs, { subject, reason: opensslCode });
    }
    // OpenSSL does not take anyExtendedKeyUsage for clientAuth, which RFC 5280 section 4.2.1.12 leaves to applications.
    if (theirs === 'client-certificate-wrong-usage') return finding(theirs, { subject, reason: opensslCode });
    return finding('client-certificate-refused-by-openssl', { subject, reason: opensslCode });
  }
}

/** `authorizationError` of a secure socket whose certificate was refused. */
export const opensslCodeOf = (socket: tls.TLSSocket): string => String(socket.authorizationError ?? 'UNSPECIFIED');

/** One finding for all reasons: what the sender can do something about first. Rules of form are told by their own name. */
function translate(reasons: readonly PathReason[], opensslCode: string): Finding {
  const rank = ({ code }: Finding): number => (order.indexOf(code) + order.length + 1) % (order.length + 1);
  const [first] = [...reasons].sort((a, b) => rank(a) - rank(b));
  if (first === undefined) return finding('client-certificate-refused', { reason: opensslCode });
  const code = ownCodes.get(first.code);
  return code === undefined
    ? finding(first.code, first.values)
    : finding(code, { reason: first.code, ...first.values });
}

const isAboutIssuerOrList = (code: FindingCode): boolean =>
  code === 'client-certificate-untrusted' || code === 'client-certificate-crl-missing';

interface Authorities {
  readonly known: CertificateIndex;
  /** As OpenSSL has it, a path ends at a root; other certificates of the bundle only help on the way. */
  readonly roots: TrustAnchors;
  readonly intermediates: readonly Certificate[];
}

function readAuthorities(ca: readonly string[]): Authorities {
  const known = ca.flatMap(readBlock).flatMap(readOne);
  return {
    known: new CertificateIndex(known),
    roots: new TrustAnchors(known.filter(isSelfIssued)),
    intermediates: known.filter((certificate) => !isSelfIssued(certificate)),
  };
}

interface Lists {
  readonly crls: readonly CertificateList[];
  /** Whether every list could be read: otherwise a list that seems to be missing may be there. */
  readonly complete: boolean;
}

function readLists(texts: readonly string[]): Lists {
  const blocks = texts.flatMap(readBlock);
  const length = blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (length > MAX_LISTS_BYTES) return { crls: [], complete: false };
  const crls: CertificateList[] = [];
  for (const block of blocks) {
    const parsed = parseCrl(block);
    if (parsed.ok) crls.push(parsed.value);
  }
  return { crls, complete: crls.length === texts.length };
}

function readBlock(text: string): Uint8Array[] {
  const pem = parsePem(text);
  return pem.ok ? pem.blocks.map(({ bytes }) => bytes) : [];
}

function readOne(der: Uint8Array): Certificate[] {
  const parsed = parseCertificate(der);
  return parsed.ok ? [parsed.value] : [];
}
