import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Java's own key store format, as `cacerts` of Java 17 and earlier has it. All numbers are big-endian:
 *
 * | octets | field                                                            |
 * |--------|------------------------------------------------------------------|
 * | 4      | magic, fe ed fe ed                                               |
 * | 4      | version, 1 or 2                                                  |
 * | 4      | number of entries                                                |
 * |        | each entry: 4 tag, 2 + n alias, 8 time, then                     |
 * |        | tag 1: 4 + n sealed private key, 4 count, that many certificates |
 * |        | tag 2: one certificate                                           |
 * |        | each certificate: in version 2 a type, 2 + n; then 4 + n DER     |
 * | 20     | SHA-1 of password in UTF-16BE, "Mighty Aphrodite", all before    |
 *
 * Certificates are in the clear; the password only tells whether the file was changed.
 */
export interface JavaKeyStore {
  /** DER of the entries that are trusted certificates. */
  readonly trusted: readonly Uint8Array[];
  /** Entries with a private key: their certificates are somebody's own and no anchors. */
  readonly keyEntries: number;
  /** Whether the checksum is right for the password. */
  readonly intact: boolean;
}

export const JKS_MAGIC = 0xfeed_feed;

const PRIVATE_KEY = 1;
const TRUSTED_CERTIFICATE = 2;
const DIGEST_LENGTH = 20;

/** Reads a JKS file that fills `bytes`; the offset of what is wrong where it is none. */
export function readJavaKeyStore(bytes: Uint8Array, password: string): JavaKeyStore | { readonly malformedAt: number } {
  const end = bytes.length - DIGEST_LENGTH;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let malformedAt: number | undefined;
  const isGood = (): boolean => malformedAt === undefined;
  const has = (length: number): boolean => {
    if (malformedAt === undefined && length > end - at) malformedAt = at;
    return isGood();
  };
  const uint = (length: 2 | 4): number => {
    if (!has(length)) return 0;
    const value = length === 2 ? view.getUint16(at) : view.getUint32(at);
    at += length;
    return value;
  };
  const take = (length: number): Uint8Array => {
    if (!has(length)) return new Uint8Array(0);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const fail = (offset: number): void => void (malformedAt ??= offset);

  if (uint(4) !== JKS_MAGIC) fail(0);
  const version = uint(4);
  if (version !== 1 && version !== 2) fail(4);
  const certificate = (): Uint8Array => {
    if (version === 2) take(uint(2));
    return take(uint(4));
  };
  const count = uint(4);
  const trusted: Uint8Array[] = [];
  let keyEntries = 0;
  for (let entry = 0; entry < count && isGood(); entry++) {
    const start = at;
    const tag = uint(4);
    take(uint(2));
    take(8);
    if (tag === TRUSTED_CERTIFICATE) trusted.push(certificate());
    else if (tag === PRIVATE_KEY) {
      take(uint(4));
      const chain = uint(4);
      for (let i = 0; i < chain && isGood(); i++) certificate();
      keyEntries++;
    } else fail(start);
  }
  if (at !== end) fail(at);
  if (malformedAt !== undefined) return { malformedAt };
  return { trusted, keyEntries, intact: isIntact(bytes.subarray(0, end), bytes.subarray(end), password) };
}

function isIntact(content: Uint8Array, digest: Uint8Array, password: string): boolean {
  const spoken = Buffer.from(password, 'utf16le').swap16();
  const own = createHash('sha1').update(spoken).update('Mighty Aphrodite', 'utf8').update(content).digest();
  return timingSafeEqual(own, digest);
}
