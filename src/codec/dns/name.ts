/**
 * Domain names as text. A name is always absolute and ends with a dot: `www.example.com.`, the root `.`. Its case is kept
 * as it was on the wire. Octets that would be read as something else are escaped, `\.` or `\032` (RFC 1035 section 5.1),
 * one way only, so that two texts are equal exactly where the octets are.
 */

export const MAX_NAME_OCTETS = 255;
const MAX_LABEL_OCTETS = 63;

/** What is wrong with a name that a person or a file wrote. */
export type NameProblem = 'empty-label' | 'label-too-long' | 'name-too-long' | 'bad-escape' | 'not-ascii';

export type NameParsed =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly problem: NameProblem };

/** Characters that mean something in a zone file and are therefore escaped with a backslash. */
const special = new Set('".;\\()@$');

const escaped: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCodePoint(octet);
  if (special.has(character)) return `\\${character}`;
  return octet > 0x20 && octet < 0x7f ? character : `\\${String(octet).padStart(3, '0')}`;
});

/** The text of one label. */
export function labelText(octets: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) text += escaped[octets[at]!]!;
  return text;
}

/** Reads a name as people write it, with or without the dot at the end, and gives its one spelling. */
export function parseName(text: string): NameParsed {
  const labels = readLabels(text);
  if (typeof labels === 'string') return { ok: false, problem: labels };
  return { ok: true, name: joinLabels(labels) };
}

/** A name's labels as octets, the root's left out. Throws a RangeError for a text that is no name. */
export function labelsOf(name: string): Uint8Array[] {
  const labels = readLabels(name);
  if (typeof labels === 'string') throw new RangeError(`not a domain name: ${name} (${labels})`);
  return labels;
}

export const joinLabels = (labels: readonly Uint8Array[]): string =>
  labels.length === 0 ? '.' : labels.map((label) => `${labelText(label, 0, label.length)}.`).join('');

function readLabels(text: string): Uint8Array[] | NameProblem {
  if (text === '.' || text === '') return text === '.' ? [] : 'empty-label';
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  let length = 1;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x2e) {
      if (label.length === 0) return 'empty-label';
      labels.push(Uint8Array.from(label));
      length += label.length + 1;
      label = [];
      continue;
    }
    if (character > 0x7f) return 'not-ascii';
    if (character === 0x5c) {
      const number = /^\d{3}/.exec(text.slice(at + 1, at + 4))?.[0];
      const next = text.charCodeAt(at + 1);
      if (number === undefined ? Number.isNaN(next) || next > 0x7f || isDigit(next) : Number(number) > 255)
        return 'bad-escape';
      label.push(number === undefined ? next : Number(number));
      at += number === undefined ? 1 : 3;
    } else label.push(character);
    if (label.length > MAX_LABEL_OCTETS) return 'label-too-long';
  }
  if (label.length > 0) {
    labels.push(Uint8Array.from(label));
    length += label.length + 1;
  }
  return length > MAX_NAME_OCTETS ? 'name-too-long' : labels;
}

const isDigit = (character: number): boolean => character >= 0x30 && character <= 0x39;

/** The name with ASCII letters in lower case (RFC 4343): what names are compared and kept under. */
export function lowerName(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

export const sameName = (one: string, other: string): boolean =>
  one === other || (one.length === other.length && lowerName(one) === lowerName(other));

/** Whether `name` is `zone` or lies below it. */
export function isWithin(name: string, zone: string): boolean {
  if (zone === '.') return true;
  if (name.length === zone.length) return sameName(name, zone);
  if (name.length < zone.length) return false;
  const start = name.length - zone.length;
  // The dot before the zone must not be an escaped one: an odd number of backslashes stands before that.
  return name[start - 1] === '.' && sameName(name.slice(start), zone) && !isEscaped(name, start - 1);
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (before > 0 && text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

/** The name without its first label; the root's parent is undefined. */
export function parentName(name: string): string | undefined {
  if (name === '.') return undefined;
  for (let at = 0; at < name.length; at += 1) {
    if (name[at] === '\\') at += 1;
    else if (name[at] === '.') return at === name.length - 1 ? '.' : name.slice(at + 1);
  }
  return undefined;
}

/** How many labels a name has; the root has none. */
export function countLabels(name: string): number {
  let count = 0;
  for (let at: string | undefined = name; at !== undefined && at !== '.'; at = parentName(at)) count += 1;
  return count;
}

/** The last `count` labels of a name. */
export function lastLabels(name: string, count: number): string {
  let rest = name;
  for (let have = countLabels(name); have > count; have -= 1) rest = parentName(rest) ?? '.';
  return rest;
}
