import type { DerElement, DerReader } from './der-reader.ts';
import { Tag } from './der-tag.ts';

/**
 * The character string types of directory names (RFC 5280 section 4.1.2.4 and appendix A.1).
 *
 * PrintableString and NumericString are read without checking their alphabets: `*`, `@` and `&` in them are common in
 * certificates that everybody accepts, and no decision rests on the alphabet.
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether `tag` is a character string type that a DirectoryString or a related attribute may use. */
export function isStringTag(tag: number): boolean {
  return (
    tag === Tag.utf8String ||
    tag === Tag.printableString ||
    tag === Tag.ia5String ||
    tag === Tag.teletexString ||
    tag === Tag.numericString ||
    tag === Tag.visibleString ||
    tag === Tag.bmpString ||
    tag === Tag.universalString
  );
}

/** Text of a character string element; malformed encodings are faults of `reader`. */
export function stringContent(reader: DerReader, element: DerElement, name: string): string {
  const content = reader.content(element);
  switch (element.tag) {
    case Tag.utf8String:
      try {
        return utf8.decode(content);
      } catch {
        return reader.fail('string-malformed', name, element.contentStart);
      }
    case Tag.teletexString:
      // T.61 in name; in practice CAs put Latin-1 here.
      return latin1(content);
    case Tag.bmpString:
      return wide(reader, element, content, name, 2);
    case Tag.universalString:
      return wide(reader, element, content, name, 4);
    default:
      return reader.ia5(element, name);
  }
}

function latin1(content: Uint8Array): string {
  let text = '';
  for (const octet of content) text += String.fromCharCode(octet);
  return text;
}

/** Big-endian code points of two (BMPString) or four octets (UniversalString). */
function wide(reader: DerReader, element: DerElement, content: Uint8Array, name: string, width: 2 | 4): string {
  if (content.length % width !== 0) reader.fail('string-malformed', name, element.contentStart);
  let text = '';
  for (let i = 0; i < content.length; i += width) {
    let point = 0;
    for (let j = 0; j < width; j++) point = point * 256 + (content[i + j] ?? 0);
    const isSurrogate = point >= 0xd800 && point <= 0xdfff;
    if (isSurrogate || point > 0x10ffff) reader.fail('string-malformed', name, element.contentStart + i);
    text += String.fromCodePoint(point);
  }
  return text;
}
