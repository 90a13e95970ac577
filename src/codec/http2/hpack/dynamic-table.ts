/**
 * The dynamic table (RFC 7541 section 2.3.2): a ring of entries, and a buffer with their field lines in the order in which
 * they came:
 *
 *   lines    …evicted… | user-agent: Mozilla/5.0 … CRLF | accept-language: en CRLF | x-a: 1 CRLF | …free…
 *   index                64                               63                         62
 *
 * A peer that repeats its fields refers to them in the order in which it once sent them, so a header block is mostly a
 * few stretches of this buffer, copied whole.
 *
 * Entries are numbered by insertion, modulo 2^32; entry `id` stands in slot `id & mask`. The ring and the buffer start
 * small and grow with use: most of a gateway's connections are idle.
 */
import { copyOctets } from '../../copy-octets.ts';

/** What an entry counts beyond its name and value (RFC 7541 section 4.1). */
export const ENTRY_OVERHEAD = 32;
/** What a line has beyond its name and value: colon, space, CR, LF. */
export const LINE_OVERHEAD = 4;

/** Numbers of an entry in `entries`: where its line begins in `lines`, length of its name, of its value, its mark. */
export const STRIDE = 4;
const FIRST_SLOTS = 32;
const FIRST_LINES = 2048;
const EMPTY_ENTRIES = new Int32Array(0);
const EMPTY_LINES = Buffer.alloc(0);

export class DynamicTable {
  /** Field lines. Replaced when it grows; ranges in it move when room is made, so only between insertions are they good. */
  lines: Buffer = EMPTY_LINES;
  /** Entries in the table, octets that they count, octets that they may count. */
  count = 0;
  size = 0;
  maximumSize: number;
  /** Number of the next entry; the newest is the one before. */
  nextId = 0;
  /** Slots of the ring, less one; the count of slots is a power of two, or none yet. */
  mask = -1;

  /** STRIDE numbers a slot. The hot path reads them here, others by the methods below. */
  entries: Int32Array = EMPTY_ENTRIES;
  #values: (string | undefined)[] = [];
  #tail = 0;

  constructor(maximumSize: number) {
    this.maximumSize = maximumSize;
  }

  /** Where the line of the entry in `slot` begins in `lines`. */
  lineStart(slot: number): number {
    return this.entries[slot * STRIDE]!;
  }

  nameLength(slot: number): number {
    return this.entries[slot * STRIDE + 1]!;
  }

  valueLength(slot: number): number {
    return this.entries[slot * STRIDE + 2]!;
  }

  /** The number that was given with the entry: the decoder's tag, the encoder's hash. */
  mark(slot: number): number {
    return this.entries[slot * STRIDE + 3]!;
  }

  /** Slot of the entry with dynamic index `index` (0 is the newest), or -1. */
  slotAt(index: number): number {
    return index < this.count ? (this.nextId - 1 - index) & this.mask : -1;
  }

  /** A text that somebody made of the entry's value and wants to find again. */
  valueText(slot: number): string | undefined {
    return this.#values[slot];
  }

  keepValueText(slot: number, text: string): void {
    this.#values[slot] = text;
  }

  /** Evicts from the oldest on until the entries count `room` octets at most. */
  shrinkTo(room: number): void {
    while (this.size > room) {
      const oldest = ((this.nextId - this.count) & this.mask) * STRIDE;
      this.size -= this.entries[oldest + 1]! + this.entries[oldest + 2]! + ENTRY_OVERHEAD;
      this.count -= 1;
    }
  }

  /**
   * Adds the line that stands at `start` of `from`, another buffer than `lines`; what is in the way is evicted. An entry
   * larger than the table leaves it empty, which is no error (RFC 7541 section 4.4). Returns whether the entry is in.
   */
  insert(from: Uint8Array, start: number, nameLength: number, valueLength: number, mark: number): boolean {
    const size = nameLength + valueLength + ENTRY_OVERHEAD;
    this.shrinkTo(Math.max(0, this.maximumSize - size));
    if (size > this.maximumSize) return false;
    if (this.count > this.mask) this.#growRing();
    const length = nameLength + valueLength + LINE_OVERHEAD;
    if (this.#tail + length > this.lines.length) this.#makeRoom(length);
    const slot = this.nextId & this.mask;
    const entry = slot * STRIDE;
    this.entries[entry] = this.#tail;
    this.entries[entry + 1] = nameLength;
    this.entries[entry + 2] = valueLength;
    this.entries[entry + 3] = mark;
    if (slot < this.#values.length) this.#values[slot] = undefined;
    this.#tail = copyOctets(from, start, start + length, this.lines, this.#tail);
    this.nextId = (this.nextId + 1) >>> 0;
    this.count += 1;
    this.size += size;
    return true;
  }

  #growRing(): void {
    const slots = Math.max(FIRST_SLOTS, (this.mask + 1) * 2);
    const entries = new Int32Array(slots * STRIDE);
    const values: (string | undefined)[] = [];
    for (let back = 1; back <= this.count; back += 1) {
      const from = (this.nextId - back) & this.mask;
      const to = (this.nextId - back) & (slots - 1);
      entries.set(this.entries.subarray(from * STRIDE, (from + 1) * STRIDE), to * STRIDE);
      values[to] = this.#values[from];
    }
    this.entries = entries;
    this.#values = values;
    this.mask = slots - 1;
  }

  /** Moves the live lines to the front: of this buffer while they fill less than half of it, else of one twice as large. */
  #makeRoom(length: number): void {
    const head = this.count > 0 ? this.lineStart((this.nextId - this.count) & this.mask) : this.#tail;
    const live = this.#tail - head;
    let target = this.lines;
    if ((live + length) * 2 > target.length) {
      let grown = Math.max(FIRST_LINES, target.length);
      while (grown < (live + length) * 2) grown *= 2;
      target = Buffer.allocUnsafeSlow(grown);
    }
    target.set(this.lines.subarray(head, this.#tail), 0);
    this.lines = target;
    this.#tail = live;
    for (let back = 1; back <= this.count; back += 1) {
      const entry = ((this.nextId - back) & this.mask) * STRIDE;
      this.entries[entry] = this.entries[entry]! - head;
    }
  }
}
