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

const PAIR_SLOTS = 64;

interface Pair {
  readonly one: string;
  readonly other: string;
  readonly text: string;
  isWhole: boolean;
}

/** The same for two values that come together. Their text is copied into one piece when it is used a second time. */
export function rememberPair(make: (one: string, other: string) => string): (one: string, other: string) => string {
  const pairs: (Pair | undefined)[] = Array.from({ length: PAIR_SLOTS });
  return (one, other) => {
    const slot =
      (3 * lastOf(one, 2) + lastOf(one, 1) + 31 * one.length + 7 * lastOf(other, 1) + other.length) % PAIR_SLOTS;
    const known = pairs[slot];
    if (known !== undefined && known.one === one && known.other === other) {
      if (!known.isWhole) {
        inOnePiece(known.text);
        known.isWhole = true;
      }
      return known.text;
    }
    const text = make(one, other);
    if (text.length <= 2 * KEPT_LENGTH) pairs[slot] = { one, other, text, isWhole: false };
    return text;
  };
}

const lastOf = (text: string, back: number): number => (text.length < back ? 0 : text.charCodeAt(text.length - back));

/**
 * The same text, but no longer a rope: V8 keeps a concatenation as a tree of its parts until somebody looks at a
 * character. A text that is used again and again is better copied together once.
 */
export function inOnePiece(text: string): string {
  text.charCodeAt(0);
  return text;
}
