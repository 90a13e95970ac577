/** Installing the local root wherever this machine's programs look for roots, and taking it out again. */
import { finding } from '../story/finding.ts';
import type { LocalRoot } from './local-ca-root.ts';
import type { TrustHost } from './trust-install-host.ts';
import { javaPlace } from './trust-install-java.ts';
import { nssPlaces } from './trust-install-nss.ts';
import type { PlaceOutcome, TrustPlace } from './trust-install-place.ts';
import { anchorStores, findAnchorStore, systemPlace, type AnchorStore } from './trust-install-system.ts';

export interface TrustOptions {
  readonly host: TrustHost;
  /** The state folder, named in advice. */
  readonly stateFolder: string;
  /** The Linux stores to look for; all that are known unless a test says otherwise. */
  readonly stores?: readonly AnchorStore[];
}

/** Installs the root in every place, yielding each outcome as it comes. Doing it twice changes nothing. */
export async function* installRoot(options: TrustOptions, root: LocalRoot): AsyncGenerator<PlaceOutcome> {
  for (const place of await places(options)) {
    yield place === undefined ? storeUnknown(root.file) : place.install(root);
  }
}

/** Takes these roots out of every place, yielding each outcome as it comes. Doing it twice changes nothing. */
export async function* removeRoots(options: TrustOptions, roots: readonly LocalRoot[]): AsyncGenerator<PlaceOutcome> {
  for (const place of await places(options)) {
    if (place) yield place.remove(roots);
  }
}

/** undefined stands for a system store that is not known. Java comes before it, whose refresh touches Java's too. */
async function places(options: TrustOptions): Promise<readonly (TrustPlace | undefined)[]> {
  const { host, stateFolder, stores = anchorStores } = options;
  const store = await findAnchorStore(host, stores);
  const certutilPackage = host.platform === 'darwin' ? 'nss (brew)' : (store?.certutilPackage ?? 'nss-tools');
  const java = await javaPlace(host, store, stateFolder);
  const system = systemPlace(host, store, stateFolder);
  return [...(java ? [java] : []), system, ...(await nssPlaces(host, certutilPackage))];
}

function storeUnknown(file: string): PlaceOutcome {
  return { place: '', state: 'absent', finding: finding('trust-store-unknown', { file }) };
}
