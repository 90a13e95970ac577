/**
 * HPACK header blocks, decoded (RFC 7541 section 3, section 6):
 *
 *   1xxxxxxx   indexed field                   82                        :method: GET
 *   01xxxxxx   literal, into the table         41 03 61 3a 31            :authority: a:1
 *   001xxxxx   table size update               3f e1 1f                  4096
 *   0001xxxx   literal, never indexed          1f 08 03 61 62 63         authorization: abc
 *   0000xxxx   literal, not indexed            04 02 2f 61               :path: /a
 *
 * Every field is handed on as a range of octets that already is an HTTP/1.1 field line, `name: value CRLF`, with a tag that
 * says what it is and whether it is valid. Fields of the tables are not copied to be handed on, nor judged again.
 */
import { FieldKind } from '../field-names.ts';
import { STATIC_NAME_TAG, STATIC_TAG, tagField, tagName } from '../field-tag.ts';
import { copyOctets } from '../../copy-octets.ts';
import { latin1Text } from '../../latin1.ts';
import { violation, type Violation, type ViolationReason } from '../violation.ts';
import { DynamicTable, ENTRY_OVERHEAD, LINE_OVERHEAD, STRIDE } from './dynamic-table.ts';
import { decodeHuffman, HUFFMAN_NO_ROOM } from './huffman.ts';
import { INTEGER_TRUNCATED, IntegerReader } from './integer.ts';
import {
  STATIC_COUNT,
  STATIC_FIELDS,
  STATIC_LINES,
  STATIC_NAME_LENGTH,
  STATIC_OFFSET,
  STATIC_VALUE_LENGTH,
} from './static-table.ts';

export interface DecoderLimits {
  /** Octets of the dynamic table, as announced in SETTINGS_HEADER_TABLE_SIZE. */
  readonly tableSize: number;
  /** Octets of a decoded list: names, values and 32 for each field (RFC 9113 section 6.5.2). */
  readonly listSize: number;
  readonly fieldCount: number;
}

/** Whoever takes decoded fields. */
export interface FieldSink {
  /**
   * One field. Its line begins at `lines[start]`: `nameLength` octets of name, `: `, `valueLength` octets of value, CRLF. A
   * literal's range is good during the call. One in a table may be kept until `onField` is called with other `lines`, or
   * until the block has been decoded. `tag` is a FieldKind with the bits of field-names.ts.
   */
  onField(lines: Buffer, start: number, nameLength: number, valueLength: number, tag: number): void;
}

/** How the field at hand stood in the block. */
export type FieldRepresentation = 'indexed' | 'literal-indexed' | 'literal' | 'literal-never-indexed';

/** SETTINGS_HEADER_TABLE_SIZE unless somebody says otherwise. */
export const DEFAULT_TABLE_SIZE = 4096;

/** Results of a string or a name inside the decoder, besides lengths. */
const FAILED = -1;
const TOO_LONG = -2;

export class HpackDecoder {
  readonly limits: DecoderLimits;
  /** Where literals are decoded. */
  readonly scratch: Buffer;
  readonly #table: DynamicTable;
  readonly #integer: IntegerReader = new IntegerReader();
  readonly #capacity: number;
  /** What the peer may raise the table to; a lower one than it uses must be followed by an update. */
  #tableLimit: number;
  #updateRequired = false;

  /** Offset in the block, from its start, of what was refused last. */
  errorOffset = 0;
  /** Offset in the block, from its start, of the field at hand. */
  fieldOffset = 0;

  #blockStart = 0;
  /** First octet of the field at hand. */
  #first = 0;
  #failure: Violation | null = null;
  /** Index of the field at hand (static, or dynamic behind it), or 0 for a literal. */
  #index = 0;

  /**
   * `scratch` is where literals are decoded; it bounds a field's line, and must hold as much as the table (4096 at least). One scratch
   * may serve all decoders of a thread: nothing stays in it between calls.
   */
  constructor(limits: DecoderLimits, scratch: Buffer) {
    // Until the peer has acknowledged our settings it may use the default, and begins with it (RFC 9113 section 6.5.2).
    const capacity = Math.max(limits.tableSize, DEFAULT_TABLE_SIZE);
    if (scratch.length < capacity + LINE_OVERHEAD) {
      throw new RangeError('an HPACK decoder needs a scratch buffer no smaller than its table');
    }
    this.limits = limits;
    this.scratch = scratch;
    this.#capacity = capacity;
    this.#tableLimit = capacity;
    this.#table = new DynamicTable(DEFAULT_TABLE_SIZE);
  }

  /** Octets that the dynamic table counts now, how many it may, and its entries. */
  get tableSize(): number {
    return this.#table.size;
  }
  get maximumTableSize(): number {
    return this.#table.maximumSize;
  }
  get tableCount(): number {
    return this.#table.count;
  }

  /** Inside `onField`: how the field stood in the block. */
  get representation(): FieldRepresentation {
    if (this.#first >= 0x80) return 'indexed';
    if (this.#first >= 0x40) return 'literal-indexed';
    return this.#first >= 0x10 ? 'literal-never-indexed' : 'literal';
  }

  /**
   * Decodes the block in `bytes[start, end)` and hands its fields to `sink`, in order. A violation of scope `stream` means
   * that a limit was passed: the rest of the block was decoded for the table's sake, its fields were not handed on. One of
   * scope `connection` means that the tables no longer agree and nothing further can be decoded.
   */
  decode(bytes: Uint8Array, start: number, end: number, sink: FieldSink): Violation | null {
    const table = this.#table;
    const limits = this.limits;
    this.#blockStart = start;
    this.#failure = null;
    let refused: Violation | null = null;
    let refusedAt = 0;
    let listSize = 0;
    let fields = 0;
    let updates = 0;
    let at = start;
    while (at < end) {
      const first = bytes[at]!;
      if (first < 0x40 && first >= 0x20) {
        if (fields > 0 || updates === 2) return this.#fail('h2-hpack-table-update-misplaced', at);
        const size = this.#readInteger(bytes, at, end, 0x1f);
        if (size < 0) return this.#failure;
        if (size > this.#tableLimit) return this.#fail('h2-hpack-table-too-large', at);
        table.maximumSize = size;
        table.shrinkTo(size);
        updates += 1;
        this.#updateRequired = false;
        at = this.#integer.position;
        continue;
      }
      if (this.#updateRequired) return this.#fail('h2-hpack-table-update-missing', at);
      this.fieldOffset = at - start;
      this.#first = first;
      fields += 1;

      let lines: Buffer;
      let lineStart: number;
      let nameLength: number;
      let valueLength: number;
      let tag: number;
      let keepAs = FAILED;
      if (first >= 0x80) {
        let index = first & 0x7f;
        if (index === 0x7f) {
          index = this.#readInteger(bytes, at, end, 0x7f);
          if (index < 0) return this.#failure;
          at = this.#integer.position;
        } else at += 1;
        if (index > STATIC_COUNT) {
          const slot = table.slotAt(index - STATIC_COUNT - 1);
          if (slot < 0) return this.#fail('h2-hpack-index-unknown', start + this.fieldOffset);
          lines = table.lines;
          const { entries } = table;
          const entry = slot * STRIDE;
          lineStart = entries[entry]!;
          nameLength = entries[entry + 1]!;
          valueLength = entries[entry + 2]!;
          tag = entries[entry + 3]! & 0xff;
        } else {
          if (index === 0) return this.#fail('h2-hpack-index-unknown', start + this.fieldOffset);
          lines = STATIC_LINES;
          lineStart = STATIC_OFFSET[index]!;
          nameLength = STATIC_NAME_LENGTH[index]!;
          valueLength = STATIC_VALUE_LENGTH[index]!;
          tag = STATIC_TAG[index]!;
        }
        this.#index = index;
      } else {
        const scratch = this.scratch;
        const index = this.#readInteger(bytes, at, end, first >= 0x40 ? 0x3f : 0x0f);
        if (index < 0) return this.#failure;
        at = this.#integer.position;
        let nameTag: number;
        if (index === 0) {
          nameLength = this.#readString(bytes, at, end, 0);
          nameTag = nameLength >= 0 ? tagName(scratch, 0, nameLength) : FieldKind.MALFORMED_NAME;
        } else if (index <= STATIC_COUNT) {
          nameLength = STATIC_NAME_LENGTH[index]!;
          copyOctets(STATIC_LINES, STATIC_OFFSET[index]!, STATIC_OFFSET[index]! + nameLength, scratch, 0);
          nameTag = STATIC_NAME_TAG[index]!;
        } else {
          const slot = table.slotAt(index - STATIC_COUNT - 1);
          if (slot < 0) return this.#fail('h2-hpack-index-unknown', start + this.fieldOffset);
          nameLength = table.nameLength(slot);
          copyOctets(table.lines, table.lineStart(slot), table.lineStart(slot) + nameLength, scratch, 0);
          nameTag = table.mark(slot) >> 8;
        }
        if (nameLength === FAILED) return this.#failure;
        if (index === 0) at = this.#integer.position;
        valueLength = this.#readString(bytes, at, end, nameLength < 0 ? 0 : nameLength + 2);
        if (valueLength === FAILED) return this.#failure;
        at = this.#integer.position;
        if (nameLength < 0 || valueLength < 0) {
          // Longer than the scratch, so longer than the table: as an entry it would empty it.
          if (first >= 0x40) table.shrinkTo(0);
          if (refused === null) {
            refused = violation('h2-field-too-long');
            refusedAt = this.fieldOffset;
          }
          continue;
        }
        const valueStart = nameLength + 2;
        const valueEnd = valueStart + valueLength;
        scratch[nameLength] = 0x3a;
        scratch[nameLength + 1] = 0x20;
        scratch[valueEnd] = 0x0d;
        scratch[valueEnd + 1] = 0x0a;
        lines = scratch;
        lineStart = 0;
        tag = tagField(nameTag, scratch, valueStart, valueEnd);
        if (first >= 0x40) keepAs = (nameTag << 8) | tag;
        this.#index = 0;
      }

      if (refused === null) {
        listSize += nameLength + valueLength + ENTRY_OVERHEAD;
        if (listSize > limits.listSize || fields > limits.fieldCount) {
          refused = violation(fields > limits.fieldCount ? 'h2-too-many-fields' : 'h2-field-list-too-large');
          refusedAt = this.fieldOffset;
        } else sink.onField(lines, lineStart, nameLength, valueLength, tag);
      }
      // After the sink: making room in the table moves ranges that the sink may still hold.
      if (keepAs !== FAILED) table.insert(lines, 0, nameLength, valueLength, keepAs);
    }
    this.errorOffset = refusedAt;
    return refused;
  }

  /**
   * Changes what the peer may raise its table to, once it has acknowledged the setting. A table that is larger must then be
   * shrunk by an update at the start of the next block (RFC 7541 section 4.2). To be called where the setting is below the
   * default of 4096, or changes later; not beyond the limit of the constructor.
   */
  setTableLimit(size: number): void {
    this.#tableLimit = Math.min(size, this.#capacity);
    this.#updateRequired = this.#tableLimit < this.#table.maximumSize;
  }

  /**
   * Inside `onField`: the value as text, octet for octet (Latin-1). A field of the tables yields the same string each time,
   * without making it again.
   */
  valueText(lines: Buffer, start: number, nameLength: number, valueLength: number): string {
    const index = this.#index;
    if (index > STATIC_COUNT) {
      const slot = this.#table.slotAt(index - STATIC_COUNT - 1);
      const kept = this.#table.valueText(slot);
      if (kept !== undefined) return kept;
      const text = latin1Text(lines, start + nameLength + 2, start + nameLength + 2 + valueLength);
      this.#table.keepValueText(slot, text);
      return text;
    }
    if (index > 0) return STATIC_FIELDS[index - 1]![1];
    return latin1Text(lines, start + nameLength + 2, start + nameLength + 2 + valueLength);
  }

  #fail(reason: ViolationReason, at: number): Violation {
    this.errorOffset = at - this.#blockStart;
    this.#failure = violation(reason);
    return this.#failure;
  }

  /** An integer, with the position behind it in `#integer`; or FAILED. */
  #readInteger(bytes: Uint8Array, at: number, end: number, mask: number): number {
    const value = this.#integer.read(bytes, at, end, mask);
    if (value >= 0) return value;
    this.#fail(value === INTEGER_TRUNCATED ? 'h2-hpack-truncated' : 'h2-hpack-integer-too-large', at);
    return FAILED;
  }

  /**
   * A string (section 5.2) into the scratch at `to`, with room left for the rest of the line. Returns its length, TOO_LONG,
   * or FAILED; the position behind it is in `#integer`.
   */
  #readString(bytes: Uint8Array, at: number, end: number, to: number): number {
    const length = this.#readInteger(bytes, at, end, 0x7f);
    if (length < 0) return FAILED;
    const textStart = this.#integer.position;
    const textEnd = textStart + length;
    if (textEnd > end) {
      this.#fail('h2-hpack-truncated', at);
      return FAILED;
    }
    this.#integer.position = textEnd;
    const limit = this.scratch.length - LINE_OVERHEAD;
    if (bytes[at]! < 0x80) {
      if (to + length > limit) return TOO_LONG;
      copyOctets(bytes, textStart, textEnd, this.scratch, to);
      return length;
    }
    const decodedEnd = decodeHuffman(bytes, textStart, textEnd, this.scratch, to, limit);
    if (decodedEnd >= 0) return decodedEnd - to;
    if (decodedEnd === HUFFMAN_NO_ROOM) return TOO_LONG;
    this.#fail('h2-hpack-huffman-invalid', at);
    return FAILED;
  }
}
