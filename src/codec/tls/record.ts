import type { DecodeError } from './decode-error.ts';

/**
 * TLSPlaintext and TLSCiphertext (RFC 8446 sections 5.1 and 5.2):
 *
 * | octets | field                                                        |
 * |--------|--------------------------------------------------------------|
 * | 1      | type: 20 change_cipher_spec, 21 alert, 22 handshake, 23 data |
 * | 2      | legacy_record_version, 0x03 something                        |
 * | 2      | length                                                       |
 * | n      | fragment                                                     |
 *
 *     15 0303 0002 02 70      a fatal alert: unrecognized_name
 *     |  1.2  2    |  112
 *     alert        fatal
 */
export interface TlsRecord {
  readonly contentType: number;
  /** legacy_record_version; says little since TLS 1.3. */
  readonly version: number;
  readonly fragment: Uint8Array;
  /** Where the record's header starts, octets from the start of the stream. */
  readonly offset: number;
}

export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
export const HEARTBEAT = 24;

export const RECORD_HEADER_LENGTH = 5;
/** 2^14, for records that are not encrypted (RFC 8446 section 5.1). */
export const PLAINTEXT_MAX = 16_384;
/** 2^14 + 2048, what encryption may grow a record to in TLS 1.2 (RFC 5246 section 6.2.3); TLS 1.3 allows 256. */
const CIPHERTEXT_MAX = PLAINTEXT_MAX + 2_048;

/** Whether octets from `offset` on may start a TLS record as far as they are there: a known type, and major version 3. */
export function looksLikeRecord(bytes: Uint8Array, offset = 0): boolean {
  const type = bytes[offset];
  const major = bytes[offset + 1];
  const isType = type === undefined || (type >= CHANGE_CIPHER_SPEC && type <= HEARTBEAT);
  return isType && (major === undefined || major === 3);
}

/**
 * Cuts one direction of a connection into records, whatever pieces it comes in. `feed` what arrived, then take records
 * with `next` until it gives undefined; a DecodeError is final, since a stream without boundaries cannot be resumed.
 * Fragments are views of what was fed or of the reader's own memory, and stay valid.
 */
export class RecordReader {
  readonly #maxFragment: number;
  #held: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Stream offset of `#held[0]`. */
  #base = 0;
  #error: DecodeError | undefined;

  constructor(maxFragment: number = CIPHERTEXT_MAX) {
    this.#maxFragment = maxFragment;
  }

  /** Octets that wait for the rest of their record. */
  get pendingLength(): number {
    return this.#held.length - this.#at;
  }

  /** What was fed and not taken as a record: after an error, the octets that are no TLS. */
  get unread(): Uint8Array {
    return this.#held.subarray(this.#at);
  }

  feed(chunk: Uint8Array): void {
    const rest = this.#held.subarray(this.#at);
    this.#base += this.#at;
    this.#at = 0;
    if (rest.length === 0) {
      this.#held = chunk;
      return;
    }
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    this.#held = joined;
  }

  next(): TlsRecord | DecodeError | undefined {
    if (this.#error !== undefined) return this.#error;
    const held = this.#held;
    const at = this.#at;
    if (!looksLikeRecord(held, at)) return this.#fail('illegal-value', 'TLSPlaintext.type');
    if (held.length - at < RECORD_HEADER_LENGTH) return undefined;
    const length = (held[at + 3]! << 8) | held[at + 4]!;
    if (length > this.#maxFragment) return this.#fail('too-large', 'TLSPlaintext.length');
    const end = at + RECORD_HEADER_LENGTH + length;
    if (held.length < end) return undefined;
    this.#at = end;
    const version = (held[at + 1]! << 8) | held[at + 2]!;
    const fragment = held.subarray(at + RECORD_HEADER_LENGTH, end);
    return { contentType: held[at]!, version, fragment, offset: this.#base + at };
  }

  #fail(code: 'illegal-value' | 'too-large', field: string): DecodeError {
    this.#error = { code, field, offset: this.#base + this.#at };
    return this.#error;
  }
}

/** Whether `RecordReader.next` gave a record and not an error. */
export function isRecord(result: TlsRecord | DecodeError): result is TlsRecord {
  return 'fragment' in result;
}

/** One record, header included. `fragment` holds at most 2^14 octets. */
export function encodeRecord(contentType: number, version: number, fragment: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_HEADER_LENGTH + fragment.length);
  record.set([contentType, version >> 8, version & 0xff, fragment.length >> 8, fragment.length & 0xff]);
  record.set(fragment, RECORD_HEADER_LENGTH);
  return record;
}
