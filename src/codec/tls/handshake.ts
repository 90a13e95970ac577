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
  /** What waits is `[#start, #end)` of this; octets behind `#end` are free only where the buffer is our own. */
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #owned = false;
  #base = 0;
  #error: DecodeError | undefined;

  constructor(maxMessage = 0xff_ffff) {
    this.#maxMessage = maxMessage;
  }

  /** Octets that wait for the rest of their message. */
  get pendingLength(): number {
    return this.#end - this.#start;
  }

  feed(fragment: Uint8Array): void {
    const pending = this.pendingLength;
    if (pending === 0) {
      this.#buffer = fragment;
      this.#start = 0;
      this.#end = fragment.length;
      this.#owned = false;
      return;
    }
    // Room for twice as much, so that a long message in tiny records is not copied anew for each of them. Messages that
    // were given out are views of the old memory, which nobody writes to again.
    if (!this.#owned || this.#end + fragment.length > this.#buffer.length) {
      const grown = new Uint8Array(2 * (pending + fragment.length));
      grown.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = grown;
      this.#start = 0;
      this.#end = pending;
      this.#owned = true;
    }
    this.#buffer.set(fragment, this.#end);
    this.#end += fragment.length;
  }

  next(): HandshakeMessage | DecodeError | undefined {
    if (this.#error !== undefined) return this.#error;
    const held = this.#buffer;
    const start = this.#start;
    if (this.#end - start < HANDSHAKE_HEADER_LENGTH) return undefined;
    const length = HANDSHAKE_HEADER_LENGTH + ((held[start + 1]! << 16) | (held[start + 2]! << 8) | held[start + 3]!);
    if (length > this.#maxMessage) {
      this.#error = { code: 'too-large', field: 'Handshake.length', offset: this.#base };
      return this.#error;
    }
    if (this.#end - start < length) return undefined;
    this.#start = start + length;
    this.#base += length;
    return { type: held[start]!, bytes: held.subarray(start, start + length) };
  }
}

/** Whether `HandshakeReader.next` gave a message and not an error. */
export function isMessage(result: HandshakeMessage | DecodeError): result is HandshakeMessage {
  return 'bytes' in result;
}
