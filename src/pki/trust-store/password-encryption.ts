import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { DerReader } from '../../codec/der/der-reader.ts';
import { Tag } from '../../codec/der/der-tag.ts';
import { readAlgorithmIdentifier, type AlgorithmIdentifier } from '../../codec/x509/algorithm.ts';
import { derivePkcs12Key, KeyPurpose } from './pkcs12-keys.ts';
import { decryptRc2 } from './rc2.ts';

/** More rounds than any tool makes by itself; each costs about a microsecond. */
export const MAX_ITERATIONS = 5_000_000;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

/** Pseudo-random functions of PBKDF2 (RFC 8018 appendix B.1); without one it is HMAC with SHA-1. */
const prfHashes: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
]);

/** Ciphers of PBES2, by name of node:crypto and with their key length in octets. */
const ciphers: ReadonlyMap<string, readonly [name: string, keyLength: number]> = new Map([
  ['2.16.840.1.101.3.4.1.2', ['aes-128-cbc', 16]],
  ['2.16.840.1.101.3.4.1.22', ['aes-192-cbc', 24]],
  ['2.16.840.1.101.3.4.1.42', ['aes-256-cbc', 32]],
  ['1.2.840.113549.3.7', ['des-ede3-cbc', 24]],
]);

/** The schemes of RFC 7292 appendix C that are still met: triple DES, and RC2 with 128 and 40 bits. */
const oldSchemes: ReadonlyMap<string, readonly [cipher: 'des' | 'rc2', keyLength: number]> = new Map([
  ['1.2.840.113549.1.12.1.3', ['des', 24]],
  ['1.2.840.113549.1.12.1.4', ['des', 16]],
  ['1.2.840.113549.1.12.1.5', ['rc2', 16]],
  ['1.2.840.113549.1.12.1.6', ['rc2', 5]],
]);

export type Decrypted =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly why: 'password' | 'unsupported'; readonly algorithm: string };

/**
 * Decrypts what a password-based AlgorithmIdentifier says. The reader is over the octets that hold `algorithm`; its
 * parameters may throw a DerFault.
 */
export function decryptWithPassword(
  holder: DerReader,
  algorithm: AlgorithmIdentifier,
  encrypted: Uint8Array,
  password: string,
): Decrypted {
  const unsupported: Decrypted = { ok: false, why: 'unsupported', algorithm: algorithm.oid };
  const { parameters } = algorithm;
  if (parameters === undefined) return unsupported;
  const reader = new DerReader(holder.bytes, 'encryption', parameters.start, parameters.end, holder);
  const old = oldSchemes.get(algorithm.oid);
  if (old !== undefined) {
    const { salt, iterations } = readSalt(reader.sequence('parameters'));
    if (iterations > MAX_ITERATIONS) return unsupported;
    const [cipher, keyLength] = old;
    const derive = (purpose: number, length: number): Buffer =>
      derivePkcs12Key('sha1', purpose, password, salt, iterations, length);
    const key = derive(KeyPurpose.key, keyLength);
    const iv = derive(KeyPurpose.iv, 8);
    if (cipher === 'rc2') return decrypted(() => decryptRc2(encrypted, key, keyLength * 8, iv), algorithm.oid);
    // Two-key triple DES is three-key with the first key again.
    const whole = keyLength === 24 ? key : Buffer.concat([key, key.subarray(0, 8)]);
    return decrypted(() => decipher('des-ede3-cbc', whole, iv, encrypted), algorithm.oid);
  }
  if (algorithm.oid !== PBES2) return unsupported;
  const sequence = reader.sequence('parameters');
  const derivation = readAlgorithmIdentifier(sequence, 'keyDerivationFunc');
  const scheme = readAlgorithmIdentifier(sequence, 'encryptionScheme');
  const cipher = ciphers.get(scheme.oid);
  if (cipher === undefined || scheme.parameters === undefined) return { ...unsupported, algorithm: scheme.oid };
  const ivReader = new DerReader(holder.bytes, 'iv', scheme.parameters.start, scheme.parameters.end, holder);
  const iv = ivReader.content(ivReader.octetString(''));
  const key = derivePbkdf2Key(holder, derivation, password, cipher[1]);
  if (key === undefined) return { ...unsupported, algorithm: derivation.oid };
  return decrypted(() => decipher(cipher[0], key, iv, encrypted), algorithm.oid);
}

/** PBKDF2 as its AlgorithmIdentifier says (RFC 8018 appendix A.2); undefined where it is another function. */
export function derivePbkdf2Key(
  holder: DerReader,
  { oid, parameters }: AlgorithmIdentifier,
  password: string,
  keyLength: number,
): Buffer | undefined {
  if (oid !== PBKDF2 || parameters === undefined) return undefined;
  const reader = new DerReader(holder.bytes, 'pbkdf2', parameters.start, parameters.end, holder);
  const sequence = reader.sequence('parameters');
  const { salt, iterations } = readSalt(sequence);
  if (sequence.peek() === Tag.integer) sequence.smallInteger('keyLength');
  const prf = sequence.atEnd ? 'sha1' : prfHashes.get(readAlgorithmIdentifier(sequence, 'prf').oid);
  if (prf === undefined || iterations > MAX_ITERATIONS || iterations < 1) return undefined;
  return pbkdf2Sync(password, salt, iterations, keyLength, prf);
}

function readSalt(sequence: DerReader): { readonly salt: Uint8Array; readonly iterations: number } {
  const salt = sequence.content(sequence.octetString('salt'));
  return { salt, iterations: sequence.smallInteger('iterations') };
}

function decipher(name: string, key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Buffer {
  const working = createDecipheriv(name, key, iv);
  return Buffer.concat([working.update(encrypted), working.final()]);
}

/** Padding that does not fit tells of a wrong password. */
function decrypted(work: () => Uint8Array, algorithm: string): Decrypted {
  try {
    return { ok: true, bytes: work() };
  } catch {
    return { ok: false, why: 'password', algorithm };
  }
}
