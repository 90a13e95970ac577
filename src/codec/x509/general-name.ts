import type { Range } from '../der/der-error.ts';
import type { DerReader } from '../der/der-reader.ts';
import { contextConstructed, contextPrimitive } from '../der/der-tag.ts';
import { readName, type Name } from './name.ts';

/**
 * A GeneralName (RFC 5280 section 4.2.1.6), by the tag that it carries:
 *
 *     [0] otherName      a0   [3] x400Address   a3   [6] URI           86
 *     [1] rfc822Name     81   [4] directoryName a4   [7] iPAddress     87
 *     [2] dNSName        82   [5] ediPartyName  a5   [8] registeredID  88
 */
export type GeneralName = Range &
  (
    | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
    /** Octets in network order: an address, or in name constraints an address and a mask. */
    | { readonly kind: 'ip'; readonly value: Uint8Array }
    | { readonly kind: 'directory'; readonly value: Name }
    | { readonly kind: 'registeredId'; readonly value: string }
    | { readonly kind: 'other'; readonly typeId: string; readonly value: Uint8Array }
    | { readonly kind: 'x400'; readonly value: Uint8Array }
    | { readonly kind: 'ediParty'; readonly value: Uint8Array }
  );

export type GeneralNameKind = GeneralName['kind'];

/** Names in one list. A large shared certificate has a few hundred; denial-of-service ones have thousands. */
const MAX_NAMES = 16_384;

export function readGeneralName(reader: DerReader, field: string): GeneralName {
  const start = reader.position;
  const tag = reader.peek();
  const element = reader.element(field);
  const range: Range = { start, end: element.end };
  switch (tag) {
    case contextConstructed(0): {
      const other = reader.inside(element, field);
      const typeId = other.oid('typeId');
      const wrapper = other.enter(contextConstructed(0), 'value');
      const value = wrapper.element('');
      wrapper.finish();
      other.finish();
      return { kind: 'other', typeId, value: reader.bytes.subarray(value.start, value.end), ...range };
    }
    case contextPrimitive(1):
      return { kind: 'email', value: reader.ia5(element, field), ...range };
    case contextPrimitive(2):
      return { kind: 'dns', value: reader.ia5(element, field), ...range };
    case contextConstructed(3):
      return { kind: 'x400', value: reader.content(element), ...range };
    case contextConstructed(4): {
      const wrapper = reader.inside(element, field);
      const value = readName(wrapper, 'directoryName');
      wrapper.finish();
      return { kind: 'directory', value, ...range };
    }
    case contextConstructed(5):
      return { kind: 'ediParty', value: reader.content(element), ...range };
    case contextPrimitive(6):
      return { kind: 'uri', value: reader.ia5(element, field), ...range };
    case contextPrimitive(7):
      return { kind: 'ip', value: reader.content(element), ...range };
    case contextPrimitive(8):
      return { kind: 'registeredId', value: reader.oidContent(element, field), ...range };
    default:
      return reader.fail('unexpected-tag', field, start);
  }
}

/** Reads the content of GeneralNames: one name or more. */
export function readGeneralNames(sequence: DerReader): GeneralName[] {
  const names: GeneralName[] = [];
  if (sequence.atEnd) sequence.fail('empty-not-allowed', '', sequence.position);
  while (!sequence.atEnd) {
    if (names.length >= MAX_NAMES) sequence.fail('too-large', '', sequence.position);
    names.push(readGeneralName(sequence, `name[${names.length}]`));
  }
  return names;
}

/** Refuses addresses that are neither IPv4 nor IPv6 (RFC 5280 section 4.2.1.6: four or sixteen octets). */
export function requireAddressLengths(sequence: DerReader, names: readonly GeneralName[], factor: 1 | 2): void {
  for (const name of names) {
    if (name.kind === 'ip' && name.value.length !== 4 * factor && name.value.length !== 16 * factor)
      sequence.fail('value-not-allowed', 'iPAddress', name.start);
  }
}
