/**
 * What the product can tell a person, each thing once, in both languages.
 *
 * An entry is a code with who is at fault, how bad it is, and two phrases (cause and mend) in English and in Chinese.
 * Phrases hold placeholders in braces, `{name}`, that a finding's values fill. The entries live in `catalog/`, one file a
 * domain; this file is their shape. Both languages stand in one entry, so that a missing one does not compile.
 */

/** Who has to act. `network` is for what lies between the two ends (DNS, routes, black holes). */
export type Fault = 'client' | 'gateway' | 'upstream' | 'ca' | 'config' | 'network';

export type Severity = 'error' | 'warning' | 'info';

export type Language = 'en' | 'zh';

export interface Phrase {
  /** What happened and why, one or two sentences, without a code or a stack. */
  readonly cause: string;
  /** What to do about it, in the imperative; empty only where nothing needs mending. */
  readonly mend: string;
}

export interface CatalogEntry extends Readonly<Record<Language, Phrase>> {
  readonly fault: Fault;
  readonly severity: Severity;
}

/** A domain's entries, by code. Codes are kebab-case words and never reused with another meaning. */
export type Catalog = Readonly<Record<string, CatalogEntry>>;
