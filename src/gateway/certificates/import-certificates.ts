/**
 * Brings certificates from elsewhere into the store: a PEM file with chain and key, two files, or a folder of certbot or
 * Caddy with its accounts. A certificate for several names is kept once under each of them, since Menshen orders one a
 * site; it is served until it falls due, then each site gets its own. A gateway that runs on the store notices.
 */
import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IssuerConfig } from '../../config/issuance.ts';
import { parsePem } from '../../codec/x509/pem.ts';
import { certificateIdOf } from '../../store/entry-name.ts';
import type { CertificateContent, CertificateStore, Lease } from '../../store/certificate-store.ts';
import { readForeignFolder } from '../../store/import/foreign-folder.ts';
import { ImportWork, type ImportedFolder } from '../../store/import/imported.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { dateOf } from './tell-event.ts';

export interface ImportRequest {
  /** Absolute. */
  readonly path: string;
  /** Absolute; '' where the key stands beside the chain, or `path` is a folder. */
  readonly keyFile: string;
  /** Authorities of the configuration, by whose names directories are known here. */
  readonly issuers: readonly IssuerConfig[];
  readonly nowMs: number;
}

const LEASE_MS = 30_000;
const WAIT_MS = 60_000;
const LOOK_MS = 250;

/** Throws a FindingError where the store cannot be used. */
export async function importInto(store: CertificateStore, request: ImportRequest): Promise<readonly Finding[]> {
  const { issuers, nowMs } = request;
  const found = await readFrom(request);
  const findings = [...found.findings];
  const nameOf = (directoryUrl: string, otherwise: string): string =>
    issuers.find((issuer) => issuer.directoryUrl === directoryUrl)?.name ?? otherwise;
  for (const { label: _, directoryUrl, ...content } of found.certificates) {
    const issuer = nameOf(directoryUrl, content.issuer);
    for (const identifier of content.identifiers) {
      const chainPem = onlyCertificates(content.chainPem);
      findings.push(await keep(store, { ...content, chainPem, issuer, identifiers: [identifier] }, nowMs));
    }
  }
  for (const { directoryUrl, record } of found.accounts) {
    const issuer = nameOf(directoryUrl, wellKnownName(directoryUrl));
    const place = store.account(issuer);
    if ((await place.load()) !== undefined) continue;
    await place.create(record);
    findings.push(finding('certs-account-imported', { issuer }));
  }
  if (found.certificates.length === 0 && findings.length === 0) {
    findings.push(finding('certs-import-nothing', { path: request.path }));
  }
  return findings;
}

/** The chain is readable to everybody; a key that stood in the same file does not come along. */
const onlyCertificates = (pem: string): string =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map((block) => `${block}\n`).join('');

/** As the folders' readers name what they find. */
function wellKnownName(directoryUrl: string): string {
  if (directoryUrl.startsWith('https://acme-v02.api.letsencrypt.org/')) return 'letsencrypt';
  return directoryUrl.startsWith('https://acme.zerossl.com/') ? 'zerossl' : directoryUrl;
}

async function readFrom({ path, keyFile, nowMs }: ImportRequest): Promise<ImportedFolder> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (isFolder) return readForeignFolder(path, nowMs);
  const work = new ImportWork(nowMs);
  const labels = await labelsOf(path);
  if (labels.has('CERTIFICATE')) {
    const pair = { label: path, directoryUrl: '', certificateFile: path, keyFile: keyFile === '' ? path : keyFile };
    await work.addPair(pair);
  }
  return work.result;
}

async function labelsOf(file: string): Promise<ReadonlySet<string>> {
  const pem = parsePem(await readFile(file, 'utf8').catch(() => ''));
  return new Set(pem.ok ? pem.blocks.map(({ label }) => label) : []);
}

async function keep(store: CertificateStore, content: CertificateContent, nowMs: number): Promise<Finding> {
  const name = content.identifiers.map(({ value }) => value).join(', ');
  const id = certificateIdOf(content.identifiers, content.keyType);
  const lease = await acquire(store, id);
  if (lease === undefined) return finding('certs-busy', { name });
  try {
    const present = await store.live(id);
    if (present !== undefined && present.notAfterMs >= content.notAfterMs)
      return finding('certs-import-older', { name });
    await store.publish(lease, { ...content, obtainedAtMs: Math.min(content.obtainedAtMs, nowMs) });
  } finally {
    await store.release(lease);
  }
  return finding('certs-imported', { name, issuer: content.issuer, until: dateOf(content.notAfterMs) });
}

/** A gateway that orders for these names has the lease; an order that fails takes half a minute, few take longer. */
async function acquire(store: CertificateStore, id: string): Promise<Lease | undefined> {
  const owner = `import ${process.pid} ${randomUUID()}`;
  const startedMs = performance.now();
  for (;;) {
    const lease = await store.acquire(id, owner, LEASE_MS);
    if (lease !== undefined || performance.now() - startedMs > WAIT_MS) return lease;
    await sleep(LOOK_MS);
  }
}
