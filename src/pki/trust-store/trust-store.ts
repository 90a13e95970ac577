import type { Certificate } from '../../codec/x509/certificate.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { certificateKey } from '../path/identity.ts';
import { TrustAnchors } from '../path/trust-anchors.ts';
import { readTrustFile, type TrustFile } from './trust-file.ts';
import { certificateFiles, findSystemStore, type TrustPlaces } from './trust-places.ts';

/** Where anchors came from, and how many. */
export interface TrustSource {
  /** A path, `Mozilla (Node 26.8.0)`, or the platform whose store it is. */
  readonly name: string;
  readonly count: number;
}

/** Whom to trust. */
export interface TrustStore {
  readonly anchors: TrustAnchors;
  readonly certificates: readonly Certificate[];
  readonly sources: readonly TrustSource[];
  /** Errors where a source gave nothing, warnings where it gave less than it holds. */
  readonly findings: readonly Finding[];
  /** The name of the source that an anchor is from. */
  readonly sourceOf: (anchor: Certificate) => string | undefined;
}

/** `system` and `mozilla`, or the path of a file or folder. */
export type TrustChoice = string;

/**
 * Opens and joins trust stores. `system` is the machine's own, with Mozilla's list as Node brings it along where the
 * machine has none (slim containers); what NODE_EXTRA_CA_CERTS names is added to it, as Node does.
 */
export async function openTrustStore(
  choices: readonly TrustChoice[],
  places: TrustPlaces,
  password?: string,
): Promise<TrustStore> {
  const sources: TrustSource[] = [];
  const findings: Finding[] = [];
  const certificates: Certificate[] = [];
  const origin = new Map<string, string>();
  const take = (name: string, read: TrustFile | Finding): void => {
    if ('code' in read) {
      findings.push(read);
      return;
    }
    findings.push(...read.warnings);
    if (read.certificates.length === 0) findings.push(finding('trust-store-empty', { file: name }));
    sources.push({ name, count: read.certificates.length });
    for (const certificate of read.certificates) {
      const key = certificateKey(certificate);
      if (origin.has(key)) continue;
      origin.set(key, name);
      certificates.push(certificate);
    }
  };
  const takeMozilla = (): void => {
    const name = `Mozilla (Node ${process.versions.node})`;
    take(name, readTrustFile(Buffer.from(places.mozilla.join('\n'), 'latin1'), name));
  };
  const takeFile = async (file: string): Promise<void> => {
    const bytes = await places.read(file);
    take(
      file,
      bytes === undefined ? finding('trust-store-unreadable', { file }) : readTrustFile(bytes, file, password),
    );
  };
  for (const choice of choices) {
    if (choice === 'mozilla') takeMozilla();
    else if (choice === 'system') {
      const system = await findSystemStore(places);
      if (system === undefined) takeMozilla();
      else take(system.place, readTrustFile(system.bytes, system.place));
      const extra = places.environment['NODE_EXTRA_CA_CERTS'];
      if (extra !== undefined && extra !== '') await takeFile(extra);
    } else {
      const names = await places.list(choice);
      if (names === undefined) await takeFile(choice);
      else take(choice, await readFolder(choice, names, places, password));
    }
  }
  return {
    anchors: new TrustAnchors(certificates),
    certificates,
    sources,
    findings,
    sourceOf: (anchor) => origin.get(certificateKey(anchor)),
  };
}

/** A folder is one source; files in it that hold no certificate are told of and passed over. */
async function readFolder(
  folder: string,
  names: readonly string[],
  places: TrustPlaces,
  password?: string,
): Promise<TrustFile> {
  const certificates: Certificate[] = [];
  const warnings: Finding[] = [];
  for (const file of certificateFiles(folder, names)) {
    const bytes = await places.read(file);
    const read =
      bytes === undefined ? finding('trust-store-unreadable', { file }) : readTrustFile(bytes, file, password);
    if ('code' in read) warnings.push({ ...read, severity: 'warning' });
    else {
      certificates.push(...read.certificates);
      warnings.push(...read.warnings);
    }
  }
  return { format: 'PEM', certificates, warnings };
}

/**
 * Trusts what was sent: the topmost certificates of the chain become anchors. This gives up the very thing that keeps a
 * stranger from posing as the server; names, dates and signatures below are still judged.
 */
export function trustEverything(
  sent: readonly Certificate[],
  issuerOf: (one: Certificate, by: Certificate) => boolean,
) {
  const tops = sent.filter(
    (certificate) => !sent.some((other) => other !== certificate && issuerOf(certificate, other)),
  );
  return new TrustAnchors(tops);
}
