import type { CatalogEntry, Fault, Language, Phrase, Severity } from './catalog.ts';
import { catalog, type FindingCode } from './catalog/index.ts';

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

/** Sides of a connection as values name them; every other value is told as it is. */
const sides: Readonly<Record<string, string>> = { server: '服务器', client: '客户端' };

function fill(text: string, values: FindingValues, language: Language): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = String(values[name] ?? whole);
    return name === 'peer' && language === 'zh' ? (sides[value] ?? value) : value;
  });
}
