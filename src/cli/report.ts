import type { Language } from '../story/catalog.ts';
import { tellFinding, type Finding } from '../story/finding.ts';

/** Findings as blocks of two lines: what it is, and an arrow with the mend. */
export function renderFindings(findings: readonly Finding[], language: Language): string {
  return findings.map((found) => `${renderFinding(found, language)}\n`).join('');
}

function renderFinding(found: Finding, language: Language): string {
  const { cause, mend } = tellFinding(found, language);
  const sign = found.severity === 'error' ? '✗' : found.severity === 'warning' ? '!' : '·';
  return mend === '' ? `${sign} ${cause}` : `${sign} ${cause}\n  → ${mend}`;
}

/** A table with two blanks between columns; Chinese characters take two cells of a terminal. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  const pad = (text: string, column: number) => text + ' '.repeat((widths[column] ?? 0) - widthOf(text));
  return rows.map((row) => `  ${row.map(pad).join('  ').trimEnd()}\n`).join('');
}

/** Cells of a terminal that a text takes. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text)
    width += /[\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]/.test(character) ? 2 : 1;
  return width;
}
