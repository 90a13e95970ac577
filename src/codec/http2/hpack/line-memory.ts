/**
 * The last field block that an encoder saw, line by line, with the table entry that each line was encoded as. An app answers
 * with nearly the same head over and over: a line that stands where it stood the last time needs neither to be taken apart
 * nor looked up again.
 */
import { copyOctets } from '../../copy-octets.ts';

/** How a line was encoded. */
export const LineReference = {
  /** As a literal: there is nothing to refer to. */
  NONE: 0,
  /** As the static entry of that index. */
  STATIC: 1,
  /** As the dynamic entry of that number, which may have left the table since. */
  DYNAMIC: 2,
  /** Not at all: a field of the connection. */
  OMITTED: 3,
} as const;

/** Blocks beyond these are not remembered: they are rare, and every connection would pay for them. */
const MAXIMUM_LINES = 32;
const MAXIMUM_OCTETS = 1024;

const NOTHING = Buffer.alloc(0);
const NO_STARTS = new Uint16Array(0);
const NO_IDS = new Int32Array(0);

export class LineMemory {
  #block: Buffer = NOTHING;
  #length = 0;
  #count = 0;
  #noted = 0;
  /** Where each line begins, in the last block and in the one at hand; its reference; the index or number of that. */
  #starts: Uint16Array = NO_STARTS;
  #nextStarts: Uint16Array = NO_STARTS;
  #references: Uint8Array = NOTHING;
  #ids: Int32Array = NO_IDS;

  /** A block is about to be encoded. */
  begin(): void {
    this.#noted = 0;
  }

  /** Length of line `line` of the last block if the same line stands at `at`, and was encoded by reference; else 0. */
  match(line: number, block: Buffer, at: number, end: number): number {
    if (line >= this.#count || this.#references[line] === LineReference.NONE) return 0;
    const start = this.#starts[line]!;
    const length = this.#starts[line + 1]! - start;
    if (at + length > end) return 0;
    const kept = this.#block;
    for (let i = 0; i < length; i += 1) if (kept[start + i] !== block[at + i]) return 0;
    return length;
  }

  reference(line: number): number {
    return this.#references[line]!;
  }

  id(line: number): number {
    return this.#ids[line]!;
  }

  /** The next line, which begins `offset` octets into the block, was encoded as this reference. */
  note(offset: number, reference: number, id: number): void {
    const line = this.#noted;
    this.#noted += 1;
    if (line >= MAXIMUM_LINES) return;
    if (this.#ids.length === 0) {
      // Most connections never send a head: room is made for the first.
      this.#starts = new Uint16Array(MAXIMUM_LINES + 1);
      this.#nextStarts = new Uint16Array(MAXIMUM_LINES + 1);
      this.#references = Buffer.alloc(MAXIMUM_LINES);
      this.#ids = new Int32Array(MAXIMUM_LINES);
    }
    this.#nextStarts[line] = offset;
    this.#references[line] = reference;
    this.#ids[line] = id;
  }

  /** The block was encoded, and each of its lines noted. */
  keep(block: Buffer, start: number, end: number): void {
    const length = end - start;
    const count = this.#noted;
    this.#count = 0;
    this.#length = 0;
    if (length > MAXIMUM_OCTETS || count > MAXIMUM_LINES || count === 0) return;
    if (this.#block.length < length) this.#block = Buffer.allocUnsafeSlow(Math.min(MAXIMUM_OCTETS, length + 64));
    copyOctets(block, start, end, this.#block, 0);
    const starts = this.#nextStarts;
    starts[count] = length;
    this.#nextStarts = this.#starts;
    this.#starts = starts;
    this.#count = count;
    this.#length = length;
  }

  /** Whether the block is the last one, octet for octet. */
  isSame(block: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length !== this.#length || length === 0) return false;
    // What stands before the last CRLF differs first where an entity tag or a length does.
    return this.#block[length - 3] === block[end - 3] && block.compare(this.#block, 0, length, start, end) === 0;
  }
}
