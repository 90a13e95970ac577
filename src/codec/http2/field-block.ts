/**
 * Builds a field block, HTTP/1.1 field lines one behind the other, out of decoded HPACK fields.
 *
 * Lines that follow each other in the dynamic table are gathered and copied at once: a block of a browser's repeated
 * fields is two or three copies. Cookie crumbs (RFC 9113 section 8.2.3) become one line.
 */
import { copyOctets } from './copy-octets.ts';

const SEMICOLON = 0x3b;
const SPACE = 0x20;

export class FieldBlock {
  readonly buffer: Buffer;
  /** Behind the last line, once `finish` was called. */
  end = 0;

  /** Where the decoder puts literals: its octets are good during a call only, so they are copied at once. */
  readonly #scratch: Buffer;
  /** A stretch of lines not yet copied; empty when `#runEnd` is `#runStart`. */
  #run: Buffer;
  #runStart = 0;
  #runEnd = 0;
  /** The cookie line in the buffer, or none (-1). */
  #cookieStart = -1;
  #cookieEnd = -1;

  /** `buffer` must hold all lines of a list; who builds the block sees to it. */
  constructor(buffer: Buffer, scratch: Buffer) {
    this.buffer = buffer;
    this.#scratch = scratch;
    this.#run = buffer;
  }

  /** Begins anew at the front of the buffer. */
  reset(): void {
    this.end = 0;
    this.#runStart = 0;
    this.#runEnd = 0;
    this.#cookieStart = -1;
  }

  /** To be called with the buffer of each field, used or not: what was gathered from another one may be about to move. */
  turnTo(lines: Buffer): void {
    if (lines !== this.#run) {
      this.#flush();
      this.#run = lines;
    }
  }

  /** Adds the line in `[start, end)` of the buffer that `turnTo` was called with. */
  addLine(start: number, end: number): void {
    if (this.#run === this.#scratch) {
      this.end = copyOctets(this.#scratch, start, end, this.buffer, this.end);
      return;
    }
    if (start === this.#runEnd && this.#runEnd > this.#runStart) {
      this.#runEnd = end;
      return;
    }
    this.#flush();
    this.#runStart = start;
    this.#runEnd = end;
  }

  /** Adds `name: ` (as octets) with the octets behind it, CRLF included, of another line. */
  addRenamed(prefix: Uint8Array, lines: Buffer, valueStart: number, lineEnd: number): void {
    this.#flush();
    this.end = copyOctets(prefix, 0, prefix.length, this.buffer, this.end);
    this.end = copyOctets(lines, valueStart, lineEnd, this.buffer, this.end);
  }

  /** Adds a cookie line, or its value to the cookie line that there is. */
  addCookie(lines: Buffer, start: number, valueStart: number, lineEnd: number): void {
    this.#flush();
    const { buffer } = this;
    if (this.#cookieStart < 0) {
      this.#cookieStart = this.end;
      this.end = copyOctets(lines, start, lineEnd, buffer, this.end);
      this.#cookieEnd = this.end;
      return;
    }
    if (this.#cookieEnd !== this.end) this.#moveCookieToEnd();
    buffer[this.end - 2] = SEMICOLON;
    buffer[this.end - 1] = SPACE;
    this.end = copyOctets(lines, valueStart, lineEnd, buffer, this.end);
    this.#cookieEnd = this.end;
  }

  /** Copies what was gathered; the block is whole. */
  finish(): void {
    this.#flush();
    this.#run = this.buffer;
  }

  /** Lines stand behind the cookie line: the two change places. */
  #moveCookieToEnd(): void {
    const { buffer } = this;
    const copy = Uint8Array.from(buffer.subarray(this.#cookieStart, this.#cookieEnd));
    buffer.copyWithin(this.#cookieStart, this.#cookieEnd, this.end);
    this.#cookieStart += this.end - this.#cookieEnd;
    buffer.set(copy, this.#cookieStart);
    this.#cookieEnd = this.end;
  }

  #flush(): void {
    if (this.#runEnd > this.#runStart) {
      this.end = copyOctets(this.#run, this.#runStart, this.#runEnd, this.buffer, this.end);
    }
    this.#runStart = 0;
    this.#runEnd = 0;
  }
}
