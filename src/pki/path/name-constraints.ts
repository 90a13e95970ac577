import type { Certificate } from '../../codec/x509/certificate.ts';
import type { GeneralSubtree } from '../../codec/x509/extension-values.ts';
import type { GeneralName, GeneralNameKind } from '../../codec/x509/general-name.ts';
import { attributeValues, comparableRdn } from '../../codec/x509/name.ts';
import { Oid } from '../../codec/x509/oid.ts';
import { dnsNameProblem, isHostName } from '../names/dns-name.ts';
import { formatIpAddress, parseIpAddress } from '../names/ip-address.ts';
import { formatGeneralName } from '../names/peer-name.ts';
import { isSelfIssued } from './identity.ts';
import { certificateLabel, type ReasonList } from './reason.ts';

/**
 * Name constraints (RFC 5280 sections 4.2.1.10 and 6.1.4 (g)): every CA's constraints are held against the names of
 * every certificate below it, self-issued ones excepted unless they are the leaf. Since each CA is looked at by itself,
 * permitted subtrees intersect and excluded ones add up.
 */
export function checkNameConstraints(
  path: readonly Certificate[],
  spend: (comparisons: number) => boolean,
  reasons: ReasonList,
): void {
  for (let upper = path.length - 1; upper > 0; upper--) {
    const issuer = path[upper];
    const constraints = issuer?.extensions.known.nameConstraints?.value;
    if (issuer === undefined || constraints === undefined) continue;
    const { permitted, excluded } = constraints;
    if (!checkSubtrees(issuer, upper, [...permitted, ...excluded], reasons)) continue;
    for (let lower = upper - 1; lower >= 0; lower--) {
      const certificate = path[lower];
      if (certificate === undefined || (lower > 0 && isSelfIssued(certificate))) continue;
      const names = constrainedNames(certificate);
      const attributes = certificate.subject.rdns.length;
      if (!spend((names.length + attributes) * (permitted.length + excluded.length))) return;
      for (const name of names) {
        const found = judgeName(name, permitted, excluded);
        if (found === undefined) continue;
        reasons.add(found.code, lower, certificate, {
          issuer: certificateLabel(issuer),
          name: formatGeneralName(name),
          form: name.kind,
          constraint: found.constraint === undefined ? '' : formatSubtree(found.constraint),
        });
      }
    }
  }
}

type Verdict = {
  readonly code:
    | 'certificate-name-excluded'
    | 'certificate-name-not-permitted'
    | 'certificate-name-constraint-unsupported';
  readonly constraint?: GeneralSubtree;
};

const comparable: ReadonlySet<GeneralNameKind> = new Set<GeneralNameKind>(['dns', 'email', 'uri', 'ip', 'directory']);

function judgeName(
  name: GeneralName,
  permitted: readonly GeneralSubtree[],
  excluded: readonly GeneralSubtree[],
): Verdict | undefined {
  const sameKind = (subtree: GeneralSubtree): boolean => subtree.base.kind === name.kind;
  const allowed = permitted.filter(sameKind);
  const forbidden = excluded.filter(sameKind);
  if (allowed.length === 0 && forbidden.length === 0) return undefined;
  // "Either process the constraint or reject the certificate", also where the distances are not the RFC's 0 and none.
  const plain = [...allowed, ...forbidden].every(({ minimum, maximum }) => minimum === 0 && maximum === undefined);
  if (!comparable.has(name.kind) || !plain) return { code: 'certificate-name-constraint-unsupported' };
  // A name that cannot be read might mean anything: it lies in no permitted and in every excluded subtree.
  if (!isReadable(name)) return { code: 'certificate-name-not-permitted' };
  const hit = forbidden.find(({ base }) => mayLieWithin(name, base));
  if (hit !== undefined) return { code: 'certificate-name-excluded', constraint: hit };
  if (allowed.length > 0 && !allowed.some(({ base }) => liesWithin(name, base)))
    return { code: 'certificate-name-not-permitted' };
  return undefined;
}

/** The subject where there is one, every subjectAltName, and the subject's mailboxes where there is no subjectAltName. */
function constrainedNames(certificate: Certificate): GeneralName[] {
  const { subject } = certificate;
  const names: GeneralName[] = [];
  if (subject.rdns.length > 0)
    names.push({ kind: 'directory', value: subject, start: subject.start, end: subject.end });
  const alternative = certificate.extensions.known.subjectAltName?.value;
  if (alternative !== undefined) return names.concat(alternative);
  for (const { value, start, end } of attributeValues(subject, Oid.emailAddress))
    names.push({ kind: 'email', value, start, end });
  return names;
}

function isReadable(name: GeneralName): boolean {
  if (name.kind === 'dns') return dnsNameProblem(name.value) !== 'malformed';
  if (name.kind === 'email') return splitMailbox(name.value) !== undefined;
  return name.kind !== 'uri' || uriHost(name.value) !== undefined;
}

/** Whether every host that the name stands for lies within the subtree. */
function liesWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'dns' && base.kind === 'dns')
    return isWithinDomain(name.value.startsWith('*.') ? name.value.slice(2) : name.value, base.value);
  if (name.kind === 'ip' && base.kind === 'ip') return isWithinNetwork(name.value, base.value);
  if (name.kind === 'email' && base.kind === 'email') return isMailboxWithin(name.value, base.value);
  if (name.kind === 'uri' && base.kind === 'uri') return isHostWithin(uriHost(name.value) ?? '', base.value);
  if (name.kind === 'directory' && base.kind === 'directory') {
    const { rdns } = base.value;
    return (
      rdns.length <= name.value.rdns.length &&
      rdns.every((rdn, index) => comparableRdn(rdn) === comparableRdn(name.value.rdns[index] ?? []))
    );
  }
  return false;
}

/** Whether some host that the name stands for lies within the subtree: `*.example.com` may be `secret.example.com`. */
function mayLieWithin(name: GeneralName, base: GeneralName): boolean {
  if (liesWithin(name, base)) return true;
  if (name.kind !== 'dns' || base.kind !== 'dns' || !name.value.startsWith('*.')) return false;
  const domain = base.value.toLowerCase();
  const parent = domain.slice(domain.indexOf('.') + 1);
  return domain.includes('.') && parent === name.value.slice(2).toLowerCase();
}

/** "Simply adding zero or more labels to the left-hand side"; a leading dot demands one label or more. */
function isWithinDomain(name: string, base: string): boolean {
  const host = name.toLowerCase();
  const domain = base.toLowerCase();
  if (domain === '') return true;
  if (domain.startsWith('.')) return host.endsWith(domain) && host.length > domain.length;
  return host === domain || host.endsWith(`.${domain}`);
}

/** An address and a mask of the same length. */
function isWithinNetwork(address: Uint8Array, base: Uint8Array): boolean {
  if (base.length !== address.length * 2) return false;
  return address.every((octet, i) => {
    const mask = base[address.length + i] ?? 0;
    return (octet & mask) === ((base[i] ?? 0) & mask);
  });
}

/** A mailbox, all mailboxes of a host, or with a leading dot all of a domain's hosts. */
function isMailboxWithin(name: string, base: string): boolean {
  const mailbox = splitMailbox(name);
  if (mailbox === undefined) return false;
  const wanted = splitMailbox(base);
  if (wanted !== undefined) return mailbox.localPart === wanted.localPart && mailbox.host === wanted.host;
  return isHostWithin(mailbox.host, base);
}

/** The rule for URIs, and for mailboxes without their local part: the host itself, or with a leading dot all below it. */
function isHostWithin(host: string, base: string): boolean {
  const domain = base.toLowerCase();
  return domain.startsWith('.') ? host.endsWith(domain) && host.length > domain.length : host === domain;
}

/** Local parts are compared as they are, `*` included: constraints know no wildcards. */
function splitMailbox(text: string): { localPart: string; host: string } | undefined {
  const [localPart, host, ...rest] = text.split('@');
  if (localPart === undefined || localPart === '' || host === undefined || rest.length > 0) return undefined;
  return isHostName(host) ? { localPart, host: host.toLowerCase() } : undefined;
}

/**
 * The host of a URI's authority, which has to be a full host name: a URI without one, or with an address, is rejected
 * where URIs are constrained (section 4.2.1.10).
 */
function uriHost(text: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1];
  if (authority === undefined) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  return isHostName(host) && parseIpAddress(host) === undefined ? host.toLowerCase() : undefined;
}

/** Checks that the constraints themselves are well-formed; false where they cannot be applied. */
function checkSubtrees(
  issuer: Certificate,
  position: number,
  subtrees: readonly GeneralSubtree[],
  reasons: ReasonList,
): boolean {
  let usable = true;
  for (const subtree of subtrees) {
    const { base } = subtree;
    const hasLeadingDot = base.kind === 'dns' && base.value.startsWith('.');
    if (hasLeadingDot && isHostName(base.value.slice(1))) {
      const constraint = base.value;
      reasons.add('certificate-name-constraint-leading-dot', position, issuer, { constraint });
    } else if (!isWellFormed(base)) {
      const constraint = formatSubtree(subtree);
      reasons.add('certificate-name-constraint-malformed', position, issuer, { constraint });
      usable = false;
    }
  }
  return usable;
}

function isWellFormed(base: GeneralName): boolean {
  if (base.kind === 'dns') return base.value === '' || isHostName(base.value);
  if (base.kind === 'ip') return isNetworkMask(base.value.subarray(base.value.length / 2));
  if (base.kind === 'email' && base.value.includes('@')) return splitMailbox(base.value) !== undefined;
  if (base.kind === 'email' || base.kind === 'uri')
    return isHostName(base.value.startsWith('.') ? base.value.slice(1) : base.value);
  return true;
}

/** Ones, then zeros (RFC 4632 section 3.1). */
function isNetworkMask(mask: Uint8Array): boolean {
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return !bits.includes('01');
}

function formatSubtree({ base }: GeneralSubtree): string {
  if (base.kind !== 'ip') return formatGeneralName(base);
  const half = base.value.length / 2;
  return `${formatIpAddress(base.value.subarray(0, half))}/${formatIpAddress(base.value.subarray(half))}`;
}
