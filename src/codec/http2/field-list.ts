/** Header blocks as lists of names and values, for whoever tells about a message and does not forward it. */
import { latin1Text } from '../latin1.ts';
import { FieldKind, KIND_MASK, MALFORMED_VALUE } from './field-names.ts';
import type { FieldRepresentation, FieldSink, HpackDecoder } from './hpack/decoder.ts';
import type { Violation } from './violation.ts';

export interface ListedField {
  /** Octet for octet, as Latin-1. */
  readonly name: string;
  readonly value: string;
  readonly representation: FieldRepresentation;
  /** Where it begins in the block. */
  readonly offset: number;
  /** Name and value are ones that HTTP/2 allows; whether the message may have such a field is another matter. */
  readonly valid: boolean;
}

export interface FieldList {
  readonly fields: readonly ListedField[];
  /** Why decoding stopped, or null. */
  readonly violation: Violation | null;
  /** Offset in the block of what was refused; meaningless without a violation. */
  readonly errorOffset: number;
}

/** Decodes the block in `bytes[start, end)` into a list; `decoder` goes on to the state behind it. */
export function readFieldList(decoder: HpackDecoder, bytes: Uint8Array, start: number, end: number): FieldList {
  const fields: ListedField[] = [];
  const sink: FieldSink = {
    onField(lines, lineStart, nameLength, valueLength, tag) {
      fields.push({
        name: latin1Text(lines, lineStart, lineStart + nameLength),
        value: decoder.valueText(lines, lineStart, nameLength, valueLength),
        representation: decoder.representation,
        offset: decoder.fieldOffset,
        valid: (tag & MALFORMED_VALUE) === 0 && (tag & KIND_MASK) !== FieldKind.MALFORMED_NAME,
      });
    },
  };
  const violation = decoder.decode(bytes, start, end, sink);
  return { fields, violation, errorOffset: decoder.errorOffset };
}
