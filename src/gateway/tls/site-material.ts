import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { finding, type Finding } from '../../story/finding.ts';
import type { KeyType } from '../../story/rules/handshake-failure.ts';
import { readStaple, type Staple } from './ocsp-staple.ts';
import { usableGroups } from './openssl-groups.ts';
import type { CertificatePem, TlsSiteInput } from './site-input.ts';

/** A site's certificates, keys and lists, read and found in order: what a secure context is made from. */
export interface SiteMaterial {
  readonly cert: readonly string[];
  readonly key: readonly string[];
  readonly keyTypes: readonly KeyType[];
  /** PEM certificates one by one, empty without client authentication. */
  readonly ca: readonly string[];
  /** PEM lists one by one. */
  readonly crl: readonly string[];
  readonly groups: string;
  /** For a site with one certificate. */
  readonly staple: Staple | undefined;
  /** Equal where certificates and client authentication are: between such sites a request may move (421). */
  readonly policyId: string;
  /** Equal where mode, authorities and lists are: decides over fresh ticket keys. */
  readonly clientAuthId: string;
  /** Equal where everything is: the running policy can stay. */
  readonly inputId: string;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const crlBlock = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g;

const known = new WeakMap<TlsSiteInput, SiteMaterial>();

/** Reads what a site was given; on mistakes, all of them. What was read of the same input before is not read again. */
export function readSiteMaterial(site: TlsSiteInput): SiteMaterial | readonly Finding[] {
  const before = known.get(site);
  if (before !== undefined) return before;
  const material = read(site);
  if ('inputId' in material) known.set(site, material);
  return material;
}

function read(site: TlsSiteInput): SiteMaterial | readonly Finding[] {
  const mistakes: Finding[] = [];
  const types: KeyType[] = [];
  const leaves: string[] = [];
  if (site.certificates.length === 0) mistakes.push(finding('tls-no-certificate', { site: site.name }));
  for (const [index, pair] of site.certificates.entries()) {
    const read = readPair(pair, { site: site.name, number: index + 1 });
    if (!('keyType' in read)) {
      mistakes.push(read);
    } else if (types.includes(read.keyType)) {
      mistakes.push(finding('tls-key-type-twice', { site: site.name, keyType: read.keyType }));
    } else {
      types.push(read.keyType);
      leaves.push(pair.certPem);
    }
  }
  const ca = readBlocks(site.clientAuth?.caPem ?? '', certificateBlock);
  const crl = readCrls(site.clientAuth?.crl);
  if (site.clientAuth !== undefined) mistakes.push(...judgeAuthorities(site, ca, crl));
  const { groups, mistaken } = usableGroups(site.tls.groups);
  if (mistaken.length > 0 || groups === '') {
    const values = {
      site: site.name,
      groups: mistaken.join(', ') || site.tls.groups,
      openssl: process.versions.openssl,
    };
    mistakes.push(finding('tls-groups-unknown', values));
  }
  const staple = mistakes.length === 0 ? readStaple(site) : undefined;
  if (staple !== undefined && 'code' in staple) mistakes.push(staple);
  if (mistakes.length > 0 || (staple !== undefined && 'code' in staple)) return mistakes;
  const clientAuthId = digest([site.clientAuth?.mode ?? '', ...ca, '', ...crl]);
  const key = site.certificates.map(({ keyPem }) => keyPem);
  return {
    cert: leaves,
    key,
    keyTypes: types,
    ca,
    crl,
    groups,
    staple,
    policyId: digest([clientAuthId, ...leaves.toSorted()]),
    clientAuthId,
    inputId: digest([
      clientAuthId,
      JSON.stringify(site.tls),
      String(site.localCa ?? false),
      ...leaves,
      '',
      ...key,
      '',
      staple?.id ?? '',
    ]),
  };
}

function readPair(
  pair: CertificatePem,
  values: { readonly site: string; readonly number: number },
): { readonly keyType: KeyType } | Finding {
  const chain = readBlocks(pair.certPem, certificateBlock);
  let leaf: X509Certificate;
  let key: KeyObject;
  try {
    if (chain.length === 0) throw new Error('no CERTIFICATE block');
    const parsed = chain.map((block) => new X509Certificate(block));
    leaf = parsed[0]!;
  } catch (error) {
    return finding('tls-certificate-unreadable', { ...values, reason: reasonOf(error) });
  }
  try {
    key = createPrivateKey(pair.keyPem);
  } catch (error) {
    return finding('tls-key-unreadable', { ...values, reason: reasonOf(error) });
  }
  if (!leaf.checkPrivateKey(key)) return finding('tls-key-mismatch', values);
  const keyType = keyTypes.get(key.asymmetricKeyType ?? '');
  if (keyType !== undefined) return { keyType };
  return finding('tls-key-unreadable', {
    ...values,
    reason: `${key.asymmetricKeyType}: no key that TLS can sign with`,
  });
}

const keyTypes: ReadonlyMap<string, KeyType> = new Map<string, KeyType>([
  ['ec', 'ECDSA'],
  ['rsa', 'RSA'],
  ['rsa-pss', 'RSA-PSS'],
  ['ed25519', 'Ed25519'],
  ['ed448', 'Ed448'],
]);

/** OpenSSL passes over what it cannot read in a bundle of authorities, so that they are read here first. */
function judgeAuthorities(site: TlsSiteInput, ca: readonly string[], crl: readonly string[]): Finding[] {
  const mistakes: Finding[] = [];
  try {
    if (ca.length === 0) throw new Error('no CERTIFICATE block');
    for (const block of ca) new X509Certificate(block).fingerprint256.at(0);
  } catch (error) {
    mistakes.push(finding('tls-client-ca-unreadable', { site: site.name, reason: reasonOf(error) }));
  }
  if (isGiven(site.clientAuth?.crl) && crl.length === 0) {
    mistakes.push(finding('tls-crl-unreadable', { site: site.name, reason: 'no X509 CRL block' }));
  }
  return mistakes;
}

function isGiven(crl: string | Uint8Array | undefined): crl is string | Uint8Array {
  return crl !== undefined && crl.length > 0;
}

/** Node reads one list from each string and only PEM, so that bundles are cut up and DER is wrapped. */
function readCrls(crl: string | Uint8Array | undefined): readonly string[] {
  if (!isGiven(crl)) return [];
  if (typeof crl !== 'string' && crl[0] === 0x30) {
    const lines =
      Buffer.from(crl)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return [`-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`];
  }
  return readBlocks(typeof crl === 'string' ? crl : Buffer.from(crl).toString('latin1'), crlBlock);
}

function readBlocks(pem: string, block: RegExp): readonly string[] {
  return pem.match(block) ?? [];
}

/** Node's own words, without OpenSSL's numbers: they say which file part was bad, never its content. */
export function reasonOf(error: unknown): string {
  const { message, reason } = error as { message?: string; reason?: string };
  return reason ?? (message ?? String(error)).replace(/^error:[0-9A-F]+:/i, '');
}

function digest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64url').slice(0, 22);
}
