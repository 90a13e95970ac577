import { parsing, type Parsed, type Range } from '../der/der-error.ts';
import { DerReader } from '../der/der-reader.ts';
import { contextConstructed, contextPrimitive, Tag } from '../der/der-tag.ts';
import type { DerTime } from '../der/der-time.ts';
import {
  readAlgorithmIdentifier,
  signatureScheme,
  type AlgorithmIdentifier,
  type SignatureScheme,
} from './algorithm.ts';
import { readCertificate, type Certificate } from './certificate.ts';
import { revocationReasons, type RevocationReason } from './extension-values.ts';
import { noExtensions, readExtensions, type Extensions } from './extensions.ts';
import { hex, readName, type Name } from './name.ts';
import { readCertId, type CertId } from './ocsp-request.ts';
import { Oid } from './oid.ts';

/** OCSPResponseStatus by number (RFC 6960 section 4.2.1); 4 is not used. */
const responseStatuses = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  'unused',
  'sigRequired',
  'unauthorized',
] as const;

export type OcspResponseStatus = Exclude<(typeof responseStatuses)[number], 'unused'>;

export type OcspCertStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly revocationTime: DerTime; readonly reason: RevocationReason | undefined }
  | { readonly kind: 'unknown' };

export interface OcspSingleResponse {
  readonly certId: CertId;
  readonly status: OcspCertStatus;
  readonly thisUpdate: DerTime;
  readonly nextUpdate: DerTime | undefined;
  readonly extensions: Extensions;
}

/** Who signed: a name, or the SHA-1 of a public key in hexadecimal. */
export type ResponderId =
  | { readonly kind: 'name'; readonly name: Name }
  | { readonly kind: 'key'; readonly keyHash: string };

/** A BasicOCSPResponse (RFC 6960 section 4.2.1). */
export interface BasicOcspResponse {
  readonly bytes: Uint8Array;
  /** tbsResponseData: the octets that are signed. */
  readonly tbs: Range;
  readonly responderId: ResponderId;
  readonly producedAt: DerTime;
  readonly responses: readonly OcspSingleResponse[];
  readonly extensions: Extensions;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureScheme: SignatureScheme;
  readonly signature: Range;
  readonly certificates: readonly Certificate[];
}

export interface OcspResponse {
  readonly status: OcspResponseStatus;
  /** There where the status is 'successful'. */
  readonly basic: BasicOcspResponse | undefined;
}

/** A response carries one status and a certificate or two, about 2 KiB. */
const MAX_OCSP_BYTES = 1 << 18;

/**
 * Parses an OCSPResponse:
 *
 *     30 03           OCSPResponse
 *        0a 01 03       responseStatus: tryLater
 */
export function parseOcspResponse(bytes: Uint8Array): Parsed<OcspResponse> {
  return parsing(() => {
    const reader = new DerReader(bytes, '');
    if (bytes.length > MAX_OCSP_BYTES) reader.fail('too-large', 'OCSPResponse', MAX_OCSP_BYTES);
    const response: DerReader = reader.sequence('OCSPResponse');
    reader.finish();
    const statusStart = response.position;
    const status = responseStatuses[response.smallInteger('responseStatus', Tag.enumerated)];
    if (status === undefined || status === 'unused') response.fail('value-not-allowed', 'responseStatus', statusStart);
    const wrapper = response.optional(contextConstructed(0), '');
    response.finish();
    if (status !== 'successful') return { status, basic: undefined };
    if (wrapper === undefined) response.fail('truncated', 'responseBytes', response.end);
    const responseBytes: DerReader = wrapper.sequence('responseBytes');
    const typeStart = responseBytes.position;
    if (responseBytes.oid('responseType') !== Oid.ocspBasic)
      responseBytes.fail('value-not-allowed', 'responseType', typeStart);
    const content = responseBytes.octetString('response');
    responseBytes.finish();
    wrapper.finish();
    const inner = new DerReader(bytes, 'response', content.contentStart, content.end, responseBytes);
    const basic = readBasic(inner);
    inner.finish();
    return { status, basic };
  });
}

function readBasic(inner: DerReader): BasicOcspResponse {
  const basic = inner.sequence('basicOCSPResponse');
  const tbsStart = basic.position;
  const data = basic.sequence('tbsResponseData');
  const tbs: Range = { start: tbsStart, end: data.end };
  const version = data.optional(contextConstructed(0), 'version');
  if (version !== undefined && version.smallInteger('') !== 0) version.fail('value-not-allowed', '', version.start);
  const responderId = readResponderId(data);
  const producedAt = data.generalizedTime('producedAt');
  const list = data.sequence('responses');
  const responses: OcspSingleResponse[] = [];
  while (!list.atEnd) responses.push(readSingle(list));
  const wrapper = data.optional(contextConstructed(1), '');
  const extensions = wrapper === undefined ? noExtensions : readExtensions(wrapper, 'responseExtensions');
  wrapper?.finish();
  data.finish();
  const signatureAlgorithm = readAlgorithmIdentifier(basic, 'signatureAlgorithm');
  const signature = basic.wholeBitString('signature');
  const certificates: Certificate[] = [];
  const certs = basic.optional(contextConstructed(0), 'certs');
  if (certs !== undefined) {
    const sequence = certs.sequence('');
    while (!sequence.atEnd) certificates.push(readCertificate(sequence, `certs[${certificates.length}]`));
    certs.finish();
  }
  basic.finish();
  return {
    bytes: inner.bytes,
    tbs,
    responderId,
    producedAt,
    responses,
    extensions,
    signatureAlgorithm,
    signatureScheme: signatureScheme(new DerReader(inner.bytes, 'signatureAlgorithm'), signatureAlgorithm),
    signature: { start: signature.contentStart, end: signature.end },
    certificates,
  };
}

function readResponderId(data: DerReader): ResponderId {
  const byName = data.optional(contextConstructed(1), 'responderID');
  if (byName !== undefined) {
    const name = readName(byName, 'byName');
    byName.finish();
    return { kind: 'name', name };
  }
  const byKey = data.enter(contextConstructed(2), 'responderID');
  const keyHash = hex(byKey.content(byKey.octetString('byKey')));
  byKey.finish();
  return { kind: 'key', keyHash };
}

function readSingle(list: DerReader): OcspSingleResponse {
  const single = list.sequence('singleResponse');
  const certId = readCertId(single, 'certID');
  const status = readStatus(single);
  const thisUpdate = single.generalizedTime('thisUpdate');
  const next = single.optional(contextConstructed(0), 'nextUpdate');
  const nextUpdate = next?.generalizedTime('');
  next?.finish();
  const wrapper = single.optional(contextConstructed(1), '');
  const extensions = wrapper === undefined ? noExtensions : readExtensions(wrapper, 'singleExtensions');
  wrapper?.finish();
  single.finish();
  return { certId, status, thisUpdate, nextUpdate, extensions };
}

/** CertStatus: `80 00` good, `a1 …` revoked with time and reason, `82 00` unknown. */
function readStatus(single: DerReader): OcspCertStatus {
  const tag = single.peek();
  const start = single.position;
  if (tag === contextPrimitive(0) || tag === contextPrimitive(2)) {
    const element = single.element('certStatus');
    if (element.end !== element.contentStart) single.fail('null-not-empty', 'certStatus', start);
    return { kind: tag === contextPrimitive(0) ? 'good' : 'unknown' };
  }
  const info = single.enter(contextConstructed(1), 'certStatus');
  const revocationTime = info.generalizedTime('revocationTime');
  const wrapper = info.optional(contextConstructed(0), 'revocationReason');
  const number = wrapper?.smallInteger('', Tag.enumerated);
  wrapper?.finish();
  info.finish();
  const reason = number === undefined ? undefined : revocationReasons[number];
  if (number !== undefined && (reason === undefined || reason === 'unused'))
    single.fail('value-not-allowed', 'revocationReason', start);
  return { kind: 'revoked', revocationTime, reason };
}
