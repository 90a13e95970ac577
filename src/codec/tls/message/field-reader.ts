import { ByteReader } from '../byte-reader.ts';

/** One field of a message and where its octets stand. Fields of a vector follow it with a greater depth. */
export interface Field {
  /** The RFC's name: `cipher_suite`, `key_share.group`. */
  readonly name: string;
  /** Octets from the start of the message: `[start, end)`, length prefix included. */
  readonly start: number;
  readonly end: number;
  /** How many of the first octets are the field's own length: 0, 1, 2 or 3. */
  readonly prefix: number;
  readonly depth: number;
  /** The value of a field that is one number. */
  readonly number: number | undefined;
}

/** A ByteReader that keeps note of every field it reads, so that a message can be shown octet by octet. */
export class FieldReader extends ByteReader {
  readonly fields: Field[];
  #depth: number;
  /** Above zero while a field is read that is noted as a whole. */
  #quiet = 0;
  /** Vectors that were entered: the place of each in `fields`, or -1 where it is not noted. */
  readonly #open: number[] = [];

  constructor(bytes: Uint8Array, fields: Field[] = [], depth = 0) {
    super(bytes);
    this.fields = fields;
    this.#depth = depth;
  }

  /** A reader over `[start, end)` whose errors are its own; its fields go to the same list, one level deeper. */
  within(start: number, end: number): FieldReader {
    const inner = new FieldReader(this.bytes, this.fields, this.#depth);
    inner.offset = start;
    inner.end = end;
    return inner;
  }

  override uint8(field: string): number {
    const start = this.offset;
    return this.#number(field, start, super.uint8(field));
  }

  override uint16(field: string): number {
    const start = this.offset;
    return this.#number(field, start, super.uint16(field));
  }

  override uint24(field: string): number {
    const start = this.offset;
    return this.#number(field, start, super.uint24(field));
  }

  override uint32(field: string): number {
    const start = this.offset;
    const value = this.#quietly(() => super.uint32(field));
    return this.#number(field, start, value);
  }

  override take(length: number, field: string): Uint8Array {
    const start = this.offset;
    const octets = super.take(length, field);
    this.#note(field, start, 0, undefined);
    return octets;
  }

  override opaque8(field: string, min = 0, max = 0xff): Uint8Array {
    return this.#prefixed(field, 1, () => super.opaque8(field, min, max));
  }

  override opaque16(field: string, min = 0): Uint8Array {
    return this.#prefixed(field, 2, () => super.opaque16(field, min));
  }

  /** `opaque field<min..2^24-1>` with a length of three octets. */
  opaque24(field: string, min = 0): Uint8Array {
    return this.#prefixed(field, 3, () => {
      const length = this.uint24(field);
      if (length < min) this.fail('bad-length', field, this.offset - 3);
      return this.take(length, field);
    });
  }

  override open8(field: string, min = 0): number {
    return this.#enter(field, 1, () => super.open8(field, min));
  }

  override open16(field: string, min = 0): number {
    return this.#enter(field, 2, () => super.open16(field, min));
  }

  /** Goes into a vector with a length of three octets. */
  open24(field: string): number {
    return this.#enter(field, 3, () => super.open(this.uint24(field), field));
  }

  override close(outer: number, field: string): void {
    super.close(outer, field);
    this.#leave();
  }

  override skipTo(end: number, outer: number): void {
    super.skipTo(end, outer);
    this.#leave();
  }

  /** Numbers of two octets until the end of what was entered, each noted as `field`. */
  uint16s(field: string): number[] {
    const values: number[] = [];
    while (this.remaining > 0) values.push(this.uint16(field));
    return values;
  }

  override uint16List16(field: string, min = 0): number[] {
    const outer = this.open16(field, min);
    const values = this.uint16s(field);
    this.close(outer, field);
    return values;
  }

  override uint16List8(field: string, min = 0): number[] {
    const outer = this.open8(field, min);
    const values = this.uint16s(field);
    this.close(outer, field);
    return values;
  }

  override uint8List8(field: string, min = 0): number[] {
    const outer = this.open8(field, min);
    const values: number[] = [];
    while (this.remaining > 0) values.push(this.uint8(field));
    this.close(outer, field);
    return values;
  }

  #number(field: string, start: number, value: number): number {
    this.#note(field, start, 0, value);
    return value;
  }

  #prefixed(field: string, prefix: number, read: () => Uint8Array): Uint8Array {
    const start = this.offset;
    const octets = this.#quietly(read);
    this.#note(field, start, prefix, undefined);
    return octets;
  }

  #quietly<T>(read: () => T): T {
    this.#quiet += 1;
    const value = read();
    this.#quiet -= 1;
    return value;
  }

  #note(name: string, start: number, prefix: number, number: number | undefined): void {
    if (this.#quiet > 0 || this.error !== undefined) return;
    this.fields.push({ name, start, end: this.offset, prefix, depth: this.#depth, number });
  }

  #enter(name: string, prefix: number, read: () => number): number {
    const start = this.offset;
    const outer = this.#quietly(read);
    if (this.error === undefined) {
      this.#open.push(this.fields.length);
      this.fields.push({ name, start, end: this.end, prefix, depth: this.#depth, number: undefined });
    } else this.#open.push(-1);
    this.#depth += 1;
    return outer;
  }

  #leave(): void {
    if (this.#open.pop() !== undefined) this.#depth -= 1;
  }
}
