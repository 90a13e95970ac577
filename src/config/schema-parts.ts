import * as z from 'zod';
import type { FindingCode } from '../story/catalog/index.ts';
import type { FindingValues } from '../story/finding.ts';
import { good, show, wrong, type Reading } from './mistake.ts';
import { nearest } from './suggestion.ts';

/**
 * The pieces of which `schema.ts` is built. zod walks objects, lists and records and keeps the paths; what a value may be
 * is decided by readers that answer with a code of the catalogue, carried in a custom issue's `params`.
 */

/** What a custom issue carries. */
export interface MistakeParams {
  readonly finding: FindingCode;
  readonly values: FindingValues;
}

export type Reader<Out> = (value: unknown) => Reading<Out>;

/** One value, judged by `read`. `In` is what a person may write there. */
export function leaf<Out, In = Out>(read: Reader<Out>): z.ZodType<Out, In> {
  const schema = z.unknown().transform((value, payload) => {
    const reading = value === undefined ? wrong('config-missing') : read(value);
    if (reading.ok) return reading.value;
    payload.issues.push(issue(value, reading.code, reading.values));
    return z.NEVER;
  });
  return schema as unknown as z.ZodType<Out, In>;
}

/** Checks a value that has come out of `schema` whole. */
export function checked<Out, In, Checked>(
  schema: z.ZodType<Out, In>,
  read: (value: Out) => Reading<Checked>,
): z.ZodType<Checked, In> {
  return schema.transform((value, payload) => {
    const reading = read(value);
    if (reading.ok) return reading.value;
    payload.issues.push(issue(value, reading.code, reading.values));
    return z.NEVER;
  });
}

/**
 * A value of several shapes: `choose` picks one by its looks, so that mistakes are told for the shape that was meant
 * (a zod union would tell them for all). `expected` says the shapes in TypeScript's notation.
 */
export function either<Out, In>(
  expected: string,
  choose: (value: unknown) => z.ZodType<Out> | undefined,
): z.ZodType<Out, In> {
  const schema = z.unknown().transform((value, payload) => {
    const chosen = choose(value);
    if (!chosen) {
      payload.issues.push(
        value === undefined
          ? issue(value, 'config-missing', {})
          : issue(value, 'config-type', { found: show(value), expected }),
      );
      return z.NEVER;
    }
    const result = chosen.safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    for (const inner of result.error.issues) payload.issues.push({ ...inner, path: [...inner.path] } as never);
    return z.NEVER;
  });
  return schema as unknown as z.ZodType<Out, In>;
}

/** One item or a list of at least one. */
export function oneOrMore<Out, In>(item: z.ZodType<Out, In>, expected: string): z.ZodType<Out[], In | In[]> {
  const list = checked(z.array(item), (items) => (items.length > 0 ? good(items) : wrong('config-empty-list')));
  const single = item.transform((value) => [value]);
  return either(expected, (value) => (value === undefined ? undefined : Array.isArray(value) ? list : single));
}

/**
 * An object of known keys only. Its own issues carry the keys in their message, for `read-config.ts` to tell and suggest;
 * `hidden` ones are known only to be refused with a better word.
 */
export function group<Shape extends z.ZodRawShape>(
  shape: Shape,
  hidden: readonly string[] = [],
): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape)
    .filter((key) => !hidden.includes(key))
    .join(' ');
  return z.strictObject(shape, { error: () => keys });
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const readText: Reader<string> = (value) => {
  if (typeof value !== 'string') return wrong('config-type', { found: show(value), expected: 'string' });
  return value.trim() === '' ? wrong('config-empty') : good(value);
};

export const readBoolean: Reader<boolean> = (value) =>
  typeof value === 'boolean' ? good(value) : wrong('config-type', { found: show(value), expected: 'true | false' });

/** One of a few words; a near miss is named in the mend. */
export function readChoice<Choice extends string>(choices: readonly Choice[]): Reader<Choice> {
  const list = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return (value) => {
    const choice = choices.find((known) => known === value);
    if (choice !== undefined) return good(choice);
    const meant = typeof value === 'string' ? nearest(value, choices) : undefined;
    if (meant === undefined) return wrong('config-choice', { found: show(value), choices: list });
    return wrong('config-choice-misspelled', { found: show(value), choices: list, suggestion: JSON.stringify(meant) });
  };
}

/** A whole number within bounds, both included. */
export function readCount(minimum: number, maximum: number): Reader<number> {
  return (value) => {
    if (typeof value !== 'number') return wrong('config-type', { found: show(value), expected: 'number' });
    if (!Number.isInteger(value)) return wrong('config-not-whole', { found: show(value) });
    if (value < minimum || value > maximum) return wrong('config-range', { found: show(value), minimum, maximum });
    return good(value);
  };
}

function issue(input: unknown, code: FindingCode, values: FindingValues) {
  const params: MistakeParams = { finding: code, values };
  return { code: 'custom' as const, input, params: { ...params } };
}
