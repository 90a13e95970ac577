/** Leaves of the local CA: short-lived, made when asked for, kept in the state folder until two thirds of their life. */
import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { FindingError } from '../story/finding-error.ts';
import type { Finding } from '../story/finding.ts';
import { CA_FOLDER, type LocalCaFolder } from './local-ca-folder.ts';
import { BACKDATED_MS, parseCertificate, parsePrivateKey, type SigningRoot } from './local-ca-root.ts';
import { encodeLeaf } from './local-certificate.ts';
import type { LocalName } from './local-name.ts';

export type LeafKeyType = 'ecdsa' | 'rsa';

/** A certificate that a server can use. Times in epoch milliseconds. */
export interface IssuedLeaf {
  /** As certified: lower case, canonical. */
  readonly name: string;
  readonly keyType: LeafKeyType;
  /** What the server sends: the leaf alone, since the root has signed it. */
  readonly certPem: string;
  readonly keyPem: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** When two thirds of its life are over: from then on `issue` makes another. */
  readonly renewAtMs: number;
  /** Why the leaf, which works all the same, could not be kept in the state folder and will not survive a restart. */
  readonly warning: Finding | undefined;
}

export interface LeafIssuing {
  readonly folder: LocalCaFolder;
  readonly root: SigningRoot;
  readonly clock: () => number;
  readonly random: (byteLength: number) => Uint8Array;
  readonly lifetimeMs: number;
}

/** Share of a certificate's own life after which it is renewed. */
const RENEWAL_RATIO = 2 / 3;

const generate = promisify(generateKeyPair);

/** When a certificate of that validity is due. */
function renewalTime(notBeforeMs: number, notAfterMs: number): number {
  return Math.floor(notBeforeMs + (notAfterMs - notBeforeMs) * RENEWAL_RATIO);
}

/** The kept leaf while it is fresh, else a new one, kept. A state folder that cannot be used does not stop it. */
export async function issueLeaf(issuing: LeafIssuing, name: LocalName, keyType: LeafKeyType): Promise<IssuedLeaf> {
  const file = leafFile(name, keyType);
  const kept = await readKept(issuing.folder, file);
  const reusable = kept && reuse(issuing, name, keyType, kept);
  if (reusable) return reusable;
  const made = await makeLeaf(issuing, name, keyType);
  try {
    await issuing.folder.write({ name: file, content: made.keyPem + made.certPem, secret: true });
    return made;
  } catch (error) {
    if (!(error instanceof FindingError)) throw error;
    return { ...made, warning: error.finding };
  }
}

/** What cannot be read is made anew; whatever ails the folder is told when the new leaf cannot be written either. */
async function readKept(folder: LocalCaFolder, file: string): Promise<Buffer | undefined> {
  try {
    return await folder.read(file);
  } catch (error) {
    if (error instanceof FindingError) return undefined;
    throw error;
  }
}

async function makeLeaf(issuing: LeafIssuing, name: LocalName, keyType: LeafKeyType): Promise<IssuedLeaf> {
  const { root, random, lifetimeMs } = issuing;
  const { privateKey } =
    keyType === 'rsa' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ec', { namedCurve: 'P-256' });
  const nowMs = issuing.clock();
  const notBeforeMs = wholeSeconds(nowMs - BACKDATED_MS);
  // A leaf does not outlive its root.
  const notAfterMs = Math.min(wholeSeconds(nowMs - BACKDATED_MS + lifetimeMs), root.notAfterMs);
  const certificate = encodeLeaf({
    serial: random(16),
    name,
    publicKey: createPublicKey(privateKey),
    notBeforeMs,
    notAfterMs,
    issuer: { commonName: root.name, privateKey: root.privateKey },
  });
  return {
    name: name.text,
    keyType,
    certPem: certificate.toString(),
    keyPem: exportKey(privateKey),
    notBeforeMs,
    notAfterMs,
    renewAtMs: renewalTime(notBeforeMs, notAfterMs),
    warning: undefined,
  };
}

/** The kept leaf, if it is of this root, for this name, with its key, begun and not yet due. */
function reuse(issuing: LeafIssuing, name: LocalName, keyType: LeafKeyType, kept: Buffer): IssuedLeaf | undefined {
  const certificate = parseCertificate(kept);
  const privateKey = parsePrivateKey(kept);
  if (!certificate || !privateKey) return undefined;
  const { root, clock } = issuing;
  const notBeforeMs = Date.parse(certificate.validFrom);
  const notAfterMs = Date.parse(certificate.validTo);
  const renewAtMs = renewalTime(notBeforeMs, notAfterMs);
  const nowMs = clock();
  const named =
    name.kind === 'ip'
      ? certificate.checkIP(name.text) !== undefined
      : certificate.subjectAltName === `DNS:${name.text}`;
  const usable =
    named &&
    nowMs >= notBeforeMs &&
    nowMs < renewAtMs &&
    privateKey.asymmetricKeyType === (keyType === 'rsa' ? 'rsa' : 'ec') &&
    certificate.checkPrivateKey(privateKey) &&
    certificate.checkIssued(root.certificate) &&
    certificate.verify(root.certificate.publicKey);
  if (!usable) return undefined;
  const certPem = certificate.toString();
  const keyPem = exportKey(privateKey);
  return { name: name.text, keyType, certPem, keyPem, notBeforeMs, notAfterMs, renewAtMs, warning: undefined };
}

/** `*.example.com` → `_wildcard.example.com.ecdsa.pem`, `::1` → `ip-__1.ecdsa.pem`: names that every file system takes. */
function leafFile(name: LocalName, keyType: LeafKeyType): string {
  const base = name.kind === 'ip' ? `ip-${name.text.replaceAll(':', '_')}` : name.text.replace('*', '_wildcard');
  return `${CA_FOLDER}/leaves/${base}.${keyType}.pem`;
}

const exportKey = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' });
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
