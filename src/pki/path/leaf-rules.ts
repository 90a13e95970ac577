import type { Certificate } from '../../codec/x509/certificate.ts';
import type { GeneralName } from '../../codec/x509/general-name.ts';
import type { KeyUsageName } from '../../codec/x509/extension-values.ts';
import { attributeValues } from '../../codec/x509/name.ts';
import { Oid, oidName } from '../../codec/x509/oid.ts';
import { dnsNameProblem } from '../names/dns-name.ts';
import { looksLikeIpAddress } from '../names/ip-address.ts';
import { formatGeneralName, formatPeer, matchesPeer, parseMailbox } from '../names/peer-name.ts';
import { publicSuffixKind } from '../names/public-suffix.ts';
import type { PathPolicy } from './path-policy.ts';
import type { ReasonList } from './reason.ts';

/** Names told in one message; certificates with hundreds exist. */
const NAMES_TOLD = 8;

/** What only the last certificate of the path has to fulfil: its names, its purpose, its place. */
export function checkLeaf(leaf: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  checkPlace(leaf, policy, reasons);
  checkKeyUsage(leaf, policy, reasons);
  checkNames(leaf, policy, reasons);
  checkPeers(leaf, policy, reasons);
  if (policy.profile === 'webpki') checkWebNames(leaf, reasons);
}

/** RFC 5280 sections 4.2.1.3, 4.2.1.9, 4.2.1.10; Baseline Requirements sections 7.1.2.7.6 to 7.1.2.7.11. */
function checkPlace(leaf: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  const { basicConstraints, extKeyUsage, keyUsage, nameConstraints } = leaf.extensions.known;
  const isCa = basicConstraints?.value.cA === true;
  const signs = keyUsage?.value.has('keyCertSign');
  if (!isCa && signs === true) reasons.add('certificate-key-usage-contradiction', 0, leaf);
  if (basicConstraints?.value.pathLenConstraint !== undefined && !(isCa && signs !== false))
    reasons.add('certificate-path-length-contradiction', 0, leaf);
  if (!isCa && nameConstraints !== undefined) reasons.add('certificate-name-constraints-in-leaf', 0, leaf);
  if (policy.profile !== 'webpki') return;
  if (isCa) reasons.add('certificate-leaf-is-ca', 0, leaf);
  if (extKeyUsage === undefined) reasons.add('certificate-purpose-missing', 0, leaf);
  else {
    if (extKeyUsage.critical)
      reasons.add('certificate-extension-must-not-be-critical', 0, leaf, { extension: 'extKeyUsage' });
    if (extKeyUsage.value.includes(Oid.anyExtendedKeyUsage)) reasons.add('certificate-purpose-any', 0, leaf);
  }
}

/** Key usages of which a TLS peer needs one (RFC 5280 section 4.2.1.12). */
const usagesOf: ReadonlyMap<string, readonly KeyUsageName[]> = new Map([
  [Oid.serverAuth, ['digitalSignature', 'keyEncipherment', 'keyAgreement']],
  [Oid.clientAuth, ['digitalSignature', 'keyAgreement']],
]);

function checkKeyUsage(leaf: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  const { extKeyUsage, keyUsage } = leaf.extensions.known;
  if (keyUsage === undefined) return;
  for (const usage of policy.keyUsages) {
    if (!keyUsage.value.has(usage)) reasons.add('certificate-key-usage-wrong', 0, leaf, { usage });
  }
  // The RFC ties the two extensions together only where both are present.
  if (extKeyUsage === undefined && policy.profile === 'rfc5280') return;
  for (const purpose of policy.purposes) {
    const usages = usagesOf.get(purpose) ?? [];
    if (usages.length > 0 && !usages.some((usage) => keyUsage.value.has(usage)))
      reasons.add('certificate-key-usage-wrong', 0, leaf, { usage: usages.join(' / ') });
  }
}

/** RFC 5280 section 4.2.1.6: what names have to look like. */
function checkNames(leaf: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  const alternative = leaf.extensions.known.subjectAltName;
  if (alternative === undefined) return;
  const hasSubject = leaf.subject.rdns.length > 0;
  if (!hasSubject && !alternative.critical)
    reasons.add('certificate-extension-must-be-critical', 0, leaf, { extension: 'subjectAltName' });
  // Baseline Requirements section 7.1.2.7.12; the RFC only says SHOULD.
  if (hasSubject && alternative.critical && policy.profile === 'webpki')
    reasons.add('certificate-extension-must-not-be-critical', 0, leaf, { extension: 'subjectAltName' });
  for (const name of alternative.value) {
    if (name.kind === 'dns') checkDnsName(leaf, name.value, reasons);
    else if (name.kind === 'email' && parseMailbox(name.value) === undefined)
      reasons.add('certificate-name-malformed', 0, leaf, { name: name.value, form: 'rfc822Name' });
  }
}

function checkDnsName(leaf: Certificate, name: string, reasons: ReasonList): void {
  switch (dnsNameProblem(name)) {
    case 'malformed':
      return reasons.add('certificate-name-malformed', 0, leaf, { name, form: 'dNSName' });
    case 'underscore':
      return reasons.add('certificate-name-underscore', 0, leaf, { name });
    case 'address':
      return reasons.add('certificate-address-as-name', 0, leaf, { name });
    case undefined:
      return undefined;
  }
}

/** RFC 9525 section 6: only subjectAltName counts, and every wanted name has to be there. */
function checkPeers(leaf: Certificate, policy: PathPolicy, reasons: ReasonList): void {
  if (policy.peers.length === 0) return;
  const alternative = leaf.extensions.known.subjectAltName?.value;
  if (alternative === undefined) return reasons.add('certificate-without-san', 0, leaf);
  for (const peer of policy.peers) {
    if (alternative.some((name) => matchesPeer(name, peer))) continue;
    const told = alternative.slice(0, NAMES_TOLD).map(formatGeneralName);
    if (alternative.length > NAMES_TOLD) told.push('…');
    reasons.add('certificate-name-mismatch', 0, leaf, { name: formatPeer(peer), names: told.join(', ') });
  }
}

/** Wildcards (Baseline Requirements section 3.2.2.6) and the common name (section 7.1.4.3). */
function checkWebNames(leaf: Certificate, reasons: ReasonList): void {
  const alternative = leaf.extensions.known.subjectAltName?.value ?? [];
  for (const name of alternative) {
    if (name.kind !== 'dns' || !(name.value === '*' || name.value.startsWith('*.'))) continue;
    // The root of the DNS is not on the list of public suffixes, and yet nobody's own.
    const suffix = name.value === '*' ? 'icann' : publicSuffixKind(name.value.slice(2).toLowerCase());
    if (suffix === undefined) continue;
    const code = suffix === 'icann' ? 'certificate-wildcard-too-wide' : 'certificate-wildcard-shared-domain';
    reasons.add(code, 0, leaf, { name: name.value });
  }
  checkCommonNames(leaf, alternative, reasons);
}

/**
 * A common name is a copy of a subjectAltName of its own kind: an address in its one text form, a host name or a wildcard
 * character for character. Where the certificate has no subjectAltName of a host name, other words are let through, which
 * may be meant as a name of the subject; nobody is called by an address or a wildcard.
 */
function checkCommonNames(leaf: Certificate, alternative: readonly GeneralName[], reasons: ReasonList): void {
  const commonNames = attributeValues(leaf.subject, Oid.commonName);
  if (commonNames.length === 0) return;
  const copies = { ip: new Set<string>(), host: new Set<string>(), wildcard: new Set<string>() };
  for (const name of alternative) {
    if (name.kind === 'ip') copies.ip.add(formatGeneralName(name));
    else if (name.kind === 'dns') copies[commonNameKind(name.value)].add(name.value);
  }
  for (const { value } of commonNames) {
    const kind = commonNameKind(value);
    const same = copies[kind];
    if ((same.size > 0 || kind !== 'host') && !same.has(value))
      reasons.add('certificate-common-name-not-in-san', 0, leaf, { name: value });
  }
}

const commonNameKind = (text: string): 'ip' | 'wildcard' | 'host' =>
  looksLikeIpAddress(text) ? 'ip' : text.startsWith('*.') ? 'wildcard' : 'host';

/** Extended key usage along the path: the leaf's has to allow the purpose, and so has every issuer's that lists any. */
export function checkPurposes(path: readonly Certificate[], policy: PathPolicy, reasons: ReasonList): void {
  for (const [position, certificate] of path.entries()) {
    const listed = certificate.extensions.known.extKeyUsage?.value;
    if (listed === undefined) continue;
    // Baseline Requirements section 7.1.2.1.2: root certificates hold no extKeyUsage.
    const isAnchor = position > 0 && position === path.length - 1;
    if (isAnchor && policy.profile === 'webpki') reasons.add('certificate-root-with-purpose', position, certificate);
    if (listed.includes(Oid.anyExtendedKeyUsage)) continue;
    for (const purpose of policy.purposes) {
      if (!listed.includes(purpose))
        reasons.add('certificate-purpose-wrong', position, certificate, {
          purpose: oidName(purpose),
          listed: listed.map(oidName).join(', '),
        });
    }
  }
}
