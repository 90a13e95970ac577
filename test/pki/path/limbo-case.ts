import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SignatureScheme } from '../../../src/codec/x509/algorithm.ts';
import { parseCertificate, type Certificate } from '../../../src/codec/x509/certificate.ts';
import { parseCrl, type CertificateList } from '../../../src/codec/x509/crl.ts';
import type { KeyUsageName } from '../../../src/codec/x509/extension-values.ts';
import { Oid } from '../../../src/codec/x509/oid.ts';
import { parsePem } from '../../../src/codec/x509/pem.ts';
import { parseHost, parseMailbox, type PeerName } from '../../../src/pki/names/peer-name.ts';
import {
  clientPolicy,
  serverPolicy,
  type Conformance,
  type PathPolicy,
  type Profile,
} from '../../../src/pki/path/path-policy.ts';
import { TrustAnchors } from '../../../src/pki/path/trust-anchors.ts';
import { verifyPath } from '../../../src/pki/path/verify-path.ts';
import {
  judgeRevocation,
  noEvidence,
  type RevocationEvidence,
} from '../../../src/pki/revocation/revocation-judgement.ts';
import { revocationDefaults } from '../../../src/pki/revocation/revocation-status.ts';
import { tellFinding, type Finding } from '../../../src/story/finding.ts';

/** Runs the cases of x509-limbo files (schema version 1). */

export type LimboResult = 'SUCCESS' | 'FAILURE';

interface LimboPeer {
  readonly kind: 'DNS' | 'IP' | 'RFC822';
  readonly value: string;
}

/** A case as the schema has it; what has a default there may be left out. */
export interface LimboCase {
  readonly id: string;
  readonly validation_kind: 'SERVER' | 'CLIENT';
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time?: string | null;
  readonly signature_algorithms: readonly string[];
  readonly key_usage: readonly KeyUsageName[];
  readonly extended_key_usage: readonly string[];
  readonly expected_result: LimboResult;
  readonly expected_peer_name?: LimboPeer | null;
  readonly expected_peer_names: readonly LimboPeer[];
  readonly max_chain_depth?: number | null;
  readonly crls?: readonly string[];
}

/** What came out of one case, and why. */
export interface LimboOutcome {
  readonly got: LimboResult;
  readonly reason: string;
}

export function readLimboFile(file: string): LimboCase[] {
  const content = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8');
  const { version, testcases } = JSON.parse(text) as { version: number; testcases: LimboCase[] };
  if (version !== 1) throw new Error(`${file}: limbo schema version ${version} is not known`);
  return testcases;
}

/**
 * The rule book that a case is about, by its namespace. The same chain is good in one and bad in the other (a CA
 * certificate as leaf, a leaf without extKeyUsage, non-critical name constraints), and cases of both say so of each other.
 * `online` (chains of public sites as they are served) and `bettertls` (what TLS clients in use should do) ask what a
 * browser would say.
 */
export function ruleBookOf(id: string): { profile: Profile; conformance: Conformance } {
  const [namespace] = id.split('::');
  if (namespace === 'online' || namespace === 'bettertls') return { profile: 'webpki', conformance: 'common' };
  return { profile: namespace === 'webpki' ? 'webpki' : 'rfc5280', conformance: 'strict' };
}

export function runLimboCase(testcase: LimboCase, nowMs: number): LimboOutcome {
  const leaf = readCertificate(testcase.peer_certificate);
  if (typeof leaf === 'string') return { got: 'FAILURE', reason: `leaf: ${leaf}` };
  const trusted = readAll(testcase.trusted_certs);
  const untrusted = readAll(testcase.untrusted_intermediates);
  const anchors = new TrustAnchors(trusted);
  const timeMs = testcase.validation_time == null ? nowMs : Date.parse(testcase.validation_time);
  const rules = ruleBookOf(testcase.id);
  const wanted = [testcase.expected_peer_name, ...testcase.expected_peer_names].filter((peer) => peer != null);
  const peers: PeerName[] = [];
  for (const { kind, value } of wanted) {
    const peer = readPeer({ kind, value });
    if (peer === undefined) return { got: 'FAILURE', reason: `the expected peer name "${value}" is none` };
    peers.push(peer);
  }
  const choose = testcase.validation_kind === 'SERVER' ? serverPolicy : clientPolicy;
  const policy = choose({
    ...rules,
    timeMs,
    peers,
    keyUsages: testcase.key_usage,
    maxIntermediates: testcase.max_chain_depth ?? undefined,
    ...(testcase.extended_key_usage.length > 0 && { purposes: testcase.extended_key_usage.map(purposeOf) }),
    ...(testcase.signature_algorithms.length > 0 && {
      acceptsSignature: (scheme: SignatureScheme) => testcase.signature_algorithms.includes(limboName(scheme)),
    }),
  });
  const verdict = verifyPath(leaf, untrusted, anchors, policy);
  if (!verdict.ok) return { got: 'FAILURE', reason: tell(verdict.reasons) };
  const crls = readCrls(testcase.crls ?? []);
  if (typeof crls === 'string') return { got: 'FAILURE', reason: crls };
  const settings = { ...revocationDefaults, mode: 'soft', timeMs, conformance: rules.conformance } as const;
  const pool = [...untrusted, ...trusted];
  const signerPolicy: PathPolicy = { ...policy, profile: 'rfc5280', purposes: [], peers: [], keyUsages: [] };
  const evidence: RevocationEvidence = {
    ...noEvidence,
    crls,
    crlSigners: pool,
    trustsCrlSigner: (signer) => verifyPath(signer, pool, anchors, signerPolicy).ok,
  };
  const revocation = judgeRevocation(verdict.path, evidence, settings);
  if (!revocation.ok) return { got: 'FAILURE', reason: tell(revocation.reasons) };
  // RFC 5280 section 6.1.3 (a) (3): the certificate is not revoked at the current time. A list that is given and speaks
  // about the certificate, but is of another time, does not show that; no list at all leaves it to other means.
  const dated = revocation.statuses.flatMap(({ kind, problems }) => (kind === 'unknown' ? problems : []));
  if (dated.length > 0) return { got: 'FAILURE', reason: tell(dated) };
  return { got: 'SUCCESS', reason: `path of ${verdict.path.length}` };
}

const tell = (reasons: readonly Finding[]): string =>
  reasons.map((reason) => `${reason.code}: ${tellFinding(reason, 'en').cause}`).join(' ');

function readPem(text: string): Uint8Array | string {
  const pem = parsePem(text);
  if (!pem.ok) return pem.problem;
  return pem.blocks[0]?.bytes ?? 'no PEM block';
}

function readCertificate(text: string): Certificate | string {
  const bytes = readPem(text);
  if (typeof bytes === 'string') return bytes;
  const parsed = parseCertificate(bytes);
  if (parsed.ok) return parsed.value;
  const { problem, field, offset } = parsed.error;
  return `${problem} in ${field} at ${offset}`;
}

/** Certificates that cannot be read are of no use to any path, and do not keep others from being used. */
function readAll(texts: readonly string[]): Certificate[] {
  return texts.map(readCertificate).filter((certificate) => typeof certificate !== 'string');
}

function readCrls(texts: readonly string[]): CertificateList[] | string {
  const crls: CertificateList[] = [];
  for (const text of texts) {
    const bytes = readPem(text);
    if (typeof bytes === 'string') return `CRL: ${bytes}`;
    const parsed = parseCrl(bytes);
    if (!parsed.ok) return `CRL: ${parsed.error.problem} in ${parsed.error.field} at ${parsed.error.offset}`;
    crls.push(parsed.value);
  }
  return crls;
}

function readPeer({ kind, value }: LimboPeer): PeerName | undefined {
  const peer = kind === 'RFC822' ? parseMailbox(value) : parseHost(value);
  const wanted = { DNS: 'dns', IP: 'ip', RFC822: 'email' }[kind];
  return peer?.kind === wanted ? peer : undefined;
}

const purposes: Readonly<Record<string, string>> = {
  anyExtendedKeyUsage: Oid.anyExtendedKeyUsage,
  serverAuth: Oid.serverAuth,
  clientAuth: Oid.clientAuth,
  codeSigning: Oid.codeSigning,
  emailProtection: Oid.emailProtection,
  timeStamping: Oid.timeStamping,
  OCSPSigning: Oid.ocspSigning,
};

const purposeOf = (name: string): string => purposes[name] ?? name;

/** A signature scheme by the schema's name for it. */
function limboName(scheme: SignatureScheme): string {
  if (scheme.kind === 'unknown') return scheme.oid;
  if (scheme.kind === 'rsa-pss') return 'RSASSA_PSS';
  if (scheme.kind === 'rsa-pkcs1') return `RSA_WITH_${scheme.hash.toUpperCase()}`;
  if ('hash' in scheme) return `${scheme.kind.toUpperCase()}_WITH_${scheme.hash.toUpperCase()}`;
  return scheme.kind.toUpperCase();
}
