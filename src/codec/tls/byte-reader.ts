import type { DecodeError, DecodeErrorCode } from './decode-error.ts';

const nothing = new Uint8Array(0);

/**
 * Reads big-endian fields and length-prefixed vectors (RFC 8446 section 3) within bounds. The first failure sticks: from
 * then on every read gives zeros or nothing, and `error` tells what was wrong and where, so that a parser reads all its
 * fields in a row and looks once at the end.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;
  readonly #root: ByteReader;
  #error: DecodeError | undefined;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length, root?: ByteReader) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    this.#root = root ?? this;
  }

  get error(): DecodeError | undefined {
    return this.#root.#error;
  }

  get remaining(): number {
    return this.#root.#error === undefined ? this.end - this.offset : 0;
  }

  fail(code: DecodeErrorCode, field: string, offset = this.offset): void {
    this.#root.#error ??= { code, field, offset };
  }

  uint8(field: string): number {
    return this.#has(1, field) ? this.bytes[this.offset++]! : 0;
  }

  uint16(field: string): number {
    if (!this.#has(2, field)) return 0;
    const value = (this.bytes[this.offset]! << 8) | this.bytes[this.offset + 1]!;
    this.offset += 2;
    return value;
  }

  uint24(field: string): number {
    if (!this.#has(3, field)) return 0;
    const { bytes, offset } = this;
    this.offset += 3;
    return (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!;
  }

  uint32(field: string): number {
    return this.uint16(field) * 0x10000 + this.uint16(field);
  }

  /** A view of the next `length` octets. */
  take(length: number, field: string): Uint8Array {
    if (!this.#has(length, field)) return nothing;
    const start = this.offset;
    this.offset += length;
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

  /** A reader over the next `length` octets, sharing this one's error; this reader goes on behind them. */
  part(length: number, field: string): ByteReader {
    const start = this.offset;
    const end = this.#has(length, field) ? start + length : start;
    this.offset = end;
    return new ByteReader(this.bytes, start, end, this.#root);
  }

  /** A reader over a vector with a length of one octet. */
  vector8(field: string, min = 0): ByteReader {
    const length = this.uint8(field);
    if (length < min) this.fail('bad-length', field, this.offset - 1);
    return this.part(length, field);
  }

  /** A reader over a vector with a length of two octets. */
  vector16(field: string, min = 0): ByteReader {
    const length = this.uint16(field);
    if (length < min) this.fail('bad-length', field, this.offset - 2);
    return this.part(length, field);
  }

  /** Everything left as numbers of two octets. */
  uint16List(field: string): number[] {
    const values: number[] = [];
    if (this.remaining % 2 === 1) this.fail('bad-length', field);
    while (this.remaining > 0) values.push(this.uint16(field));
    return values;
  }

  /** Everything left as numbers of one octet. */
  uint8List(field: string): number[] {
    const values: number[] = [];
    while (this.remaining > 0) values.push(this.uint8(field));
    return values;
  }

  /** Fails if anything is left. */
  finish(field: string): void {
    if (this.remaining > 0) this.fail('trailing-bytes', field);
  }

  #has(length: number, field: string): boolean {
    if (this.#root.#error !== undefined) return false;
    if (this.end - this.offset >= length) return true;
    this.fail('truncated', field);
    return false;
  }
}
