import type { Range } from '../der/der-error.ts';
import type { DerReader } from '../der/der-reader.ts';
import { isStringTag, stringContent } from '../der/der-string.ts';
import { Tag } from '../der/der-tag.ts';
import { attributeLabel, Oid } from './oid.ts';

/** One attribute of a directory name. */
export interface NameAttribute extends Range {
  /** Dotted attribute type. */
  readonly type: string;
  /** Identifier octet of the value. */
  readonly tag: number;
  /** Text of the value; the octets in hexadecimal, with a leading `#`, where it is not a character string. */
  readonly value: string;
}

/** A distinguished name (RFC 5280 section 4.1.2.4): relative distinguished names from the most general down. */
export interface Name extends Range {
  readonly rdns: readonly (readonly NameAttribute[])[];
}

/** Relative names in one name, attributes in one relative name; real names have about five and one. */
const MAX_ATTRIBUTES = 4096;

/**
 * Reads a Name:
 *
 *     30 0d                      SEQUENCE of RelativeDistinguishedName
 *        31 0b                     SET of AttributeTypeAndValue
 *           30 09                    SEQUENCE
 *              06 03 55 04 03          2.5.4.3 commonName
 *              0c 02 68 69             UTF8String "hi"
 */
export function readName(reader: DerReader, field: string): Name {
  const start = reader.position;
  const sequence = reader.sequence(field);
  const rdns = readRdns(sequence);
  return { rdns, start, end: reader.position };
}

/** Reads the content of an RDNSequence whose own header has been read. */
function readRdns(sequence: DerReader): NameAttribute[][] {
  const rdns: NameAttribute[][] = [];
  let count = 0;
  while (!sequence.atEnd) {
    const rdn = readRdn(sequence.set('rdn'));
    count += rdn.length;
    if (count > MAX_ATTRIBUTES) sequence.fail('too-large', 'rdn', sequence.position);
    rdns.push(rdn);
  }
  return rdns;
}

/** Reads the content of one RelativeDistinguishedName: one attribute or more. */
export function readRdn(set: DerReader): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  if (set.atEnd) set.fail('empty-not-allowed', '', set.position);
  while (!set.atEnd) {
    const start = set.position;
    const pair = set.sequence('attribute');
    const type = pair.oid('type');
    const element = pair.element('value');
    pair.finish();
    const value = isStringTag(element.tag)
      ? stringContent(pair, element, 'value')
      : `#${hex(pair.bytes.subarray(element.start, element.end))}`;
    attributes.push({ type, tag: element.tag, value, start, end: set.position });
  }
  return attributes;
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += (octet < 16 ? '0' : '') + octet.toString(16);
  return text;
}

/**
 * An attribute prepared for comparison: equal strings mean equal attributes. Case and inner white space do not count
 * (RFC 5280 section 7.1, RFC 4518 sections 2.2 to 2.6), nor does the string type.
 */
function comparableAttribute(attribute: NameAttribute): string {
  const { type, tag, value } = attribute;
  if (!isStringTag(tag)) return `${type}=${value}`;
  const plain = isPlainAscii(value) ? value : value.normalize('NFKC');
  return `${type}=${plain.trim().replace(/\s+/g, ' ').toLowerCase()}`;
}

/** A relative name prepared for comparison; the order of its attributes does not count. */
export function comparableRdn(rdn: readonly NameAttribute[]): string {
  const [only] = rdn;
  if (rdn.length === 1 && only !== undefined) return comparableAttribute(only);
  return rdn.map(comparableAttribute).sort().join('+');
}

/** A whole name prepared for comparison; '' for the empty name. */
export function comparableName(name: Name): string {
  return name.rdns.map((rdn) => `${comparableRdn(rdn).replaceAll(/[\\\n]/g, '\\$&')}\n`).join('');
}

/** `CN=example.com, O=Example` with the most specific part first, for people. */
export function formatName(name: Name): string {
  if (name.rdns.length === 0) return '';
  return name.rdns
    .toReversed()
    .map((rdn) => rdn.map((attribute) => `${attributeLabel(attribute.type)}=${escapeValue(attribute)}`).join(' + '))
    .join(', ');
}

/** All values of one attribute type, in order. */
export function attributeValues(name: Name, type: string): NameAttribute[] {
  return name.rdns.flat().filter((attribute) => attribute.type === type);
}

/** The shortest thing that tells a person which certificate this is: common name, organization, or the whole name. */
export function shortName(name: Name): string {
  const common = attributeValues(name, Oid.commonName).at(-1) ?? attributeValues(name, Oid.organizationName).at(-1);
  return common?.value ?? formatName(name);
}

const isPlainAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** RFC 4514 section 2.4, and control characters shown by number so that a name cannot redraw a terminal. */
function escapeValue({ tag, value }: NameAttribute): string {
  if (tag !== Tag.utf8String && !isStringTag(tag)) return value;
  return value
    .replace(/[\\,+"<>;=]/g, '\\$&')
    .replace(/^[ #]|[ ]$/g, '\\$&')
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
