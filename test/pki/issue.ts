import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { contextConstructed, contextPrimitive, Tag } from '../../src/codec/der/der-tag.ts';
import { encodeElement, oidOctets } from '../../src/codec/der/der-writer.ts';
import { parseCertificate, type Certificate } from '../../src/codec/x509/certificate.ts';
import { keyUsageNames, type KeyUsageName } from '../../src/codec/x509/extension-values.ts';
import { Oid } from '../../src/codec/x509/oid.ts';

/** Makes certificates, CRLs and OCSP responses for tests, right ones and wrong ones, octet by octet. */

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => encodeElement(Tag.sequence, ...parts);
export const oid = (dotted: string): Uint8Array => encodeElement(Tag.objectIdentifier, oidOctets(dotted));
export const octetString = (content: Uint8Array): Uint8Array => encodeElement(Tag.octetString, content);
export const text = (tag: number, value: string): Uint8Array => encodeElement(tag, Buffer.from(value, 'utf8'));
export const boolean = (value: boolean): Uint8Array => encodeElement(Tag.boolean, Uint8Array.of(value ? 0xff : 0));
export const bitString = (content: Uint8Array): Uint8Array => encodeElement(Tag.bitString, Uint8Array.of(0), content);

/** INTEGER of a non-negative number, or of content octets as they are. */
export function integer(value: number | Uint8Array): Uint8Array {
  if (typeof value !== 'number') return encodeElement(Tag.integer, value);
  const hex = value.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return encodeElement(Tag.integer, (octets[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets);
}

/** UTCTime until 2049, GeneralizedTime from 2050. */
export function time(epochMs: number, generalized = new Date(epochMs).getUTCFullYear() >= 2050): Uint8Array {
  const digits = new Date(epochMs).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return generalized ? text(Tag.generalizedTime, `${digits}Z`) : text(Tag.utcTime, `${digits.slice(2)}Z`);
}

/** A name of common names and organizations: `{ CN: 'x', O: 'y' }`, in that order. */
export type NameParts = Readonly<Record<string, string>>;

const attributeTypes: Readonly<Record<string, string>> = {
  CN: Oid.commonName,
  O: Oid.organizationName,
  OU: Oid.organizationalUnitName,
  C: Oid.countryName,
  E: Oid.emailAddress,
};

export const name = (parts: NameParts, tag: number = Tag.utf8String): Uint8Array =>
  sequence(
    ...Object.entries(parts).map(([type, value]) =>
      encodeElement(
        Tag.set,
        sequence(oid(attributeTypes[type] ?? type), text(type === 'E' ? Tag.ia5String : tag, value)),
      ),
    ),
  );

export interface ExtensionSpec {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

export const extension = (id: string, value: Uint8Array, critical = false): ExtensionSpec => ({
  oid: id,
  critical,
  value,
});

/** `dns:host`, `ip:c0000201` (octets in hexadecimal), `email:a@b`, `uri:…`, `dn:CN value`, `other:1.2.3`. */
export function generalName(spec: string): Uint8Array {
  const colon = spec.indexOf(':');
  const value = spec.slice(colon + 1);
  switch (spec.slice(0, colon)) {
    case 'dns':
      return text(contextPrimitive(2), value);
    case 'email':
      return text(contextPrimitive(1), value);
    case 'uri':
      return text(contextPrimitive(6), value);
    case 'ip':
      return encodeElement(contextPrimitive(7), Buffer.from(value, 'hex'));
    case 'dn':
      return encodeElement(contextConstructed(4), name({ CN: value }));
    case 'other':
      return encodeElement(
        contextConstructed(0),
        oid(value),
        encodeElement(contextConstructed(0), text(Tag.utf8String, 'x')),
      );
    default:
      throw new Error(`no general name: ${spec}`);
  }
}

export const subjectAltName = (names: readonly string[], critical = false): ExtensionSpec =>
  extension(Oid.subjectAltName, sequence(...names.map(generalName)), critical);

export const basicConstraints = (cA: boolean, pathLength?: number, critical = true): ExtensionSpec =>
  extension(
    Oid.basicConstraints,
    sequence(...(cA ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    critical,
  );

export function keyUsage(usages: readonly KeyUsageName[], critical = true): ExtensionSpec {
  const bits = usages.map((usage) => keyUsageNames.indexOf(usage));
  const last = Math.max(...bits);
  const octets = new Uint8Array(1 + Math.floor(last / 8) + 1);
  octets[0] = 7 - (last % 8);
  for (const bit of bits) octets[1 + (bit >> 3)]! |= 0x80 >> (bit & 7);
  return extension(Oid.keyUsage, encodeElement(Tag.bitString, octets), critical);
}

export const extKeyUsage = (purposes: readonly string[], critical = false): ExtensionSpec =>
  extension(Oid.extKeyUsage, sequence(...purposes.map(oid)), critical);

export const subjectKeyIdentifier = (identifier: Uint8Array, critical = false): ExtensionSpec =>
  extension(Oid.subjectKeyIdentifier, octetString(identifier), critical);

export const authorityKeyIdentifier = (identifier: Uint8Array, critical = false): ExtensionSpec =>
  extension(Oid.authorityKeyIdentifier, sequence(encodeElement(contextPrimitive(0), identifier)), critical);

export function nameConstraints(
  permitted: readonly string[],
  excluded: readonly string[] = [],
  critical = true,
): ExtensionSpec {
  const list = (number: number, names: readonly string[]): Uint8Array[] =>
    names.length === 0
      ? []
      : [encodeElement(contextConstructed(number), ...names.map((base) => sequence(generalName(base))))];
  return extension(Oid.nameConstraints, sequence(...list(0, permitted), ...list(1, excluded)), critical);
}

export const certificatePolicies = (policies: readonly string[]): ExtensionSpec =>
  extension(Oid.certificatePolicies, sequence(...policies.map((policy) => sequence(oid(policy)))));

export const authorityInfoAccess = (method: string, url: string, critical = false): ExtensionSpec =>
  extension(Oid.authorityInfoAccess, sequence(sequence(oid(method), generalName(`uri:${url}`))), critical);

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** AlgorithmIdentifier of signatures that this key makes by default. */
  readonly algorithm: Uint8Array;
  readonly hash: string | null;
}

const nullValue = encodeElement(Tag.null);

export function ecKey(curve: 'P-256' | 'P-384' | 'P-521' | 'P-224' = 'P-256'): KeyPair {
  const pair = generateKeyPairSync('ec', { namedCurve: curve });
  const [id, hash] = {
    'P-224': ['1.2.840.10045.4.3.2', 'sha256'],
    'P-256': ['1.2.840.10045.4.3.2', 'sha256'],
    'P-384': ['1.2.840.10045.4.3.3', 'sha384'],
    'P-521': ['1.2.840.10045.4.3.4', 'sha512'],
  }[curve] as [string, string];
  return { ...pair, algorithm: sequence(oid(id)), hash };
}

export function rsaKey(bits: number): KeyPair {
  const pair = generateKeyPairSync('rsa', { modulusLength: bits });
  return { ...pair, algorithm: sequence(oid('1.2.840.113549.1.1.11'), nullValue), hash: 'sha256' };
}

export function edKey(kind: 'ed25519' | 'ed448'): KeyPair {
  const pair = kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448');
  return { ...pair, algorithm: sequence(oid(Oid[kind])), hash: null };
}

/** The same key, signing with SHA-1. */
export const withSha1 = (key: KeyPair): KeyPair => ({
  ...key,
  hash: 'sha1',
  algorithm:
    key.publicKey.asymmetricKeyType === 'rsa'
      ? sequence(oid('1.2.840.113549.1.1.5'), nullValue)
      : sequence(oid('1.2.840.10045.4.1')),
});

const keyPool: KeyPair[] = [];

/** One of a few P-256 keys, made once: tests need many certificates and few keys. */
export function pooledKey(index: number): KeyPair {
  return (keyPool[index] ??= ecKey());
}

export const signWith = (key: KeyPair, data: Uint8Array): Uint8Array => sign(key.hash, data, key.privateKey);

/** Wraps what is to be signed: the octets, the algorithm, the signature. */
export const signed = (tbs: Uint8Array, key: KeyPair, algorithm: Uint8Array = key.algorithm): Uint8Array =>
  sequence(tbs, algorithm, bitString(signWith(key, tbs)));

export interface CertificateSpec {
  readonly subject: NameParts;
  readonly issuer: NameParts;
  /** Key that the certificate is for. */
  readonly key: KeyPair;
  /** Key that signs. */
  readonly signer: KeyPair;
  readonly serial?: number | Uint8Array;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** 2 for version 3. */
  readonly version?: number;
  readonly extensions: readonly ExtensionSpec[];
  /** AlgorithmIdentifier inside the signed part where it differs from the one outside. */
  readonly innerAlgorithm?: Uint8Array;
  /** String type of subject and issuer. */
  readonly nameTag?: number;
}

/** The moment at which the certificates here are judged, and the usual validity around it. */
export const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

let nextSerial = 1_000;

export function issueDer(spec: CertificateSpec): Uint8Array {
  const { extensions, key, signer, nameTag } = spec;
  const spki = key.publicKey.export({ format: 'der', type: 'spki' });
  const encodedExtensions = extensions.map((item) =>
    sequence(oid(item.oid), ...(item.critical === true ? [boolean(true)] : []), octetString(item.value)),
  );
  const version = spec.version ?? 2;
  const tbs = sequence(
    ...(version === 0 ? [] : [encodeElement(contextConstructed(0), integer(version))]),
    integer(spec.serial ?? nextSerial++),
    spec.innerAlgorithm ?? signer.algorithm,
    name(spec.issuer, nameTag),
    sequence(time(spec.notBefore ?? NOW - 30 * DAY), time(spec.notAfter ?? NOW + 60 * DAY)),
    name(spec.subject, nameTag),
    spki,
    ...(encodedExtensions.length === 0 ? [] : [encodeElement(contextConstructed(3), sequence(...encodedExtensions))]),
  );
  return signed(tbs, signer);
}

/** Parses what the test itself made; a fault there is the test's. */
export function certificate(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

export const issue = (spec: CertificateSpec): Certificate => certificate(issueDer(spec));

/** An identifier for a key: the last 20 octets of its encoding, which differ from key to key. */
export const keyIdentifier = (key: KeyPair): Uint8Array =>
  createPublicKey(key.publicKey.export({ format: 'pem', type: 'spki' }))
    .export({ format: 'der', type: 'spki' })
    .subarray(-20);

/** Extensions that a CA certificate has; `issuerKey` is left out for a root. */
export const caExtensions = (key: KeyPair, issuerKey?: KeyPair, pathLength?: number): ExtensionSpec[] => [
  basicConstraints(true, pathLength),
  keyUsage(['keyCertSign', 'cRLSign']),
  subjectKeyIdentifier(keyIdentifier(key)),
  ...(issuerKey === undefined ? [] : [authorityKeyIdentifier(keyIdentifier(issuerKey))]),
];

/** Extensions that a server certificate has. */
export const leafExtensions = (issuerKey: KeyPair, names: readonly string[]): ExtensionSpec[] => [
  keyUsage(['digitalSignature']),
  extKeyUsage([Oid.serverAuth]),
  authorityKeyIdentifier(keyIdentifier(issuerKey)),
  subjectAltName(names),
];

/** The list with an extension replaced by another of the same kind, or put at the end. */
export const replacing = (list: readonly ExtensionSpec[], ...changes: readonly ExtensionSpec[]): ExtensionSpec[] => [
  ...list.filter((item) => !changes.some((change) => change.oid === item.oid)),
  ...changes,
];

export const without = (list: readonly ExtensionSpec[], id: string): ExtensionSpec[] =>
  list.filter((item) => item.oid !== id);

export const pem = (der: Uint8Array, label = 'CERTIFICATE'): string => {
  const base64 = Buffer.from(der).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`;
};

/** Root, intermediate and leaf for `host.example`, with everything right; `change` alters single certificates. */
export interface Chain {
  readonly root: Certificate;
  readonly intermediate: Certificate;
  readonly leaf: Certificate;
}

export interface ChainChanges {
  readonly root?: Partial<CertificateSpec>;
  readonly intermediate?: Partial<CertificateSpec>;
  readonly leaf?: Partial<CertificateSpec>;
}

export const ROOT = { CN: 'Test Root' };
export const INTERMEDIATE = { CN: 'Test Intermediate' };
export const rootKey = (): KeyPair => pooledKey(0);
export const intermediateKey = (): KeyPair => pooledKey(1);
export const leafKey = (): KeyPair => pooledKey(2);

export function chainSpecs(change: ChainChanges = {}): [CertificateSpec, CertificateSpec, CertificateSpec] {
  const root: CertificateSpec = {
    subject: ROOT,
    issuer: ROOT,
    key: rootKey(),
    signer: rootKey(),
    extensions: caExtensions(rootKey()),
    ...change.root,
  };
  const intermediate: CertificateSpec = {
    subject: INTERMEDIATE,
    issuer: ROOT,
    key: intermediateKey(),
    signer: rootKey(),
    extensions: caExtensions(intermediateKey(), rootKey()),
    ...change.intermediate,
  };
  const leaf: CertificateSpec = {
    subject: { CN: 'host.example' },
    issuer: INTERMEDIATE,
    key: leafKey(),
    signer: intermediateKey(),
    extensions: leafExtensions(intermediateKey(), ['dns:host.example']),
    ...change.leaf,
  };
  return [root, intermediate, leaf];
}

export function chain(change: ChainChanges = {}): Chain {
  const [root, intermediate, leaf] = chainSpecs(change);
  return { root: issue(root), intermediate: issue(intermediate), leaf: issue(leaf) };
}
