/**
 * The field section of a message head, read in one pass over the octets (RFC 9112 section 5):
 *
 *   field-line = field-name ":" OWS field-value OWS CRLF      *( field-line ) CRLF
 *
 * Everything is validated (token names, no space before the colon, no folding, no bare CR or LF, no control octets), what
 * concerns the message itself is understood (framing, Host, Connection, Expect, Upgrade), and lines that must not travel
 * on are noted as *cuts*: pairs of offsets to leave out. What remains between the cuts is the field block that may be
 * forwarded as it stands.
 *
 * The reader is a reused object: results stand in its fields until the next read, so that a request allocates nothing.
 */
import { asciiBytes, COLON, CR, equalsIgnoringCase, FIELD_VALUE, HTAB, LF, SP, TOKEN } from './characters.ts';
import { FieldFindings } from './field-findings.ts';
import { fieldName, FourOctetView, isFieldName, skipFieldName, skipFieldValue } from './four-octets.ts';
import { isIdentityField, shadowsFramingField } from './identity-fields.ts';

export const INCOMPLETE = 0;
export const COMPLETE = 1;
export const INVALID = -1;
export type ReadStatus = typeof INCOMPLETE | typeof COMPLETE | typeof INVALID;

/** Codes of the catalogue that a head can be refused with. */
export type HeadErrorCode =
  | 'request-line-malformed'
  | 'method-invalid'
  | 'target-invalid'
  | 'target-too-long'
  | 'version-unsupported'
  | 'status-line-malformed'
  | 'field-line-malformed'
  | 'field-name-invalid'
  | 'space-before-colon'
  | 'obs-fold'
  | 'bare-cr-or-lf'
  | 'control-byte-in-value'
  | 'too-many-fields'
  | 'head-too-large'
  | 'host-missing'
  | 'host-repeated'
  | 'host-invalid'
  | 'content-length-invalid'
  | 'framing-conflict'
  | 'transfer-encoding-unsupported'
  | 'transfer-encoding-malformed'
  | 'transfer-encoding-in-http10'
  | 'expectation-unknown'
  | 'asterisk-target'
  | 'connect-refused';

/** Beyond this, merged cuts would need more room than a sane head gives reason for. */
const MAXIMUM_CUTS = 256;
/** 2^53 - 1 has 16 digits; 15 digits can always be counted exactly. */
const MAXIMUM_LENGTH_DIGITS = 15;

const CONNECTION_NAME = fieldName('connection');
const KEEP_ALIVE_NAME = fieldName('keep-alive');
const KEEP_ALIVE = asciiBytes('keep-alive');
const PROXY_CONNECTION_NAME = fieldName('proxy-connection');
const TE = asciiBytes('te');
const TRANSFER_ENCODING_NAME = fieldName('transfer-encoding');
const CONTENT_LENGTH_NAME = fieldName('content-length');
const UPGRADE_NAME = fieldName('upgrade');
const UPGRADE = asciiBytes('upgrade');
const HOST_NAME = fieldName('host');
const EXPECT_NAME = fieldName('expect');
const PROXY_NAME = fieldName('proxy');
const PROXY_AUTHENTICATE_NAME = fieldName('proxy-authenticate');
const PROXY_AUTHORIZATION_NAME = fieldName('proxy-authorization');
const PROXY_AUTHENTICATION_INFO_NAME = fieldName('proxy-authentication-info');
const USER_AGENT_NAME = fieldName('user-agent');
const REFERER_NAME = fieldName('referer');
const CLOSE = asciiBytes('close');
const CHUNKED = asciiBytes('chunked');
const WEBSOCKET = asciiBytes('websocket');
const CONTINUE = asciiBytes('100-continue');
const TRAILERS = asciiBytes('trailers');

/** Fields that Connection may not take away: they frame, route or secure the message (RFC 9110 section 7.6.1). */
const NEVER_NAMED_BY_CONNECTION = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'expect',
  'date',
  'cache-control',
  'authorization',
  'cookie',
  'set-cookie',
  'content-type',
  'content-encoding',
]);

/** Whose section it is. Of trailers only the grammar is read: nothing in them may frame or route. */
export type FieldSectionKind = 'request' | 'response' | 'trailers';

export class FieldSectionReader extends FieldFindings {
  readonly #kind: FieldSectionKind;
  /** Keep what a proxy in front says of the client: set per connection, by its address. */
  trustIdentityFields = false;

  error: HeadErrorCode = 'field-line-malformed';
  /** Where in the buffer the error stands. */
  errorOffset = 0;

  /** Start of the first line not yet read, where a later call with more octets goes on. */
  #resumeAt = -1;
  #fieldCount = 0;
  #connectionNames: Set<string> | undefined;
  #contentLengthLine = -1;
  readonly #four: FourOctetView = new FourOctetView();

  constructor(kind: FieldSectionKind) {
    super(MAXIMUM_CUTS);
    this.#kind = kind;
  }

  /** Forgets the last section. */
  reset(): void {
    this.clear();
    this.#resumeAt = -1;
    this.#fieldCount = 0;
    this.#connectionNames = undefined;
    this.#contentLengthLine = -1;
  }

  /** A view on `bytes` that lasts until another buffer is read. */
  viewOf(bytes: Uint8Array): DataView {
    return this.#four.of(bytes);
  }

  /**
   * Reads from `start`, the first octet of the first line; after INCOMPLETE a call with the same start and more octets at
   * the same offsets goes on where whole lines ended.
   */
  read(bytes: Uint8Array, start: number, end: number, maximumFields: number): ReadStatus {
    // Imported bindings are looked up anew at every use; as locals the tables stay in registers.
    const token = TOKEN;
    const fieldValue = FIELD_VALUE;
    const view = this.viewOf(bytes);
    let i = this.#resumeAt >= 0 ? this.#resumeAt : start;
    for (;;) {
      if (i >= end) return this.#incomplete(i);
      let octet = bytes[i]!;
      if (octet === CR) {
        if (i + 1 >= end) return this.#incomplete(i);
        if (bytes[i + 1] !== LF) return this.#fail('bare-cr-or-lf', i);
        this.end = i + 2;
        return this.#finish(bytes, start);
      }
      const nameStart = i;
      i = skipFieldName(view, i, end);
      while (i < end && token[bytes[i]!] === 1) i += 1;
      if (i >= end) return this.#incomplete(nameStart);
      if (bytes[i] !== COLON || i === nameStart) return this.#failName(bytes, nameStart, i);
      const nameLength = i - nameStart;
      i += 1;
      while (i < end && ((octet = bytes[i]!) === SP || octet === HTAB)) i += 1;
      const valueStart = i;
      i = skipFieldValue(view, i, end);
      while (i < end && fieldValue[bytes[i]!] === 1) i += 1;
      if (i + 1 >= end) {
        if (i < end && bytes[i] !== CR) return this.#failValue(bytes, i);
        return this.#incomplete(nameStart);
      }
      if (bytes[i] !== CR || bytes[i + 1] !== LF) return this.#failValue(bytes, i);
      this.#fieldCount += 1;
      if (this.#fieldCount > maximumFields) return this.#fail('too-many-fields', nameStart);
      const valueEnd = i;
      i += 2;
      if (!this.#understand(bytes, view, nameStart, nameLength, valueStart, valueEnd, i)) return INVALID;
    }
  }

  #incomplete(lineStart: number): ReadStatus {
    this.#resumeAt = lineStart;
    return INCOMPLETE;
  }

  #fail(code: HeadErrorCode, offset: number): typeof INVALID {
    this.error = code;
    this.errorOffset = offset;
    return INVALID;
  }

  #failName(bytes: Uint8Array, lineStart: number, at: number): typeof INVALID {
    const octet = bytes[at]!;
    if (octet === LF) return this.#fail('bare-cr-or-lf', at);
    if (octet === CR) return this.#fail('field-line-malformed', at);
    if (at === lineStart) return this.#fail(octet === SP || octet === HTAB ? 'obs-fold' : 'field-name-invalid', at);
    if (octet === SP || octet === HTAB) return this.#fail('space-before-colon', at);
    return this.#fail('field-name-invalid', at);
  }

  #failValue(bytes: Uint8Array, at: number): typeof INVALID {
    const octet = bytes[at];
    return this.#fail(octet === CR || octet === LF ? 'bare-cr-or-lf' : 'control-byte-in-value', at);
  }

  #cut(lineStart: number, lineEnd: number): boolean {
    const count = this.cutCount;
    if (count > 0 && this.cuts[count - 1] === lineStart) {
      this.cuts[count - 1] = lineEnd;
      return true;
    }
    if (count + 2 > this.cuts.length) {
      this.#fail('too-many-fields', lineStart);
      return false;
    }
    this.cuts[count] = lineStart;
    this.cuts[count + 1] = lineEnd;
    this.cutCount = count + 2;
    return true;
  }

  /** Acts on the lines that concern the message or must not travel on. The switch on length lets most lines pass at once. */
  #understand(
    bytes: Uint8Array,
    view: DataView,
    nameStart: number,
    nameLength: number,
    valueStart: number,
    valueEnd: number,
    lineEnd: number,
  ): boolean {
    if (this.#kind === 'trailers') return true;
    const isRequest = this.#kind === 'request';
    switch (nameLength) {
      case 2:
        if (equalsIgnoringCase(bytes, nameStart, TE)) {
          this.#readTe(bytes, valueStart, valueEnd);
          return this.#cut(nameStart, lineEnd);
        }
        break;
      case 4:
        if (isRequest && isFieldName(view, nameStart, nameLength, HOST_NAME)) {
          if (this.hostStart >= 0) return this.#fail('host-repeated', nameStart) !== INVALID;
          this.hostStart = valueStart;
          this.hostEnd = trimEnd(bytes, valueStart, valueEnd);
          this.hostLineStart = nameStart;
          this.hostLineEnd = lineEnd;
        }
        break;
      case 5:
        // `Proxy` becomes HTTP_PROXY in CGI-like apps and would redirect their outgoing requests ("httpoxy").
        if (isRequest && isFieldName(view, nameStart, nameLength, PROXY_NAME)) return this.#cut(nameStart, lineEnd);
        break;
      case 6:
        if (isRequest && isFieldName(view, nameStart, nameLength, EXPECT_NAME)) {
          const end = trimEnd(bytes, valueStart, valueEnd);
          if (end - valueStart !== CONTINUE.length || !equalsIgnoringCase(bytes, valueStart, CONTINUE)) {
            return this.#fail('expectation-unknown', valueStart) !== INVALID;
          }
          this.expectContinue = true;
        }
        break;
      case 7:
        if (isFieldName(view, nameStart, nameLength, UPGRADE_NAME)) {
          const end = trimEnd(bytes, valueStart, valueEnd);
          if (end - valueStart === WEBSOCKET.length && equalsIgnoringCase(bytes, valueStart, WEBSOCKET)) {
            this.upgradeWebSocket = true;
          }
          return this.#cut(nameStart, lineEnd);
        }
        if (isRequest && isFieldName(view, nameStart, nameLength, REFERER_NAME)) {
          this.refererStart = valueStart;
          this.refererEnd = trimEnd(bytes, valueStart, valueEnd);
        }
        break;
      case 10:
        if (isFieldName(view, nameStart, nameLength, CONNECTION_NAME)) {
          if (valueEnd - valueStart === 10 && isFieldName(view, valueStart, 10, KEEP_ALIVE_NAME)) this.keepAlive = true;
          else this.#readConnection(bytes, valueStart, valueEnd);
          return this.#cut(nameStart, lineEnd);
        }
        if (isFieldName(view, nameStart, nameLength, KEEP_ALIVE_NAME)) {
          if (this.keepAliveStart < 0) {
            this.keepAliveStart = valueStart;
            this.keepAliveEnd = valueEnd;
          }
          return this.#cut(nameStart, lineEnd);
        }
        if (isRequest && isFieldName(view, nameStart, nameLength, USER_AGENT_NAME)) {
          this.userAgentStart = valueStart;
          this.userAgentEnd = trimEnd(bytes, valueStart, valueEnd);
        }
        break;
      case 14:
        if (isFieldName(view, nameStart, nameLength, CONTENT_LENGTH_NAME)) {
          return this.#readContentLength(bytes, nameStart, valueStart, valueEnd);
        }
        break;
      case 16:
        if (isFieldName(view, nameStart, nameLength, PROXY_CONNECTION_NAME)) return this.#cut(nameStart, lineEnd);
        break;
      case 17:
        if (isFieldName(view, nameStart, nameLength, TRANSFER_ENCODING_NAME)) {
          return this.#readTransferEncoding(bytes, nameStart, valueStart, valueEnd) && this.#cut(nameStart, lineEnd);
        }
        break;
      case 18:
        if (!isRequest && isFieldName(view, nameStart, nameLength, PROXY_AUTHENTICATE_NAME))
          return this.#cut(nameStart, lineEnd);
        break;
      case 19:
        if (isRequest && isFieldName(view, nameStart, nameLength, PROXY_AUTHORIZATION_NAME))
          return this.#cut(nameStart, lineEnd);
        break;
      case 25:
        if (!isRequest && isFieldName(view, nameStart, nameLength, PROXY_AUTHENTICATION_INFO_NAME)) {
          return this.#cut(nameStart, lineEnd);
        }
        break;
      default:
        break;
    }
    if (!isRequest) return true;
    if (isIdentityField(bytes, nameStart, nameLength, this.trustIdentityFields)) return this.#cut(nameStart, lineEnd);
    if (shadowsFramingField(bytes, nameStart, nameLength)) return this.#cut(nameStart, lineEnd);
    return true;
  }

  /** RFC 9110 section 8.6: one line, digits only. A list, a sign, a repetition or a leading zero is an attack or a bug. */
  #readContentLength(bytes: Uint8Array, nameStart: number, start: number, valueEnd: number): boolean {
    if (this.#contentLengthLine >= 0) return this.#fail('content-length-invalid', nameStart) !== INVALID;
    this.#contentLengthLine = nameStart;
    const end = trimEnd(bytes, start, valueEnd);
    const digits = end - start;
    if (digits === 0 || digits > MAXIMUM_LENGTH_DIGITS || (digits > 1 && bytes[start] === 0x30)) {
      return this.#fail('content-length-invalid', start) !== INVALID;
    }
    let length = 0;
    for (let k = start; k < end; k += 1) {
      const digit = bytes[k]! - 0x30;
      if (digit < 0 || digit > 9) return this.#fail('content-length-invalid', k) !== INVALID;
      length = length * 10 + digit;
    }
    this.contentLength = length;
    return true;
  }

  /** RFC 9112 section 6.1: `chunked`, alone and once. Other codings are not ours to undo (501). */
  #readTransferEncoding(bytes: Uint8Array, nameStart: number, start: number, valueEnd: number): boolean {
    if (this.chunked) return this.#fail('transfer-encoding-malformed', nameStart) !== INVALID;
    const end = trimEnd(bytes, start, valueEnd);
    if (end - start === CHUNKED.length && equalsIgnoringCase(bytes, start, CHUNKED)) {
      this.chunked = true;
      return true;
    }
    for (let k = start; k < end; k += 1) {
      if (TOKEN[bytes[k]!] !== 1) return this.#fail('transfer-encoding-malformed', k) !== INVALID;
    }
    return (
      this.#fail(end === start ? 'transfer-encoding-malformed' : 'transfer-encoding-unsupported', start) !== INVALID
    );
  }

  /** RFC 9110 section 7.6.1: options, and names of further fields that are for this hop only. */
  #readConnection(bytes: Uint8Array, start: number, end: number): void {
    let i = start;
    while (i < end) {
      while (i < end && TOKEN[bytes[i]!] !== 1) i += 1;
      const tokenStart = i;
      while (i < end && TOKEN[bytes[i]!] === 1) i += 1;
      const length = i - tokenStart;
      if (length === 0) break;
      if (length === 5 && equalsIgnoringCase(bytes, tokenStart, CLOSE)) this.close = true;
      else if (length === 10 && equalsIgnoringCase(bytes, tokenStart, KEEP_ALIVE)) this.keepAlive = true;
      else if (length === 7 && equalsIgnoringCase(bytes, tokenStart, UPGRADE)) this.connectionUpgrade = true;
      else {
        if (this.#kind === 'request' && isIdentityField(bytes, tokenStart, length, false)) continue;
        const name = asciiText(bytes, tokenStart, i).toLowerCase();
        if (!NEVER_NAMED_BY_CONNECTION.has(name)) (this.#connectionNames ??= new Set()).add(name);
      }
    }
  }

  /** RFC 9110 section 10.1.4: a list of codings, of which only `trailers` concerns whoever stands behind this hop. */
  #readTe(bytes: Uint8Array, start: number, end: number): void {
    let i = start;
    while (i < end) {
      while (i < end && TOKEN[bytes[i]!] !== 1) i += 1;
      const tokenStart = i;
      while (i < end && TOKEN[bytes[i]!] === 1) i += 1;
      if (i - tokenStart === TRAILERS.length && equalsIgnoringCase(bytes, tokenStart, TRAILERS)) {
        this.acceptsTrailers = true;
      }
    }
  }

  #finish(bytes: Uint8Array, start: number): ReadStatus {
    this.#resumeAt = -1;
    if (this.chunked && this.contentLength >= 0) return this.#fail('framing-conflict', this.#contentLengthLine);
    if (this.#connectionNames !== undefined && !this.#cutNamedFields(bytes, start, this.#connectionNames))
      return INVALID;
    return COMPLETE;
  }

  /** The rare second walk: takes out lines that Connection named, keeping the cuts in order. */
  #cutNamedFields(bytes: Uint8Array, start: number, names: ReadonlySet<string>): boolean {
    const before = this.cuts.slice(0, this.cutCount);
    this.cutCount = 0;
    let next = 0;
    let i = start;
    while (bytes[i] !== CR) {
      const lineStart = i;
      while (bytes[i] !== COLON) i += 1;
      const nameEnd = i;
      while (bytes[i] !== LF) i += 1;
      i += 1;
      while (next < before.length && before[next + 1]! <= lineStart) next += 2;
      const isCut = next < before.length && before[next]! <= lineStart;
      if (isCut || names.has(asciiText(bytes, lineStart, nameEnd).toLowerCase())) {
        if (!this.#cut(lineStart, i)) return false;
      }
    }
    return true;
  }
}

function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && (bytes[trimmed - 1] === SP || bytes[trimmed - 1] === HTAB)) trimmed -= 1;
  return trimmed;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let k = start; k < end; k += 1) text += String.fromCharCode(bytes[k]!);
  return text;
}

// Looked up once (see `copy-octets.ts`).
const { copyWithin } = Uint8Array.prototype;

/**
 * Leaves the cuts out of `bytes[start, end)` by moving what stands before each of them to the right; returns the offset
 * where the block now starts. Moving right keeps the end in place, where content may follow in the same buffer.
 */
export function applyCuts(bytes: Uint8Array, start: number, found: FieldFindings): number {
  const { cuts, cutCount } = found;
  if (cutCount === 0) return start;
  let to = cuts[cutCount - 1]!;
  for (let k = cutCount; k > 0; k -= 2) {
    const from = k > 2 ? cuts[k - 3]! : start;
    const length = cuts[k - 2]! - from;
    to -= length;
    copyWithin.call(bytes, to, from, from + length);
  }
  return to;
}
