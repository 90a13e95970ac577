/**
 * Octets looked at four at a time. V8 checks kind, length and memory of a typed array at every access, which takes several
 * times as long as the look itself: four octets as one number pay for that once. All here work on words as `getInt32` reads
 * them, little-endian; bit tricks after Hacker's Delight, chapter 6.
 */
import { asciiBytes } from './characters.ts';

const NOTHING = new Uint8Array(0);

/** A view that reads four octets at once from the buffer asked for last: making one costs as much as reading a short line. */
export class FourOctetView {
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.#view;
  }
}

/** Which of four octets is the first whose top bit is set in `marks`, which is not 0: 0 to 3. */
function firstMarked(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3;
}

/**
 * Where in `[at, end)` the first octet stands that may not be in a field value, or is HTAB. Fewer than four octets at the end
 * are not looked at: the offset of the first of them is returned where nothing stands before.
 */
export function skipFieldValue(view: DataView, at: number, end: number): number {
  const last = end - 4;
  let i = at;
  while (i <= last) {
    const four = view.getInt32(i, true);
    const del = four ^ 0x7f7f7f7f;
    // The top bit of a place is set where its octet is below 0x20, or is 0x7F; and perhaps in places above the first.
    const marks = (((four - 0x20202020) & ~four) | ((del - 0x01010101) & ~del)) & 0x80808080;
    if (marks !== 0) return i + firstMarked(marks);
    i += 4;
  }
  return i;
}

/** As `skipFieldValue`: the first octet that is no letter and no hyphen. Most field names are made of these alone. */
export function skipFieldName(view: DataView, at: number, end: number): number {
  const last = end - 4;
  let i = at;
  while (i <= last) {
    const four = view.getInt32(i, true);
    const lower = (four | 0x20202020) & 0x7f7f7f7f;
    // The top bit of a place is set where its octet is below `a`, above `z`, and no hyphen. Sums stay within their places.
    const noLetter = ~(lower + 0x1f1f1f1f) | (lower + 0x05050505);
    const noHyphen = ((four & 0x7f7f7f7f) ^ 0x2d2d2d2d) + 0x7f7f7f7f;
    const marks = ((noLetter & noHyphen) | four) & 0x80808080;
    if (marks !== 0) return i + firstMarked(marks);
    i += 4;
  }
  return i;
}

/** Whether `length` octets of `view` from `at` on are those that `other` begins with. There are at least four. */
export function sameOctets(view: DataView, at: number, other: DataView, length: number): boolean {
  const last = length - 4;
  for (let k = 0; k < last; k += 4) if (view.getInt32(at + k, true) !== other.getInt32(k, true)) return false;
  return view.getInt32(at + last, true) === other.getInt32(last, true);
}

/** Where the first octet of `[at, end)` stands that is not that of `text`, as far as both go; -1 where there is none. */
export function firstDifference(view: DataView, at: number, end: number, text: DataView): number {
  const length = text.byteLength;
  if (end - at >= length && sameOctets(view, at, text, length)) return -1;
  const available = Math.min(end - at, length);
  for (let k = 0; k < available; k += 1) if (view.getUint8(at + k) !== text.getUint8(k)) return at + k;
  return -1;
}

/** A view on the octets of an ASCII text. */
export function asciiView(text: string): DataView {
  return new DataView(asciiBytes(text).buffer);
}

/** A field name of at least four letters and hyphens: its octets, lower-case, four at a time, the last four at its end. */
export type FieldName = readonly number[];

export function fieldName(name: string): FieldName {
  const view = asciiView(name);
  const last = name.length - 4;
  const words: number[] = [];
  for (let k = 0; k < last; k += 4) words.push(view.getInt32(k, true));
  return [...words, view.getInt32(last, true)];
}

/**
 * Whether `[at, at + length)` is `name`, letters in any case. It is as long as `name` and holds no CR: then only capitals
 * become letters or hyphens by the bit that is set for the comparison.
 */
export function isFieldName(view: DataView, at: number, length: number, name: FieldName): boolean {
  const last = name.length - 1;
  for (let k = 0; k < last; k += 1) if ((view.getInt32(at + 4 * k, true) | 0x20202020) !== name[k]) return false;
  return (view.getInt32(at + length - 4, true) | 0x20202020) === name[last];
}
