/**
 * The local roots, by generation. A root is bound to its names and its years and never changes; when either no longer
 * reaches, another generation is made beside it. Publication is exclusive, so of two processes one makes the root and
 * the other uses it.
 */
import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import { distinguishedName, encodeRoot, nameConstraintsExtension } from './local-certificate.ts';
import { CA_FOLDER, LOCAL_CA_NAME, PRESENT_ROOT, type LocalCaFolder } from './local-ca-folder.ts';
import { permits } from './local-name-constraints.ts';

/** What may be shown and installed of a root. */
export interface LocalRoot {
  readonly generation: number;
  /** Common name: `Menshen Local CA <machine> <date> <4 hex digits>`. */
  readonly name: string;
  readonly pem: string;
  /** SHA-256 of the certificate, 64 lower-case hex digits. */
  readonly fingerprint: string;
  /** Absolute path of the certificate. */
  readonly file: string;
}

/** A root with which leaves can be signed. */
export interface SigningRoot extends LocalRoot {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  /** DNS subtrees that it may certify. */
  readonly permitted: readonly string[];
  /** Epoch milliseconds. */
  readonly notAfterMs: number;
}

export interface RootMaking {
  readonly folder: LocalCaFolder;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly random: (byteLength: number) => Uint8Array;
  /** Host name of the machine, for people who meet the root in a list. */
  readonly machine: string;
}

/** Ten years: a root that nobody outside of this machine relies on is replaced seldom, since people have to trust it anew. */
const ROOT_LIFETIME_MS = 3652 * 24 * 3_600_000;
/** Clients on the network may run behind. */
export const BACKDATED_MS = 3_600_000;
/** RFC 5280, appendix A: ub-common-name is 64. The fixed parts of our names take 33. */
const MACHINE_LENGTH = 31;
const GENERATION = /^root-([1-9]\d{0,8})$/;

const generationFolder = (generation: number): string => `${CA_FOLDER}/root-${generation}`;

/** Numbers of the generations that are there, newest first. */
async function generations(folder: LocalCaFolder): Promise<number[]> {
  const names = await folder.list(CA_FOLDER);
  return names
    .flatMap((name) => GENERATION.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

/** Every root of the folder, newest first, as far as its certificate can be read; keys are not touched. */
export async function listLocalRoots(folder: LocalCaFolder): Promise<readonly LocalRoot[]> {
  const roots: LocalRoot[] = [];
  for (const generation of await generations(folder)) {
    const name = `${generationFolder(generation)}/root.pem`;
    const pem = await folder.read(name);
    const certificate = pem && parseCertificate(pem);
    if (certificate) roots.push(describe(generation, certificate, folder.fileOf(name)));
  }
  return roots;
}

/**
 * The root to sign with: the present one if it permits all of `wanted` and lasts until `neededUntilMs`, else the newest
 * that does, else a new one for exactly these subtrees. `made` tells whether it is new.
 */
export async function chooseRoot(
  making: RootMaking,
  wanted: readonly string[],
  neededUntilMs: number,
): Promise<{ readonly root: SigningRoot; readonly made: boolean }> {
  const { folder } = making;
  for (let made = false; ;) {
    const present = String((await folder.read(PRESENT_ROOT)) ?? '');
    const known = await generations(folder);
    let chosen: SigningRoot | undefined;
    for (const generation of known) {
      const root = await loadRoot(folder, generation);
      if (root.notAfterMs < neededUntilMs || !permits(root.permitted, wanted)) continue;
      if (chosen === undefined || root.pem === present) chosen = root;
    }
    if (chosen) return { root: chosen, made };
    // When another process was faster, its root is judged like any other in the next round.
    made = await makeRoot(making, (known[0] ?? 0) + 1, wanted);
  }
}

async function makeRoot(making: RootMaking, generation: number, permitted: readonly string[]): Promise<boolean> {
  const { folder, nowMs, random } = making;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = random(16);
  const name = rootName(making.machine, nowMs, serial);
  const certificate = encodeRoot({
    serial,
    commonName: name,
    permitted,
    privateKey,
    notBeforeMs: nowMs - BACKDATED_MS,
    notAfterMs: nowMs + ROOT_LIFETIME_MS,
  });
  const about = { name, permitted, made: new Date(nowMs).toISOString() };
  return folder.publish(generationFolder(generation), [
    { name: 'root.pem', content: certificate.toString(), secret: false },
    { name: 'root.key', content: privateKey.export({ type: 'pkcs8', format: 'pem' }), secret: true },
    { name: 'root.json', content: `${JSON.stringify(about, undefined, 2)}\n`, secret: false },
  ]);
}

/** The last digits tell apart two roots of one machine and day: trust stores go by this name. */
function rootName(machine: string, nowMs: number, serial: Uint8Array): string {
  const host = machine.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, MACHINE_LENGTH) || 'localhost';
  const date = new Date(nowMs).toISOString().slice(0, 10);
  return `${LOCAL_CA_NAME} ${host} ${date} ${Buffer.from(serial.subarray(0, 2)).toString('hex')}`;
}

/** Reads a generation and makes sure that its parts belong together; else FindingError `local-ca-root-damaged`. */
async function loadRoot(folder: LocalCaFolder, generation: number): Promise<SigningRoot> {
  const place = generationFolder(generation);
  const [pem, key, json] = await Promise.all(
    ['root.pem', 'root.key', 'root.json'].map((name) => folder.read(`${place}/${name}`)),
  );
  const certificate = pem && parseCertificate(pem);
  const privateKey = key && parsePrivateKey(key);
  const about = json && parseAbout(String(json));
  if (!certificate || !privateKey || !about || !isWhole(certificate, privateKey, about)) {
    throw new FindingError(finding('local-ca-root-damaged', { folder: folder.fileOf(place) }));
  }
  return {
    ...describe(generation, certificate, folder.fileOf(`${place}/root.pem`)),
    certificate,
    privateKey,
    permitted: about.permitted,
    notAfterMs: Date.parse(certificate.validTo),
  };
}

/**
 * The certificate is the truth and root.json a description of it: encoding what the description says again must give
 * what stands in the certificate.
 */
function isWhole(certificate: X509Certificate, privateKey: KeyObject, about: About): boolean {
  return (
    certificate.ca &&
    certificate.checkPrivateKey(privateKey) &&
    certificate.verify(certificate.publicKey) &&
    certificate.raw.includes(distinguishedName(about.name)) &&
    certificate.raw.includes(nameConstraintsExtension(about.permitted))
  );
}

interface About {
  readonly name: string;
  readonly permitted: readonly string[];
}

function parseAbout(json: string): About | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || !('name' in value) || !('permitted' in value)) return undefined;
    const { name, permitted } = value;
    if (typeof name !== 'string' || !Array.isArray(permitted)) return undefined;
    return permitted.every((entry) => typeof entry === 'string') ? { name, permitted } : undefined;
  } catch {
    return undefined;
  }
}

function describe(generation: number, certificate: X509Certificate, file: string): LocalRoot {
  return {
    generation,
    name: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.subject,
    pem: certificate.toString(),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    file,
  };
}

/** undefined where the bytes are no certificate. */
export function parseCertificate(pem: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** undefined where the bytes are no private key. */
export function parsePrivateKey(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
