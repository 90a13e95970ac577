/**
 * OCSP staples for certificates that come from files. Who keeps the files renews them: of a revocation the log tells, and
 * nothing is ordered.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { systemTimers } from '../../acme/manager/timers.ts';
import type { Config } from '../../config/config.ts';
import { createHttpFetch, fetchDefaults } from '../../pki/fetch/http-fetch.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { openFolder } from '../../store/folder.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import type { Log } from '../observe/log.ts';
import type { CertificatePem } from '../tls/site-input.ts';
import { Staples, type StaplesOptions } from './staples.ts';

/** Sites whose only certificate comes from files and names a responder, by name. */
export type StapledFiles = ReadonlyMap<string, CertificatePem>;

/** Those of a configuration that has just gone live; files that cannot be read any more are passed over. */
export async function readStapledFiles({ sites }: Config): Promise<StapledFiles> {
  const stapled = new Map<string, CertificatePem>();
  for (const { name, certificates } of sites) {
    const [files] = certificates;
    if (files === undefined || certificates.length !== 1) continue;
    try {
      const [certPem, keyPem] = await Promise.all([readFile(files.certFile, 'utf8'), readFile(files.keyFile, 'utf8')]);
      if (/^OCSP - URI:/m.test(new X509Certificate(certPem).infoAccess ?? '')) stapled.set(name, { certPem, keyPem });
    } catch {
      // The gateway has read them a moment ago; what is wrong now is told with the reload that their change brings.
    }
  }
  return stapled;
}

export interface FileStaplesOptions {
  readonly stateFolder: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Serves this for a site from now on. */
  readonly show: (site: string, certificate: CertificatePem) => void;
}

export class FileStaples {
  readonly #show: FileStaplesOptions['show'];
  readonly #staples: Staples;
  #files: StapledFiles = new Map();

  constructor({ show }: FileStaplesOptions, staples: Omit<StaplesOptions, 'onStaple'>) {
    this.#show = show;
    this.#staples = new Staples({ ...staples, onStaple: (site) => this.#showSite(site) });
  }

  /** Follows these and no others; what is known of them is shown at once. */
  take(files: StapledFiles): void {
    this.#files = files;
    this.#staples.keepOnly(new Set(files.keys()));
    for (const [site, { certPem }] of files) {
      void this.#staples.follow(subjectOf(site, certPem));
      if (this.#staples.of(subjectOf(site, certPem)) !== undefined) this.#showSite(site);
    }
  }

  stop(): void {
    this.#staples.stop();
  }

  #showSite(site: string): void {
    const files = this.#files.get(site);
    if (files === undefined) return;
    this.#show(site, { ...files, ocspStaple: this.#staples.of(subjectOf(site, files.certPem)) });
  }
}

const subjectOf = (site: string, chainPem: string) => ({
  id: site,
  chainPem,
  identifiers: [{ type: 'dns' as const, value: site }],
});

/** Never rejects: a state folder that cannot be used costs what a restart would need. */
export async function openFileStaples(options: FileStaplesOptions): Promise<FileStaples> {
  const { stateFolder, log, clock } = options;
  const report: StaplesOptions['report'] = (found) => log.finding(found);
  const nowhere: StaplesOptions['store'] = { ocsp: async () => undefined, putOcsp: async () => undefined };
  let store = nowhere;
  try {
    store = createFolderStore({ folder: await openFolder(stateFolder), clock, report });
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    report(error.finding);
  }
  return new FileStaples(options, {
    store,
    fetch: createHttpFetch(fetchDefaults),
    clock,
    timers: systemTimers,
    report,
    onRevoked: (name) => report(finding('certificate-file-revoked', { name })),
  });
}
