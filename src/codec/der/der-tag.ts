/**
 * Identifier octets (X.690 section 8.1.2). X.509 uses tag numbers below 31 only, so an identifier is one octet:
 *
 *     7 6 | 5           | 4 3 2 1 0
 *     class | constructed | number
 */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Identifier of a context-specific tag: `[number]` with primitive content. */
export const contextPrimitive = (number: number): number => 0x80 | number;

/** Identifier of a context-specific tag: `[number]` with constructed content. */
export const contextConstructed = (number: number): number => 0xa0 | number;
