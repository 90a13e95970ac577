/** `menshen certs`: reads and changes the store of a state folder, and asks the gateway that runs on it. */
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RevocationReason } from '../../acme/issuer.ts';
import type { CertificateStatus } from '../../acme/manager/wanted.ts';
import { planRenewal } from '../../acme/policy/renewal-time.ts';
import type { Config } from '../../config/config.ts';
import { defaultStateFolder } from '../../config/files.ts';
import { knownDirectories, type IssuerConfig } from '../../config/issuance.ts';
import { resolveConfig } from '../../config/resolve.ts';
import { askGateway, runningGateways } from '../../gateway/certificates/control.ts';
import { importInto } from '../../gateway/certificates/import-certificates.ts';
import { openIssuer } from '../../gateway/certificates/issuers.ts';
import { dateOf } from '../../gateway/certificates/tell-event.ts';
import type { CertificateStore, StoredCertificate } from '../../store/certificate-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { openFolder, type Folder } from '../../store/folder.ts';
import type { Language } from '../../story/catalog.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, tellFinding, type Finding } from '../../story/finding.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderFindings, renderTable } from '../report.ts';
import { certsWords } from './certs-words.ts';

export type CertsCommand =
  | { readonly kind: 'list' }
  | { readonly kind: 'renew'; readonly name: string }
  | { readonly kind: 'revoke'; readonly name: string; readonly reason: string }
  | { readonly kind: 'import'; readonly path: string; readonly key: string }
  | { readonly kind: 'export'; readonly name: string; readonly out: string };

export interface CertsPlace {
  readonly config?: string;
  readonly state?: string;
  readonly json: boolean;
}

export interface CertsResult {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

/** RFC 5280 section 5.3.1, as far as an authority takes them from people. */
const reasons: Readonly<Record<string, RevocationReason>> = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
};

/** An order may wait for the DNS, for an authority and for its limits. */
const RENEWED_WITHIN_MS = 300_000;
const REVOKED_WITHIN_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

interface Opened {
  readonly folder: Folder;
  readonly store: CertificateStore;
  readonly config: Config | undefined;
}

export async function runCerts(
  command: CertsCommand,
  place: CertsPlace,
  language: Language,
  workingFolder: string,
): Promise<CertsResult> {
  try {
    const opened = await open(place, workingFolder);
    if (command.kind === 'list') return await list(opened, place.json, language);
    const findings = await change(command, opened, workingFolder);
    const isFine = findings.every(({ severity }) => severity !== 'error');
    const text = renderFindings(findings, language);
    return isFine ? { code: exitCodes.fine, text, errors: '' } : { code: exitCodes.mistakes, text: '', errors: text };
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    return { code: exitCodes.mistakes, text: '', errors: renderFindings([error.finding], language) };
  }
}

/** A configuration that is broken says nothing against the certificates of its state folder. */
async function open(place: CertsPlace, workingFolder: string): Promise<Opened> {
  const { config } = await resolveConfig({ sites: [], ...place }, workingFolder);
  const named = place.state === undefined ? undefined : path.resolve(workingFolder, place.state);
  const isRoot = process.getuid?.() === 0;
  const stateFolder = named ?? config?.stateFolder ?? defaultStateFolder(process.env, isRoot, os.homedir());
  const folder = await openFolder(stateFolder);
  return { folder, store: createFolderStore({ folder, clock: Date.now }), config };
}

// The table.

async function list({ folder, store }: Opened, json: boolean, language: Language): Promise<CertsResult> {
  const nowMs = Date.now();
  const running = (await runningGateways(folder)).toSorted((a, b) => b.writtenAtMs - a.writtenAtMs);
  const told = new Map<string, CertificateStatus>();
  for (const { certificates } of running) for (const one of certificates) if (!told.has(one.id)) told.set(one.id, one);
  for (const id of await store.ids()) {
    const stored = told.has(id) ? undefined : await store.live(id);
    if (stored !== undefined) told.set(id, statusOfStored(stored, nowMs));
  }
  const all = [...told.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (json) return { code: exitCodes.fine, text: `${JSON.stringify(all.map(jsonOf), undefined, 2)}\n`, errors: '' };
  if (all.length === 0) {
    const found = finding('certs-none', { folder: folder.path });
    return { code: exitCodes.fine, text: renderFindings([found], language), errors: '' };
  }
  const words = certsWords[language];
  const heading = [words.names, words.issuer, words.left, words.next, words.error];
  const rows = all.map((one) => [
    one.names.join(', ') + (one.keyType === 'rsa' ? ' (RSA)' : ''),
    one.issuer === '' ? '-' : one.issuer,
    leftOf(one, nowMs, language),
    `${one.nextAtMs <= nowMs ? words.now : dateOf(one.nextAtMs)} (${words.why[one.next] ?? one.next})`,
    one.lastError === undefined ? '-' : tellFinding(one.lastError.finding, language).cause,
  ]);
  const note = running.length === 0 ? `\n  ${words.stopped}\n` : '';
  return { code: exitCodes.fine, text: renderTable([heading, ...rows]) + note, errors: '' };
}

/** What can be said of a certificate that no running gateway speaks of. */
function statusOfStored(stored: StoredCertificate, nowMs: number): CertificateStatus {
  const { id, identifiers, keyType, issuer, notBeforeMs, notAfterMs, version } = stored;
  const plan = planRenewal({ notBeforeMs, notAfterMs, seed: version, nowMs });
  const names = identifiers.map(({ value }) => value);
  const state = nowMs >= notAfterMs ? 'expired' : 'live';
  const next = { nextAtMs: plan.atMs, next: plan.why };
  return { id, names, keyType, state, issuer, notBeforeMs, notAfterMs, ...next, lastError: undefined, kept: true };
}

function leftOf({ notAfterMs }: CertificateStatus, nowMs: number, language: Language): string {
  const words = certsWords[language];
  if (notAfterMs === undefined) return words.none;
  const leftMs = notAfterMs - nowMs;
  if (leftMs <= 0) return words.expired;
  return leftMs < 2 * DAY_MS
    ? words.hours.replace('{hours}', String(Math.floor(leftMs / HOUR_MS)))
    : words.days.replace('{days}', String(Math.floor(leftMs / DAY_MS)));
}

function jsonOf({ notBeforeMs, notAfterMs, nextAtMs, lastError, ...rest }: CertificateStatus): object {
  const iso = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString();
  return {
    ...rest,
    notBefore: iso(notBeforeMs),
    notAfter: iso(notAfterMs),
    nextAt: iso(nextAtMs),
    lastError: lastError && {
      code: lastError.finding.code,
      ...tellFinding(lastError.finding, 'en'),
      at: iso(lastError.atMs),
      failures: lastError.failures,
    },
  };
}

// Changes.

async function change(
  command: Exclude<CertsCommand, { kind: 'list' }>,
  opened: Opened,
  workingFolder: string,
): Promise<readonly Finding[]> {
  const { store, config } = opened;
  if (command.kind === 'import') {
    const file = (name: string): string => (name === '' ? '' : path.resolve(workingFolder, name));
    const issuers = config?.issuance?.issuers ?? [];
    return importInto(store, { path: file(command.path), keyFile: file(command.key), issuers, nowMs: Date.now() });
  }
  const named = await certificatesNamed(command.name, store, opened.folder);
  if (named.length === 0) {
    const known = (await store.ids()).join(', ');
    return [finding('certs-name-unknown', { name: command.name, known: known === '' ? '-' : known })];
  }
  if (command.kind === 'renew') return each(named, (id) => renew(id, opened));
  if (command.kind === 'export')
    return each(named, (id) => exportTo(id, path.resolve(workingFolder, command.out), store));
  const reason = reasons[command.reason];
  const known = Object.keys(reasons).join(', ');
  if (reason === undefined) return [finding('certs-reason-unknown', { found: command.reason, known })];
  return each(named, (id) => revoke(id, reason, opened));
}

async function each(ids: readonly string[], work: (id: string) => Promise<readonly Finding[]>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const id of ids) findings.push(...(await work(id)));
  return findings;
}

/** Ids of the certificates that are for a name, or have it as their id. */
async function certificatesNamed(name: string, store: CertificateStore, folder: Folder): Promise<readonly string[]> {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const waiting = (await runningGateways(folder)).flatMap(({ certificates }) => certificates);
  const found = new Set(waiting.filter(({ id, names }) => id === wanted || names.includes(wanted)).map(({ id }) => id));
  for (const id of await store.ids()) {
    const stored = id === wanted ? undefined : await store.live(id);
    if (id === wanted || stored?.identifiers.some(({ value }) => value === wanted)) found.add(id);
  }
  return [...found];
}

async function renew(id: string, { folder }: Opened): Promise<readonly Finding[]> {
  if ((await runningGateways(folder)).length === 0) return [finding('certs-no-gateway', { folder: folder.path })];
  const asked = await askGateway(folder, { kind: 'renew', id }, RENEWED_WITHIN_MS);
  return asked.ok ? asked.findings : [unanswered(folder, asked.taken, RENEWED_WITHIN_MS)];
}

function unanswered(folder: Folder, taken: boolean, withinMs: number): Finding {
  if (!taken) return finding('certs-no-gateway', { folder: folder.path });
  return finding('certs-no-answer', { folder: folder.path, seconds: withinMs / 1000 });
}

async function revoke(id: string, reason: RevocationReason, opened: Opened): Promise<readonly Finding[]> {
  const { folder, store, config } = opened;
  if ((await runningGateways(folder)).length > 0) {
    const asked = await askGateway(folder, { kind: 'revoke', id, reason }, REVOKED_WITHIN_MS);
    if (asked.ok) return asked.findings;
    if (asked.taken) return [unanswered(folder, true, REVOKED_WITHIN_MS)];
  }
  const stored = await store.live(id);
  if (stored === undefined) return [finding('renewal-unknown-certificate', { name: id })];
  const issuer = issuerNamed(stored.issuer, config);
  if (issuer === undefined) return [finding('renewal-unknown-issuer', { name: id, issuer: stored.issuer })];
  const opener = openIssuer(issuer, store, config?.email ?? '');
  try {
    const refused = await opener.revoke(stored.chainPem, stored.privateKeyPem, reason);
    return [refused ?? finding('certs-revoked', { name: id, issuer: stored.issuer })];
  } finally {
    opener.close();
  }
}

function issuerNamed(name: string, config: Config | undefined): IssuerConfig | undefined {
  const configured = config?.issuance?.issuers.find((issuer) => issuer.name === name);
  const directoryUrl = Object.entries(knownDirectories).find(([known]) => known === name)?.[1];
  if (configured !== undefined || directoryUrl === undefined) return configured;
  const rest = { caFile: '', externalAccount: undefined, profile: undefined, preferredChain: undefined };
  return { name, directoryUrl, ...rest, internal: false };
}

async function exportTo(id: string, out: string, store: CertificateStore): Promise<readonly Finding[]> {
  const stored = await store.live(id);
  if (stored === undefined) return [finding('renewal-unknown-certificate', { name: id })];
  const certificate = path.join(out, `${id}.pem`);
  const key = path.join(out, `${id}.key.pem`);
  for (const [file, content, mode] of [
    [certificate, stored.chainPem, 0o644],
    [key, stored.privateKeyPem, 0o600],
  ] as const) {
    try {
      await mkdir(out, { recursive: true });
      // `wx`: somebody's own file is not overwritten.
      await writeFile(file, content, { mode, flag: 'wx' });
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      if (reason === 'EEXIST') return [finding('certs-file-exists', { file })];
      return [finding('certs-file-unwritable', { file, reason })];
    }
  }
  return [finding('certs-exported', { name: id, certificate, key })];
}
