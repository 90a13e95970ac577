/**
 * A request's header block (RFC 9113 section 8.3.1, RFC 8441), judged and turned into what HTTP/1.1 says:
 *
 *   82 87 84 41 01 61         :method GET   :scheme https   :path /   :authority a
 *   → method GET, target /, authority a, fields `host: a CRLF`
 *
 * Refused are: names that are not lower-case tokens; values with NUL, CR, LF, other controls, or white space around them;
 * pseudo-fields that are unknown, repeated, missing or behind others; fields of the connection; a path that is not an
 * absolute path (`*` for OPTIONS) or has a fragment, a space, a control or an octet beyond ASCII; an authority with
 * userinfo or other odd octets, or one that Host contradicts; another scheme than the connection's; a Content-Length that
 * is no number, is repeated, or contradicts the end of the stream. Identity fields are left out unless they are trusted.
 */
import { FieldKind, KIND_MASK, MALFORMED_VALUE } from './field-names.ts';
import type { HpackDecoder } from './hpack/decoder.ts';
import { MessageFields } from './message-fields.ts';
import { violation, type Violation } from './violation.ts';

// An imported binding is looked up at each use; a switch of the hot path wants its cases at hand.
const {
  ORDINARY,
  METHOD,
  SCHEME,
  PATH,
  AUTHORITY,
  PROTOCOL,
  STATUS,
  UNKNOWN_PSEUDO,
  MALFORMED_NAME,
  CONNECTION_SPECIFIC,
  COOKIE,
  HOST,
  CONTENT_LENGTH,
  TE,
  EXPECT,
  PRIORITY,
  USER_AGENT,
  REFERER,
  IDENTITY,
} = FieldKind;

export interface RequestRules {
  /** What the connection speaks: the only :scheme that is accepted. */
  readonly scheme: 'https' | 'http';
  /** SETTINGS_ENABLE_CONNECT_PROTOCOL was sent: :protocol is known. */
  readonly extendedConnect: boolean;
}

const HOST_PREFIX = Buffer.from('host: ');

/** Which pseudo-fields were there. */
const SEEN_METHOD = 1;
const SEEN_SCHEME = 2;
const SEEN_PATH = 4;
const SEEN_AUTHORITY = 8;
const SEEN_PROTOCOL = 16;

export class RequestFields extends MessageFields {
  readonly #rules: RequestRules;
  /** Keep what a proxy in front says of the client: set per connection, by its address. */
  trustIdentityFields = false;

  method = '';
  /** Origin-form target, `*`, or for CONNECT without :protocol the authority. */
  target = '';
  /** Host and port as sent in :authority, or else in Host, lower-case. */
  authority = '';
  /** Value of :protocol (RFC 8441), or ''. */
  protocol = '';
  /** Whether content follows. */
  hasContent = false;
  /** The client waits for a 100 before it sends content. */
  expectContinue = false;
  /** The client takes trailers (`te: trailers`). */
  acceptsTrailers = false;
  /** Value of the last Priority field (RFC 9218 section 5), or ''. */
  priority = '';
  /** Fill the two below: costs a string where a value is not in the table. */
  notesAgent = false;
  userAgent = '';
  referer = '';

  #seen = 0;
  #pastPseudo = false;
  #host = '';
  #authoritySent = '';
  #authorityLower = '';

  constructor(decoder: HpackDecoder, buffer: Buffer, rules: RequestRules) {
    super(decoder, buffer);
    this.#rules = rules;
  }

  /** Reads the block in `bytes[start, end)`; `endStream` is what the HEADERS frame said. Null means: a valid request. */
  read(bytes: Uint8Array, start: number, end: number, endStream: boolean): Violation | null {
    this.method = '';
    this.target = '';
    this.authority = '';
    this.protocol = '';
    this.expectContinue = false;
    this.acceptsTrailers = false;
    this.priority = '';
    this.userAgent = '';
    this.referer = '';
    this.#seen = 0;
    this.#pastPseudo = false;
    this.#host = '';
    const refused = this.decodeBlock(bytes, start, end) ?? this.#judge();
    if (refused !== null) return refused;
    if (!endStream) this.hasContent = this.contentLength !== 0;
    else {
      this.hasContent = false;
      if (this.contentLength > 0) return violation('h2-content-length-differs');
      this.contentLength = 0;
    }
    return null;
  }

  onField(lines: Buffer, start: number, nameLength: number, valueLength: number, tag: number): void {
    const { block } = this;
    const valueStart = start + nameLength + 2;
    const lineEnd = valueStart + valueLength + 2;
    const known = tag & (KIND_MASK | MALFORMED_VALUE);
    if (known === ORDINARY) {
      this.#pastPseudo = true;
      block.addLine(lines, start, lineEnd);
      return;
    }
    block.turnTo(lines);
    const kind = tag & KIND_MASK;
    if (kind !== known) return this.refuseValue(kind);
    switch (kind) {
      case METHOD:
        if (this.#admit(SEEN_METHOD)) this.method = this.decoder.valueText(lines, start, nameLength, valueLength);
        return;
      case SCHEME:
        if (
          this.#admit(SEEN_SCHEME) &&
          this.decoder.valueText(lines, start, nameLength, valueLength) !== this.#rules.scheme
        ) {
          this.refuse('h2-scheme-invalid');
        }
        return;
      case PATH:
        if (this.#admit(SEEN_PATH)) this.target = this.decoder.valueText(lines, start, nameLength, valueLength);
        return;
      case AUTHORITY:
        if (this.#admit(SEEN_AUTHORITY)) {
          this.authority = this.#lowerCase(this.decoder.valueText(lines, start, nameLength, valueLength));
          block.addRenamed(HOST_PREFIX, lines, valueStart, lineEnd);
        }
        return;
      case PROTOCOL:
        if (!this.#rules.extendedConnect) return this.refuse('h2-protocol-unexpected');
        if (this.#admit(SEEN_PROTOCOL)) this.protocol = this.decoder.valueText(lines, start, nameLength, valueLength);
        return;
      case STATUS:
      case UNKNOWN_PSEUDO:
        return this.refuse('h2-pseudo-unknown');
      case MALFORMED_NAME:
        return this.refuse('h2-field-name-invalid');
      case CONNECTION_SPECIFIC:
        return this.refuse('h2-connection-field');
      default:
        break;
    }
    this.#pastPseudo = true;
    switch (kind) {
      case COOKIE:
        block.addCookie(lines, start, valueStart, lineEnd);
        return;
      case HOST: {
        if (this.#host !== '') return this.refuse('h2-host-differs');
        this.#host = this.#lowerCase(this.decoder.valueText(lines, start, nameLength, valueLength));
        if ((this.#seen & SEEN_AUTHORITY) === 0) {
          this.authority = this.#host;
          block.addLine(lines, start, lineEnd);
        } else if (!namesSameOrigin(this.#host, this.authority, this.#rules.scheme)) this.refuse('h2-host-differs');
        return;
      }
      case CONTENT_LENGTH:
        this.takeContentLength(lines, valueStart, lineEnd - 2);
        block.addLine(lines, start, lineEnd);
        return;
      case TE:
        // For this hop only; the gateway says for itself what it takes.
        this.acceptsTrailers = true;
        return;
      case EXPECT:
        this.expectContinue = true;
        block.addLine(lines, start, lineEnd);
        return;
      case PRIORITY:
        this.priority = this.decoder.valueText(lines, start, nameLength, valueLength);
        block.addLine(lines, start, lineEnd);
        return;
      case USER_AGENT:
        if (this.notesAgent) this.userAgent = this.decoder.valueText(lines, start, nameLength, valueLength);
        block.addLine(lines, start, lineEnd);
        return;
      case REFERER:
        if (this.notesAgent) this.referer = this.decoder.valueText(lines, start, nameLength, valueLength);
        block.addLine(lines, start, lineEnd);
        return;
      case IDENTITY:
        if (this.trustIdentityFields) block.addLine(lines, start, lineEnd);
        return;
      default:
        return;
    }
  }

  /** A pseudo-field comes once, and before all others (section 8.3). */
  #admit(pseudo: number): boolean {
    if (this.#pastPseudo) this.refuse('h2-pseudo-late');
    else if ((this.#seen & pseudo) !== 0) this.refuse('h2-pseudo-repeated');
    else {
      this.#seen |= pseudo;
      return true;
    }
    return false;
  }

  /** A connection says the same authority over and over: it is brought to lower case once. */
  #lowerCase(authority: string): string {
    if (authority !== this.#authoritySent) {
      this.#authoritySent = authority;
      this.#authorityLower = authority.toLowerCase();
    }
    return this.#authorityLower;
  }

  /** What the fields say together. */
  #judge(): Violation | null {
    this.errorOffset = 0;
    const seen = this.#seen;
    if ((seen & SEEN_METHOD) === 0) return violation('h2-pseudo-missing');
    const isConnect = this.method === 'CONNECT';
    if ((seen & SEEN_PROTOCOL) !== 0 && !isConnect) return violation('h2-protocol-unexpected');
    if (isConnect && (seen & SEEN_PROTOCOL) === 0) {
      // Section 8.5: authority only, with a port.
      if ((seen & (SEEN_SCHEME | SEEN_PATH)) !== 0 || (seen & SEEN_AUTHORITY) === 0 || !/:\d+$/.test(this.authority)) {
        return violation('h2-connect-malformed');
      }
      this.target = this.authority;
      return null;
    }
    if ((seen & (SEEN_SCHEME | SEEN_PATH)) !== (SEEN_SCHEME | SEEN_PATH)) return violation('h2-pseudo-missing');
    if (this.authority === '') return violation('h2-authority-missing');
    if (this.target.charCodeAt(0) !== 0x2f && (this.target !== '*' || this.method !== 'OPTIONS')) {
      return violation('h2-path-invalid');
    }
    return null;
  }
}

/** Whether two authorities are the same but for the scheme's default port. */
function namesSameOrigin(one: string, other: string, scheme: 'https' | 'http'): boolean {
  if (one === other) return true;
  const port = scheme === 'https' ? ':443' : ':80';
  const bare = (authority: string) => (authority.endsWith(port) ? authority.slice(0, -port.length) : authority);
  return bare(one) === bare(other);
}
