import type { Certificate } from '../../codec/x509/certificate.ts';
import type { CertificateList } from '../../codec/x509/crl.ts';
import { parseOcspResponse } from '../../codec/x509/ocsp-response.ts';
import { fetchRevocation, type AskedPlace } from '../../pki/fetch/fetch-revocation.ts';
import { createIssuerFetch, type FetchingOptions } from '../../pki/fetch/fetch-issuers.ts';
import { LOCAL_CA_NAME } from '../../pki/local-ca-folder.ts';
import type { PeerName } from '../../pki/names/peer-name.ts';
import { verifyPathFetching, type FetchingVerdict } from '../../pki/path/aia-fetching.ts';
import { adviseChain } from '../../pki/path/chain-advice.ts';
import { clientPolicy, serverPolicy, type Conformance, type PathPolicy } from '../../pki/path/path-policy.ts';
import { certificateLabel, type PathReason } from '../../pki/path/reason.ts';
import { isSignedBy } from '../../pki/path/signature.ts';
import { nameKey } from '../../pki/path/identity.ts';
import type { TrustAnchors } from '../../pki/path/trust-anchors.ts';
import { verifyPath } from '../../pki/path/verify-path.ts';
import { judgeRevocation, noEvidence, type RevocationEvidence } from '../../pki/revocation/revocation-judgement.ts';
import {
  revocationDefaults,
  type RevocationMode,
  type RevocationSettings,
  type RevocationStatus,
} from '../../pki/revocation/revocation-status.ts';
import { trustEverything, type TrustStore } from '../../pki/trust-store/trust-store.ts';
import { finding, type Finding } from '../../story/finding.ts';

/** Certificates to judge, and what came with them. */
export interface Presented {
  /** In the order in which they were sent or stand in the file, the leaf first; never empty. */
  readonly certificates: readonly Certificate[];
  /** Octets of the OCSP answer for the leaf. */
  readonly staple: Uint8Array | undefined;
  /** Whether there was one; undefined where nobody could have sent one. */
  readonly stapled: boolean | undefined;
}

export interface JudgeOptions {
  readonly store: TrustStore;
  /** Trust whatever the chain ends at. */
  readonly everything: boolean;
  readonly peers: readonly PeerName[];
  readonly purpose: 'server' | 'client';
  readonly timeMs: number;
  readonly conformance: Conformance;
  readonly revocation: RevocationMode;
  /** Lists that were given. */
  readonly crls: readonly CertificateList[];
  /** How to get what is missing; undefined for not at all. */
  readonly fetching: (FetchingOptions & { readonly random: (byteLength: number) => Uint8Array }) | undefined;
}

/** Everything that was found out, nothing put into words. */
export interface Judgement {
  readonly verdict: FetchingVerdict;
  /** Errors, of the path and of revocation; empty where the certificate is to be trusted. */
  readonly reasons: readonly PathReason[];
  readonly warnings: readonly PathReason[];
  /** One for each certificate of the path but the anchor; empty where revocation was not looked at. */
  readonly statuses: readonly RevocationStatus[];
  readonly asked: readonly AskedPlace[];
  /** Fetches that failed, a staple that cannot be read. */
  readonly problems: readonly Finding[];
  /** What the server should send instead. */
  readonly advice: readonly Finding[];
  readonly anchors: TrustAnchors;
}

/** Judges what a server presented or a file holds. */
export async function judgePresented(presented: Presented, options: JudgeOptions): Promise<Judgement> {
  const { certificates } = presented;
  const [leaf, ...intermediates] = certificates;
  if (leaf === undefined) throw new RangeError('nothing to judge');
  const { timeMs, conformance, fetching } = options;
  const anchors = options.everything ? trustEverything(certificates, issued) : options.store.anchors;
  const choose = options.purpose === 'server' ? serverPolicy : clientPolicy;
  const policy = choose({ timeMs, conformance, peers: options.peers });
  const problems: Finding[] = [];
  const onFailure = (url: string, reason: string): void => {
    problems.push(finding('fetch-failed', { kind: 'certificate', subject: certificateLabel(leaf), url, reason }));
  };
  const verdict: FetchingVerdict =
    fetching === undefined
      ? { ...verifyPath(leaf, intermediates, anchors, policy), fetched: [] }
      : await verifyPathFetching(leaf, intermediates, anchors, policy, createIssuerFetch(fetching, onFailure));
  const judged = await judgeStatus(presented, verdict, anchors, policy, options);
  return {
    verdict,
    reasons: [...verdict.reasons.map((reason) => nameRoot(reason, verdict)), ...judged.reasons],
    warnings: [...verdict.warnings, ...judged.warnings],
    statuses: judged.statuses,
    asked: judged.asked,
    problems: [...problems, ...judged.problems],
    advice: verdict.complete ? adviseChain(certificates, verdict.path, verdict.fetched) : [],
    anchors,
  };
}

const issued = (one: Certificate, by: Certificate): boolean =>
  nameKey(one.issuer) === nameKey(by.subject) && isSignedBy(one, by);

/**
 * Where a path ends at no anchor, what that means. A certificate that signed itself needs an issuer; what the local CA of
 * a Menshen issued needs its root to be trusted. A leaf without issuer lacks an intermediate; where the server sent
 * intermediates and the last one's issuer is at hand nowhere, that issuer most likely is a root, which no server needs to
 * send: then trust is what is missing.
 */
function nameRoot(reason: PathReason, { path }: FetchingVerdict): PathReason {
  const { code, position, values } = reason;
  const last = path[position];
  if (last === undefined || (code !== 'certificate-chain-incomplete' && code !== 'certificate-untrusted-root'))
    return reason;
  const subject = certificateLabel(last);
  const issuer = certificateLabel({ ...last, subject: last.issuer });
  if (issuer.startsWith(`${LOCAL_CA_NAME} `))
    return { ...finding('certificate-local-root-untrusted', { subject, issuer }), position };
  if (code === 'certificate-untrusted-root')
    return position > 0 ? reason : { ...finding('certificate-self-signed', { subject }), position };
  return position === 0 ? reason : { ...finding('certificate-root-unknown', { ...values, subject }), position };
}

type StatusJudgement = Pick<Judgement, 'reasons' | 'warnings' | 'statuses' | 'asked' | 'problems'>;

/** Only certificates whose signatures lead to an anchor are asked about: other issuers' word is worth nothing. */
async function judgeStatus(
  presented: Presented,
  verdict: FetchingVerdict,
  anchors: TrustAnchors,
  policy: PathPolicy,
  options: JudgeOptions,
): Promise<StatusJudgement> {
  const nothing: StatusJudgement = { reasons: [], warnings: [], statuses: [], asked: [], problems: [] };
  const unsigned = verdict.reasons.some(({ code }) => code === 'certificate-signature-invalid');
  if (options.revocation === 'off' || !verdict.complete || unsigned) return nothing;
  const { timeMs, conformance, revocation: mode, fetching } = options;
  const settings: RevocationSettings = { ...revocationDefaults, mode, timeMs, conformance };
  const pool = [...presented.certificates, ...verdict.fetched.map(({ certificate }) => certificate)];
  const signerPolicy: PathPolicy = { ...policy, profile: 'rfc5280', purposes: [], peers: [] };
  const given: RevocationEvidence = {
    ...noEvidence,
    crls: options.crls,
    crlSigners: pool,
    trustsCrlSigner: (signer) => verifyPath(signer, pool, anchors, signerPolicy).ok,
    stapled: presented.stapled,
  };
  const problems: Finding[] = [];
  const [leaf] = verdict.path;
  const staple = presented.staple === undefined ? undefined : parseOcspResponse(presented.staple);
  let evidence = given;
  if (leaf !== undefined && staple?.ok === true) {
    const answer = { response: staple.value, nonce: undefined, requireNonce: false };
    evidence = { ...given, ocsp: new Map([[leaf, [answer]]]) };
  } else if (leaf !== undefined && staple?.ok === false)
    problems.push(finding('staple-malformed', { subject: certificateLabel(leaf), ...staple.error }));
  let asked: readonly AskedPlace[] = [];
  if (fetching !== undefined) {
    const fetched = await fetchRevocation(verdict.path, evidence, { ...fetching, settings });
    ({ evidence, asked } = fetched);
    problems.push(...fetched.problems);
  }
  const judged = judgeRevocation(verdict.path, evidence, settings);
  return { ...judged, asked, problems };
}
