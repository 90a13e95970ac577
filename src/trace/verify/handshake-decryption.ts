import { createDecipheriv, createHmac, type CipherGCMTypes } from 'node:crypto';
import { RECORD_HEADER_LENGTH, type TlsRecord } from '../../codec/tls/record.ts';

/** Cipher suites of TLS 1.3 as node:crypto calls their parts, with the key length in octets. */
const suites: ReadonlyMap<
  number,
  readonly [cipher: CipherGCMTypes | 'chacha20-poly1305', keyLength: number, hash: string]
> = new Map([
  [0x1301, ['aes-128-gcm', 16, 'sha256']],
  [0x1302, ['aes-256-gcm', 32, 'sha384']],
  [0x1303, ['chacha20-poly1305', 32, 'sha256']],
] as const);

const TAG_LENGTH = 16;
const IV_LENGTH = 12;

/** The inner content of a record: what kind it really is, and its octets. */
export interface InnerPlaintext {
  readonly contentType: number;
  readonly content: Uint8Array;
}

/**
 * Opens the records that a server protects with its handshake traffic secret (RFC 8446 sections 5.2, 5.3 and 7.3). This
 * only reads what OpenSSL exchanged: the secret is what OpenSSL's key log told of a connection of ours.
 */
export class HandshakeDecryption {
  readonly #cipher: CipherGCMTypes | 'chacha20-poly1305';
  readonly #key: Buffer;
  readonly #iv: Buffer;
  #sequence = 0n;

  private constructor(cipher: CipherGCMTypes | 'chacha20-poly1305', key: Buffer, iv: Buffer) {
    this.#cipher = cipher;
    this.#key = key;
    this.#iv = iv;
  }

  /** Undefined for cipher suites that are not known here. */
  static create(cipherSuite: number, secret: Uint8Array): HandshakeDecryption | undefined {
    const suite = suites.get(cipherSuite);
    if (suite === undefined) return undefined;
    const [cipher, keyLength, hash] = suite;
    const key = expandLabel(hash, secret, 'key', keyLength);
    return new HandshakeDecryption(cipher, key, expandLabel(hash, secret, 'iv', IV_LENGTH));
  }

  /** Opens the next record in order; undefined where it is not protected with this secret. */
  open({ contentType, version, fragment }: TlsRecord): InnerPlaintext | undefined {
    if (fragment.length <= TAG_LENGTH) return undefined;
    const nonce = Buffer.from(this.#iv);
    // The sequence number, as wide as the nonce, is XORed onto it.
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(IV_LENGTH - 8) ^ this.#sequence, IV_LENGTH - 8);
    const header = Buffer.alloc(RECORD_HEADER_LENGTH);
    header.writeUInt8(contentType, 0);
    header.writeUInt16BE(version, 1);
    header.writeUInt16BE(fragment.length, 3);
    const sealed = fragment.subarray(0, -TAG_LENGTH);
    // Both kinds of cipher take the same calls; the types know of GCM only.
    const working = createDecipheriv(this.#cipher as CipherGCMTypes, this.#key, nonce, { authTagLength: TAG_LENGTH });
    working.setAAD(header, { plaintextLength: sealed.length });
    working.setAuthTag(fragment.subarray(-TAG_LENGTH));
    let plain: Buffer;
    try {
      plain = Buffer.concat([working.update(sealed), working.final()]);
    } catch {
      return undefined;
    }
    this.#sequence++;
    // TLSInnerPlaintext: content, its type, and zeros as padding.
    let end = plain.length;
    while (end > 0 && plain[end - 1] === 0) end--;
    return end === 0 ? undefined : { contentType: plain[end - 1] ?? 0, content: plain.subarray(0, end - 1) };
  }
}

/**
 * HKDF-Expand-Label with an empty context (RFC 8446 section 7.1). Nothing here is longer than one hash, so that one round
 * of HKDF-Expand (RFC 5869 section 2.3) does:
 *
 *     0010 09 746c733133206b6579 00 | 01      16 octets, "tls13 key", no context, first round
 */
function expandLabel(hash: string, secret: Uint8Array, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.of(length >> 8, length & 0xff, name.length), name, Buffer.of(0, 1)]);
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}
