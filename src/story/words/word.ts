import type { Language } from '../catalog.ts';
import type { FindingValues } from '../finding.ts';
import { problemWords } from './problems.ts';

/** One label or line of explanation, in both languages; `{name}` stands for a value. */
export type Word = Readonly<Record<Language, string>>;

export type WordTable = Readonly<Record<string, Word>>;

/** The word in `language`, placeholders filled. A value that is missing stays visible as `{name}`. */
export function tellWord(word: Word, language: Language, values: FindingValues = {}): string {
  return word[language].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = String(values[name] ?? whole);
    return name === 'problem' ? (problemWords(value, language) ?? value) : value;
  });
}
