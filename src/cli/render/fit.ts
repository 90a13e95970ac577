import { widthOf } from '../report.ts';

/** Cuts a text to so many cells of a terminal; what is cut ends with `…`. */
export function fit(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let width = 0;
  let kept = '';
  for (const character of text) {
    const next = width + widthOf(character);
    if (next > cells - 1) break;
    kept += character;
    width = next;
  }
  return `${kept}…`;
}

/** Breaks a text into lines of so many cells, between words where there are any; the first line begins at `used` cells. */
export function wrap(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  // A Chinese sentence has no blanks: it may be broken between any two characters.
  for (const piece of text.split(/(?<=\s)|(?<=[\u2E80-\uA4CF\uF900-\uFAFF\uFF00-\uFF60])/u)) {
    const length = widthOf(piece.trimEnd());
    if (width > 0 && width + length > cells) {
      lines.push(line.trimEnd());
      line = '';
      width = 0;
    }
    // A word that is longer than a line (a URL) is broken where the line ends.
    for (const character of length > cells ? piece : [piece]) {
      const next = widthOf(character);
      if (length > cells && width + next > cells) {
        lines.push(line);
        line = '';
        width = 0;
      }
      line += character;
      width += next;
    }
  }
  if (line.trimEnd() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

export const padTo = (text: string, cells: number): string => text + ' '.repeat(Math.max(0, cells - widthOf(text)));
