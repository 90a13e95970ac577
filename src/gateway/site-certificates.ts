/**
 * Where the certificates of sites come from: PEM files named in the configuration, or the local CA. Everything that TLS
 * needs is read here, so that a configuration goes live only when all of it is there.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config, SiteConfig } from '../config/config.ts';
import type { IssuedLeaf } from '../pki/local-ca-leaf.ts';
import { openLocalCa, type LocalCa, type LocalCaOptions } from '../pki/local-ca.ts';
import { thisMachine } from '../pki/trust-store/trust-places.ts';
import { openTrustStore, type TrustStore } from '../pki/trust-store/trust-store.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding, type Finding } from '../story/finding.ts';
import { chainFindings, newChainFindings } from './chain-findings.ts';
import type { CertificatePem, ClientAuthInput, TlsSiteInput, TlsSnapshot } from './tls/site-input.ts';

/** A certificate in use, as the status and the metrics tell it. */
export interface CertificateInUse {
  readonly site: string;
  readonly names: readonly string[];
  readonly keyType: string;
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly notAfterMs: number;
}

export interface LoadedCertificates {
  readonly tls: TlsSnapshot;
  readonly inUse: readonly CertificateInUse[];
  /** The local CA, where a site uses it. */
  readonly localCa: LocalCa | undefined;
  /** When the first leaf of the local CA is due, epoch milliseconds; infinity where there is none. */
  readonly renewAtMs: number;
  /** What is odd about the sites' own chains, told before or not. */
  readonly chainFindings: readonly Finding[];
  /** What there is to tell; of the chains only what was not told when the former ones were loaded. */
  readonly findings: readonly Finding[];
}

/** Reads and issues what the sites need. Throws a FindingError that names what is missing. `former`: what is in use. */
export async function loadCertificates(
  config: Config,
  openFolder: () => Promise<LocalCaOptions['folder']>,
  ca: Omit<LocalCaOptions, 'folder'>,
  former?: LoadedCertificates,
): Promise<LoadedCertificates> {
  const local = config.sites.filter((site) => site.certificates.length === 0);
  const names = local.map((site) => site.name);
  const localCa = local.length > 0 ? await openLocalCa({ ...ca, folder: await openFolder() }, names) : undefined;
  const leaves = new Map<string, IssuedLeaf>();
  // One after the other: key generation is quick, and a thousand at once would not be.
  for (const { name } of local) leaves.set(name, await localCa!.issue(name));
  const sites = await Promise.all(config.sites.map((site) => loadSite(site, leaves.get(site.name))));
  const ofChains = await judgeChains(config, sites, ca.clock());
  return {
    tls: { sites, defaultSite: config.defaultSite, onDemand: config.issuance?.onDemand !== undefined },
    inUse: sites.flatMap((site) => site.certificates.flatMap((pair) => describeCertificate(site.name, pair) ?? [])),
    localCa,
    renewAtMs: Math.min(Number.POSITIVE_INFINITY, ...[...leaves.values()].map((leaf) => leaf.renewAtMs)),
    chainFindings: ofChains,
    findings: [
      ...(localCa?.findings ?? []),
      ...[...leaves.values()].flatMap((leaf) => (leaf.warning === undefined ? [] : [leaf.warning])),
      ...newChainFindings(ofChains, former?.chainFindings ?? []),
    ],
  };
}

/** Parsing the system's roots takes tens of milliseconds, and they change with a package update: kept this long. */
const STORE_KEPT_MS = 3_600_000;
let keptStore: { readonly readAtMs: number; readonly store: Promise<TrustStore> } | undefined;

function systemStoreAt(nowMs: number): Promise<TrustStore> {
  if (keptStore === undefined || nowMs - keptStore.readAtMs > STORE_KEPT_MS) {
    keptStore = { readAtMs: nowMs, store: openTrustStore(['system'], thisMachine) };
  }
  return keptStore.store;
}

/** The sites' own chains, each file once however many sites share it. */
async function judgeChains(config: Config, sites: readonly TlsSiteInput[], nowMs: number): Promise<Finding[]> {
  const systemStore = (): Promise<TrustStore> => systemStoreAt(nowMs);
  const seen = new Set<string>();
  const found: Finding[] = [];
  for (const [index, { name, certificates }] of config.sites.entries()) {
    for (const [number, { certFile: file }] of certificates.entries()) {
      const certPem = sites[index]?.certificates[number]?.certPem;
      if (certPem === undefined || seen.has(file)) continue;
      seen.add(file);
      found.push(...(await chainFindings({ site: name, file, certPem }, nowMs, systemStore)));
    }
  }
  return found;
}

async function loadSite(site: SiteConfig, leaf: IssuedLeaf | undefined): Promise<TlsSiteInput> {
  const [certificates, clientAuth] = await Promise.all([
    leaf === undefined ? Promise.all(site.certificates.map((pair) => readPair(site.name, pair))) : [leaf],
    readClientAuth(site),
  ]);
  return {
    name: site.name,
    certificates: certificates.map(({ certPem, keyPem }) => ({ certPem, keyPem })),
    clientAuth,
    tls: site.tls,
    localCa: leaf !== undefined,
  };
}

async function readPair(name: string, files: SiteConfig['certificates'][number]): Promise<CertificatePem> {
  const path = `sites["${name}"].certificate`;
  const [certPem, keyPem] = await Promise.all([readText(path, files.certFile), readText(path, files.keyFile)]);
  return { certPem, keyPem };
}

async function readClientAuth({ name, clientAuth }: SiteConfig): Promise<ClientAuthInput | undefined> {
  if (clientAuth === undefined) return undefined;
  const [caPem, crl] = await Promise.all([
    readText(`sites["${name}"].clientAuth.ca`, clientAuth.caFile),
    clientAuth.crlFile === '' ? undefined : readBytes(`sites["${name}"].clientAuth.crl`, clientAuth.crlFile),
  ]);
  // A PEM list is text; a DER list begins with a SEQUENCE and stays octets.
  return { mode: clientAuth.mode, caPem, crl: crl?.[0] === 0x30 ? crl : crl?.toString('latin1') };
}

async function readText(path: string, file: string): Promise<string> {
  return (await readBytes(path, file)).toString('utf8');
}

async function readBytes(path: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new FindingError(finding('config-file-unreadable', { path, file }), error);
  }
}

/** What the status and the metrics tell of a certificate; undefined where it cannot be read. */
export function describeCertificate(site: string, { certPem }: CertificatePem): CertificateInUse | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certPem);
  } catch {
    // Whoever makes a secure context of it says what is wrong.
    return undefined;
  }
  const names = (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, ''));
  return {
    site,
    names,
    keyType: certificate.publicKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ecdsa',
    issuer: /^CN=(.*)$/m.exec(certificate.issuer)?.[1] ?? certificate.issuer.replaceAll('\n', ', '),
    notAfterMs: Date.parse(certificate.validTo),
  };
}
