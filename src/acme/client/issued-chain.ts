/** Whether what a CA handed out is what was ordered. Nothing is believed: key, names, dates and signatures are looked at. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { rangeOf, sameBytes } from '../../codec/der/octets.ts';
import { parseCertificate, type Certificate } from '../../codec/x509/certificate.ts';
import { attributeValues, comparableName } from '../../codec/x509/name.ts';
import { Oid } from '../../codec/x509/oid.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import { isSignedBy } from '../../pki/path/signature.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { isNamedBy } from '../identifier.ts';
import type { Identifier } from '../issuer.ts';

export interface IssuedChain {
  /** The leaf first; each certificate signed by the next. */
  readonly certificates: readonly Certificate[];
  readonly pem: string;
}

export type ChainOutcome =
  | { readonly ok: true; readonly chain: IssuedChain }
  | { readonly ok: false; readonly finding: Finding };

export interface ExpectedCertificate {
  readonly issuer: string;
  readonly identifiers: readonly Identifier[];
  readonly privateKey: KeyObject;
  readonly nowMs: number;
}

/** Chains in use hold two to four certificates. */
const MAX_CERTIFICATES = 10;
/** A CA whose clock is ahead of ours by less is no liar. */
const CLOCK_SKEW_MS = 3_600_000;

/** Reads every certificate of a PEM text; undefined where it is not PEM, or holds something malformed or too much. */
export function readChain(pem: string): readonly Certificate[] | undefined {
  const blocks = parsePem(pem);
  if (!blocks.ok || blocks.blocks.length === 0 || blocks.blocks.length > MAX_CERTIFICATES) return undefined;
  const certificates: Certificate[] = [];
  for (const { label, bytes } of blocks.blocks) {
    const read = label === 'CERTIFICATE' ? parseCertificate(bytes) : undefined;
    if (read?.ok !== true) return undefined;
    certificates.push(read.value);
  }
  return certificates;
}

/** Judges a downloaded chain (RFC 8555 section 9.1: PEM, leaf first, each certifying the one before). */
export function judgeChain(pem: string, expected: ExpectedCertificate): ChainOutcome {
  const { issuer, identifiers, privateKey, nowMs } = expected;
  const refuse = (found: Finding): ChainOutcome => ({ ok: false, finding: found });
  const certificates = readChain(pem);
  const leaf = certificates?.[0];
  if (certificates === undefined || leaf === undefined)
    return refuse(finding('acme-certificate-malformed', { issuer }));
  const ours = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  if (!sameBytes(rangeOf(leaf.bytes, leaf.publicKey), ours)) {
    return refuse(finding('acme-certificate-foreign-key', { issuer }));
  }
  const names = leaf.extensions.known.subjectAltName?.value ?? [];
  const missing = identifiers.filter((identifier) => !names.some((name) => isNamedBy(identifier, name)));
  if (missing.length > 0) {
    const list = missing.map(({ value }) => value).join(', ');
    return refuse(finding('acme-certificate-names-missing', { issuer, names: list }));
  }
  const { notBefore, notAfter } = leaf;
  if (notAfter.epochMs <= nowMs || notBefore.epochMs > nowMs + CLOCK_SKEW_MS) {
    const from = new Date(notBefore.epochMs).toISOString();
    const until = new Date(notAfter.epochMs).toISOString();
    return refuse(finding('acme-certificate-dates', { issuer, from, until, now: new Date(nowMs).toISOString() }));
  }
  const usages = leaf.extensions.known.extKeyUsage?.value;
  const isServer = usages === undefined || usages.includes(Oid.serverAuth);
  if (!isServer || leaf.extensions.known.basicConstraints?.value.cA === true) {
    return refuse(finding('acme-certificate-purpose', { issuer }));
  }
  const linked = linkChain(leaf, certificates.slice(1));
  // A leaf alone is what a CA without intermediates sends; one that belongs to nothing of what came with it is not.
  if (linked.length === 1 && certificates.length > 1) return refuse(finding('acme-chain-broken', { issuer }));
  return { ok: true, chain: { certificates: linked, pem: encodeChain(linked) } };
}

/** The leaf and above it, one by one, whoever signed; what belongs to nothing is left out. */
function linkChain(leaf: Certificate, others: readonly Certificate[]): Certificate[] {
  const chain = [leaf];
  const left = [...others];
  for (let top = leaf; ;) {
    const index = left.findIndex(
      (one) => comparableName(one.subject) === comparableName(top.issuer) && isSignedBy(top, one),
    );
    const [issuer] = index < 0 ? [] : left.splice(index, 1);
    if (issuer === undefined) return chain;
    chain.push(issuer);
    top = issuer;
  }
}

export function encodeChain(certificates: readonly Certificate[]): string {
  return certificates
    .map(({ bytes }) => {
      const lines =
        Buffer.from(bytes)
          .toString('base64')
          .match(/.{1,64}/g) ?? [];
      return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
    })
    .join('');
}

/** Whether a chain ends in the root, or goes through the issuer, that `commonName` names. */
export function endsIn(chain: IssuedChain, commonName: string): boolean {
  return chain.certificates.some(({ issuer }) =>
    attributeValues(issuer, Oid.commonName).some(({ value }) => value === commonName),
  );
}
