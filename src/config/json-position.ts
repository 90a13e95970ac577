/**
 * Where a JSON text stops being JSON. JSON.parse tells a position only on some versions of Node and for some mistakes;
 * a person who looks for a comma wants it always.
 */

const token = {
  space: /[ \t\r\n]*/y,
  string: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y,
  number: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  word: /true|false|null/y,
} as const;

/** The offset of the first character that RFC 8259 does not allow; undefined where the text is JSON. */
export function findJsonError(text: string): number | undefined {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const takeOne = (character: string): boolean => {
    take(token.space);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  // What is open, outermost first; a text nested too deep for the stack is none for a configuration either.
  const list = (close: string, item: () => boolean): boolean => {
    if (takeOne(close)) return true;
    do if (!item()) return false;
    while (takeOne(','));
    return takeOne(close);
  };
  const value = (): boolean => {
    take(token.space);
    if (text[at] === '{') {
      at += 1;
      return list('}', () => (take(token.space), take(token.string)) && takeOne(':') && value());
    }
    if (text[at] === '[') {
      at += 1;
      return list(']', value);
    }
    return take(token.string) || take(token.number) || take(token.word);
  };
  if (!value()) return at;
  take(token.space);
  return at < text.length ? at : undefined;
}

/** Line and column of an offset, both from 1. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
