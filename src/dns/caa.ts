import { lowerName, parentName, parseName } from '../codec/dns/name.ts';
import type { CaaData } from '../codec/dns/record.ts';
import { RecordType } from '../codec/dns/registry.ts';
import type { ResolutionFailure, ResolveOptions, Resolver } from './resolution.ts';
import type { DnsStep } from './step.ts';

/** The CAA records that rule over a name (RFC 8659 section 3). */
export type CaaLookup =
  /** `at` is the name where they stand; '' where there are none up to the root, and everybody may issue. */
  | { readonly ok: true; readonly at: string; readonly records: readonly CaaData[]; readonly steps: readonly DnsStep[] }
  /** A failure at `at` forbids issuance as well: nobody knows what stands there. */
  | {
      readonly ok: false;
      readonly at: string;
      readonly failure: ResolutionFailure;
      readonly steps: readonly DnsStep[];
    };

/** Climbs from `name` (absolute, without `*.`) towards the root until a CAA set is found. */
export async function lookUpCaa(name: string, resolver: Resolver, options: ResolveOptions = {}): Promise<CaaLookup> {
  const steps: DnsStep[] = [];
  for (let at: string | undefined = name; at !== undefined && at !== '.'; at = parentName(at)) {
    const resolution = await resolver.resolve(at, RecordType.CAA, options);
    steps.push(...resolution.steps);
    if (resolution.kind === 'failed') return { ok: false, at, failure: resolution.failure, steps };
    if (resolution.kind !== 'found') continue;
    const records = resolution.records.flatMap(({ data }) => (data.kind === 'CAA' ? [data] : []));
    return { ok: true, at, records, steps };
  }
  return { ok: true, at: '', records: [], steps };
}

/** `ca.example; accounturi=…` (RFC 8659 section 4.2). */
export interface CaaIssuer {
  /** The issuer's domain, absolute and lower case; '' where the record forbids everybody (`;`). */
  readonly domain: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export function readCaaIssuer(value: string): CaaIssuer | undefined {
  const [first = '', ...rest] = value.split(';').map((part) => part.trim());
  const parsed = first === '' ? undefined : parseName(first);
  if (parsed?.ok === false) return undefined;
  const parameters = new Map<string, string>();
  for (const part of rest) {
    if (part === '') continue;
    const [, tag, setting] = /^([0-9a-z-]+)\s*=\s*([\x21-\x3a\x3c-\x7e]*)$/i.exec(part) ?? [];
    if (tag === undefined) return undefined;
    parameters.set(tag.toLowerCase(), setting ?? '');
  }
  return { domain: parsed === undefined ? '' : lowerName(parsed.name), parameters };
}

export type CaaVerdict =
  | { readonly allowed: true; readonly because: 'no-records' | 'not-restricted' }
  /** The records that allow it, any of which will do, each with its parameters (accounturi, validationmethods: RFC 8657). */
  | { readonly allowed: true; readonly because: 'listed'; readonly issuers: readonly CaaIssuer[] }
  /** `record` is the one that forbids where it is a single one: a critical tag that nobody here knows. */
  | { readonly allowed: false; readonly because: 'not-listed' | 'unknown-critical'; readonly record?: CaaData };

const knownTags = new Set(['issue', 'issuewild', 'iodef', 'issuemail', 'issuevmc', 'contactemail', 'contactphone']);

/** Whether an issuer known by any of `issuerDomains` may issue under `records` (RFC 8659 sections 4.1 to 4.3). */
export function judgeCaa(records: readonly CaaData[], issuerDomains: readonly string[], wildcard: boolean): CaaVerdict {
  if (records.length === 0) return { allowed: true, because: 'no-records' };
  const strange = records.find(({ critical, tag }) => critical && !knownTags.has(tag.toLowerCase()));
  if (strange !== undefined) return { allowed: false, because: 'unknown-critical', record: strange };
  const tagged = (wanted: string): CaaData[] => records.filter(({ tag }) => tag.toLowerCase() === wanted);
  const wild = wildcard ? tagged('issuewild') : [];
  const relevant = wild.length > 0 ? wild : tagged('issue');
  if (relevant.length === 0) return { allowed: true, because: 'not-restricted' };
  const mine = new Set(
    issuerDomains.flatMap((domain) => {
      const parsed = parseName(domain);
      return parsed.ok ? [lowerName(parsed.name)] : [];
    }),
  );
  const issuers = relevant.flatMap(({ value }) => {
    const issuer = readCaaIssuer(value);
    return issuer !== undefined && mine.has(issuer.domain) ? [issuer] : [];
  });
  return issuers.length > 0 ? { allowed: true, because: 'listed', issuers } : { allowed: false, because: 'not-listed' };
}
