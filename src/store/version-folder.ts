/**
 * Certificates as plain files: immutable versions, and a pointer to the one that counts.
 *
 *     certificates/example.com/live.json                       {"version": "000000012-20261122T040000Z", "fence": 12}
 *     certificates/example.com/000000012-20261122T040000Z/     chain.pem  key.pem  meta.json
 *
 * A version's name begins with the fence of the lease under which it was made. The pointer is moved after the version is
 * whole; where a version with a higher fence than the pointer's is there, its maker died between the two steps (or a
 * writer that was late moved the pointer back), and the version counts. So a late writer can never bring back the past.
 */
import { createHash } from 'node:crypto';
import { FindingError } from '../story/finding-error.ts';
import { finding, type Finding } from '../story/finding.ts';
import type { CertificateContent, Lease, StoredCertificate } from './certificate-store.ts';
import type { Folder } from './folder.ts';
import { readCertificateFacts } from './certificate-facts.ts';
import { isPair } from './key-pair.ts';
import { certificateMeta, readRecord, writeRecord } from './record.ts';
import type { Seal } from './seal.ts';

/** Versions that stay: the live one and two to go back to. */
const KEPT_VERSIONS = 3;

export interface VersionFolderOptions {
  readonly folder: Folder;
  readonly seal: Seal;
  readonly report: (found: Finding) => void;
}

export class VersionFolder {
  readonly #folder: Folder;
  readonly #seal: Seal;
  readonly #report: (found: Finding) => void;

  constructor({ folder, seal, report }: VersionFolderOptions) {
    this.#folder = folder;
    this.#seal = seal;
    this.#report = report;
  }

  ids(): Promise<readonly string[]> {
    return this.#folder.list('certificates');
  }

  /** Tries from the highest version down; what is damaged is set aside. */
  async live(id: string): Promise<StoredCertificate | undefined> {
    for (const version of (await this.#versionNames(id)).toReversed()) {
      const read = await this.#read(id, version);
      if (read !== undefined) return read;
    }
    return undefined;
  }

  async versions(id: string): Promise<readonly StoredCertificate[]> {
    const all: StoredCertificate[] = [];
    for (const version of await this.#versionNames(id)) {
      const read = await this.#read(id, version);
      if (read !== undefined) all.push(read);
    }
    return all;
  }

  async publish(lease: Lease, content: CertificateContent): Promise<StoredCertificate> {
    const { id, fence } = lease;
    const { chainPem, privateKeyPem, ...facts } = content;
    const time = new Date(content.obtainedAtMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    // The digest keeps two certificates of one lease within one second apart.
    const digest = createHash('sha256').update(chainPem).digest('hex').slice(0, 8);
    const version = `${String(fence).padStart(9, '0')}-${time}-${digest}`;
    await this.#folder.publish(`certificates/${id}/${version}`, [
      { name: 'chain.pem', content: chainPem, secret: false },
      { name: 'key.pem', content: this.#seal.seal(privateKeyPem, `certificates/${id}`), secret: true },
      { name: 'meta.json', content: writeRecord({ ...facts, fence }), secret: false },
    ]);
    await this.#folder.write({
      name: `certificates/${id}/live.json`,
      content: writeRecord({ version, fence }),
      secret: false,
    });
    await this.#prune(id);
    return { ...content, id, version, fence };
  }

  async remove(id: string): Promise<void> {
    await this.#folder.remove(`certificates/${id}`);
  }

  /** Highest fence among the versions, 0 without any. */
  async highestFence(id: string): Promise<number> {
    const last = (await this.#versionNames(id)).at(-1);
    return last === undefined ? 0 : fenceOf(last);
  }

  /** Sorted: by fence, then by time. */
  async #versionNames(id: string): Promise<readonly string[]> {
    const entries = await this.#folder.list(`certificates/${id}`);
    return entries.filter((entry) => VERSION.test(entry)).sort();
  }

  async #read(id: string, version: string): Promise<StoredCertificate | undefined> {
    const place = `certificates/${id}/${version}`;
    const [chain, key, meta] = await Promise.all([
      this.#folder.read(`${place}/chain.pem`),
      this.#folder.read(`${place}/key.pem`),
      this.#folder.read(`${place}/meta.json`),
    ]);
    // Pruned by somebody else in this moment.
    if (chain === undefined && key === undefined && meta === undefined) return undefined;
    const facts = readRecord(certificateMeta, meta);
    if (chain === undefined || key === undefined || facts === undefined) {
      const file = chain === undefined ? 'chain.pem' : key === undefined ? 'key.pem' : 'meta.json';
      return this.#setAside(place, file);
    }
    const keyText = key.toString('latin1');
    const privateKeyPem = this.#seal.open(keyText, `certificates/${id}`);
    if (privateKeyPem === undefined) {
      // Whole, perhaps, but not for us: it stays where it is.
      this.#report(finding('store-key-sealed', { path: this.#folder.fileOf(`${place}/key.pem`) }));
      return undefined;
    }
    const chainPem = chain.toString('latin1');
    if (!isPair(chainPem, privateKeyPem)) {
      return this.#setAside(place, readCertificateFacts(chainPem) === undefined ? 'chain.pem' : 'key.pem');
    }
    return { ...facts, id, version, chainPem, privateKeyPem };
  }

  /** Damaged files are moved away and told, never deleted. */
  async #setAside(place: string, file: string): Promise<undefined> {
    const target = `set-aside/${place.replaceAll('/', '_')}`;
    const from = this.#folder.fileOf(`${place}/${file}`);
    try {
      await this.#folder.move(place, target);
      this.#report(finding('store-file-damaged', { path: from, moved: this.#folder.fileOf(target) }));
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      this.#report(finding('store-file-damaged', { path: from, moved: this.#folder.fileOf(place) }));
    }
    return undefined;
  }

  /** What cannot be pruned stays; nothing depends on it. */
  async #prune(id: string): Promise<void> {
    try {
      const names = await this.#versionNames(id);
      for (const version of names.slice(0, -KEPT_VERSIONS)) await this.#folder.remove(`certificates/${id}/${version}`);
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      this.#report(error.finding);
    }
  }
}

const VERSION = /^\d{9,}-\d{8}T\d{6}Z-[0-9a-f]{8}$/;
const fenceOf = (version: string): number => Number(version.slice(0, version.indexOf('-')));
