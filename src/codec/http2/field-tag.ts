/**
 * The tag of a field: its kind, and whether its value is one that such a field may have (RFC 9113 section 8.2.1, RFC 9110).
 * The decoder tags a field when it first sees it and keeps the tag with it in the table, so that a field which comes again
 * is not looked at again.
 */
import { COLON, FIELD_VALUE, HTAB, SP, TARGET, TOKEN } from '../http1/characters.ts';
import { isHost } from '../http1/request-head.ts';
import { FieldKind, KIND_MASK, MALFORMED_VALUE, tagOfName } from './field-names.ts';
import {
  STATIC_COUNT,
  STATIC_LINES,
  STATIC_NAME_LENGTH,
  STATIC_OFFSET,
  STATIC_VALUE_LENGTH,
} from './hpack/static-table.ts';

/** 2^53 - 1 has 16 digits; 15 digits can always be counted exactly. */
const MAXIMUM_LENGTH_DIGITS = 15;

/** The tag of the name in `bytes[start, end)`: a lower-case token (section 8.2.1), one colon allowed in front. */
export function tagName(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  if (i < end && bytes[i] === COLON) i += 1;
  if (i === end) return FieldKind.MALFORMED_NAME;
  for (; i < end; i += 1) {
    const octet = bytes[i]!;
    if (TOKEN[octet] !== 1 || (octet >= 0x41 && octet <= 0x5a)) return FieldKind.MALFORMED_NAME;
  }
  return tagOfName(bytes, start, end);
}

/** `nameTag`, with MALFORMED_VALUE where the value in `bytes[start, end)` may not stand behind such a name. */
export function tagField(nameTag: number, bytes: Uint8Array, start: number, end: number): number {
  return isValue(nameTag & KIND_MASK, bytes, start, end) ? nameTag : nameTag | MALFORMED_VALUE;
}

function isValue(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
  switch (kind) {
    case FieldKind.METHOD:
    case FieldKind.PROTOCOL:
      return end > start && consistsOf(TOKEN, bytes, start, end);
    case FieldKind.PATH:
      return end > start && consistsOf(TARGET, bytes, start, end);
    case FieldKind.AUTHORITY:
    case FieldKind.HOST:
      return isHost(bytes, start, end);
    case FieldKind.STATUS:
      return end - start === 3 && bytes[start]! <= 0x35 && bytes[start]! >= 0x31 && isDigits(bytes, start, end);
    case FieldKind.CONTENT_LENGTH:
      return (
        end > start &&
        end - start <= MAXIMUM_LENGTH_DIGITS &&
        (bytes[start] !== 0x30 || end - start === 1) &&
        isDigits(bytes, start, end)
      );
    case FieldKind.TE:
      return isText('trailers', bytes, start, end);
    case FieldKind.EXPECT:
      return isText('100-continue', bytes, start, end);
    default:
      return (
        start === end ||
        (!isSpace(bytes[start]!) && !isSpace(bytes[end - 1]!) && consistsOf(FIELD_VALUE, bytes, start, end))
      );
  }
}

function consistsOf(table: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (table[bytes[i]!] !== 1) return false;
  return true;
}

function isDigits(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (bytes[i]! < 0x30 || bytes[i]! > 0x39) return false;
  return true;
}

function isSpace(octet: number): boolean {
  return octet === SP || octet === HTAB;
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i += 1) {
    const octet = bytes[start + i]!;
    if ((octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet) !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Tags of the static table's names, and of its fields as they are. */
export const STATIC_NAME_TAG: Uint8Array = new Uint8Array(STATIC_COUNT + 1);
export const STATIC_TAG: Uint8Array = new Uint8Array(STATIC_COUNT + 1);
for (let index = 1; index <= STATIC_COUNT; index += 1) {
  const start = STATIC_OFFSET[index]!;
  const nameEnd = start + STATIC_NAME_LENGTH[index]!;
  const tag = tagName(STATIC_LINES, start, nameEnd);
  STATIC_NAME_TAG[index] = tag;
  STATIC_TAG[index] = tagField(tag, STATIC_LINES, nameEnd + 2, nameEnd + 2 + STATIC_VALUE_LENGTH[index]!);
}
