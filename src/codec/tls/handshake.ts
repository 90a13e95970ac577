import type { DecodeError } from './decode-error.ts';

/**
 * Handshake messages (RFC 8446 section 4): `msg_type` of one octet, `length` of three, then the body. A record may hold
 * several, and a message may go on over several records, so that they are read from the joined fragments:
 *
 *     16 0303 0004 | 01 000005 |            first record: the header only
 *     16 0303 0005 | 0303 01 02 03 |        second record: the body
 */
export interface HandshakeMessage {
  readonly type: number;
  /** Header and body, as transcripts hash it. */
  readonly bytes: Uint8Array;
}

export const HANDSHAKE_HEADER_LENGTH = 4;

/**
 * Joins fragments of handshake records into messages. `feed` a fragment, then take messages with `next` until it gives
 * undefined; a message longer than `maxMessage` octets is a final error.
 */
export class HandshakeReader {
  readonly #maxMessage: number;
  #held: Uint8Array = new Uint8Array(0);
  #base = 0;
  #error: DecodeError | undefined;

  constructor(maxMessage = 0xff_ffff) {
    this.#maxMessage = maxMessage;
  }

  /** Octets that wait for the rest of their message. */
  get pendingLength(): number {
    return this.#held.length;
  }

  feed(fragment: Uint8Array): void {
    if (this.#held.length === 0) {
      this.#held = fragment;
      return;
    }
    const joined = new Uint8Array(this.#held.length + fragment.length);
    joined.set(this.#held);
    joined.set(fragment, this.#held.length);
    this.#held = joined;
  }

  next(): HandshakeMessage | DecodeError | undefined {
    if (this.#error !== undefined) return this.#error;
    const held = this.#held;
    if (held.length < HANDSHAKE_HEADER_LENGTH) return undefined;
    const length = HANDSHAKE_HEADER_LENGTH + ((held[1]! << 16) | (held[2]! << 8) | held[3]!);
    if (length > this.#maxMessage) {
      this.#error = { code: 'too-large', field: 'Handshake.length', offset: this.#base };
      return this.#error;
    }
    if (held.length < length) return undefined;
    this.#held = held.subarray(length);
    this.#base += length;
    return { type: held[0]!, bytes: held.subarray(0, length) };
  }
}

/** Whether `HandshakeReader.next` gave a message and not an error. */
export function isMessage(result: HandshakeMessage | DecodeError): result is HandshakeMessage {
  return 'bytes' in result;
}
