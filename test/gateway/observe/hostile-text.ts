import fc from 'fast-check';

/** What could break a line, end a string, act on a terminal, or has no UTF-8 form. */
export const HOSTILE_TEXTS: readonly string[] = [
  'a\nb',
  '\r\n{"level":"info"}',
  '"',
  '\\',
  '\\"',
  '\\u000a',
  '\u0000',
  '\u001b[2J\u001b[31mowned',
  '\u007f',
  '\u009b31m',
  '\u0085',
  '\u2028\u2029',
  '\u202egnp.exe',
  '\u2066hidden\u2069',
  '\ufeff',
  '\ud800',
  '\udc00x',
  'x\ud800y',
  '😀 门神 é',
  '',
];

/** Strings of all UTF-16 code units, with the hostile ones thrown in often. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...HOSTILE_TEXTS),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.integer({ min: 0, max: 0xff }).map((unit) => String.fromCharCode(unit)),
      fc.string({ maxLength: 20 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** Whether the text holds a character that acts on a terminal or on the layout of a line. */
export function actsOnTerminal(text: string): boolean {
  return /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(text);
}
