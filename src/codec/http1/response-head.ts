/**
 * A response head, read in place (RFC 9112 section 4):
 *
 *   48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d 0a   HTTP/1.1 200 OK CRLF
 *   ... field lines ...                                  CRLF
 */
import { CR, FIELD_VALUE, LF, SP } from './characters.ts';
import {
  COMPLETE,
  FieldSectionReader,
  INCOMPLETE,
  INVALID,
  type HeadErrorCode,
  type ReadStatus,
} from './field-section.ts';
import { asciiView, firstDifference, skipFieldValue } from './four-octets.ts';
import type { HeadLimits } from './head-limits.ts';

const PREFIX = asciiView('HTTP/1.');

export class ResponseHeadReader {
  readonly fields: FieldSectionReader = new FieldSectionReader('response');
  readonly #limits: HeadLimits;

  status = 0;
  minorVersion = 1;
  /** Start of the field section. */
  fieldsStart = 0;
  /** Behind the empty line. */
  headEnd = 0;

  error: HeadErrorCode = 'status-line-malformed';
  errorOffset = 0;

  #lineRead = false;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** A reader of its own with the same limits. */
  twin(): ResponseHeadReader {
    return new ResponseHeadReader(this.#limits);
  }

  /** Forgets a head that was read in part. */
  reset(): void {
    this.#lineRead = false;
    this.fields.reset();
  }

  /** As RequestHeadReader.read. */
  read(bytes: Uint8Array, start: number, end: number): ReadStatus {
    if (!this.#lineRead) {
      const status = this.#readLine(bytes, start, end);
      if (status !== COMPLETE) return status === INCOMPLETE ? this.#tooLong(start, end) : status;
      this.#lineRead = true;
      this.fields.reset();
    }
    const status = this.fields.read(bytes, this.fieldsStart, end, this.#limits.fieldCount);
    if (status === INCOMPLETE) return this.#tooLong(start, end);
    this.#lineRead = false;
    if (status === INVALID) return this.#fail(this.fields.error, this.fields.errorOffset);
    this.headEnd = this.fields.end;
    if (this.headEnd - start > this.#limits.headBytes) return this.#fail('head-too-large', start);
    // RFC 9112 section 6.1: a server must not send it to or in HTTP/1.0; nothing after it can be trusted.
    if (this.fields.chunked && this.minorVersion === 0)
      return this.#fail('transfer-encoding-in-http10', this.fieldsStart);
    return COMPLETE;
  }

  #fail(code: HeadErrorCode, offset: number): typeof INVALID {
    this.error = code;
    this.errorOffset = offset;
    this.#lineRead = false;
    return INVALID;
  }

  #tooLong(start: number, end: number): ReadStatus {
    return end - start > this.#limits.headBytes ? this.#fail('head-too-large', start) : INCOMPLETE;
  }

  /** status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF; the last SP is often left out and may be. */
  #readLine(bytes: Uint8Array, start: number, end: number): ReadStatus {
    const view = this.fields.viewOf(bytes);
    const wrong = firstDifference(view, start, end, PREFIX);
    if (wrong >= 0) return this.#fail('status-line-malformed', wrong);
    if (end - start < 14) {
      return bytes.subarray(start, end).includes(LF) ? this.#fail('status-line-malformed', start) : INCOMPLETE;
    }
    const minor = bytes[start + 7]! - 0x30;
    if (minor !== 0 && minor !== 1) return this.#fail('version-unsupported', start + 7);
    if (bytes[start + 8] !== SP) return this.#fail('status-line-malformed', start + 8);
    let status = 0;
    for (let k = start + 9; k < start + 12; k += 1) {
      const digit = bytes[k]! - 0x30;
      if (digit < 0 || digit > 9) return this.#fail('status-line-malformed', k);
      status = status * 10 + digit;
    }
    if (status < 100 || status > 599) return this.#fail('status-line-malformed', start + 9);
    let i = start + 12;
    if (bytes[i] !== SP && bytes[i] !== CR) return this.#fail('status-line-malformed', i);
    i = skipFieldValue(view, i, end);
    while (i < end && FIELD_VALUE[bytes[i]!] === 1) i += 1;
    if (i >= end) return INCOMPLETE;
    if (bytes[i] !== CR) return this.#fail(bytes[i] === LF ? 'bare-cr-or-lf' : 'status-line-malformed', i);
    if (i + 1 >= end) return INCOMPLETE;
    if (bytes[i + 1] !== LF) return this.#fail('bare-cr-or-lf', i);
    this.status = status;
    this.minorVersion = minor;
    this.fieldsStart = i + 2;
    return COMPLETE;
  }
}
