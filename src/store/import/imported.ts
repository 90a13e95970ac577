import type { Finding } from '../../story/finding.ts';
import { finding } from '../../story/finding.ts';
import { readCertificateFacts } from '../certificate-facts.ts';
import type { AccountRecord, CertificateContent } from '../certificate-store.ts';
import { errnoOf } from '../folder-error.ts';
import { isPair } from '../key-pair.ts';
import { createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** What another program's folder holds. Nothing in that folder is changed. */
export interface ImportedFolder {
  /** Valid certificates with their keys, of each set of names and type of key the one that lasts longest. */
  readonly certificates: readonly ImportedCertificate[];
  readonly accounts: readonly ImportedAccount[];
  /** What was left out, and why. */
  readonly findings: readonly Finding[];
}

export interface ImportedCertificate extends CertificateContent {
  /** As the other program names it. */
  readonly label: string;
  /** URL of the ACME directory that it came from, '' where that is not known. */
  readonly directoryUrl: string;
}

export interface ImportedAccount {
  readonly directoryUrl: string;
  readonly record: AccountRecord;
  /** `mailto:` URLs. */
  readonly contacts: readonly string[];
}

export interface PairFiles {
  readonly label: string;
  readonly directoryUrl: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Collects what is found. */
export class ImportWork {
  readonly #nowMs: number;
  readonly #best = new Map<string, ImportedCertificate>();
  readonly accounts: ImportedAccount[] = [];
  readonly findings: Finding[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  async addPair({ label, directoryUrl, certificateFile, keyFile }: PairFiles): Promise<void> {
    const [chainPem, keyPem] = [await this.text(certificateFile), await this.text(keyFile)];
    const facts = chainPem === undefined ? undefined : readCertificateFacts(chainPem);
    if (chainPem === undefined || keyPem === undefined || facts === undefined || !isPair(chainPem, keyPem)) {
      this.findings.push(finding('import-pair-unusable', { certificate: certificateFile, key: keyFile }));
      return;
    }
    const { identifiers, keyType, notBeforeMs, notAfterMs } = facts;
    if (notAfterMs <= this.#nowMs) {
      this.findings.push(finding('import-pair-expired', { certificate: certificateFile }));
      return;
    }
    const key = `${keyType} ${identifiers
      .map(({ value }) => value)
      .sort()
      .join(' ')}`;
    if ((this.#best.get(key)?.notAfterMs ?? 0) >= notAfterMs) return;
    this.#best.set(key, {
      label,
      directoryUrl,
      identifiers,
      keyType,
      issuer: issuerName(directoryUrl),
      chainPem,
      privateKeyPem: createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'pem' }),
      obtainedAtMs: notBeforeMs,
      notBeforeMs,
      notAfterMs,
    });
  }

  get result(): ImportedFolder {
    return { certificates: [...this.#best.values()], accounts: this.accounts, findings: this.findings };
  }

  /** A file's text; undefined where there is none. What may not be read is told. */
  async text(file: string): Promise<string | undefined> {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      this.#tell(error, file);
      return undefined;
    }
  }

  async json(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const text = await this.text(file);
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Names in a folder, sorted; [] where there is none. */
  async entries(folder: string): Promise<readonly string[]> {
    try {
      return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
    } catch (error) {
      this.#tell(error, folder);
      return [];
    }
  }

  #tell(error: unknown, path: string): void {
    const reason = errnoOf(error);
    if (reason !== 'ENOENT' && reason !== 'ENOTDIR') {
      this.findings.push(finding('import-folder-unreadable', { path, reason: reason || String(error) }));
    }
  }
}

/** The names by which well-known directories are configured here; others go by their URL. */
function issuerName(directoryUrl: string): string {
  if (directoryUrl.startsWith('https://acme-v02.api.letsencrypt.org/')) return 'letsencrypt';
  if (directoryUrl.startsWith('https://acme.zerossl.com/')) return 'zerossl';
  return directoryUrl === '' ? 'imported' : directoryUrl;
}
