import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';

/** What trust stores take from the machine, so that a test can hold it. */
export interface TrustPlaces {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Node's copy of Mozilla's list, PEM. */
  readonly mozilla: readonly string[];
  /** The store of macOS or Windows as Node reads it (22.15 and later), PEM; empty where it cannot. */
  readonly native: () => readonly string[];
  /** Octets of a file; undefined where there is none or it cannot be read. */
  readonly read: (file: string) => Promise<Uint8Array | undefined>;
  /** Names in a folder, sorted; undefined where this is no folder. */
  readonly list: (folder: string) => Promise<readonly string[] | undefined>;
}

/** The machine that this runs on. */
export const thisMachine: TrustPlaces = {
  platform: process.platform,
  environment: process.env,
  // Node copies the list when it is asked for.
  get mozilla() {
    return tls.rootCertificates;
  },
  native: () => {
    const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
    return getCACertificates?.('system') ?? [];
  },
  read: (file) => readFile(file).catch(() => undefined),
  list: async (folder) => {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) return undefined;
    const names = await readdir(folder).catch(() => []);
    return names.sort((a, b) => (a < b ? -1 : 1));
  },
};

/** Where Linux distributions, the BSDs and Alpine keep their bundle. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Files of a folder; hashed links of `c_rehash` point at files that are there by name too. */
const certificateFile = /\.(?:pem|crt|cer|der)$/i;

/** The system's roots, as octets to read, and where they are; undefined where the system has none. */
export async function findSystemStore(
  places: TrustPlaces,
): Promise<{ readonly bytes: Uint8Array; readonly place: string } | undefined> {
  for (const file of systemBundles(places)) {
    const bytes = await places.read(file);
    if (bytes !== undefined && bytes.length > 0) return { bytes, place: file };
  }
  const native = nativeRoots(places);
  if (native.length === 0) return undefined;
  return { bytes: Buffer.from(native.join('\n'), 'latin1'), place: places.platform };
}

/** Where to look for the system's bundle; the first that holds something is it. */
export function systemBundles({ environment }: Pick<TrustPlaces, 'environment'>): readonly string[] {
  const named = environment['SSL_CERT_FILE'];
  return named === undefined || named === '' ? BUNDLES : [named, ...BUNDLES];
}

/** The store that is no file, PEM. On Linux OpenSSL's own default folder would stand for it, every file of which is read. */
export const nativeRoots = ({ platform, native }: Pick<TrustPlaces, 'platform' | 'native'>): readonly string[] =>
  platform === 'linux' ? [] : native();

/** Files of a folder that may hold certificates, with their paths. */
export const certificateFiles = (folder: string, names: readonly string[]): string[] =>
  names.filter((name) => certificateFile.test(name)).map((name) => path.join(folder, name));
