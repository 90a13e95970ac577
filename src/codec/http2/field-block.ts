/**
 * Builds a field block, HTTP/1.1 field lines one behind the other, out of decoded HPACK fields.
 *
 * Lines that follow each other in the dynamic table are gathered and copied at once: a block of a browser's repeated
 * fields is two or three copies. Cookie crumbs (RFC 9113 section 8.2.3) become one line.
 */
import { copyOctets } from '../copy-octets.ts';

const SEMICOLON = 0x3b;
const SPACE = 0x20;

export class FieldBlock {
  readonly buffer: Buffer;
  /** Behind the last line, once `finish` was called. */
  end = 0;

  /** Where the decoder puts literals: its octets are good during a call only, so they are copied at once. */
  readonly #scratch: Buffer;
  /** A stretch of lines not yet copied; -1 when there is none. */
  #run: Buffer;
  #runStart = -1;
  #runEnd = -1;
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
    this.#runStart = -1;
    this.#runEnd = -1;
    this.#cookieStart = -1;
  }

  /** To be called with the buffer of a field that is not added: what was gathered from another may be about to move. */
  turnTo(lines: Buffer): void {
    if (lines !== this.#run) {
      this.#flush();
      this.#run = lines;
    }
  }

  /** Adds the line `lines[start, end)`. */
  addLine(lines: Buffer, start: number, end: number): void {
    if (start === this.#runEnd && lines === this.#run) {
      this.#runEnd = end;
      return;
    }
    this.#flush();
    if (lines === this.#scratch) {
      this.end = copyOctets(lines, start, end, this.buffer, this.end);
      return;
    }
    this.#run = lines;
    this.#runStart = start;
    this.#runEnd = end;
  }

  /** Adds `name: ` (as octets) with the octets behind it, CRLF included, of another line. */
  addRenamed(prefix: Buffer, lines: Buffer, valueStart: number, lineEnd: number): void {
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
    this.#runStart = -1;
    this.#runEnd = -1;
  }
}
