import type { DecodeError, DecodeErrorCode } from './decode-error.ts';

const nothing = new Uint8Array(0);

/**
 * Reads big-endian fields and length-prefixed vectors (RFC 8446 section 3). The first failure sticks: from then on every
 * read gives zeros or nothing, and `error` tells what was wrong and where, so that a parser reads all its fields in a row
 * and looks once at the end.
 *
 * A vector is read by moving `end`: `open16` goes into it and gives the end of what surrounds it, `close` comes out again
 * and fails if anything of the vector is left.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset = 0;
  end: number;
  error: DecodeError | undefined = undefined;

  constructor(bytes: Uint8Array) {
    // Views of a Buffer cost several times those of a plain Uint8Array, and a hello takes twenty.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.end = bytes.length;
  }

  get remaining(): number {
    return this.error === undefined ? this.end - this.offset : 0;
  }

  fail(code: DecodeErrorCode, field: string, offset = this.offset): void {
    this.error ??= { code, field, offset };
  }

  uint8(field: string): number {
    return this.has(1, field) ? this.bytes[this.offset++]! : 0;
  }

  uint16(field: string): number {
    if (!this.has(2, field)) return 0;
    const { bytes, offset } = this;
    this.offset = offset + 2;
    return (bytes[offset]! << 8) | bytes[offset + 1]!;
  }

  uint24(field: string): number {
    if (!this.has(3, field)) return 0;
    const { bytes, offset } = this;
    this.offset = offset + 3;
    return (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!;
  }

  uint32(field: string): number {
    return this.uint16(field) * 0x10000 + this.uint16(field);
  }

  /** A view of the next `length` octets. */
  take(length: number, field: string): Uint8Array {
    if (!this.has(length, field)) return nothing;
    const start = this.offset;
    this.offset = start + length;
    return this.bytes.subarray(start, this.offset);
  }

  /** `opaque field<min..max>` with a length of one octet. */
  opaque8(field: string, min = 0, max = 0xff): Uint8Array {
    const length = this.uint8(field);
    if (length < min || length > max) this.fail('bad-length', field, this.offset - 1);
    return this.take(length, field);
  }

  /** `opaque field<min..2^16-1>` with a length of two octets. */
  opaque16(field: string, min = 0): Uint8Array {
    const length = this.uint16(field);
    if (length < min) this.fail('bad-length', field, this.offset - 2);
    return this.take(length, field);
  }

  /** Goes into the next `length` octets; the end to give to `close`. */
  open(length: number, field: string): number {
    const outer = this.end;
    if (this.has(length, field)) this.end = this.offset + length;
    return outer;
  }

  /** Goes into a vector with a length of one octet. */
  open8(field: string, min = 0): number {
    const length = this.uint8(field);
    if (length < min) this.fail('bad-length', field, this.offset - 1);
    return this.open(length, field);
  }

  /** Goes into a vector with a length of two octets. */
  open16(field: string, min = 0): number {
    const length = this.uint16(field);
    if (length < min) this.fail('bad-length', field, this.offset - 2);
    return this.open(length, field);
  }

  /** Comes out of a vector, which must be read to its end. */
  close(outer: number, field: string): void {
    if (this.remaining > 0) this.fail('trailing-bytes', field);
    this.end = outer;
  }

  /** Comes out of a vector that ends at `end` without a look at what is left of it. */
  skipTo(end: number, outer: number): void {
    this.offset = end;
    this.end = outer;
  }

  /** A vector of numbers of two octets, with a length of two octets. */
  uint16List16(field: string, min = 0): number[] {
    const outer = this.open16(field, min);
    return this.uint16sUntilEnd(outer, field);
  }

  /** A vector of numbers of two octets, with a length of one octet. */
  uint16List8(field: string, min = 0): number[] {
    const outer = this.open8(field, min);
    return this.uint16sUntilEnd(outer, field);
  }

  /** A vector of numbers of one octet, with a length of one octet. */
  uint8List8(field: string, min = 0): number[] {
    return [...this.opaque8(field, min)];
  }

  private uint16sUntilEnd(outer: number, field: string): number[] {
    const values: number[] = [];
    if (this.remaining % 2 === 1) this.fail('bad-length', field);
    if (this.error === undefined) {
      const { bytes, end } = this;
      for (let at = this.offset; at < end; at += 2) values.push((bytes[at]! << 8) | bytes[at + 1]!);
      this.offset = end;
    }
    this.end = outer;
    return values;
  }

  private has(length: number, field: string): boolean {
    if (this.error !== undefined) return false;
    if (this.end - this.offset >= length) return true;
    this.fail('truncated', field);
    return false;
  }
}
