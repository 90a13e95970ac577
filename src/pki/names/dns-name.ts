import { domainToASCII } from 'node:url';

/** What can be wrong with a dNSName in a certificate. */
export type DnsNameProblem = 'malformed' | 'underscore' | 'address';

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const LABEL_WITH_UNDERSCORE = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** Whether `text` is a host name in the preferred syntax of RFC 1034 section 3.5 as RFC 1123 section 2.1 modifies it. */
export function isHostName(text: string): boolean {
  return text.length > 0 && text.length <= 253 && text.split('.').every((label) => LABEL.test(label));
}

/**
 * Checks a dNSName of a subjectAltName (RFC 5280 section 4.2.1.6): preferred name syntax, with `*` allowed as the whole
 * left-most label (RFC 9525 section 6.3). Undefined where nothing is wrong.
 */
export function dnsNameProblem(presented: string): DnsNameProblem | undefined {
  const name = presented.startsWith('*.') ? presented.slice(2) : presented;
  // A last label of digits alone would make the name an address for every parser of hosts (RFC 1123 section 2.1).
  if (/(?:^|\.)\d+$/.test(name)) return /^[\d.]+$/.test(name) ? 'address' : 'malformed';
  if (isHostName(name)) return undefined;
  const underscored = name.length <= 253 && name.split('.').every((label) => LABEL_WITH_UNDERSCORE.test(label));
  return underscored ? 'underscore' : 'malformed';
}

/** A host name as it is looked for: lower case, A-labels, without the dot of the root; undefined where it is none. */
export function normalizeHostName(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const ascii = isAscii(name) ? name.toLowerCase() : domainToASCII(name);
  const valid =
    ascii.length > 0 && ascii.length <= 253 && ascii.split('.').every((label) => LABEL_WITH_UNDERSCORE.test(label));
  return valid ? ascii : undefined;
}

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/**
 * Whether a presented dNSName covers the host `reference`, which is normalized (RFC 9525 section 6.3): label for label
 * without regard to case; `*` stands for exactly one label, and only as the whole left-most one with a name behind it.
 */
export function matchesDnsName(presented: string, reference: string): boolean {
  const name = presented.toLowerCase();
  if (!name.includes('*')) return name === reference;
  if (!name.startsWith('*.') || name.includes('*', 1) || name.length < 3) return false;
  const dot = reference.indexOf('.');
  return dot > 0 && reference.slice(dot) === name.slice(1);
}
