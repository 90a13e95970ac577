/**
 * A request head, read in place (RFC 9112 section 3):
 *
 *   47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a      GET / HTTP/1.1 CRLF
 *   48 6f 73 74 3a 20 61 0d 0a                           Host: a CRLF
 *   0d 0a                                                CRLF
 *
 * One reader serves many connections, one after the other; a connection whose head comes in pieces takes one of its own
 * until the head is whole.
 */
import { latin1Text } from '../latin1.ts';
import { CR, HOST, HTAB, LF, SP, TARGET, TOKEN } from './characters.ts';
import {
  COMPLETE,
  FieldSectionReader,
  INCOMPLETE,
  INVALID,
  type HeadErrorCode,
  type ReadStatus,
} from './field-section.ts';
import { asciiView, firstDifference } from './four-octets.ts';
import type { HeadLimits } from './head-limits.ts';
import type { KnownFields } from './known-fields.ts';

/** RFC 9110 names 7 letters at most; registered methods reach 17 (UPDATEREDIRECTREF). */
const MAXIMUM_METHOD_BYTES = 24;

export class RequestHeadReader {
  readonly fields: FieldSectionReader = new FieldSectionReader('request');
  readonly #limits: HeadLimits;

  method = '';
  /** Where the target stands in the buffer, as sent. */
  targetStart = 0;
  targetEnd = 0;
  /** Minor version: 0 or 1. */
  minorVersion = 1;
  /** Start of the field section. */
  fieldsStart = 0;
  /** Behind the empty line. */
  headEnd = 0;
  /** Target is absolute-form (`https://host/path`): the authority in it replaces Host. */
  absoluteForm = false;
  /** The fields are those that were known. */
  recalled = false;

  error: HeadErrorCode = 'request-line-malformed';
  errorOffset = 0;

  #lineRead = false;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** A reader of its own with the same limits. */
  twin(): RequestHeadReader {
    return new RequestHeadReader(this.#limits);
  }

  /** Forgets a head that was read in part. */
  reset(): void {
    this.#lineRead = false;
    this.fields.reset();
  }

  /**
   * Reads the head that starts at `start`. After INCOMPLETE, call again on the same reader with more octets at the same
   * offsets; whole lines are not read twice. `known` is a section that was read under the same limits and the same trust,
   * in a head that was COMPLETE: what it says by itself is not judged again.
   */
  read(bytes: Buffer, start: number, end: number, known?: KnownFields): ReadStatus {
    if (!this.#lineRead) {
      this.recalled = false;
      const status = this.#readLine(bytes, start, end);
      if (status !== COMPLETE) return status === INCOMPLETE ? this.#tooLong(start, end) : status;
      if (known?.standsAt(bytes, this.fields.viewOf(bytes), this.fieldsStart, end) === true) {
        this.fields.take(known.findings, this.fieldsStart);
        this.recalled = true;
        return this.#finish(bytes, start);
      }
      this.#lineRead = true;
      this.fields.reset();
    }
    const status = this.fields.read(bytes, this.fieldsStart, end, this.#limits.fieldCount);
    if (status === INCOMPLETE) return this.#tooLong(start, end);
    this.#lineRead = false;
    if (status === INVALID) return this.#fail(this.fields.error, this.fields.errorOffset);
    return this.#finish(bytes, start);
  }

  #finish(bytes: Buffer, start: number): ReadStatus {
    this.headEnd = this.fields.end;
    if (this.headEnd - start > this.#limits.headBytes) return this.#fail('head-too-large', start);
    return this.#judge(bytes);
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

  /** request-line = method SP request-target SP HTTP-version CRLF, single spaces only. */
  #readLine(bytes: Buffer, start: number, end: number): ReadStatus {
    const token = TOKEN;
    const target = TARGET;
    let i = start;
    while (i < end && token[bytes[i]!] === 1) i += 1;
    if (i - start > MAXIMUM_METHOD_BYTES) return this.#fail('method-invalid', start);
    if (i >= end) return INCOMPLETE;
    if (bytes[i] !== SP || i === start) return this.#fail(i === start ? 'request-line-malformed' : 'method-invalid', i);
    const methodEnd = i;
    i += 1;
    const targetStart = i;
    while (i < end && target[bytes[i]!] === 1) i += 1;
    if (i - targetStart > this.#limits.targetBytes) return this.#fail('target-too-long', targetStart);
    if (i >= end) return INCOMPLETE;
    if (bytes[i] !== SP || i === targetStart) return this.#fail(this.#whatEndsTarget(bytes, targetStart, i), i);
    this.targetStart = targetStart;
    this.targetEnd = i;
    i += 1;
    // "HTTP/1.1" CRLF
    const wrong = firstDifference(this.fields.viewOf(bytes), i, end, VERSION);
    if (wrong >= 0) return this.#fail('request-line-malformed', wrong);
    if (end - i < 10) {
      // Enough of the line to see that it is wrong is enough to refuse it.
      if (end - i > 8 && bytes[i + 8] !== CR) return this.#fail('request-line-malformed', i + 8);
      return INCOMPLETE;
    }
    const major = bytes[i + 5]! - 0x30;
    const minor = bytes[i + 7]! - 0x30;
    if (major < 0 || major > 9 || bytes[i + 6] !== 0x2e || minor < 0 || minor > 9) {
      return this.#fail('request-line-malformed', i + 5);
    }
    if (bytes[i + 8] !== CR || bytes[i + 9] !== LF) {
      return this.#fail(bytes[i + 8] === LF || bytes[i + 8] === CR ? 'bare-cr-or-lf' : 'request-line-malformed', i + 8);
    }
    if (major !== 1 || minor > 1) return this.#fail('version-unsupported', i + 5);
    this.minorVersion = minor;
    this.method = methodName(bytes, start, methodEnd);
    this.fieldsStart = i + 10;
    return COMPLETE;
  }

  #whatEndsTarget(bytes: Buffer, targetStart: number, at: number): HeadErrorCode {
    const octet = bytes[at];
    if (octet === LF || octet === CR || octet === HTAB || (octet === SP && at === targetStart)) {
      return 'request-line-malformed';
    }
    return 'target-invalid';
  }

  /** What lines and fields say together. */
  #judge(bytes: Buffer): ReadStatus {
    const { fields } = this;
    if (fields.chunked && this.minorVersion === 0) return this.#fail('transfer-encoding-in-http10', this.fieldsStart);
    if (this.method === 'CONNECT') return this.#fail('connect-refused', this.targetStart);
    this.absoluteForm = false;
    const first = bytes[this.targetStart]!;
    if (first === 0x2a && this.targetEnd - this.targetStart === 1) {
      if (this.method !== 'OPTIONS') return this.#fail('asterisk-target', this.targetStart);
    } else if (first !== 0x2f) {
      if (!isAbsoluteForm(bytes, this.targetStart, this.targetEnd))
        return this.#fail('target-invalid', this.targetStart);
      this.absoluteForm = true;
    }
    if (fields.hostStart < 0) {
      // An HTTP/1.0 client may send none; without one there is no site to send it to, unless the target names it.
      if (this.minorVersion === 1 || !this.absoluteForm) return this.#fail('host-missing', this.fieldsStart);
    } else if (!this.recalled && !isHost(bytes, fields.hostStart, fields.hostEnd))
      return this.#fail('host-invalid', fields.hostStart);
    return COMPLETE;
  }
}

/** `HTTP/` : the version digits are judged by themselves, so that HTTP/2.0 is told apart from garbage. */
const VERSION = asciiView('HTTP/');

const G = 0x47;
const P = 0x50;
const H = 0x48;

/** The method's text; the three that make nearly all requests without making a new string. */
function methodName(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  const first = bytes[start];
  if (length === 3 && first === G && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54) return 'GET';
  if (
    length === 4 &&
    first === P &&
    bytes[start + 1] === 0x4f &&
    bytes[start + 2] === 0x53 &&
    bytes[start + 3] === 0x54
  ) {
    return 'POST';
  }
  if (
    length === 4 &&
    first === H &&
    bytes[start + 1] === 0x45 &&
    bytes[start + 2] === 0x41 &&
    bytes[start + 3] === 0x44
  ) {
    return 'HEAD';
  }
  return latin1Text(bytes, start, end);
}

/** `http://` or `https://`, an authority without userinfo, then a path, a query or nothing. */
function isAbsoluteForm(bytes: Buffer, start: number, end: number): boolean {
  const authorityStart = absoluteAuthorityStart(bytes, start, end);
  if (authorityStart < 0) return false;
  return isHost(bytes, authorityStart, absoluteAuthorityEnd(bytes, authorityStart, end));
}

/** Offset of the authority in an absolute-form target, or -1. */
export function absoluteAuthorityStart(bytes: Buffer, start: number, end: number): number {
  const prefix = latin1Text(bytes, start, Math.min(end, start + 8)).toLowerCase();
  if (prefix === 'https://') return start + 8;
  return prefix.startsWith('http://') ? start + 7 : -1;
}

/** Offset of the first octet behind the authority. */
export function absoluteAuthorityEnd(bytes: Buffer, authorityStart: number, end: number): number {
  let i = authorityStart;
  while (i < end && bytes[i] !== 0x2f && bytes[i] !== 0x3f) i += 1;
  return i;
}

/**
 * uri-host [ ":" port ] (RFC 9110 section 7.2), with hosts as they exist: LDH names with underscores, IPv4, and IPv6 in
 * brackets. Userinfo, commas, spaces and percent-encoding have no business here.
 */
export function isHost(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  if (bytes[i] === 0x5b && i < end) {
    i += 1;
    const literalStart = i;
    while (i < end && (isHexDigit(bytes[i]!) || bytes[i] === 0x3a || bytes[i] === 0x2e)) i += 1;
    if (i === literalStart || i - literalStart > 45 || bytes[i] !== 0x5d || i >= end) return false;
    i += 1;
  } else {
    while (i < end && HOST[bytes[i]!] === 1) i += 1;
    if (i === start || i - start > 255) return false;
  }
  if (i === end) return true;
  if (bytes[i] !== 0x3a) return false;
  i += 1;
  const portStart = i;
  let port = 0;
  while (i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39) {
    port = port * 10 + bytes[i]! - 0x30;
    i += 1;
  }
  return i === end && i - portStart <= 5 && port <= 65535;
}

function isHexDigit(octet: number): boolean {
  return (octet >= 0x30 && octet <= 0x39) || ((octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x66);
}
