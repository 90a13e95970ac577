/**
 * A response's header block (RFC 9113 section 8.3.2), judged and turned into a status and a field block. 101 does not exist
 * in HTTP/2; an interim answer (1xx) never ends the stream.
 */
import { FieldKind, KIND_MASK, MALFORMED_VALUE } from './field-names.ts';
import { MessageFields, UNKNOWN_LENGTH } from './message-fields.ts';
import { violation, type Violation } from './violation.ts';

// An imported binding is looked up at each use; a switch of the hot path wants its cases at hand.
const {
  EXPECT,
  HOST,
  STATUS,
  METHOD,
  SCHEME,
  AUTHORITY,
  PATH,
  PROTOCOL,
  UNKNOWN_PSEUDO,
  MALFORMED_NAME,
  CONNECTION_SPECIFIC,
  CONTENT_LENGTH,
  TE,
  DROPPED,
} = FieldKind;

export class ResponseFields extends MessageFields {
  /** 100 to 599, or 0. */
  status = 0;
  /** Whether content follows. */
  hasContent = false;

  #pastPseudo = false;

  /**
   * Reads the block in `bytes[start, end)`. `endStream` is what the HEADERS frame said; `withoutContent` says that the
   * request was HEAD, whose answer tells a length and has no content. Null means: a valid response.
   */
  read(bytes: Uint8Array, start: number, end: number, endStream: boolean, withoutContent: boolean): Violation | null {
    this.status = 0;
    this.#pastPseudo = false;
    const refused = this.decodeBlock(bytes, start, end);
    if (refused !== null) return refused;
    this.errorOffset = 0;
    if (this.status === 0) return violation('h2-pseudo-missing');
    // Section 8.6 does without the Upgrade mechanism, and section 8.1 ends no stream with an interim answer.
    if (this.status === 101 || (this.status < 200 && endStream)) return violation('h2-status-invalid');
    const bare = withoutContent || this.status === 204 || this.status === 304 || this.status < 200;
    this.hasContent = !endStream && !bare && this.contentLength !== 0;
    if (endStream && !bare) {
      if (this.contentLength > 0) return violation('h2-content-length-differs');
      if (this.contentLength === UNKNOWN_LENGTH) this.contentLength = 0;
    }
    return null;
  }

  onField(lines: Buffer, start: number, nameLength: number, valueLength: number, tag: number): void {
    this.block.turnTo(lines);
    const kind = tag & KIND_MASK;
    if ((tag & MALFORMED_VALUE) !== 0 && kind !== EXPECT && kind !== HOST) {
      return this.refuseValue(kind);
    }
    const valueStart = start + nameLength + 2;
    const valueEnd = valueStart + valueLength;
    switch (kind) {
      case STATUS:
        if (this.#pastPseudo) return this.refuse('h2-pseudo-late');
        if (this.status !== 0) return this.refuse('h2-pseudo-repeated');
        this.status = lines[valueStart]! * 100 + lines[valueStart + 1]! * 10 + lines[valueStart + 2]! - 0x30 * 111;
        return;
      case METHOD:
      case SCHEME:
      case AUTHORITY:
      case PATH:
      case PROTOCOL:
      case UNKNOWN_PSEUDO:
        return this.refuse('h2-pseudo-unknown');
      case MALFORMED_NAME:
        return this.refuse('h2-field-name-invalid');
      case CONNECTION_SPECIFIC:
        return this.refuse('h2-connection-field');
      case CONTENT_LENGTH:
        this.takeContentLength(lines, valueStart, valueEnd);
        break;
      case TE:
      case DROPPED:
      case EXPECT:
      case HOST:
        this.#pastPseudo = true;
        return;
      default:
        break;
    }
    this.#pastPseudo = true;
    this.block.addLine(lines, start, valueEnd + 2);
  }
}
