import type { Language } from '../../story/catalog.ts';

/** How an error can be written. */
export type AnswerFormat = 'html' | 'json' | 'text';

interface WeighedRange {
  /** Lower-case range without its parameters. */
  readonly range: string;
  /** 0 to 1; a weight that cannot be read counts as 1. */
  readonly weight: number;
}

/** Ranges beyond this are not looked at: no honest Accept field has as many. */
const MAXIMUM_RANGES = 64;

/** Splits a value like `text/html;level=1;q=0.4, text/*` (RFC 9110 section 12.4.2). Quoted parameters do not occur. */
function parseWeighedList(value: string): WeighedRange[] {
  const ranges: WeighedRange[] = [];
  for (const part of value.split(',', MAXIMUM_RANGES)) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (range === '') continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    ranges.push({ range, weight: weight >= 0 && weight <= 1 ? weight : 1 });
  }
  return ranges;
}

/** The most specific range that matches decides the weight (RFC 9110 section 12.5.1); `exact` says that it is no wildcard for all. */
function weigh(ranges: readonly WeighedRange[], names: readonly string[]): { weight: number; exact: boolean } {
  for (const [index, name] of names.entries()) {
    const found = ranges.find((candidate) => candidate.range === name);
    if (found !== undefined) return { weight: found.weight, exact: index < names.length - 1 };
  }
  return { weight: 0, exact: false };
}

/** Names under which a format can be asked for, most specific first, the wildcard last. */
const textNames = ['text/plain', 'text/*', '*/*'];
/** Of two that a client wants alike, the later one is taken. */
const named: readonly (readonly [AnswerFormat, readonly string[]])[] = [
  ['html', ['text/html', 'text/*', '*/*']],
  ['json', ['application/problem+json', 'application/json', 'application/*', '*/*']],
];

/**
 * HTML for who names it (browsers), JSON for who names it (API clients), plain text for everyone else: a terminal that
 * takes anything reads text best. An error is sent even if the client accepts none of the three.
 */
export function negotiateFormat(accept: string | undefined): AnswerFormat {
  if (accept === undefined) return 'text';
  const ranges = parseWeighedList(accept);
  let best: AnswerFormat = 'text';
  let bestWeight = weigh(ranges, textNames).weight;
  for (const [format, names] of named) {
    const { weight, exact } = weigh(ranges, names);
    if (exact && weight > 0 && weight >= bestWeight) {
      best = format;
      bestWeight = weight;
    }
  }
  return best;
}

/** English or Chinese by Accept-Language (RFC 4647 lookup on the primary subtag); `preferred` where neither is asked for. */
export function negotiateLanguage(acceptLanguage: string | undefined, preferred: Language): Language {
  if (acceptLanguage === undefined) return preferred;
  const weights: Record<Language, number> = { en: 0, zh: 0 };
  for (const { range, weight } of parseWeighedList(acceptLanguage)) {
    const primary = range.split('-', 1)[0];
    if (primary === 'en' || primary === 'zh') weights[primary] = Math.max(weights[primary], weight);
  }
  if (weights.en === weights.zh) return preferred;
  return weights.en > weights.zh ? 'en' : 'zh';
}
