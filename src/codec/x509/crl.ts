import { parsing, type DerError, type Parsed, type Range } from '../der/der-error.ts';
import { DerReader } from '../der/der-reader.ts';
import { contextConstructed, Tag } from '../der/der-tag.ts';
import type { DerTime } from '../der/der-time.ts';
import {
  readAlgorithmIdentifier,
  signatureScheme,
  type AlgorithmIdentifier,
  type SignatureScheme,
} from './algorithm.ts';
import { noExtensions, readExtensions, type Extensions } from './extensions.ts';
import { hex, readName, type Name } from './name.ts';

/** One revoked certificate (RFC 5280 section 5.1.2.6). */
export interface RevokedCertificate extends Range {
  /** Content octets of the serial number in lower-case hexadecimal, as in SerialNumber. */
  readonly serial: string;
  readonly revocationDate: DerTime;
  readonly extensions: Extensions;
}

/**
 * A certificate revocation list (RFC 5280 section 5.1):
 *
 *     CertificateList       SEQUENCE
 *       tbsCertList           SEQUENCE   the octets that are signed
 *         version             INTEGER 1 for v2; absent for v1
 *         signature           AlgorithmIdentifier
 *         issuer              Name
 *         thisUpdate, nextUpdate
 *         revokedCertificates SEQUENCE of serial, date, entry extensions
 *         crlExtensions   [0]
 *       signatureAlgorithm    AlgorithmIdentifier
 *       signatureValue        BIT STRING
 */
export interface CertificateList {
  readonly bytes: Uint8Array;
  readonly tbs: Range;
  readonly version: 1 | 2;
  readonly issuer: Name;
  readonly thisUpdate: DerTime;
  readonly nextUpdate: DerTime | undefined;
  readonly revoked: readonly RevokedCertificate[];
  readonly extensions: Extensions;
  /** Malformed or doubled extensions of entries; those of the list itself are in `extensions.problems`. */
  readonly entryProblems: readonly DerError[];
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureScheme: SignatureScheme;
  readonly signature: Range;
}

/** The largest public lists are some tens of MiB. */
export const MAX_CRL_BYTES = 1 << 26;

/** Parses one DER CRL that fills `bytes`. */
export function parseCrl(bytes: Uint8Array): Parsed<CertificateList> {
  return parsing(() => {
    const reader = new DerReader(bytes, '');
    if (bytes.length > MAX_CRL_BYTES) reader.fail('too-large', 'certificateList', MAX_CRL_BYTES);
    const list = reader.sequence('certificateList');
    reader.finish();
    return readFrom(bytes, list);
  });
}

function readFrom(bytes: Uint8Array, list: DerReader): CertificateList {
  const tbsStart = list.position;
  const tbs = list.sequence('tbsCertList');
  const tbsRange: Range = { start: tbsStart, end: tbs.end };
  let version: 1 | 2 = 1;
  if (tbs.peek() === Tag.integer) {
    const start = tbs.position;
    if (tbs.smallInteger('version') !== 1) tbs.fail('value-not-allowed', 'version', start);
    version = 2;
  }
  const tbsSignatureAlgorithm = readAlgorithmIdentifier(tbs, 'signature');
  const issuer = readName(tbs, 'issuer');
  const thisUpdate = tbs.time('thisUpdate');
  const next = tbs.peek();
  const nextUpdate = next === Tag.utcTime || next === Tag.generalizedTime ? tbs.time('nextUpdate') : undefined;
  const entryProblems: DerError[] = [];
  const entries = tbs.optional(Tag.sequence, 'revokedCertificates');
  const revoked = entries === undefined ? [] : readEntries(entries, version, entryProblems);
  const wrapper = tbs.optional(contextConstructed(0), '');
  let extensions = noExtensions;
  if (wrapper !== undefined) {
    if (version !== 2) tbs.fail('value-not-allowed', 'crlExtensions', wrapper.start);
    extensions = readExtensions(wrapper, 'crlExtensions');
    wrapper.finish();
  }
  tbs.finish();
  const signatureAlgorithm = readAlgorithmIdentifier(list, 'signatureAlgorithm');
  const signature = list.wholeBitString('signatureValue');
  list.finish();
  return {
    bytes,
    tbs: tbsRange,
    version,
    issuer,
    thisUpdate,
    nextUpdate,
    revoked,
    extensions,
    entryProblems,
    tbsSignatureAlgorithm,
    signatureAlgorithm,
    signatureScheme: signatureScheme(new DerReader(bytes, 'signatureAlgorithm'), signatureAlgorithm),
    signature: { start: signature.contentStart, end: signature.end },
  };
}

function readEntries(entries: DerReader, version: 1 | 2, problems: DerError[]): RevokedCertificate[] {
  const revoked: RevokedCertificate[] = [];
  while (!entries.atEnd) {
    const start = entries.position;
    const entry = entries.sequence('revokedCertificate');
    const serial = hex(entry.content(entry.integer('userCertificate')));
    const revocationDate = entry.time('revocationDate');
    let extensions = noExtensions;
    if (!entry.atEnd) {
      if (version !== 2) entry.fail('value-not-allowed', 'crlEntryExtensions', entry.position);
      extensions = readExtensions(entry, 'crlEntryExtensions');
      problems.push(...extensions.problems);
    }
    entry.finish();
    revoked.push({ serial, revocationDate, extensions, start, end: entries.position });
  }
  return revoked;
}
