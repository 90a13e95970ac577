import { finding, type Finding, type FindingValues } from '../story/finding.ts';
import type { FindingCode } from '../story/catalog/index.ts';

/** Where in a configuration: keys and list positions from the top. */
export type ConfigPath = readonly (string | number)[];

/** What a reader of one value returns: the value, or what is wrong with it, without a place. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: FindingCode; readonly values: FindingValues };

export function good<Value>(value: Value): Reading<Value> {
  return { ok: true, value };
}

export function wrong(code: FindingCode, values: FindingValues = {}): Reading<never> {
  return { ok: false, code, values };
}

/** A finding that names its place. `spoken` turns a path into what the person wrote (a flag, or the path itself). */
export function mistakeAt(
  path: ConfigPath,
  code: FindingCode,
  values: FindingValues,
  spoken: (path: ConfigPath) => string = formatPath,
): Finding {
  return finding(code, { path: spoken(path), ...values });
}

const identifier = /^[A-Za-z_$][\w$]*$/;

/** As one would write it in the file: `sites["api.example.com"].to[1]`. */
export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (identifier.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}

const longestShown = 60;

/** A value in a few characters, for a sentence: `"requier"`, `42`, `{ to, root }`, `[3 items]`. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value);
    return text.length > longestShown ? `${text.slice(0, longestShown)}…"` : text;
  }
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[…](${value.length})`;
  const keys = Object.keys(value);
  const text = keys.length === 0 ? '{}' : `{ ${keys.join(', ')} }`;
  return text.length > longestShown ? `${text.slice(0, longestShown)}… }` : text;
}
