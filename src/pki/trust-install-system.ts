/**
 * The system's store, which curl, wget, Python, Go and most else go by.
 *
 * Linux distributions keep a folder of the administrator's own roots and a command that works it into the bundles; which
 * folder exists tells the distribution. macOS and Windows have a command for all of it.
 */
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { LocalRoot } from './local-ca-root.ts';
import { Administrator } from './trust-install-administrator.ts';
import type { TrustHost } from './trust-install-host.ts';
import {
  alreadyInstalled,
  commandFailed,
  installed,
  notThere,
  removed,
  type PlaceOutcome,
  type TrustPlace,
} from './trust-install-place.ts';

/** A folder of roots and the command that takes note of what is in it. */
export interface AnchorStore {
  readonly system: string;
  readonly folder: string;
  /** The command looks at files of this ending only. */
  readonly extension: string;
  readonly refresh: readonly [command: string, ...args: string[]];
  /** Where taking note of a removal needs other arguments. */
  readonly refreshAfterRemoval: readonly [command: string, ...args: string[]];
  /** Package that holds NSS's certutil there. */
  readonly certutilPackage: string;
  /** Java's keystore where the refresh adds roots to it but never takes one out; '' where it does both. */
  readonly javaKeystore: string;
}

export const anchorStores: readonly AnchorStore[] = [
  {
    system: 'Fedora, RHEL',
    folder: '/etc/pki/ca-trust/source/anchors',
    extension: '.pem',
    refresh: ['update-ca-trust', 'extract'],
    refreshAfterRemoval: ['update-ca-trust', 'extract'],
    certutilPackage: 'nss-tools',
    javaKeystore: '',
  },
  {
    system: 'Debian, Ubuntu',
    folder: '/usr/local/share/ca-certificates',
    extension: '.crt',
    refresh: ['update-ca-certificates'],
    // Without --fresh the links to a file that is gone stay behind in /etc/ssl/certs.
    refreshAfterRemoval: ['update-ca-certificates', '--fresh'],
    certutilPackage: 'libnss3-tools',
    javaKeystore: '/etc/ssl/certs/java/cacerts',
  },
  {
    system: 'Arch',
    folder: '/etc/ca-certificates/trust-source/anchors',
    extension: '.crt',
    refresh: ['trust', 'extract-compat'],
    refreshAfterRemoval: ['trust', 'extract-compat'],
    certutilPackage: 'nss',
    javaKeystore: '',
  },
  {
    system: 'SUSE',
    folder: '/etc/pki/trust/anchors',
    extension: '.pem',
    refresh: ['update-ca-certificates'],
    refreshAfterRemoval: ['update-ca-certificates', '--fresh'],
    certutilPackage: 'mozilla-nss-tools',
    javaKeystore: '',
  },
];

/** The first store of the list that is on this machine. */
export async function findAnchorStore(
  host: TrustHost,
  stores: readonly AnchorStore[] = anchorStores,
): Promise<AnchorStore | undefined> {
  for (const store of stores) {
    if ((await host.exists(store.folder)) && (await host.findCommand(store.refresh[0]))) return store;
  }
  return undefined;
}

/** The system store of this machine; undefined where none is known. `state` names the state folder in advice. */
export function systemPlace(host: TrustHost, store: AnchorStore | undefined, state: string): TrustPlace | undefined {
  if (host.platform === 'darwin') return new MacKeychain(host, state);
  if (host.platform === 'win32') return new WindowsStore(host);
  return store && new AnchorFolder(host, store, state);
}

class AnchorFolder implements TrustPlace {
  readonly label: string;
  readonly #host: TrustHost;
  readonly #store: AnchorStore;
  readonly #administrator: Administrator;

  constructor(host: TrustHost, store: AnchorStore, state: string) {
    this.label = `${store.system} (${store.folder})`;
    this.#host = host;
    this.#store = store;
    this.#administrator = new Administrator(host, this.label, state);
  }

  /** Named by the root itself, so that several can lie side by side and each is found again. */
  #fileOf(root: LocalRoot): string {
    return path.join(this.#store.folder, anchorName(root) + this.#store.extension);
  }

  async install(root: LocalRoot): Promise<PlaceOutcome> {
    const file = this.#fileOf(root);
    if ((await this.#host.read(file)) === root.pem) return alreadyInstalled(this.label);
    const refused = await this.#administrator.run(['install', '-m', '0644', '--', root.file, file]);
    if (refused) return refused;
    const failed = await this.#administrator.run(this.#store.refresh);
    if (failed === undefined) return installed(this.label);
    // A file that the system took no note of must not look like a root that it trusts.
    await this.#administrator.run(['rm', '-f', '--', file]);
    return failed;
  }

  async remove(roots: readonly LocalRoot[]): Promise<PlaceOutcome> {
    const names = await this.#host.list(this.#store.folder);
    const files = roots.map((root) => this.#fileOf(root)).filter((file) => names.includes(path.basename(file)));
    if (files.length === 0) return notThere(this.label);
    const refused =
      (await this.#administrator.run(['rm', '-f', '--', ...files])) ??
      (await this.#administrator.run(this.#store.refreshAfterRemoval));
    return refused ?? removed(this.label);
  }
}

/** Name of a root's file, without its ending. */
export const anchorName = (root: LocalRoot): string => `menshen-local-ca-${root.fingerprint.slice(0, 16)}`;

const MAC_KEYCHAIN = '/Library/Keychains/System.keychain';

class MacKeychain implements TrustPlace {
  readonly label = `macOS (${MAC_KEYCHAIN})`;
  readonly #host: TrustHost;
  readonly #administrator: Administrator;

  constructor(host: TrustHost, state: string) {
    this.#host = host;
    this.#administrator = new Administrator(host, this.label, state);
  }

  /** `-Z` lists the SHA-256 of every certificate of that name. */
  async #holds(root: LocalRoot): Promise<boolean> {
    const args = ['find-certificate', '-a', '-Z', '-c', root.name, MAC_KEYCHAIN];
    const { stdout } = await this.#host.run('security', args);
    return stdout.toLowerCase().includes(root.fingerprint);
  }

  async install(root: LocalRoot): Promise<PlaceOutcome> {
    if (await this.#holds(root)) return alreadyInstalled(this.label);
    const add = ['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', MAC_KEYCHAIN, root.file] as const;
    return (await this.#administrator.run(add)) ?? installed(this.label);
  }

  async remove(roots: readonly LocalRoot[]): Promise<PlaceOutcome> {
    let found = false;
    for (const root of roots) {
      if (!(await this.#holds(root))) continue;
      found = true;
      const refused =
        (await this.#administrator.run(['security', 'remove-trusted-cert', '-d', root.file])) ??
        (await this.#administrator.run(['security', 'delete-certificate', '-Z', sha1Of(root), MAC_KEYCHAIN]));
      if (refused) return refused;
    }
    return found ? removed(this.label) : notThere(this.label);
  }
}

/** The user's own store, which needs no administrator; Windows asks in a window of its own. */
class WindowsStore implements TrustPlace {
  readonly label = 'Windows (Root, current user)';
  readonly #host: TrustHost;

  constructor(host: TrustHost) {
    this.#host = host;
  }

  async #holds(root: LocalRoot): Promise<boolean> {
    return (await this.#host.run('certutil', ['-user', '-store', 'Root', sha1Of(root)])).status === 0;
  }

  async install(root: LocalRoot): Promise<PlaceOutcome> {
    if (await this.#holds(root)) return alreadyInstalled(this.label);
    const args = ['-user', '-addstore', 'Root', root.file];
    const result = await this.#host.run('certutil', args);
    return result.status === 0 ? installed(this.label) : commandFailed(this.label, ['certutil', ...args], result);
  }

  async remove(roots: readonly LocalRoot[]): Promise<PlaceOutcome> {
    let found = false;
    for (const root of roots) {
      if (!(await this.#holds(root))) continue;
      found = true;
      const args = ['-user', '-delstore', 'Root', sha1Of(root)];
      const result = await this.#host.run('certutil', args);
      if (result.status !== 0) return commandFailed(this.label, ['certutil', ...args], result);
    }
    return found ? removed(this.label) : notThere(this.label);
  }
}

/** Both systems name a certificate by its SHA-1. */
const sha1Of = (root: LocalRoot): string => new X509Certificate(root.pem).fingerprint.replaceAll(':', '');
