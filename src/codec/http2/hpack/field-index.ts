/**
 * Finds fields and names in the encoder's dynamic table by hash.
 *
 * Entries with the same hash bits are chained from the newest to the oldest. An entry that was evicted stays in its chain:
 * entries leave in the order in which they came, so the first one met that is gone says that all behind it are gone too.
 * What a chain yields is compared octet by octet before it is believed, so a stale link can do no harm.
 */
import { hashFolded, HASH_SEED, LOWER } from '../field-names.ts';
import type { DynamicTable } from './dynamic-table.ts';

/** Numbers that a slot has in `links`: the next entry by field and by name; the first of the slot's two chains. */
const STRIDE = 4;
const FIELD_NEXT = 0;
const NAME_NEXT = 1;
const FIELD_FIRST = 2;
const NAME_FIRST = 3;

/** A value is hashed by its length, its first and its last octets: versions and dates differ at the end. */
const HASHED_HEAD = 8;
const HASHED_TAIL = 16;

/** Goes on from the hash of a field's name to the hash of the field. */
export function hashValue(nameHash: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(nameHash ^ (end - start), 0x01000193);
  const tail = Math.max(start, end - HASHED_TAIL);
  const head = Math.min(tail, start + HASHED_HEAD);
  for (let i = start; i < head; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  for (let i = tail; i < end; i += 1) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

export class FieldIndex {
  readonly #table: DynamicTable;
  #links: Int32Array = new Int32Array(0);

  constructor(table: DynamicTable) {
    this.#table = table;
  }

  /** Dynamic index (0 is the newest) of the field with that name and value, or -1. The name's letters may be of any case. */
  findField(
    hash: number,
    bytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
  ): number {
    const table = this.#table;
    if (table.count === 0) return -1;
    let id = this.#links[this.#place(hash) + FIELD_FIRST]!;
    let age = -1;
    for (;;) {
      const index = (table.nextId - 1 - id) >>> 0;
      // Older than the last one, or gone: a chain ends here.
      if (index <= age || index >= table.count) return -1;
      age = index;
      const slot = id & table.mask;
      if (
        table.mark(slot) === hash &&
        table.valueLength(slot) === valueEnd - valueStart &&
        this.#hasName(slot, bytes, nameStart, nameEnd)
      ) {
        const { lines } = table;
        const from = table.lineStart(slot) + nameEnd - nameStart + 2;
        let i = valueStart;
        while (i < valueEnd && lines[from + i - valueStart] === bytes[i]) i += 1;
        if (i === valueEnd) return index;
      }
      id = this.#links[slot * STRIDE + FIELD_NEXT]!;
    }
  }

  /** Dynamic index of a field with that name, or -1. */
  findName(nameHash: number, bytes: Uint8Array, nameStart: number, nameEnd: number): number {
    const table = this.#table;
    if (table.count === 0) return -1;
    let id = this.#links[this.#place(nameHash) + NAME_FIRST]!;
    let age = -1;
    for (;;) {
      const index = (table.nextId - 1 - id) >>> 0;
      if (index <= age || index >= table.count) return -1;
      age = index;
      const slot = id & table.mask;
      if (this.#hasName(slot, bytes, nameStart, nameEnd)) return index;
      id = this.#links[slot * STRIDE + NAME_NEXT]!;
    }
  }

  /** To be called after each insertion, with the hashes of the newest entry. */
  add(nameHash: number, fieldHash: number): void {
    const table = this.#table;
    if (this.#links.length !== (table.mask + 1) * STRIDE) {
      this.#rebuild();
      return;
    }
    this.#link(table.nextId - 1, nameHash, fieldHash);
  }

  #place(hash: number): number {
    return ((hash ^ (hash >>> 15)) & this.#table.mask) * STRIDE;
  }

  #link(id: number, nameHash: number, fieldHash: number): void {
    const links = this.#links;
    const entry = (id & this.#table.mask) * STRIDE;
    const byField = this.#place(fieldHash);
    links[entry + FIELD_NEXT] = links[byField + FIELD_FIRST]!;
    links[byField + FIELD_FIRST] = id;
    const byName = this.#place(nameHash);
    links[entry + NAME_NEXT] = links[byName + NAME_FIRST]!;
    links[byName + NAME_FIRST] = id;
  }

  /** The ring has grown: chains all anew, from the oldest entry to the newest. */
  #rebuild(): void {
    const table = this.#table;
    // A first link must not look like an entry that is there: -1 back from the next is beyond every count.
    this.#links = new Int32Array((table.mask + 1) * STRIDE).fill(table.nextId | 0);
    for (let back = table.count; back > 0; back -= 1) {
      const id = table.nextId - back;
      const slot = id & table.mask;
      const start = table.lineStart(slot);
      const nameHash = hashFolded(table.lines, start, start + table.nameLength(slot), HASH_SEED);
      this.#link(id, nameHash, table.mark(slot));
    }
  }

  #hasName(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    const table = this.#table;
    if (table.nameLength(slot) !== end - start) return false;
    const { lines } = table;
    const from = table.lineStart(slot);
    for (let i = start; i < end; i += 1) if (lines[from + i - start] !== LOWER[bytes[i]!]) return false;
    return true;
  }
}
