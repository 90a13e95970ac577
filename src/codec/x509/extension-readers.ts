import type { DerReader } from '../der/der-reader.ts';
import { contextConstructed, contextPrimitive, Tag } from '../der/der-tag.ts';
import {
  keyUsageNames,
  revocationReasons,
  type AccessDescription,
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type DistributionPoint,
  type DistributionPointName,
  type ExtensionName,
  type ExtensionValues,
  type GeneralSubtree,
  type IssuingDistributionPoint,
  type KeyUsageName,
  type NameConstraints,
  type PolicyConstraints,
  type PolicyInformation,
  type PolicyMapping,
  type ReasonFlags,
  type RevocationReason,
} from './extension-values.ts';
import { readGeneralName, readGeneralNames, requireAddressLengths, type GeneralName } from './general-name.ts';
import { hex, readRdn } from './name.ts';
import { Oid } from './oid.ts';

type ReadValue<N extends ExtensionName> = (reader: DerReader) => ExtensionValues[N];

/** The reader of an extension's value, and the name under which the value is kept. */
export type ExtensionReader = {
  readonly [N in ExtensionName]: { readonly name: N; readonly read: ReadValue<N> };
}[ExtensionName];

const entry = <N extends ExtensionName>(
  oid: string,
  name: N,
  read: ReadValue<N>,
): [string, { name: N; read: ReadValue<N> }] => [oid, { name, read }];

/** Readers by the extension's identifier. Each reads the content of the extnValue OCTET STRING to its end. */
export const extensionReaders: ReadonlyMap<string, ExtensionReader> = new Map<string, ExtensionReader>([
  entry(Oid.authorityKeyIdentifier, 'authorityKeyIdentifier', readAuthorityKeyIdentifier),
  entry(Oid.subjectKeyIdentifier, 'subjectKeyIdentifier', (reader) => {
    const element = reader.octetString('');
    if (element.end === element.contentStart) reader.fail('empty-not-allowed', '', element.contentStart);
    return hex(reader.content(element));
  }),
  entry(Oid.keyUsage, 'keyUsage', readKeyUsage),
  entry(Oid.certificatePolicies, 'certificatePolicies', readCertificatePolicies),
  entry(Oid.policyMappings, 'policyMappings', (reader) => readList(reader, readPolicyMapping)),
  entry(Oid.subjectAltName, 'subjectAltName', readAltName),
  entry(Oid.issuerAltName, 'issuerAltName', readAltName),
  entry(Oid.basicConstraints, 'basicConstraints', readBasicConstraints),
  entry(Oid.nameConstraints, 'nameConstraints', readNameConstraints),
  entry(Oid.policyConstraints, 'policyConstraints', readPolicyConstraints),
  entry(Oid.extKeyUsage, 'extKeyUsage', (reader) => readList(reader, (list) => list.oid('keyPurposeId'))),
  entry(Oid.cRLDistributionPoints, 'cRLDistributionPoints', (reader) => readList(reader, readDistributionPoint)),
  entry(Oid.freshestCRL, 'freshestCRL', (reader) => readList(reader, readDistributionPoint)),
  entry(Oid.inhibitAnyPolicy, 'inhibitAnyPolicy', (reader) => reader.smallInteger('')),
  entry(Oid.authorityInfoAccess, 'authorityInfoAccess', (reader) => readList(reader, readAccessDescription)),
  entry(Oid.subjectInfoAccess, 'subjectInfoAccess', (reader) => readList(reader, readAccessDescription)),
  entry(Oid.tlsFeature, 'tlsFeature', (reader) => readList(reader, (list) => list.smallInteger('feature'))),
  entry(Oid.signedCertificateTimestamps, 'signedCertificateTimestamps', (reader) =>
    reader.content(reader.octetString('')),
  ),
  entry(Oid.acmeIdentifier, 'acmeIdentifier', readAcmeIdentifier),
  entry(Oid.ocspNoCheck, 'ocspNoCheck', (reader) => {
    reader.null('');
    return null;
  }),
  entry(Oid.cRLNumber, 'cRLNumber', (reader) => readNumber(reader)),
  entry(Oid.deltaCRLIndicator, 'deltaCRLIndicator', (reader) => readNumber(reader)),
  entry(Oid.issuingDistributionPoint, 'issuingDistributionPoint', readIssuingDistributionPoint),
  entry(Oid.reasonCode, 'reasonCode', readReasonCode),
  entry(Oid.invalidityDate, 'invalidityDate', (reader) => reader.generalizedTime('')),
  entry(Oid.certificateIssuer, 'certificateIssuer', (reader) => readGeneralNames(reader.sequence(''))),
  entry(Oid.ocspNonce, 'ocspNonce', (reader) => reader.content(reader.octetString(''))),
]);

/** A SEQUENCE SIZE (1..MAX) OF something. */
function readList<T>(reader: DerReader, readOne: (list: DerReader) => T): T[] {
  const list = reader.sequence('');
  if (list.atEnd) list.fail('empty-not-allowed', '', list.position);
  const values: T[] = [];
  while (!list.atEnd) values.push(readOne(list));
  return values;
}

/** A non-negative INTEGER of any size, in hexadecimal without leading zeros beyond the first octet's. */
function readNumber(reader: DerReader): string {
  const element = reader.integer('');
  const content = reader.content(element);
  if ((content[0] ?? 0) >= 0x80) reader.fail('integer-out-of-range', '', element.contentStart);
  return hex(content[0] === 0 && content.length > 1 ? content.subarray(1) : content);
}

function readAltName(reader: DerReader): GeneralName[] {
  const sequence = reader.sequence('');
  const names = readGeneralNames(sequence);
  requireAddressLengths(sequence, names, 1);
  return names;
}

function readAuthorityKeyIdentifier(reader: DerReader): AuthorityKeyIdentifier {
  const sequence = reader.sequence('');
  let keyIdentifier: string | undefined;
  let authorityCertIssuer: GeneralName[] | undefined;
  let authorityCertSerialNumber: string | undefined;
  if (sequence.peek() === contextPrimitive(0)) keyIdentifier = hex(sequence.content(sequence.element('keyIdentifier')));
  const issuer = sequence.optional(contextConstructed(1), 'authorityCertIssuer');
  if (issuer !== undefined) authorityCertIssuer = readGeneralNames(issuer);
  if (sequence.peek() === contextPrimitive(2))
    authorityCertSerialNumber = hex(
      sequence.content(sequence.integer('authorityCertSerialNumber', contextPrimitive(2))),
    );
  sequence.finish();
  return { keyIdentifier, authorityCertIssuer, authorityCertSerialNumber };
}

function readKeyUsage(reader: DerReader): ReadonlySet<KeyUsageName> {
  const bits = reader.namedBits('');
  return new Set(keyUsageNames.filter((_, index) => (bits & (1 << index)) !== 0));
}

function readCertificatePolicies(reader: DerReader): PolicyInformation[] {
  const seen = new Set<string>();
  return readList(reader, (list) => {
    const start = list.position;
    const sequence = list.sequence('policyInformation');
    const policy = sequence.oid('policyIdentifier');
    // "A certificate policy OID MUST NOT appear more than once" (section 4.2.1.4).
    if (seen.has(policy)) list.fail('duplicate', 'policyIdentifier', start);
    seen.add(policy);
    const qualifiers: string[] = [];
    if (!sequence.atEnd) {
      const qualifierList = sequence.sequence('policyQualifiers');
      if (qualifierList.atEnd) qualifierList.fail('empty-not-allowed', '', qualifierList.position);
      while (!qualifierList.atEnd) {
        const info = qualifierList.sequence('policyQualifierInfo');
        qualifiers.push(info.oid('policyQualifierId'));
        info.element('qualifier');
        info.finish();
      }
    }
    sequence.finish();
    return { policy, qualifiers };
  });
}

function readPolicyMapping(list: DerReader): PolicyMapping {
  const sequence = list.sequence('mapping');
  const issuerDomainPolicy = sequence.oid('issuerDomainPolicy');
  const subjectDomainPolicy = sequence.oid('subjectDomainPolicy');
  sequence.finish();
  return { issuerDomainPolicy, subjectDomainPolicy };
}

function readBasicConstraints(reader: DerReader): BasicConstraints {
  const sequence = reader.sequence('');
  const cA = sequence.peek() === Tag.boolean ? sequence.boolean('cA') : false;
  const pathLenConstraint = sequence.atEnd ? undefined : sequence.smallInteger('pathLenConstraint');
  sequence.finish();
  return { cA, pathLenConstraint };
}

function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  const sequence = reader.sequence('');
  if (sequence.atEnd) sequence.fail('empty-not-allowed', '', sequence.position);
  const skip = (number: number, name: string): number | undefined =>
    sequence.peek() === contextPrimitive(number) ? sequence.smallInteger(name, contextPrimitive(number)) : undefined;
  const requireExplicitPolicy = skip(0, 'requireExplicitPolicy');
  const inhibitPolicyMapping = skip(1, 'inhibitPolicyMapping');
  sequence.finish();
  return { requireExplicitPolicy, inhibitPolicyMapping };
}

/** Both lists may not be missing, and a list that is there may not be empty (section 4.2.1.10). */
function readNameConstraints(reader: DerReader): NameConstraints {
  const sequence = reader.sequence('');
  if (sequence.atEnd) sequence.fail('empty-not-allowed', '', sequence.position);
  const permitted = readSubtrees(sequence, 0, 'permittedSubtrees');
  const excluded = readSubtrees(sequence, 1, 'excludedSubtrees');
  sequence.finish();
  return { permitted, excluded };
}

function readSubtrees(sequence: DerReader, number: number, field: string): GeneralSubtree[] {
  const list = sequence.optional(contextConstructed(number), field);
  if (list === undefined) return [];
  if (list.atEnd) list.fail('empty-not-allowed', '', list.position);
  const subtrees: GeneralSubtree[] = [];
  while (!list.atEnd) {
    const subtree = list.sequence(`subtree[${subtrees.length}]`);
    const base = readGeneralName(subtree, 'base');
    requireAddressLengths(subtree, [base], 2);
    const minimum = subtree.peek() === contextPrimitive(0) ? subtree.smallInteger('minimum', contextPrimitive(0)) : 0;
    const maximum =
      subtree.peek() === contextPrimitive(1) ? subtree.smallInteger('maximum', contextPrimitive(1)) : undefined;
    subtree.finish();
    subtrees.push({ base, minimum, maximum });
  }
  return subtrees;
}

function readAccessDescription(list: DerReader): AccessDescription {
  const sequence = list.sequence('accessDescription');
  const method = sequence.oid('accessMethod');
  const location = readGeneralName(sequence, 'accessLocation');
  sequence.finish();
  return { method, location };
}

function readDistributionPoint(list: DerReader): DistributionPoint {
  const sequence = list.sequence('distributionPoint');
  const name = readDistributionPointName(sequence);
  const reasons = readReasons(sequence, 1, 'reasons');
  const issuer = sequence.optional(contextConstructed(2), 'cRLIssuer');
  const cRLIssuer = issuer === undefined ? undefined : readGeneralNames(issuer);
  sequence.finish();
  return { name, reasons, cRLIssuer };
}

/** `distributionPoint [0]`, whose CHOICE makes the tag explicit: a0 then a0 (fullName) or a1 (relative). */
function readDistributionPointName(sequence: DerReader): DistributionPointName | undefined {
  const wrapper = sequence.optional(contextConstructed(0), 'distributionPoint');
  if (wrapper === undefined) return undefined;
  const full = wrapper.optional(contextConstructed(0), 'fullName');
  const name: DistributionPointName =
    full === undefined
      ? { kind: 'relative', rdn: readRdn(wrapper.enter(contextConstructed(1), 'nameRelativeToCRLIssuer')) }
      : { kind: 'full', names: readGeneralNames(full) };
  wrapper.finish();
  return name;
}

function readReasons(sequence: DerReader, number: number, field: string): ReasonFlags | undefined {
  return sequence.peek() === contextPrimitive(number) ? sequence.namedBits(field, contextPrimitive(number)) : undefined;
}

function readIssuingDistributionPoint(reader: DerReader): IssuingDistributionPoint {
  const sequence = reader.sequence('');
  const flag = (number: number, field: string): boolean => {
    if (sequence.peek() !== contextPrimitive(number)) return false;
    const element = sequence.element(field);
    const content = sequence.content(element);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))
      sequence.fail('boolean-not-canonical', field, element.contentStart);
    return content[0] === 0xff;
  };
  const name = readDistributionPointName(sequence);
  const onlyContainsUserCerts = flag(1, 'onlyContainsUserCerts');
  const onlyContainsCACerts = flag(2, 'onlyContainsCACerts');
  const onlySomeReasons = readReasons(sequence, 3, 'onlySomeReasons');
  const indirectCRL = flag(4, 'indirectCRL');
  const onlyContainsAttributeCerts = flag(5, 'onlyContainsAttributeCerts');
  sequence.finish();
  return {
    name,
    onlyContainsUserCerts,
    onlyContainsCACerts,
    onlySomeReasons,
    indirectCRL,
    onlyContainsAttributeCerts,
  };
}

function readReasonCode(reader: DerReader): RevocationReason {
  const start = reader.position;
  const reason = revocationReasons[reader.smallInteger('', Tag.enumerated)];
  if (reason === undefined || reason === 'unused') reader.fail('value-not-allowed', '', start);
  return reason;
}

function readAcmeIdentifier(reader: DerReader): Uint8Array {
  const element = reader.octetString('');
  if (element.end - element.contentStart !== 32) reader.fail('value-not-allowed', '', element.contentStart);
  return reader.content(element);
}
