import { DnsFault, type DnsProblem } from './dns-error.ts';
import { labelText, MAX_NAME_OCTETS } from './name.ts';

/** Told of every field that was read: its path and its octets `[start, end)` in the message. */
export type OnField = (field: string, start: number, end: number) => void;

const HEADER_OCTETS = 12;
/** A name has 127 labels at most; one pointer a label is more than any writer makes. */
const MAX_POINTERS = 127;

/** Reads fields from `offset` on and throws a DnsFault at the first that is broken. `parseMessage` turns it into a value. */
export class MessageReader {
  readonly octets: Uint8Array;
  offset = 0;
  /** Where the structure that is being read ends. */
  end: number;
  /** Path in front of the fields' names, with its dot. */
  path = '';
  private readonly onField: OnField | undefined;

  constructor(octets: Uint8Array, onField?: OnField) {
    this.octets = octets;
    this.end = octets.length;
    this.onField = onField;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  fault(problem: DnsProblem, field: string, offset = this.offset): DnsFault {
    return new DnsFault(problem, this.path + field, offset);
  }

  uint8(field: string): number {
    const at = this.advance(1, field);
    return this.octets[at]!;
  }

  uint16(field: string): number {
    const at = this.advance(2, field);
    return (this.octets[at]! << 8) | this.octets[at + 1]!;
  }

  uint32(field: string): number {
    const at = this.advance(4, field);
    const { octets } = this;
    return octets[at]! * 0x1000000 + ((octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!);
  }

  uint48(field: string): number {
    const at = this.advance(6, field);
    let number = 0;
    for (let k = 0; k < 6; k += 1) number = number * 256 + this.octets[at + k]!;
    return number;
  }

  /** A view of the next `length` octets. */
  take(length: number, field: string): Uint8Array {
    const at = this.advance(length, field);
    return this.octets.subarray(at, at + length);
  }

  /** Whatever is left of the structure. */
  rest(field: string): Uint8Array {
    return this.take(this.remaining, field);
  }

  /** `<character-string>` (RFC 1035 section 3.3): one octet of length. */
  characterString(field: string): Uint8Array {
    const length = this.octets[this.offset];
    if (this.remaining < 1 || length === undefined) throw this.fault('truncated', field);
    return this.take(length + 1, field).subarray(1);
  }

  /** A name, with pointers that lead strictly backwards, so that none can loop (RFC 1035 section 4.1.4). */
  name(field: string, pointersAllowed = true): string {
    const { octets } = this;
    const start = this.offset;
    let text = '';
    let length = 1;
    let pointers = 0;
    let at = start;
    let bound = this.end;
    let runStart = start;
    for (;;) {
      if (at >= bound) throw this.fault('truncated', field, at);
      const octet = octets[at]!;
      if (octet === 0) {
        if (pointers === 0) this.offset = at + 1;
        break;
      }
      if (octet < 0x40) {
        length += octet + 1;
        if (length > MAX_NAME_OCTETS) throw this.fault('name-too-long', field, at);
        if (at + 1 + octet > bound) throw this.fault('truncated', field, at);
        text += `${labelText(octets, at + 1, at + 1 + octet)}.`;
        at += octet + 1;
        continue;
      }
      if (octet < 0xc0) throw this.fault('label-type', field, at);
      if (!pointersAllowed) throw this.fault('pointer-not-allowed', field, at);
      if (at + 2 > bound) throw this.fault('truncated', field, at);
      const target = ((octet & 0x3f) << 8) | octets[at + 1]!;
      if (target >= runStart || target < HEADER_OCTETS) throw this.fault('bad-pointer', field, at);
      if (pointers === 0) this.offset = at + 2;
      pointers += 1;
      if (pointers > MAX_POINTERS) throw this.fault('too-many-pointers', field, at);
      at = target;
      runStart = target;
      bound = octets.length;
    }
    this.onField?.(this.path + field, start, this.offset);
    return text === '' ? '.' : text;
  }

  /** Narrows to the next `length` octets, reads, and checks that all of them were read. */
  within<T>(length: number, field: string, read: () => T): T {
    if (this.remaining < length) throw this.fault('truncated', field);
    const outer = this.end;
    this.end = this.offset + length;
    const value = read();
    if (this.offset !== this.end) throw this.fault('length-mismatch', field);
    this.end = outer;
    return value;
  }

  private advance(length: number, field: string): number {
    const start = this.offset;
    if (this.end - start < length) throw this.fault('truncated', field);
    this.offset = start + length;
    this.onField?.(this.path + field, start, this.offset);
    return start;
  }
}
