import { createHash } from 'node:crypto';
import { rangeOf, sameBytes } from '../../codec/der/octets.ts';
import { hashOf } from '../../codec/x509/algorithm.ts';
import type { Certificate } from '../../codec/x509/certificate.ts';
import type { CertificateList } from '../../codec/x509/crl.ts';
import type { Extensions } from '../../codec/x509/extensions.ts';
import type { CertId } from '../../codec/x509/ocsp-request.ts';
import type { BasicOcspResponse, OcspResponse, OcspSingleResponse } from '../../codec/x509/ocsp-response.ts';
import { Oid, oidName } from '../../codec/x509/oid.ts';
import type { Finding, FindingValues } from '../../story/finding.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import { nameKey } from '../path/identity.ts';
import { certificateLabel, formatTime } from '../path/reason.ts';
import { isSignedBy, weakHash } from '../path/signature.ts';
import { judgeByCrls } from './crl-judgement.ts';
import {
  freshness,
  revocationFinding,
  unknownStatus,
  type RevocationSettings,
  type RevocationStatus,
} from './revocation-status.ts';

/** A response, and what was sent to get it. */
export interface OcspAnswer {
  readonly response: OcspResponse;
  /** The nonce of the request; undefined for stapled answers and requests without one. */
  readonly nonce: Uint8Array | undefined;
  /** Whether an answer without a nonce is refused where the request had one. */
  readonly requireNonce: boolean;
}

/** How a certificate is called in an OCSP request: by hashes of its issuer, and its serial number. */
export function certIdOf(
  certificate: Certificate,
  issuer: Certificate,
  hashAlgorithm: string = Oid.sha1,
): CertId | undefined {
  const hash = hashOf(hashAlgorithm);
  if (hash === undefined || hash === 'md5') return undefined;
  const digest = (bytes: Uint8Array): string => createHash(hash).update(bytes).digest('hex');
  return {
    hashAlgorithm,
    issuerNameHash: digest(rangeOf(certificate.bytes, certificate.issuer)),
    issuerKeyHash: digest(rangeOf(issuer.bytes, issuer.publicKey.key)),
    serialNumber: certificate.serialNumber.hex,
  };
}

/**
 * What an OCSP response says about a certificate (RFC 6960 section 3.2). `crls` are all lists at hand: they may say that
 * the issuer has revoked the delegate who signed.
 */
export function judgeByOcsp(
  certificate: Certificate,
  issuer: Certificate,
  answer: OcspAnswer,
  settings: RevocationSettings,
  crls: readonly CertificateList[],
): RevocationStatus {
  const unusable = (code: FindingCode, values: FindingValues = {}): RevocationStatus =>
    unknownStatus([revocationFinding(code, certificate, 'OCSP', values)]);
  const { basic, status } = answer.response;
  if (basic === undefined) return unusable('ocsp-refused', { status });
  const single = basic.responses.find(({ certId }) => isAbout(certId, certificate, issuer));
  if (single === undefined) return unusable('ocsp-not-for-certificate');
  const broken = brokenRule(basic, single);
  if (broken !== undefined) return unusable('revocation-not-conforming', { extension: broken });
  if (!nonceMatches(basic, answer)) return unusable('ocsp-nonce-mismatch');

  const responder = findResponder(basic, issuer);
  if (responder === undefined)
    return unusable('revocation-signature-invalid', { signer: describeResponder(basic, issuer) });
  if (responder !== issuer && !isAuthorized(responder, issuer, settings))
    return unusable('revocation-signer-unauthorized', { signer: certificateLabel(responder) });
  const problems: Finding[] = [];
  if (needsCheck(responder, issuer)) {
    const signer = certificateLabel(responder);
    const standing = judgeByCrls(responder, crls, { issuer, others: [], trusts: () => false }, settings);
    if (standing.kind === 'revoked')
      return unusable('ocsp-responder-revoked', { signer, date: formatTime(standing.revokedAtMs ?? 0) });
    if (standing.kind === 'unknown' && saysWhereToAsk(responder)) {
      if (settings.mode === 'hard') return unusable('ocsp-responder-unchecked', { signer });
      problems.push(revocationFinding('ocsp-responder-unchecked', certificate, 'OCSP', { signer }));
    }
  }

  const thisUpdateMs = single.thisUpdate.epochMs;
  const nextUpdateMs = single.nextUpdate?.epochMs;
  const state = freshness(thisUpdateMs, nextUpdateMs, settings);
  if (state === 'future') return unusable('revocation-not-yet-valid', { thisUpdate: formatTime(thisUpdateMs) });
  if (state === 'stale')
    return unusable('revocation-stale', { nextUpdate: formatTime(nextUpdateMs ?? thisUpdateMs + settings.maxAgeMs) });

  const said = single.status;
  const base = { source: 'OCSP', thisUpdateMs, nextUpdateMs, problems } as const;
  if (said.kind === 'revoked')
    return { ...base, kind: 'revoked', revokedAtMs: said.revocationTime.epochMs, reason: said.reason };
  return { ...base, kind: said.kind, revokedAtMs: undefined, reason: undefined };
}

function isAbout(certId: CertId, certificate: Certificate, issuer: Certificate): boolean {
  const own = certIdOf(certificate, issuer, certId.hashAlgorithm);
  return (
    own !== undefined &&
    own.serialNumber === certId.serialNumber &&
    own.issuerNameHash === certId.issuerNameHash &&
    own.issuerKeyHash === certId.issuerKeyHash
  );
}

function brokenRule(basic: BasicOcspResponse, single: OcspSingleResponse): string | undefined {
  const weak = weakHash(basic.signatureScheme);
  if (weak !== undefined) return weak;
  for (const { list, problems } of [basic.extensions, single.extensions] satisfies Extensions[]) {
    const [malformed] = problems;
    if (malformed !== undefined) return malformed.field;
    const unknown = list.find(({ critical, oid }) => critical && oid !== Oid.ocspNonce);
    if (unknown !== undefined) return oidName(unknown.oid);
  }
  return undefined;
}

/** RFC 9654 section 2.1: a nonce in the answer is the request's. */
function nonceMatches({ extensions }: BasicOcspResponse, { nonce, requireNonce }: OcspAnswer): boolean {
  if (nonce === undefined) return true;
  const returned = extensions.known.ocspNonce?.value;
  return returned === undefined ? !requireNonce : sameBytes(returned, nonce);
}

/** The issuer itself, or a certificate in the response, that goes by the responder's id and whose key signed. */
function findResponder(basic: BasicOcspResponse, issuer: Certificate): Certificate | undefined {
  return [issuer, ...basic.certificates].find((candidate) => isNamed(candidate, basic) && isSignedBy(basic, candidate));
}

function isNamed(candidate: Certificate, { responderId }: BasicOcspResponse): boolean {
  if (responderId.kind === 'name') return nameKey(candidate.subject) === nameKey(responderId.name);
  const key = rangeOf(candidate.bytes, candidate.publicKey.key);
  return createHash('sha1').update(key).digest('hex') === responderId.keyHash;
}

function describeResponder({ responderId }: BasicOcspResponse, issuer: Certificate): string {
  return responderId.kind === 'key' ? responderId.keyHash : certificateLabel({ ...issuer, subject: responderId.name });
}

/** The delegate who signed an answer and whose own standing has to be found out; undefined where there is none. */
export function delegateToCheck(
  { basic }: OcspResponse,
  issuer: Certificate,
  settings: RevocationSettings,
): Certificate | undefined {
  const responder = basic === undefined ? undefined : findResponder(basic, issuer);
  if (responder === undefined || responder === issuer || !isAuthorized(responder, issuer, settings)) return undefined;
  return needsCheck(responder, issuer) ? responder : undefined;
}

/**
 * RFC 6960 section 4.2.2.2.1: with id-pkix-ocsp-nocheck the CA lets its delegate be trusted for the certificate's life;
 * with a place to ask, it wants to be asked; with neither, whoever relies on the answer may leave it.
 */
const needsCheck = (responder: Certificate, issuer: Certificate): boolean =>
  responder !== issuer && responder.extensions.known.ocspNoCheck === undefined;

function saysWhereToAsk({ extensions }: Certificate): boolean {
  const { authorityInfoAccess, cRLDistributionPoints } = extensions.known;
  const namesResponder = authorityInfoAccess?.value.some(({ method }) => method === Oid.accessOcsp) === true;
  return namesResponder || cRLDistributionPoints !== undefined;
}

/**
 * RFC 6960 section 4.2.2.2: a delegate is issued directly by the CA whose certificates it answers for, and holds
 * OCSPSigning (anyExtendedKeyUsage does not do).
 */
function isAuthorized(responder: Certificate, issuer: Certificate, { timeMs }: RevocationSettings): boolean {
  const { extKeyUsage, keyUsage } = responder.extensions.known;
  const moment = Math.floor(timeMs / 1_000) * 1_000;
  return (
    responder.extensions.problems.length === 0 &&
    extKeyUsage?.value.includes(Oid.ocspSigning) === true &&
    keyUsage?.value.has('digitalSignature') !== false &&
    moment >= responder.notBefore.epochMs &&
    moment <= responder.notAfter.epochMs &&
    weakHash(responder.signatureScheme) === undefined &&
    nameKey(responder.issuer) === nameKey(issuer.subject) &&
    isSignedBy(responder, issuer)
  );
}
