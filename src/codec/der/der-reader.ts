import { DerFault, type DerProblem, type Range } from './der-error.ts';
import { Tag } from './der-tag.ts';
import { readTime, type DerTime } from './der-time.ts';

/**
 * A strict reader of the Distinguished Encoding Rules (X.690).
 *
 * One element is identifier, length, content:
 *
 *     30 0a            SEQUENCE, 10 octets of content
 *        02 01 05        INTEGER 5
 *        0c 05 61…65     UTF8String, 5 octets
 *
 * Refused, because DER has one encoding for a value: indefinite lengths, lengths in more octets than needed, padded
 * integers, booleans other than 00 and FF, tag numbers in the long form. Every fault names the field and the offset.
 * Offsets are those of the buffer that the outermost reader was made for, so that a view can point at the octets.
 *
 * Three things that DER forbids are let through, since certificates that everybody accepts hold them: a DEFAULT value
 * that is spelled out, a SET OF whose elements are out of order, and zero bits at the end of a list of named bits.
 */

/** Nesting: a certificate's deepest standard structure (a policy qualifier) lies about 12 deep. */
export const MAX_DEPTH = 24;

/** Length octets: four hold 4 GiB, more than any buffer here. */
const MAX_LENGTH_OCTETS = 4;

/** Octets of one arc of an object identifier: a UUID under 2.25 takes 19. */
const MAX_ARC_OCTETS = 24;

export interface DerElement extends Range {
  /** Identifier octet. */
  readonly tag: number;
  readonly contentStart: number;
}

export class DerReader {
  readonly bytes: Uint8Array;
  /** Name of the structure that is read, for faults. */
  readonly field: string;
  readonly start: number;
  readonly end: number;
  position: number;
  readonly #parent: DerReader | undefined;
  readonly #depth: number;

  constructor(bytes: Uint8Array, field: string, start = 0, end: number = bytes.length, parent?: DerReader) {
    this.bytes = bytes;
    this.field = field;
    this.start = start;
    this.end = end;
    this.position = start;
    this.#parent = parent;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
    if (this.#depth > MAX_DEPTH) this.fail('too-deep', '', start);
  }

  /** Full path of `name` inside this structure. */
  path(name: string): string {
    const own = this.#parent === undefined ? this.field : this.#parent.path(this.field);
    return name === '' ? own : own === '' ? name : `${own}.${name}`;
  }

  fail(problem: DerProblem, name: string, offset: number): never {
    throw new DerFault(problem, this.path(name), offset);
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Identifier octet of the next element, or -1 at the end. */
  peek(): number {
    return this.position < this.end ? (this.bytes[this.position] ?? -1) : -1;
  }

  /** Reads the header of the next element, whatever it is, and steps over its content. */
  element(name: string): DerElement {
    const { bytes, end } = this;
    const start = this.position;
    if (start >= end) this.fail('truncated', name, start);
    const tag = bytes[start] ?? 0;
    if ((tag & 0x1f) === 0x1f) this.fail('high-tag-number', name, start);
    let at = start + 1;
    if (at >= end) this.fail('truncated', name, at);
    let length = bytes[at++] ?? 0;
    if (length === 0x80) this.fail('length-indefinite', name, at - 1);
    if (length > 0x80) {
      const octets = length & 0x7f;
      if (octets > MAX_LENGTH_OCTETS) this.fail('length-too-long', name, at - 1);
      if (at + octets > end) this.fail('truncated', name, end);
      if (bytes[at] === 0) this.fail('length-not-minimal', name, at);
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at++] ?? 0);
      if (length < 0x80) this.fail('length-not-minimal', name, at - 1);
    }
    if (length > end - at) this.fail('truncated', name, end);
    this.position = at + length;
    return { tag, start, contentStart: at, end: at + length };
  }

  /** The next element, which must have this identifier. */
  expect(tag: number, name: string): DerElement {
    const found = this.peek();
    if (found === -1) this.fail('truncated', name, this.position);
    if (found !== tag) this.fail('unexpected-tag', name, this.position);
    return this.element(name);
  }

  /** A reader over the content of the next element. */
  enter(tag: number, name: string): DerReader {
    const element = this.expect(tag, name);
    return new DerReader(this.bytes, name, element.contentStart, element.end, this);
  }

  /** A reader over the content of an element that was read before. */
  inside(element: DerElement, name: string): DerReader {
    return new DerReader(this.bytes, name, element.contentStart, element.end, this);
  }

  sequence(name: string): DerReader {
    return this.enter(Tag.sequence, name);
  }

  set(name: string): DerReader {
    return this.enter(Tag.set, name);
  }

  /** A reader over the next element's content if it has this identifier; otherwise nothing is consumed. */
  optional(tag: number, name: string): DerReader | undefined {
    return this.peek() === tag ? this.enter(tag, name) : undefined;
  }

  /** Requires that everything has been read. */
  finish(): void {
    if (this.position < this.end) this.fail('trailing-data', '', this.position);
  }

  content(element: DerElement): Uint8Array {
    return this.bytes.subarray(element.contentStart, element.end);
  }

  boolean(name: string): boolean {
    const element = this.expect(Tag.boolean, name);
    const value = this.bytes[element.contentStart];
    if (element.end - element.contentStart !== 1 || (value !== 0 && value !== 0xff))
      this.fail('boolean-not-canonical', name, element.contentStart);
    return value === 0xff;
  }

  null(name: string): void {
    const element = this.expect(Tag.null, name);
    if (element.end !== element.contentStart) this.fail('null-not-empty', name, element.contentStart);
  }

  /** Content octets of an INTEGER: two's complement, at least one octet, without padding (X.690 section 8.3.2). */
  integer(name: string, tag: number = Tag.integer): DerElement {
    const element = this.expect(tag, name);
    const { contentStart, end } = element;
    if (end === contentStart) this.fail('integer-empty', name, contentStart);
    if (end - contentStart > 1) {
      const first = this.bytes[contentStart] ?? 0;
      const second = this.bytes[contentStart + 1] ?? 0;
      if ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
        this.fail('integer-not-minimal', name, contentStart);
    }
    return element;
  }

  /** An INTEGER (or another identifier with the same content) that must lie in 0 … 2^31 - 1. */
  smallInteger(name: string, tag: number = Tag.integer): number {
    const element = this.integer(name, tag);
    const content = this.content(element);
    if (content.length > 4 || (content[0] ?? 0) >= 0x80) this.fail('integer-out-of-range', name, element.contentStart);
    let value = 0;
    for (const octet of content) value = value * 256 + octet;
    return value;
  }

  /** Dotted decimal form. */
  oid(name: string): string {
    const element = this.expect(Tag.objectIdentifier, name);
    return this.oidContent(element, name);
  }

  oidContent(element: DerElement, name: string): string {
    const { bytes } = this;
    const { contentStart, end } = element;
    if (end === contentStart || (bytes[end - 1] ?? 0) >= 0x80) this.fail('oid-malformed', name, contentStart);
    let text = '';
    let at = contentStart;
    while (at < end) {
      // Each arc is base 128, most significant first, without leading zero digits (X.690 section 8.19.2).
      if (bytes[at] === 0x80) this.fail('oid-malformed', name, at);
      const arcStart = at;
      let arc = 0;
      let octet: number;
      do {
        octet = bytes[at++] ?? 0;
        arc = arc * 128 + (octet & 0x7f);
      } while (octet >= 0x80);
      if (at - arcStart > MAX_ARC_OCTETS) this.fail('oid-malformed', name, arcStart);
      if (text === '') {
        // The first arc stands for two: 40 times the first, which is 0, 1 or 2, plus the second (section 8.19.4).
        const root = arc < 80 ? Math.floor(arc / 40) : 2;
        text = arc > Number.MAX_SAFE_INTEGER ? `2.${wideArc(bytes, arcStart, at) - 80n}` : `${root}.${arc - root * 40}`;
      } else text += `.${arc > Number.MAX_SAFE_INTEGER ? wideArc(bytes, arcStart, at) : arc}`;
    }
    return text;
  }

  /** Octets of a BIT STRING that must end on an octet boundary, as keys and signatures do. */
  wholeBitString(name: string): DerElement {
    const element = this.expect(Tag.bitString, name);
    if (element.end === element.contentStart || this.bytes[element.contentStart] !== 0)
      this.fail('bit-string-malformed', name, element.contentStart);
    return { ...element, contentStart: element.contentStart + 1 };
  }

  /**
   * A BIT STRING used as a list of named bits, as one number: bit 0 of the ASN.1 type is 1, bit 1 is 2, and so on. The
   * lists here have at most 9 names; bits beyond 30 are refused.
   */
  namedBits(name: string, tag: number = Tag.bitString): number {
    const element = this.expect(tag, name);
    const content = this.content(element);
    const unused = content[0];
    const last = content.at(-1) ?? 0;
    const malformed =
      unused === undefined ||
      unused > 7 ||
      content.length > 5 ||
      (content.length === 1 && unused !== 0) ||
      // Unused bits are zero (X.690 section 11.2.1).
      (last & ((1 << unused) - 1)) !== 0;
    if (malformed) this.fail('bit-string-malformed', name, element.contentStart);
    let bits = 0;
    for (let i = 0; i < (content.length - 1) * 8 && i < 31; i++) {
      if (((content[1 + (i >> 3)] ?? 0) & (0x80 >> (i & 7))) !== 0) bits |= 1 << i;
    }
    return bits;
  }

  octetString(name: string): DerElement {
    return this.expect(Tag.octetString, name);
  }

  time(name: string): DerTime {
    const tag = this.peek();
    if (tag !== Tag.utcTime && tag !== Tag.generalizedTime) this.fail('unexpected-tag', name, this.position);
    const element = this.element(name);
    const encoding = tag === Tag.utcTime ? 'utcTime' : 'generalizedTime';
    const time = readTime(ascii(this.content(element)) ?? '', encoding);
    if (time === undefined) this.fail('time-malformed', name, element.contentStart);
    return time;
  }

  /** GeneralizedTime only, as OCSP and invalidity dates use it. */
  generalizedTime(name: string): DerTime {
    if (this.peek() !== Tag.generalizedTime) this.fail('unexpected-tag', name, this.position);
    return this.time(name);
  }

  /** Content of an element whose type is IA5String: octets below 0x80 only. */
  ia5(element: DerElement, name: string): string {
    const text = ascii(this.content(element));
    if (text === undefined) this.fail('string-malformed', name, element.contentStart);
    return text;
  }
}

/** An arc that a number cannot hold. */
function wideArc(bytes: Uint8Array, start: number, end: number): bigint {
  let arc = 0n;
  for (let at = start; at < end; at++) arc = arc * 128n + BigInt((bytes[at] ?? 0) & 0x7f);
  return arc;
}

/** ASCII text, or undefined where an octet is 0x80 or above. */
export function ascii(bytes: Uint8Array): string | undefined {
  let text = '';
  for (const octet of bytes) {
    if (octet >= 0x80) return undefined;
    text += String.fromCharCode(octet);
  }
  return text;
}
