import { labelsOf } from './name.ts';

/** Pointers have fourteen bits. */
const MAX_POINTER = 0x3fff;
const MAX_MESSAGE_OCTETS = 0xffff;

/** Writes fields into a buffer that grows up to a message's 65,535 octets; throws a RangeError beyond. */
export class MessageWriter {
  length = 0;
  private buffer = new Uint8Array(512);
  /** Suffixes written so far, with their exact case: a name comes back as it was given. */
  private readonly suffixes = new Map<string, number>();

  uint8(value: number): void {
    const at = this.grow(1);
    this.buffer[at] = value;
  }

  uint16(value: number): void {
    const at = this.grow(2);
    this.buffer[at] = value >> 8;
    this.buffer[at + 1] = value;
  }

  uint32(value: number): void {
    this.uint16(Math.floor(value / 0x10000) & 0xffff);
    this.uint16(value & 0xffff);
  }

  uint48(value: number): void {
    this.uint16(Math.floor(value / 0x100000000));
    this.uint32(value % 0x100000000);
  }

  octets(octets: Uint8Array): void {
    const at = this.grow(octets.length);
    this.buffer.set(octets, at);
  }

  /** An address that was text; one that is none is the caller's mistake. */
  address(octets: Uint8Array | undefined): void {
    if (octets === undefined) throw new RangeError('not an address of this family');
    this.octets(octets);
  }

  characterString(octets: Uint8Array): void {
    if (octets.length > 0xff) throw new RangeError('a character-string has 255 octets at most');
    this.uint8(octets.length);
    this.octets(octets);
  }

  /** A name; the longest suffix that stands in the message already becomes a pointer where that is allowed. */
  name(name: string, compress: boolean): void {
    const labels = labelsOf(name);
    for (const [at, label] of labels.entries()) {
      const suffix = labels
        .slice(at)
        .map((one) => `${one.length}:${String.fromCodePoint(...one)}`)
        .join('');
      const known = this.suffixes.get(suffix);
      if (known !== undefined && compress) {
        this.uint16(0xc000 | known);
        return;
      }
      if (known === undefined && this.length <= MAX_POINTER) this.suffixes.set(suffix, this.length);
      this.characterString(label);
    }
    this.uint8(0);
  }

  /** Writes two octets of length and then what `write` writes. */
  counted16(write: () => void): void {
    const at = this.length;
    this.uint16(0);
    write();
    this.patch16(at, this.length - at - 2);
  }

  patch16(at: number, value: number): void {
    this.buffer[at] = value >> 8;
    this.buffer[at + 1] = value;
  }

  /** Takes back everything from `length` on. */
  rewind(length: number): void {
    this.length = length;
    for (const [suffix, at] of this.suffixes) if (at >= length) this.suffixes.delete(suffix);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private grow(count: number): number {
    const at = this.length;
    const length = at + count;
    if (length > MAX_MESSAGE_OCTETS) throw new RangeError('a message has 65,535 octets at most');
    if (length > this.buffer.length) {
      const wider = new Uint8Array(Math.max(length, this.buffer.length * 2));
      wider.set(this.buffer);
      this.buffer = wider;
    }
    this.length = length;
    return at;
  }
}
