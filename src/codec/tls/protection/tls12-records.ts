import type { TlsCrypto } from '../crypto.ts';
import { sameBytes } from '../../der/octets.ts';
import { concatOctets } from '../octets.ts';
import type { TlsRecord } from '../record.ts';
import { TLS_1_0 } from '../registry/versions.ts';
import { nonceFor, sequenceOctets, type OpenedRecord, type RecordProtection } from './opened-record.ts';
import type { SuiteProtection } from './suite-protection.ts';

/** One direction's part of the key block (RFC 5246 section 6.3). */
export interface DirectionKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** How long the key block is, and how it is cut: MAC keys, keys, IVs, the client's before the server's. */
export function cutKeyBlock(
  suite: SuiteProtection,
  version: number,
  derive: (length: number) => Uint8Array,
): { readonly client: DirectionKeys; readonly server: DirectionKeys } {
  const macLength = suite.kind === 'aead' ? 0 : suite.macLength;
  const keyLength = suite.kind === 'null' ? 0 : suite.keyLength;
  const ivLength = ivLengthOf(suite, version);
  const block = derive(2 * (macLength + keyLength + ivLength));
  let at = 0;
  const cut = (length: number): Uint8Array => block.subarray(at, (at += length));
  const [clientMac, serverMac] = [cut(macLength), cut(macLength)];
  const [clientKey, serverKey] = [cut(keyLength), cut(keyLength)];
  const [clientIv, serverIv] = [cut(ivLength), cut(ivLength)];
  return {
    client: { macKey: clientMac, key: clientKey, iv: clientIv },
    server: { macKey: serverMac, key: serverKey, iv: serverIv },
  };
}

/** CBC takes its first IV from the key block in TLS 1.0 only; later every record brings its own. */
function ivLengthOf(suite: SuiteProtection, version: number): number {
  if (suite.kind === 'aead') return suite.fixedIvLength;
  return suite.kind === 'cbc' && version === TLS_1_0 ? suite.blockLength : 0;
}

const tooShort: OpenedRecord = { ok: false, why: 'too-short' };
const badRecord: OpenedRecord = { ok: false, why: 'bad-record' };

/** Opens one direction's records of TLS 1.0 to 1.2 from its ChangeCipherSpec on. */
export class Tls12Records implements RecordProtection {
  readonly #crypto: TlsCrypto;
  readonly #suite: SuiteProtection;
  readonly #keys: DirectionKeys;
  readonly #version: number;
  /** encrypt_then_mac was agreed (RFC 7366). */
  readonly #macIsLast: boolean;
  /** TLS 1.0: the last block of the record before is the next one's IV. */
  #chainedIv: Uint8Array;
  opened = 0;

  constructor(
    crypto: TlsCrypto,
    suite: SuiteProtection,
    keys: DirectionKeys,
    version: number,
    encryptThenMac: boolean,
  ) {
    this.#crypto = crypto;
    this.#suite = suite;
    this.#keys = keys;
    this.#version = version;
    this.#macIsLast = encryptThenMac && suite.kind === 'cbc';
    this.#chainedIv = keys.iv;
  }

  open(record: TlsRecord): OpenedRecord {
    const suite = this.#suite;
    let opened: OpenedRecord;
    if (suite.kind === 'aead') opened = this.#openAead(record, suite);
    else if (suite.kind === 'cbc') opened = this.#openCbc(record, suite);
    else opened = this.#checkMac(record, record.fragment, suite.macLength, 0);
    if (opened.ok) this.opened += 1;
    return opened;
  }

  /** The nonce is the fixed part and what the record brings (RFC 5288 section 3), or the XOR of RFC 7905. */
  #openAead(record: TlsRecord, suite: SuiteProtection & { kind: 'aead' }): OpenedRecord {
    const { fragment } = record;
    const { recordIvLength, tagLength, algorithm } = suite;
    const length = fragment.length - recordIvLength - tagLength;
    if (length < 0) return tooShort;
    const nonce =
      recordIvLength === 0
        ? nonceFor(this.#keys.iv, this.opened)
        : concatOctets(this.#keys.iv, fragment.subarray(0, recordIvLength));
    const additional = this.#pseudoHeader(record, length);
    const sealed = fragment.subarray(recordIvLength);
    const content = this.#crypto.openAead(algorithm, this.#keys.key, nonce, additional, sealed, tagLength);
    if (content === undefined) return badRecord;
    return { ok: true, contentType: record.contentType, content, paddingLength: 0 };
  }

  #openCbc(record: TlsRecord, suite: SuiteProtection & { kind: 'cbc' }): OpenedRecord {
    const { algorithm, blockLength, macLength } = suite;
    let { fragment } = record;
    if (this.#macIsLast) {
      const end = fragment.length - macLength;
      if (end < 0) return tooShort;
      const protectedPart = fragment.subarray(0, end);
      const mac = this.#mac(record, protectedPart);
      if (!sameBytes(mac, fragment.subarray(end))) return badRecord;
      fragment = protectedPart;
    }
    const isChained = this.#version === TLS_1_0;
    const iv = isChained ? this.#chainedIv : fragment.subarray(0, blockLength);
    const sealed = isChained ? fragment : fragment.subarray(blockLength);
    if (sealed.length === 0 || sealed.length % blockLength !== 0 || iv.length < blockLength) return tooShort;
    const plain = this.#crypto.decryptCbc(algorithm, this.#keys.key, iv, sealed);
    if (plain === undefined) return badRecord;
    if (isChained) this.#chainedIv = sealed.slice(-blockLength);
    // GenericBlockCipher (RFC 5246 section 6.2.3.2): content, MAC, padding of n times n, and n once more.
    const padding = plain.at(-1)! + 1;
    if (padding > plain.length) return badRecord;
    for (let at = plain.length - padding; at < plain.length; at += 1) {
      if (plain[at] !== padding - 1) return badRecord;
    }
    const unpadded = plain.subarray(0, plain.length - padding);
    if (!this.#macIsLast) return this.#checkMac(record, unpadded, macLength, padding);
    return { ok: true, contentType: record.contentType, content: unpadded, paddingLength: padding };
  }

  #checkMac(record: TlsRecord, plain: Uint8Array, macLength: number, paddingLength: number): OpenedRecord {
    const end = plain.length - macLength;
    if (end < 0) return tooShort;
    const content = plain.subarray(0, end);
    if (!sameBytes(this.#mac(record, content), plain.subarray(end))) return badRecord;
    return { ok: true, contentType: record.contentType, content, paddingLength };
  }

  #mac(record: TlsRecord, content: Uint8Array): Uint8Array {
    const { mac } = this.#suite as SuiteProtection & { kind: 'cbc' | 'null' };
    const data = concatOctets(this.#pseudoHeader(record, content.length), content);
    return this.#crypto.hmac(mac, this.#keys.macKey, data);
  }

  /** seq_num, type, version, length: what AEAD and MAC cover besides the content (RFC 5246 section 6.2.3). */
  #pseudoHeader({ contentType, version }: TlsRecord, length: number): Uint8Array {
    const header = Uint8Array.of(contentType, version >> 8, version & 0xff, length >> 8, length & 0xff);
    return concatOctets(sequenceOctets(this.opened), header);
  }
}
