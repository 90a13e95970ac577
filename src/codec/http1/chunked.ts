/**
 * The chunked transfer coding (RFC 9112 section 7.1):
 *
 *   35 3b 78 3d 31 0d 0a  68 65 6c 6c 6f  0d 0a      5;x=1 CRLF hello CRLF
 *   30 0d 0a  0d 0a                                  0 CRLF (trailers) CRLF
 *
 * The decoder is a state machine over octets that holds no content: it tells where in the given buffer content stands.
 * Extensions are validated, counted and dropped; trailers are collected and judged when the last line has come.
 */
import { latin1Text } from '../latin1.ts';
import { CR, FIELD_VALUE, LF, TOKEN } from './characters.ts';
import { COMPLETE, FieldSectionReader } from './field-section.ts';

export type ChunkErrorCode = 'chunk-malformed' | 'trailer-malformed';

export interface ChunkLimits {
  /** Octets of all chunk extensions of one message. */
  readonly extensionBytes: number;
  /** Octets of the trailer section. */
  readonly trailerBytes: number;
}

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** More than 8 hexadecimal digits would be a chunk of over 4 GiB: no sender makes one. */
const MAXIMUM_SIZE_DIGITS = 8;
const MAXIMUM_TRAILER_FIELDS = 64;

const SIZE = 0;
const SIZE_LF = 1;
const CONTENT = 2;
const CONTENT_CR = 3;
const CONTENT_LF = 4;
const TRAILER = 5;
const DONE = 6;
const FAILED = 7;
// Section 7.1.1: ";" name [ "=" ( token / quoted-string ) ], without the white space that its grammar tolerates: no sender
// needs it, and parsers that skip it differ in where the line ends.
const EXTENSION_NAME_START = 8;
const EXTENSION_NAME = 9;
const EXTENSION_VALUE_START = 10;
const EXTENSION_VALUE = 11;
const EXTENSION_QUOTED = 12;
const EXTENSION_ESCAPED = 13;
const EXTENSION_END = 14;

export const MORE = 0;
export const CONTENT_FOUND = 1;
export const MESSAGE_END = 2;
export const CHUNK_INVALID = -1;
export type ChunkStatus = typeof MORE | typeof CONTENT_FOUND | typeof MESSAGE_END | typeof CHUNK_INVALID;

export class ChunkedDecoder {
  /** Where the last CONTENT_FOUND stands. */
  contentStart = 0;
  contentEnd = 0;
  /** First octet not yet looked at. */
  position = 0;
  /** After MESSAGE_END: the trailer section as a field block, without fields that may not travel in trailers. */
  trailers: Buffer | undefined;
  error: ChunkErrorCode = 'chunk-malformed';

  #state = SIZE;
  #digits = 0;
  #remaining = 0;
  #extensionBytes = 0;
  #trailerBytes: number[] = [];
  #limits: ChunkLimits = { extensionBytes: 0, trailerBytes: 0 };

  /** Starts a message. */
  begin(limits: ChunkLimits): void {
    this.#limits = limits;
    this.#state = SIZE;
    this.#digits = 0;
    this.#remaining = 0;
    this.#extensionBytes = 0;
    if (this.#trailerBytes.length > 0) this.#trailerBytes = [];
    this.trailers = undefined;
  }

  /**
   * Looks at `bytes[start, end)` until content is found (CONTENT_FOUND: call again from `position`), the message ends
   * (MESSAGE_END: `position` is the first octet behind it) or the octets do (MORE).
   */
  read(bytes: Uint8Array, start: number, end: number): ChunkStatus {
    let i = start;
    while (i < end) {
      switch (this.#state) {
        case CONTENT: {
          const length = Math.min(this.#remaining, end - i);
          this.contentStart = i;
          this.contentEnd = i + length;
          this.position = i + length;
          this.#remaining -= length;
          if (this.#remaining === 0) this.#state = CONTENT_CR;
          return CONTENT_FOUND;
        }
        case SIZE: {
          const octet = bytes[i]!;
          const digit = hexDigit(octet);
          if (digit >= 0) {
            this.#digits += 1;
            if (this.#digits > MAXIMUM_SIZE_DIGITS) return this.#fail('chunk-malformed', i);
            this.#remaining = this.#remaining * 16 + digit;
          } else if (this.#digits === 0) return this.#fail('chunk-malformed', i);
          else if (octet === CR) this.#state = SIZE_LF;
          else if (octet === SEMICOLON) this.#state = EXTENSION_NAME_START;
          else return this.#fail('chunk-malformed', i);
          i += 1;
          break;
        }
        case SIZE_LF:
          if (bytes[i] !== LF) return this.#fail('chunk-malformed', i);
          i += 1;
          this.#digits = 0;
          this.#state = this.#remaining === 0 ? TRAILER : CONTENT;
          break;
        case CONTENT_CR:
          if (bytes[i] !== CR) return this.#fail('chunk-malformed', i);
          i += 1;
          this.#state = CONTENT_LF;
          break;
        case CONTENT_LF:
          if (bytes[i] !== LF) return this.#fail('chunk-malformed', i);
          i += 1;
          this.#state = SIZE;
          break;
        case TRAILER: {
          const status = this.#readTrailer(bytes, i);
          i += 1;
          if (status !== MORE) {
            this.position = i;
            return status;
          }
          break;
        }
        case DONE:
          this.position = i;
          return MESSAGE_END;
        case FAILED:
          this.position = i;
          return CHUNK_INVALID;
        default:
          if (!this.#readExtension(bytes[i]!)) return this.#fail('chunk-malformed', i);
          i += 1;
      }
    }
    this.position = i;
    return MORE;
  }

  #fail(code: ChunkErrorCode, at: number): typeof CHUNK_INVALID {
    this.error = code;
    this.position = at;
    this.#state = FAILED;
    return CHUNK_INVALID;
  }

  /** One octet of an extension; false where the grammar ends or the limit is reached. */
  #readExtension(octet: number): boolean {
    this.#extensionBytes += 1;
    if (this.#extensionBytes > this.#limits.extensionBytes) return false;
    const next = nextInExtension(this.#state, octet);
    this.#state = next;
    return next !== FAILED;
  }

  /** Collects the section octet by octet until its empty line; nearly always that is the first two octets. */
  #readTrailer(bytes: Uint8Array, at: number): ChunkStatus {
    const kept = this.#trailerBytes;
    const octet = bytes[at]!;
    kept.push(octet);
    const count = kept.length;
    // The empty line that ends every message is none of the trailers.
    if (count > this.#limits.trailerBytes + 2) return this.#fail('trailer-malformed', at);
    if (octet !== LF) return MORE;
    if (count < 2 || kept[count - 2] !== CR) return this.#fail('trailer-malformed', at);
    if (count > 2 && kept[count - 3] !== LF) return MORE;
    if (count > 2) {
      const trailers = readTrailerSection(kept);
      if (trailers === undefined) return this.#fail('trailer-malformed', at);
      if (trailers.length > 0) this.trailers = trailers;
      this.#trailerBytes = [];
    } else kept.length = 0;
    this.#state = DONE;
    return MESSAGE_END;
  }
}

/** Fields that would change framing, routing, authentication or content after the fact (RFC 9110 section 6.5.1). */
const NOT_IN_TRAILERS = new Set([
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'expires',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'location',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'via',
  'www-authenticate',
]);

function readTrailerSection(octets: readonly number[]): Buffer | undefined {
  const bytes = Buffer.from(octets);
  const reader = new FieldSectionReader('trailers');
  if (reader.read(bytes, 0, bytes.length, MAXIMUM_TRAILER_FIELDS) !== COMPLETE) return undefined;
  let block = '';
  for (const line of latin1Text(bytes, 0, bytes.length - 4).split('\r\n')) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase().replaceAll('_', '-');
    if (!NOT_IN_TRAILERS.has(name) && !IDENTITY.test(name)) block += `${line}\r\n`;
  }
  return Buffer.from(block, 'latin1');
}

const IDENTITY =
  /^(?:x-forwarded-|forwarded$|client-cert|x-real-ip$|x-client-|ssl-client-|x-ssl-|true-client-ip$|cf-connecting-ip$|proxy$)/;

function nextInExtension(state: number, octet: number): number {
  switch (state) {
    case EXTENSION_NAME_START:
      return TOKEN[octet] === 1 ? EXTENSION_NAME : FAILED;
    case EXTENSION_NAME:
      if (TOKEN[octet] === 1) return EXTENSION_NAME;
      return octet === EQUALS ? EXTENSION_VALUE_START : behindExtension(octet);
    case EXTENSION_VALUE_START:
      if (octet === QUOTE) return EXTENSION_QUOTED;
      return TOKEN[octet] === 1 ? EXTENSION_VALUE : FAILED;
    case EXTENSION_VALUE:
      return TOKEN[octet] === 1 ? EXTENSION_VALUE : behindExtension(octet);
    case EXTENSION_QUOTED:
      if (octet === QUOTE) return EXTENSION_END;
      if (octet === BACKSLASH) return EXTENSION_ESCAPED;
      return FIELD_VALUE[octet] === 1 ? EXTENSION_QUOTED : FAILED;
    case EXTENSION_ESCAPED:
      return FIELD_VALUE[octet] === 1 ? EXTENSION_QUOTED : FAILED;
    default:
      return behindExtension(octet);
  }
}

function behindExtension(octet: number): number {
  if (octet === CR) return SIZE_LF;
  return octet === SEMICOLON ? EXTENSION_NAME_START : FAILED;
}

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** `SIZE CRLF` of a chunk, written at `offset`; returns the offset behind it. Needs 10 octets of room. */
export function writeChunkSize(target: Uint8Array, offset: number, size: number): number {
  let shift = 28;
  while (shift > 0 && size >>> shift === 0) shift -= 4;
  let i = offset;
  for (; shift >= 0; shift -= 4) {
    const digit = (size >>> shift) & 15;
    target[i] = digit < 10 ? 0x30 + digit : 0x57 + digit;
    i += 1;
  }
  target[i] = CR;
  target[i + 1] = LF;
  return i + 2;
}
