import { parseClientHello, type ClientHello, CLIENT_HELLO } from './client-hello.ts';
import type { DecodeError } from './decode-error.ts';
import { recogniseForeign, type ForeignProtocol } from './foreign-protocol.ts';
import { HANDSHAKE_HEADER_LENGTH } from './handshake.ts';
import { HANDSHAKE, PLAINTEXT_MAX, RECORD_HEADER_LENGTH } from './record.ts';

/** What is known of a connection's first octets. All but `need-more` are final. */
export type HelloProgress =
  | { readonly kind: 'need-more' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'foreign'; readonly foreign: ForeignProtocol }
  | { readonly kind: 'malformed'; readonly error: DecodeError }
  | { readonly kind: 'too-large'; readonly limitBytes: number };

const needMore: HelloProgress = { kind: 'need-more' };

/** Headers that a hello of the largest size may be spread over: about 200 records. */
const HEADER_ALLOWANCE = 1_024;

/**
 * Gathers the ClientHello from a connection's first octets, whatever segments and records they come in. `feed` each chunk
 * until the answer is final; `bytes` then holds everything that was fed, for whoever speaks TLS next.
 *
 * A hello that comes in one chunk and one record, as nearly all do, is parsed where it lies, without a copy.
 */
export class HelloAccumulator {
  readonly #limitBytes: number;
  #buffer: Uint8Array = new Uint8Array(0);
  #length = 0;
  #owned = false;
  /** Where the next record header stands, and the fragments before it. */
  #at = 0;
  #fragments: Uint8Array | undefined;
  #fragmentsLength = 0;
  #final: HelloProgress | undefined;

  /** `limitBytes` bounds the message; 16 KiB is more than ten times what any client sends today. */
  constructor(limitBytes: number = PLAINTEXT_MAX + HANDSHAKE_HEADER_LENGTH) {
    this.#limitBytes = limitBytes;
  }

  /** Everything that was fed so far. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  get byteLength(): number {
    return this.#length;
  }

  feed(chunk: Uint8Array): HelloProgress {
    this.#append(chunk);
    if (this.#final !== undefined) return this.#final;
    const progress = this.#advance();
    if (progress.kind !== 'need-more') this.#final = progress;
    return progress;
  }

  #append(chunk: Uint8Array): void {
    if (this.#length === 0) {
      this.#buffer = chunk;
      this.#length = chunk.length;
      return;
    }
    const length = this.#length + chunk.length;
    if (!this.#owned || length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      grown.set(this.bytes);
      this.#buffer = grown;
      this.#owned = true;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
  }

  #advance(): HelloProgress {
    for (;;) {
      const start = this.#at;
      const bytes = this.#buffer;
      const held = this.#length - start;
      if (held === 0) return needMore;
      const isFirst = start === 0;
      if (bytes[start] !== HANDSHAKE || (held > 1 && bytes[start + 1] !== 3)) {
        if (!isFirst) return this.#malformed('unexpected-type', 'TLSPlaintext.type', start);
        const foreign = recogniseForeign(this.bytes);
        return foreign === undefined ? needMore : { kind: 'foreign', foreign };
      }
      if (held < RECORD_HEADER_LENGTH) return needMore;
      const length = (bytes[start + 3]! << 8) | bytes[start + 4]!;
      // Empty handshake records are forbidden (RFC 8446 section 5.1): they would go on for ever.
      if (length === 0) return this.#malformed('bad-length', 'TLSPlaintext.length', start + 3);
      if (length > PLAINTEXT_MAX) return this.#malformed('too-large', 'TLSPlaintext.length', start + 3);
      const contentStart = start + RECORD_HEADER_LENGTH;
      const end = contentStart + length;
      // The message's own header says early that it is none, or too long, before its record is whole.
      const early = isFirst ? this.#checkMessageHeader(contentStart) : undefined;
      if (early !== undefined) return early;
      if (this.#length < end) return end > this.#limitBytes + HEADER_ALLOWANCE ? this.#tooLarge() : needMore;
      this.#at = end;
      const progress = this.#takeFragment(bytes.subarray(contentStart, end));
      if (progress !== undefined) return progress;
      if (end > this.#limitBytes + HEADER_ALLOWANCE) return this.#tooLarge();
    }
  }

  #checkMessageHeader(at: number): HelloProgress | undefined {
    if (this.#length > at && this.#buffer[at] !== CLIENT_HELLO) {
      return this.#malformed('unexpected-type', 'msg_type', at);
    }
    return undefined;
  }

  /** Adds a record's content; gives the answer once the message is whole. */
  #takeFragment(fragment: Uint8Array): HelloProgress | undefined {
    let message = fragment;
    if (this.#fragments !== undefined) {
      const length = this.#fragmentsLength + fragment.length;
      if (length > this.#fragments.length) {
        const grown = new Uint8Array(Math.max(length, 2 * this.#fragments.length));
        grown.set(this.#fragments.subarray(0, this.#fragmentsLength));
        this.#fragments = grown;
      }
      this.#fragments.set(fragment, this.#fragmentsLength);
      message = this.#fragments.subarray(0, length);
    }
    if (message.length >= HANDSHAKE_HEADER_LENGTH) {
      const length = HANDSHAKE_HEADER_LENGTH + ((message[1]! << 16) | (message[2]! << 8) | message[3]!);
      if (length > this.#limitBytes) return this.#tooLarge();
      // What else stands in the record is for the TLS stack to judge.
      if (message.length >= length) return finished(message.subarray(0, length));
    }
    // A copy: the buffer that the fragment lies in may be given back to whoever fed it.
    this.#fragments ??= fragment.slice();
    this.#fragmentsLength = message.length;
    return undefined;
  }

  #malformed(code: DecodeError['code'], field: string, offset: number): HelloProgress {
    return { kind: 'malformed', error: { code, field, offset } };
  }

  #tooLarge(): HelloProgress {
    return { kind: 'too-large', limitBytes: this.#limitBytes };
  }
}

function finished(message: Uint8Array): HelloProgress {
  const parsed = parseClientHello(message);
  return parsed.ok ? { kind: 'hello', hello: parsed.value } : { kind: 'malformed', error: parsed.error };
}
