/**
 * HPACK header blocks, encoded (RFC 7541). Fields are taken as the HTTP/1.1 field lines that they are everywhere else in the
 * house; names are brought to lower case on the way, and fields of the connection are left out.
 *
 * What goes into the dynamic table is decided by the name (field-names.ts): most fields at first sight; those whose values
 * mostly differ when a value comes again; secrets never. Text is Huffman-coded where that is shorter.
 *
 * A head that is the same as the last one, with nothing left to be learnt by the table, is copied as it was encoded.
 */
import { writeLatin1 } from '../../latin1.ts';
import { copyOctets } from '../../copy-octets.ts';
import {
  FieldKind,
  findName,
  hashFolded,
  HASH_SEED,
  Indexing,
  KIND_MASK,
  LOWER,
  NAME_INDEXING,
  NAME_STATIC_INDEX,
  NAME_TAG,
} from '../field-names.ts';
import { DynamicTable, ENTRY_OVERHEAD, LINE_OVERHEAD } from './dynamic-table.ts';
import { DEFAULT_TABLE_SIZE } from './decoder.ts';
import { FieldIndex, hashValue } from './field-index.ts';
import { LineMemory, LineReference } from './line-memory.ts';
import { encodeHuffman, huffmanLength } from './huffman.ts';
import { writeInteger } from './integer.ts';
import {
  STATIC_COUNT,
  STATIC_FIELDS,
  STATIC_LINES,
  STATIC_NAME_LENGTH,
  STATIC_OFFSET,
  STATIC_VALUE_LENGTH,
} from './static-table.ts';

/** First octets of the representations (section 6). */
const INDEXED = 0x80;
const LITERAL_INDEXED = 0x40;
const TABLE_UPDATE = 0x20;
const LITERAL_NEVER_INDEXED = 0x10;
const LITERAL = 0x00;
const HUFFMAN = 0x80;

/** Which fields are left out: a single field is encoded as it is told. */
const OMIT_NOTHING = 0;
const OMIT_CONNECTION = 1;
const OMIT_CONNECTION_AND_HOST = 2;

/** How many hashes of fields are remembered, to tell a value that comes again. */
const REMEMBERED = 64;
/** Encoded heads beyond this are not kept: one that is all references is much shorter. */
const KEPT_OCTETS = 128;

const CR = 0x0d;
const SP = 0x20;
const HTAB = 0x09;
const COLON = 0x3a;

/** Octets that an encoded head needs at most, for a field block of that length and what stands before it. */
export function encodedRoom(blockLength: number): number {
  // A line's four octets of overhead pay for the literal's; lengths of 127 and more take up to four octets more, twice.
  return blockLength + (blockLength >>> 2) + 64;
}

export class HpackEncoder {
  /** Its front half is for names and lines in lower case, its back half for fields that come as texts. */
  readonly #scratch: Buffer;
  readonly #half: number;
  readonly #texts: Buffer;
  readonly #table: DynamicTable;
  readonly #index: FieldIndex;
  readonly #capacity: number;
  /** Updates that the next block must begin with: the smallest limit since the last block and the present one, or -1. */
  #smallestLimit = -1;
  #limit = -1;
  readonly #remembered: Int32Array = new Int32Array(REMEMBERED);

  /** Whether the block at hand left table and memory as they were, so that it would be encoded the same way again. */
  #settled = true;
  /** The last response head's lines; its status and the state of the table, if it is kept as it was encoded. */
  readonly #lines: LineMemory = new LineMemory();
  #keptStatus = 0;
  #keptNextId = 0;
  #keptEncoded: Buffer | null = null;
  #keptEncodedLength = 0;
  /** How the field at hand was encoded: a LineReference, and its index or number. */
  #reference: number = LineReference.NONE;
  #referenceId = 0;

  /**
   * `capacity` bounds the dynamic table whatever the peer allows, and with it the memory of a connection. `scratch` is where
   * lines are prepared; one may serve all encoders of a thread.
   */
  constructor(scratch: Buffer, capacity = 4096) {
    this.#scratch = scratch;
    this.#half = scratch.length >>> 1;
    this.#texts = scratch.subarray(this.#half);
    this.#capacity = capacity;
    // The peer takes the table for one of this size until it is told otherwise.
    this.#table = new DynamicTable(DEFAULT_TABLE_SIZE);
    this.#index = new FieldIndex(this.#table);
    if (capacity < DEFAULT_TABLE_SIZE) this.setTableLimit(capacity);
  }

  /** Octets that the dynamic table counts now, and may count. */
  get tableSize(): number {
    return this.#table.size;
  }
  get maximumTableSize(): number {
    return this.#table.maximumSize;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE; the next block tells what is made of it (section 4.2). */
  setTableLimit(size: number): void {
    const limit = Math.min(size, this.#capacity);
    if (limit === (this.#limit >= 0 ? this.#limit : this.#table.maximumSize)) return;
    this.#smallestLimit = this.#smallestLimit >= 0 ? Math.min(this.#smallestLimit, limit) : limit;
    this.#limit = limit;
  }

  /** A response's head: its status, then the field lines `block[start, end)`. Returns the position behind it. */
  encodeResponseHead(status: number, block: Buffer, start: number, end: number, out: Buffer, at: number): number {
    if (this.#isKept(status, block, start, end)) {
      return copyOctets(this.#keptEncoded!, 0, this.#keptEncodedLength, out, at);
    }
    // A block that begins with an update is not one to repeat.
    this.#settled = this.#limit < 0;
    let position = this.beginBlock(out, at);
    position = this.#encodeStatus(status, out, position);
    const lines = this.#lines;
    lines.begin();
    position = this.#encodeBlock(block, start, end, OMIT_CONNECTION, lines, out, position);
    lines.keep(block, start, end);
    this.#keep(status, out, at, position);
    return position;
  }

  /**
   * A request's head: pseudo-fields, then the field lines `block[start, end)` without Host, whose place :authority has.
   * `protocol` is for extended CONNECT (RFC 8441), else ''. CONNECT without it has neither scheme nor path.
   */
  encodeRequestHead(
    method: string,
    scheme: string,
    authority: string,
    path: string,
    protocol: string,
    block: Buffer,
    start: number,
    end: number,
    out: Buffer,
    at: number,
  ): number {
    let position = this.beginBlock(out, at);
    position = this.encodeField(':method', method, out, position);
    if (method !== 'CONNECT' || protocol !== '') {
      position = this.encodeField(':scheme', scheme, out, position);
      position = this.encodeField(':path', path, out, position);
    }
    position = this.encodeField(':authority', authority, out, position);
    if (protocol !== '') position = this.encodeField(':protocol', protocol, out, position);
    return this.#encodeBlock(block, start, end, OMIT_CONNECTION_AND_HOST, null, out, position);
  }

  /** Every block begins here: writes the table size updates that are due, at most two. */
  beginBlock(out: Uint8Array, at: number): number {
    if (this.#limit < 0) return at;
    const table = this.#table;
    let position = at;
    if (this.#smallestLimit < this.#limit) {
      position = writeInteger(out, position, this.#smallestLimit, 0x1f, TABLE_UPDATE);
    }
    position = writeInteger(out, position, this.#limit, 0x1f, TABLE_UPDATE);
    table.shrinkTo(this.#smallestLimit);
    table.maximumSize = this.#limit;
    this.#smallestLimit = -1;
    this.#limit = -1;
    // Entries may be gone.
    this.#keptStatus = 0;
    return position;
  }

  /**
   * Field lines, `name: value CRLF` each, valid as HTTP/1.1 has them: white space around values is taken off, fields of the
   * connection are left out. Trailers are encoded with beginBlock and this.
   */
  encodeLines(block: Buffer, start: number, end: number, out: Uint8Array, at: number): number {
    return this.#encodeBlock(block, start, end, OMIT_CONNECTION, null, out, at);
  }

  #encodeBlock(
    block: Buffer,
    start: number,
    end: number,
    omitted: number,
    lines: LineMemory | null,
    out: Uint8Array,
    at: number,
  ): number {
    let position = at;
    let i = start;
    for (let line = 0; i < end; line += 1) {
      const nameStart = i;
      if (lines !== null) {
        const length = lines.match(line, block, i, end);
        const repeated = length > 0 ? this.#repeat(lines.reference(line), lines.id(line), out, position) : -1;
        if (repeated >= 0) {
          lines.note(i - start, lines.reference(line), lines.id(line));
          position = repeated;
          i += length;
          continue;
        }
      }
      while (i < end && block[i] !== COLON) i += 1;
      const nameEnd = i;
      i += 1;
      while (i < end && (block[i] === SP || block[i] === HTAB)) i += 1;
      const valueStart = i;
      while (i < end && block[i] !== CR) i += 1;
      let valueEnd = i;
      while (valueEnd > valueStart && (block[valueEnd - 1] === SP || block[valueEnd - 1] === HTAB)) valueEnd -= 1;
      i += 2;
      position = this.#encodeOne(block, nameStart, nameEnd, valueStart, valueEnd, omitted, out, position);
      if (lines !== null) lines.note(nameStart - start, this.#reference, this.#referenceId);
    }
    return position;
  }

  /** A line that was encoded before as that reference; -1 if the entry is no longer there. */
  #repeat(reference: number, id: number, out: Uint8Array, at: number): number {
    if (reference === LineReference.OMITTED) return at;
    if (reference === LineReference.STATIC) {
      out[at] = INDEXED | id;
      return at + 1;
    }
    const index = (this.#table.nextId - 1 - id) >>> 0;
    return index < this.#table.count ? writeInteger(out, at, index + STATIC_COUNT + 1, 0x7f, INDEXED) : -1;
  }

  /** One field from texts (Latin-1). `out` needs their length and 16 octets. */
  encodeField(name: string, value: string, out: Uint8Array, at: number): number {
    const length = name.length + value.length;
    const line = length > this.#half ? Buffer.allocUnsafe(length) : this.#texts;
    const nameEnd = writeLatin1(line, name, 0);
    const valueEnd = writeLatin1(line, value, nameEnd);
    return this.#encodeOne(line, 0, nameEnd, nameEnd, valueEnd, OMIT_NOTHING, out, at);
  }

  #encodeStatus(status: number, out: Buffer, at: number): number {
    const index = STATIC_STATUS.get(status);
    if (index === undefined) return this.encodeField(':status', String(status), out, at);
    out[at] = INDEXED | index;
    return at + 1;
  }

  #encodeOne(
    bytes: Buffer,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    omitted: number,
    out: Uint8Array,
    at: number,
  ): number {
    const nameHash = hashFolded(bytes, nameStart, nameEnd, HASH_SEED);
    const id = findName(bytes, nameStart, nameEnd, nameHash, LOWER);
    const kind = NAME_TAG[id]! & KIND_MASK;
    const isOmitted =
      (omitted >= OMIT_CONNECTION && kind === FieldKind.CONNECTION_SPECIFIC) ||
      (omitted === OMIT_CONNECTION_AND_HOST && kind === FieldKind.HOST);
    if (isOmitted) {
      this.#reference = LineReference.OMITTED;
      return at;
    }
    this.#reference = LineReference.NONE;
    const staticIndex = NAME_STATIC_INDEX[id]!;
    const indexing = NAME_INDEXING[id]!;
    if (indexing === Indexing.NEVER) {
      const position = this.#writeName(
        bytes,
        nameStart,
        nameEnd,
        nameHash,
        staticIndex,
        0x0f,
        LITERAL_NEVER_INDEXED,
        out,
        at,
      );
      return writeText(bytes, valueStart, valueEnd, out, position);
    }
    if (staticIndex > 0 && STATIC_VALUE_LENGTH[staticIndex]! > 0) {
      const index = findStatic(staticIndex, bytes, valueStart, valueEnd);
      if (index > 0) {
        this.#reference = LineReference.STATIC;
        this.#referenceId = index;
        out[at] = INDEXED | index;
        return at + 1;
      }
    }
    const hash = hashValue(nameHash, bytes, valueStart, valueEnd);
    const index = this.#index.findField(hash, bytes, nameStart, nameEnd, valueStart, valueEnd);
    if (index >= 0) {
      this.#reference = LineReference.DYNAMIC;
      this.#referenceId = this.#table.nextId - 1 - index;
      return writeInteger(out, at, index + STATIC_COUNT + 1, 0x7f, INDEXED);
    }

    this.#settled = false;
    const nameLength = nameEnd - nameStart;
    const valueLength = valueEnd - valueStart;
    if (!this.#isWorthKeeping(indexing, hash, nameLength + valueLength)) {
      const position = this.#writeName(bytes, nameStart, nameEnd, nameHash, staticIndex, 0x0f, LITERAL, out, at);
      return writeText(bytes, valueStart, valueEnd, out, position);
    }
    const named = this.#writeName(bytes, nameStart, nameEnd, nameHash, staticIndex, 0x3f, LITERAL_INDEXED, out, at);
    const position = writeText(bytes, valueStart, valueEnd, out, named);
    this.#insert(bytes, nameStart, nameEnd, valueStart, valueEnd, nameHash, hash);
    return position;
  }

  /** Whether a field that is not in the table should go into it. One that fills most of the table would empty it. */
  #isWorthKeeping(indexing: number, hash: number, length: number): boolean {
    if ((length + ENTRY_OVERHEAD) * 4 > this.#table.maximumSize * 3) return false;
    if (length + LINE_OVERHEAD > this.#half) return false;
    if (indexing === Indexing.AT_ONCE) return true;
    const place = (hash ^ (hash >>> 16)) & (REMEMBERED - 1);
    if (this.#remembered[place] === hash) return true;
    this.#remembered[place] = hash;
    return false;
  }

  #insert(
    bytes: Buffer,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    nameHash: number,
    hash: number,
  ): void {
    const scratch = this.#scratch;
    const nameLength = nameEnd - nameStart;
    this.#lowerName(bytes, nameStart, nameEnd);
    scratch[nameLength] = COLON;
    scratch[nameLength + 1] = SP;
    const lineEnd = copyOctets(bytes, valueStart, valueEnd, scratch, nameLength + 2);
    scratch[lineEnd] = CR;
    scratch[lineEnd + 1] = 0x0a;
    if (this.#table.insert(scratch, 0, nameLength, valueEnd - valueStart, hash)) {
      this.#index.add(nameHash, hash);
      this.#reference = LineReference.DYNAMIC;
      this.#referenceId = this.#table.nextId - 1;
    }
  }

  /** The first part of a literal: its kind, and its name as an index or as text in lower case. */
  #writeName(
    bytes: Buffer,
    nameStart: number,
    nameEnd: number,
    nameHash: number,
    staticIndex: number,
    mask: number,
    pattern: number,
    out: Uint8Array,
    at: number,
  ): number {
    if (staticIndex > 0) return writeInteger(out, at, staticIndex, mask, pattern);
    const index = this.#index.findName(nameHash, bytes, nameStart, nameEnd);
    if (index >= 0) return writeInteger(out, at, index + STATIC_COUNT + 1, mask, pattern);
    out[at] = pattern;
    const length = nameEnd - nameStart;
    if (length > this.#half) return writeLongName(bytes, nameStart, nameEnd, out, at + 1);
    this.#lowerName(bytes, nameStart, nameEnd);
    return writeText(this.#scratch, 0, length, out, at + 1);
  }

  /** The name in lower case, at the front of the scratch. */
  #lowerName(bytes: Buffer, start: number, end: number): void {
    const scratch = this.#scratch;
    for (let i = start; i < end; i += 1) scratch[i - start] = LOWER[bytes[i]!]!;
  }

  #isKept(status: number, block: Buffer, start: number, end: number): boolean {
    // An insertion moves every index, an update may take entries away.
    if (status !== this.#keptStatus || this.#keptNextId !== this.#table.nextId || this.#limit >= 0) return false;
    return this.#lines.isSame(block, start, end);
  }

  /** Keeps a head as it was encoded, if it would be encoded the same way again. */
  #keep(status: number, out: Buffer, at: number, end: number): void {
    const length = end - at;
    if (!this.#settled || length > KEPT_OCTETS) {
      this.#keptStatus = 0;
      return;
    }
    this.#keptEncoded ??= Buffer.alloc(KEPT_OCTETS);
    copyOctets(out, at, end, this.#keptEncoded, 0);
    this.#keptEncodedLength = length;
    this.#keptStatus = status;
    this.#keptNextId = this.#table.nextId;
  }
}

const STATIC_STATUS = new Map<number, number>();
for (const [place, [name, value]] of STATIC_FIELDS.entries()) {
  if (name === ':status') STATIC_STATUS.set(Number(value), place + 1);
}

/** Index of the static field with the name of entry `first` and that value, or 0. Entries of a name follow each other. */
function findStatic(first: number, bytes: Uint8Array, start: number, end: number): number {
  const nameLength = STATIC_NAME_LENGTH[first]!;
  const name = STATIC_FIELDS[first - 1]![0];
  for (let index = first; index <= STATIC_COUNT && STATIC_FIELDS[index - 1]![0] === name; index += 1) {
    if (STATIC_VALUE_LENGTH[index] === end - start) {
      const from = STATIC_OFFSET[index]! + nameLength + 2;
      let i = start;
      while (i < end && STATIC_LINES[from + i - start] === bytes[i]) i += 1;
      if (i === end) return index;
    }
  }
  return 0;
}

/** A string (section 5.2), in Huffman code where that is shorter. */
function writeText(bytes: Buffer, start: number, end: number, out: Uint8Array, at: number): number {
  const length = end - start;
  const coded = huffmanLength(bytes, start, end);
  if (coded < length) {
    return encodeHuffman(bytes, start, end, out, writeInteger(out, at, coded, 0x7f, HUFFMAN));
  }
  return copyOctets(bytes, start, end, out, writeInteger(out, at, length, 0x7f, 0));
}

/** A name for which the scratch is too short: in lower case, not in Huffman code. */
function writeLongName(bytes: Buffer, start: number, end: number, out: Uint8Array, at: number): number {
  const position = writeInteger(out, at, end - start, 0x7f, 0);
  for (let i = start; i < end; i += 1) out[position + i - start] = LOWER[bytes[i]!]!;
  return position + end - start;
}
