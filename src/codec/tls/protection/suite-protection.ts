import { hashLengths, type TlsHash } from '../crypto.ts';
import type { PrfHash } from '../key-schedule/tls12.ts';
import { suiteParts } from '../registry/suite-parts.ts';
import { TLS_1_2, TLS_1_3 } from '../registry/versions.ts';

/** How a suite protects records: what must be cut from the key block, and with what it is opened. */
export type SuiteProtection =
  | {
      readonly kind: 'aead';
      /** As OpenSSL calls it: `aes-128-gcm`. */
      readonly algorithm: string;
      readonly keyLength: number;
      readonly tagLength: number;
      /** Octets of the nonce that the key block gives, and that each record carries (TLS 1.2; RFC 5288, RFC 7905). */
      readonly fixedIvLength: number;
      readonly recordIvLength: number;
    }
  | {
      readonly kind: 'cbc';
      readonly algorithm: string;
      readonly keyLength: number;
      readonly blockLength: number;
      readonly mac: TlsHash;
      readonly macLength: number;
    }
  /** Integrity without secrecy (RFC 5246 appendix A.5, suites with NULL). */
  | { readonly kind: 'null'; readonly mac: TlsHash; readonly macLength: number };

/** The block ciphers of the registry that OpenSSL still has: name there, key and block length in octets. */
const cbcCiphers: ReadonlyMap<string, readonly [algorithm: string, keyLength: number, blockLength: number]> = new Map([
  ['AES_128_CBC', ['aes-128-cbc', 16, 16]],
  ['AES_256_CBC', ['aes-256-cbc', 32, 16]],
  ['CAMELLIA_128_CBC', ['camellia-128-cbc', 16, 16]],
  ['CAMELLIA_256_CBC', ['camellia-256-cbc', 32, 16]],
  ['ARIA_128_CBC', ['aria-128-cbc', 16, 16]],
  ['ARIA_256_CBC', ['aria-256-cbc', 32, 16]],
  ['SEED_CBC', ['seed-cbc', 16, 16]],
  ['IDEA_CBC', ['idea-cbc', 16, 8]],
  ['3DES_EDE_CBC', ['des-ede3-cbc', 24, 8]],
]);

const aeadName = /^(AES|ARIA|CAMELLIA|SM4)(?:_(128|256))?_(GCM|CCM|CCM_8)$/;

/** Undefined for suites whose records this does not open: stream ciphers, export suites, numbers without a name. */
export function suiteProtection(cipherSuite: number): SuiteProtection | undefined {
  const parts = suiteParts(cipherSuite);
  if (parts === undefined || parts.isExport) return undefined;
  const { cipher, hash } = parts;
  if (cipher === 'CHACHA20_POLY1305') {
    const algorithm = 'chacha20-poly1305';
    return { kind: 'aead', algorithm, keyLength: 32, tagLength: 16, fixedIvLength: 12, recordIvLength: 0 };
  }
  const aead = aeadName.exec(cipher);
  if (aead !== null) {
    const [, family = '', bits, mode = ''] = aead;
    const name = bits === undefined ? family.toLowerCase() : `${family.toLowerCase()}-${bits}`;
    return {
      kind: 'aead',
      algorithm: `${name}-${mode.slice(0, 3).toLowerCase()}`,
      keyLength: Number(bits ?? 128) / 8,
      tagLength: mode === 'CCM_8' ? 8 : 16,
      fixedIvLength: 4,
      recordIvLength: 8,
    };
  }
  if (hash === undefined) return undefined;
  if (cipher === 'NULL') return { kind: 'null', mac: hash, macLength: hashLengths[hash] };
  const cbc = cbcCiphers.get(cipher);
  if (cbc === undefined) return undefined;
  const [algorithm, keyLength, blockLength] = cbc;
  return { kind: 'cbc', algorithm, keyLength, blockLength, mac: hash, macLength: hashLengths[hash] };
}

/**
 * The hash of a suite's key derivation and transcript. In TLS 1.2 it is SHA-256 unless the suite says SHA-384 (RFC 5246
 * section 5): the SHA-1 at the end of a CBC suite's name is for its MAC only.
 */
export function scheduleHash(cipherSuite: number, version: number): PrfHash | undefined {
  if (version < TLS_1_2) return 'md5-sha1';
  const parts = suiteParts(cipherSuite);
  if (parts === undefined) return undefined;
  if (version === TLS_1_3 && !parts.isTls13) return undefined;
  return parts.hash === 'sha384' ? 'sha384' : 'sha256';
}
