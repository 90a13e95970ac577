/** The stage "certificate": judges what a server showed, before a request goes out. */
import { randomBytes } from 'node:crypto';
import { parseSctList } from '../../codec/tls/sct.ts';
import type { SentCertificate } from '../../codec/tls/certificate-message.ts';
import type { Certificate } from '../../codec/x509/certificate.ts';
import { formatName } from '../../codec/x509/name.ts';
import { createHttpFetch, fetchDefaults } from '../../pki/fetch/http-fetch.ts';
import { isPrivateAddress } from '../../pki/fetch/private-address.ts';
import { formatLeft } from '../../pki/lifetime.ts';
import { formatGeneralName, parseHost } from '../../pki/names/peer-name.ts';
import { certificateLabel, formatTime } from '../../pki/path/reason.ts';
import { describeScheme } from '../../pki/path/signature.ts';
import type { Detail } from '../../story/observation.ts';
import type { OpenStage } from '../../story/stages.ts';
import { finding } from '../../story/finding.ts';
import type { TrustOptions } from '../options.ts';
import { causeOf, type VerifyCause } from '../verify/cause.ts';
import { checkLines } from '../verify/check-lines.ts';
import { judgePresented, type JudgeOptions } from '../verify/judge-presented.ts';
import { readSent } from '../verify/read-chain.ts';

const FETCH_MS = 5_000;

export interface ServerJudgement {
  readonly trusted: boolean;
  readonly cause: VerifyCause | undefined;
  readonly leaf: Certificate | undefined;
}

/** Judges the certificates and tells the stage: one observation a certificate of the path, one finding a check. */
export async function judgeServer(
  stage: OpenStage,
  sent: readonly SentCertificate[],
  host: string,
  address: string,
  trust: TrustOptions,
): Promise<ServerJudgement> {
  const { certificates, malformed } = readSent(sent);
  if (certificates.length === 0) {
    const found = malformed.length > 0 ? malformed : [finding('verify-certificate-unseen', { reason: 'none-sent' })];
    stage.conclude(...found);
    return { trusted: false, cause: causeOf(found), leaf: undefined };
  }
  const peer = parseHost(host);
  const nowMs = Date.now();
  const options: JudgeOptions = {
    store: trust.store,
    everything: false,
    peers: peer === undefined ? [] : [peer],
    purpose: 'server',
    timeMs: nowMs,
    conformance: 'common',
    revocation: trust.revocation,
    crls: [],
    fetching: trust.fetch ? fetchingFor(address, trust, nowMs) : undefined,
  };
  const staple = sent[0]?.ocspResponse;
  const judgement = await judgePresented({ certificates, staple, stapled: staple !== undefined }, options);
  const { path, complete, fetched } = judgement.verdict;
  for (const [depth, certificate] of path.entries()) {
    const origin = certificates.includes(certificate)
      ? 'sent'
      : (fetched.find((one) => one.certificate === certificate)?.url ?? trust.store.sourceOf(certificate) ?? '');
    const isAnchor = complete && depth === path.length - 1;
    const label = depth === 0 ? 'certificate.leaf' : isAnchor ? 'certificate.anchor' : 'certificate.intermediate';
    stage.observe({
      label,
      direction: origin === 'sent' ? 'received' : 'here',
      values: { subject: certificateLabel(certificate), left: formatLeft(certificate.notAfter.epochMs - nowMs) },
      details: tellCertificate(certificate, origin),
      octets: certificate.bytes,
      known: origin === 'sent' ? 'seen' : 'inferred',
    });
  }
  const beside = malformed.map((one) => ({ check: 'form', finding: one }) as const);
  stage.conclude(...checkLines(judgement, options, beside).map((line) => line.finding));
  const cause = causeOf([...judgement.reasons, ...malformed]);
  return { trusted: cause === undefined, cause, leaf: certificates[0] };
}

function fetchingFor(address: string, trust: TrustOptions, nowMs: number): JudgeOptions['fetching'] {
  // A server on the Internet has no business with addresses inside of this network.
  const fetch = createHttpFetch({ ...fetchDefaults, timeoutMs: FETCH_MS, allowPrivate: isPrivateAddress(address) });
  return { fetch, cache: trust.cache, nowMs, random: randomBytes };
}

function tellCertificate(certificate: Certificate, origin: string): Detail[] {
  const names = (certificate.extensions.known.subjectAltName?.value ?? []).map(formatGeneralName);
  const details: Detail[] = [
    { label: 'field.subject', value: formatName(certificate.subject) },
    { label: 'field.issuer', value: formatName(certificate.issuer) },
  ];
  if (names.length > 0) details.push({ label: 'field.names', value: names.join(', ') });
  const { notBefore, notAfter, serialNumber, publicKey, signatureScheme } = certificate;
  const size = publicKey.kind === 'rsa' || publicKey.kind === 'rsa-pss' ? ` ${publicKey.modulusBits}` : '';
  details.push(
    { label: 'field.valid', value: `${formatTime(notBefore.epochMs)} … ${formatTime(notAfter.epochMs)}` },
    { label: 'field.key', value: `${publicKey.kind}${size}` },
    { label: 'field.signature', value: describeScheme(signatureScheme) },
    { label: 'field.serial', value: serialNumber.hex, fine: true },
    { label: 'field.origin', value: origin },
  );
  const list = certificate.extensions.known.signedCertificateTimestamps?.value;
  const scts = list && parseSctList(list);
  if (scts?.ok === true)
    for (const { logId, timestampMs } of scts.value)
      details.push({
        label: 'field.sct',
        value: `${Buffer.from(logId).toString('base64')} ${formatTime(timestampMs)}`,
      });
  return details;
}
