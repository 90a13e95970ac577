/**
 * NSS databases, in which Chromium (on Linux) and Firefox keep the roots that their user has added. `certutil` opens
 * them. Firefox on Windows goes by the system store, so nothing is to be done there.
 */
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { finding } from '../story/finding.ts';
import type { LocalRoot } from './local-ca-root.ts';
import type { CommandResult, TrustHost } from './trust-install-host.ts';
import {
  absent,
  alreadyInstalled,
  commandFailed,
  installed,
  notThere,
  removed,
  type PlaceOutcome,
  type TrustPlace,
} from './trust-install-place.ts';

/** Folders of Firefox profiles, below the home folder: packages, snap, flatpak; the last is macOS. */
const FIREFOX_FOLDERS = [
  '.mozilla/firefox',
  '.config/mozilla/firefox',
  'snap/firefox/common/.mozilla/firefox',
  '.var/app/org.mozilla.firefox/.mozilla/firefox',
  'Library/Application Support/Firefox/Profiles',
];
/** The file that makes a folder an NSS database of the present (SQLite) format. */
const DATABASE_FILE = 'cert9.db';

/** Every NSS database of the person at this machine, and Chromium's even where it has yet to be made. */
export async function nssPlaces(host: TrustHost, certutilPackage: string): Promise<readonly TrustPlace[]> {
  if (host.platform === 'win32') return [];
  const databases = [
    ...(host.platform === 'darwin' ? [] : await chromiumDatabases(host)),
    ...(await firefoxDatabases(host)),
  ];
  const certutil = await host.findCommand('certutil');
  if (certutil !== undefined) return databases.map((database) => new NssDatabase(host, certutil, database));
  return databases.map((database) => new ClosedDatabase(database, certutilPackage));
}

interface Database {
  readonly label: string;
  /** Absolute. Empty where the program has no database here. */
  readonly folder: string;
  readonly isThere: boolean;
  /** Folders to make, outermost first, where it is not there yet; [] where it is not ours to make. */
  readonly makeFolders: readonly string[];
}

/**
 * Chromium takes ~/.pki/nssdb if that folder exists, else (since release 146) pki/nssdb in the data folder, else makes
 * its own. The old folder is therefore not made beside a new one that is in use: it would hide it.
 */
async function chromiumDatabases(host: TrustHost): Promise<Database[]> {
  const recent = await describe(host, 'Chromium', host.dataHome, 'pki');
  const usual = await describe(host, 'Chromium', host.home, '.pki');
  const hidesRecent = await host.exists(usual.folder);
  const databases = recent.isThere ? [recent] : [];
  if (hidesRecent || !recent.isThere) databases.push(usual);
  const snap = path.join(host.home, 'snap/chromium/current');
  if (await host.exists(snap)) databases.push(await describe(host, 'Chromium snap', snap, '.pki'));
  return databases;
}

/** The database `nssdb` in folder `name` below `base`. */
async function describe(host: TrustHost, program: string, base: string, name: string): Promise<Database> {
  const outer = path.join(base, name);
  const folder = path.join(outer, 'nssdb');
  const isThere = await host.exists(path.join(folder, DATABASE_FILE));
  return { label: `${program} (${folder})`, folder, isThere, makeFolders: [outer, folder] };
}

async function firefoxDatabases(host: TrustHost): Promise<Database[]> {
  const databases: Database[] = [];
  for (const base of FIREFOX_FOLDERS.map((folder) => path.join(host.home, folder))) {
    for (const name of await host.list(base)) {
      const folder = path.join(base, name);
      if (!(await host.exists(path.join(folder, DATABASE_FILE)))) continue;
      databases.push({ label: `Firefox (${folder})`, folder, isThere: true, makeFolders: [] });
    }
  }
  return databases.length > 0 ? databases : [{ label: 'Firefox', folder: '', isThere: false, makeFolders: [] }];
}

/** A database that cannot be opened for want of certutil. */
class ClosedDatabase implements TrustPlace {
  readonly label: string;
  readonly #database: Database;
  readonly #certutilPackage: string;

  constructor(database: Database, certutilPackage: string) {
    this.label = database.label;
    this.#database = database;
    this.#certutilPackage = certutilPackage;
  }

  async install(): Promise<PlaceOutcome> {
    return this.#database.folder === '' ? absent(this.label) : this.#missing();
  }

  async remove(): Promise<PlaceOutcome> {
    return this.#database.isThere ? this.#missing() : absent(this.label);
  }

  #missing(): PlaceOutcome {
    const values = { place: this.label, package: this.#certutilPackage };
    return { place: this.label, state: 'failed', finding: finding('trust-certutil-missing', values) };
  }
}

class NssDatabase implements TrustPlace {
  readonly label: string;
  readonly #host: TrustHost;
  readonly #certutil: string;
  readonly #database: Database;

  constructor(host: TrustHost, certutil: string, database: Database) {
    this.label = database.label;
    this.#host = host;
    this.#certutil = certutil;
    this.#database = database;
  }

  async install(root: LocalRoot): Promise<PlaceOutcome> {
    if (this.#database.isThere) {
      if (await this.#trusts(root)) return alreadyInstalled(this.label);
    } else {
      if (this.#database.makeFolders.length === 0) return absent(this.label);
      const refused = await this.#make();
      if (refused) return refused;
    }
    // C: a CA that may vouch for TLS servers, and for nothing else (no mail, no code).
    const args = ['-A', '-d', this.#place, '-t', 'C,,', '-n', root.name, '-a'];
    const result = await this.#run(this.#certutil, args, root.pem);
    return result.status === 0 ? installed(this.label) : commandFailed(this.label, ['certutil', ...args], result);
  }

  async remove(roots: readonly LocalRoot[]): Promise<PlaceOutcome> {
    if (!this.#database.isThere) return absent(this.label);
    let found = false;
    for (const root of roots) {
      if (!(await this.#holds(root))) continue;
      found = true;
      const args = ['-D', '-d', this.#place, '-n', root.name];
      const result = await this.#run(this.#certutil, args);
      if (result.status !== 0) return commandFailed(this.label, ['certutil', ...args], result);
    }
    return found ? removed(this.label) : notThere(this.label);
  }

  get #place(): string {
    return `sql:${this.#database.folder}`;
  }

  /** Whether this very certificate is in the database. */
  async #holds(root: LocalRoot): Promise<boolean> {
    const { status, stdout } = await this.#run(this.#certutil, ['-L', '-d', this.#place, '-n', root.name, '-a']);
    if (status !== 0) return false;
    const wanted = new X509Certificate(root.pem).fingerprint256;
    const found = stdout.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return found.some((pem) => new X509Certificate(pem).fingerprint256 === wanted);
  }

  /** Whether it is there and valid as a CA for TLS servers (usage L), not merely kept. */
  async #trusts(root: LocalRoot): Promise<boolean> {
    if (!(await this.#holds(root))) return false;
    const { status } = await this.#run(this.#certutil, ['-V', '-u', 'L', '-d', this.#place, '-n', root.name]);
    return status === 0;
  }

  async #make(): Promise<PlaceOutcome | undefined> {
    const commands = [
      ['mkdir', '-p', '-m', '700', '--', ...this.#database.makeFolders],
      [this.#certutil, '-N', '--empty-password', '-d', this.#place],
    ] as const;
    for (const [command, ...args] of commands) {
      const result = await this.#run(command, args);
      if (result.status !== 0) return commandFailed(this.label, [command, ...args], result);
    }
    return undefined;
  }

  /** As the person whose database it is, so that it stays theirs. */
  #run(command: string, args: readonly string[], input?: string): Promise<CommandResult> {
    const { actingFor } = this.#host;
    if (actingFor === undefined) return this.#host.run(command, args, input);
    return this.#host.run('sudo', ['-u', actingFor, '--', command, ...args], input);
  }
}
