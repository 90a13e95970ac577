/**
 * Values that come again and again in a log (names, addresses, user agents) are turned into text once and recognised the
 * next time: comparing equal strings costs a tenth of checking every character.
 */

const SLOTS = 16;
/** Longer values are seldom the same, and are not worth keeping. */
const KEPT_LENGTH = 512;

/** `make`, a pure function, remembering a few recent results. A value finds its slot by its length and last character. */
export function rememberText(make: (value: string) => string): (value: string) => string {
  const values: (string | undefined)[] = Array.from({ length: SLOTS });
  const texts: string[] = Array.from({ length: SLOTS }, () => '');
  return (value) => {
    const { length } = value;
    if (length > KEPT_LENGTH) return make(value);
    const slot = length === 0 ? 0 : (length ^ value.charCodeAt(length - 1)) % SLOTS;
    if (values[slot] === value) return texts[slot] ?? '';
    const text = inOnePiece(make(value));
    values[slot] = value;
    texts[slot] = text;
    return text;
  };
}

/**
 * The same text, but no longer a rope: V8 keeps a concatenation as a tree of its parts until somebody looks at a
 * character. A text that is used again and again is better copied together once.
 */
export function inOnePiece(text: string): string {
  text.charCodeAt(0);
  return text;
}
