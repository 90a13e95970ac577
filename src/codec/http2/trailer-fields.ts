/**
 * A trailer section (RFC 9113 section 8.1): no pseudo-fields. Fields that frame, route or authenticate have no meaning
 * behind the content and are left out (RFC 9110 section 6.5.1); so are those that say who the client is.
 */
import { FieldKind, KIND_MASK, MALFORMED_VALUE, NOT_IN_TRAILERS } from './field-names.ts';
import { MessageFields } from './message-fields.ts';
import { violation, type Violation } from './violation.ts';

export class TrailerFields extends MessageFields {
  /** Reads the block in `bytes[start, end)`. A HEADERS frame behind content must end the stream. */
  read(bytes: Uint8Array, start: number, end: number, endStream: boolean): Violation | null {
    const refused = this.decodeBlock(bytes, start, end);
    if (refused !== null) return refused;
    return endStream ? null : violation('h2-trailers-without-end');
  }

  onField(lines: Buffer, start: number, nameLength: number, valueLength: number, tag: number): void {
    this.block.turnTo(lines);
    const kind = tag & KIND_MASK;
    if (kind >= FieldKind.METHOD && kind <= FieldKind.UNKNOWN_PSEUDO) return this.refuse('h2-pseudo-in-trailers');
    if (kind === FieldKind.MALFORMED_NAME) return this.refuse('h2-field-name-invalid');
    if (kind === FieldKind.CONNECTION_SPECIFIC) return this.refuse('h2-connection-field');
    if ((tag & MALFORMED_VALUE) !== 0) return this.refuseValue(kind);
    if ((tag & NOT_IN_TRAILERS) !== 0 || kind === FieldKind.IDENTITY || kind === FieldKind.DROPPED) return;
    this.block.addLine(lines, start, start + nameLength + valueLength + 4);
  }
}
