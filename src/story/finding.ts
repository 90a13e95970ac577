import type { CatalogEntry, Fault, Language, Phrase, Severity } from './catalog.ts';
import { catalog, type FindingCode } from './catalog/index.ts';
import { problemWords } from './words/problems.ts';

/** What fills the placeholders of a phrase: plain values, never secrets. */
export type FindingValues = Readonly<Record<string, string | number>>;

/** Something that the story concludes: a code of the catalogue, and the values that make it concrete. */
export interface Finding {
  readonly code: FindingCode;
  readonly fault: Fault;
  readonly severity: Severity;
  readonly values: FindingValues;
}

/** Makes a finding; fault and severity come from the catalogue. */
export function finding(code: FindingCode, values: FindingValues = {}): Finding {
  const entry: CatalogEntry = catalog[code];
  return { code, fault: entry.fault, severity: entry.severity, values };
}

/** The finding's sentences in `language`, placeholders filled. A value that is missing stays visible as `{name}`. */
export function tellFinding(found: Finding, language: Language): Phrase {
  const entry: CatalogEntry = catalog[found.code];
  const phrase = entry[language];
  return { cause: fill(phrase.cause, found.values, language), mend: fill(phrase.mend, found.values, language) };
}

/** Sides of a connection as values name them. */
const sides: Readonly<Record<string, string>> = { server: '服务器', client: '客户端' };

/** Values that are codes are told in words; every other value is told as it is. */
function fill(text: string, values: FindingValues, language: Language): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = String(values[name] ?? whole);
    if (name === 'peer' && language === 'zh') return sides[value] ?? value;
    return name === 'problem' || name === 'reason' ? tellProblem(value, language) : value;
  });
}

/** What a code of a codec or of the catalogue says, without a full stop; anything else is given back. */
function tellProblem(value: string, language: Language): string {
  const words = problemWords(value, language);
  if (words !== undefined || !Object.hasOwn(catalog, value)) return words ?? value;
  const sentence = catalog[value as FindingCode][language].cause.replace(/[.。]$/, '');
  // Its own values are not at hand here.
  if (sentence.includes('{')) return value;
  // The sentence goes on behind a colon; names such as PUSH_PROMISE stay as they are.
  return sentence.replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
}
