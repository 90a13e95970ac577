/**
 * Who issues for which site, after the schema has read the parts:
 *
 *     certificate: files            nobody
 *     certificate: 'local'          the local CA
 *     issuers of the site           these, whatever the name
 *     a public name                 `issuers` of the top, else Let's Encrypt
 *     any other name                those of `issuers` that are `internal`, else the local CA
 *
 * A `local` at the head of a list is the local CA; further down it says what holds anyway: until one of those before it
 * has issued, the site is served with the local CA's certificate.
 */
import { isIP } from 'node:net';
import type { Finding, FindingValues } from '../story/finding.ts';
import type { FindingCode } from '../story/catalog/index.ts';
import {
  knownDirectories,
  LOCAL_ISSUER,
  type CertificateKey,
  type ChallengeWay,
  type IssuanceConfig,
  type IssuerConfig,
  type OnDemandConfig,
  type SiteIssuance,
} from './issuance.ts';
import type { ParsedIssuer } from './issuance-schema.ts';
import { mistakeAt, show, type ConfigPath } from './mistake.ts';
import { isPublicName } from './public-name.ts';
import type { ParsedConfig, ParsedSite } from './schema.ts';
import { nearest } from './suggestion.ts';

export interface CompletedIssuance {
  readonly issuance: IssuanceConfig | undefined;
  /** By the key under which a site was written. */
  readonly sites: ReadonlyMap<string, SiteIssuance>;
  readonly mistakes: readonly Finding[];
}

const defaults = { issuers: ['letsencrypt'], keyTypes: ['ecdsa'], burst: 10, everyMs: 60_000 } as const;

type Report = (path: ConfigPath, code: FindingCode, values?: FindingValues) => void;

/** `nameOf` writes a site's key the one way. */
export function completeIssuance(
  parsed: ParsedConfig,
  nameOf: (key: string) => string,
  spoken: (path: ConfigPath) => string,
): CompletedIssuance {
  const mistakes: Finding[] = [];
  const report: Report = (path, code, values = {}) => mistakes.push(mistakeAt(path, code, values, spoken));
  const known = new KnownIssuers(report);
  // Definitions come before names are looked up, so that the order does not matter.
  known.define(parsed.issuers ?? [], ['issuers']);
  for (const [key, site] of Object.entries(parsed.sites)) known.define(site.issuers ?? [], ['sites', key, 'issuers']);
  const common = known.read(parsed.issuers ?? defaults.issuers, ['issuers']);
  const sites = new Map<string, SiteIssuance>();
  for (const [key, site] of Object.entries(parsed.sites)) {
    const found = issuanceOf(key, nameOf(key), site, { parsed, common, known, report });
    if (found !== undefined) sites.set(key, found);
  }
  const onDemand = completeOnDemand(parsed, common, known);
  const used = new Set([...[...sites.values()].flatMap(({ issuers }) => issuers), ...(onDemand?.issuers ?? [])]);
  if (used.size === 0) return { issuance: undefined, sites, mistakes };
  const issuers = known.all.filter(({ name }) => used.has(name));
  const { dns, webhook } = parsed;
  return {
    issuance: {
      issuers,
      dns: dns?.config,
      onDemand,
      webhook: webhook && { url: webhook.url, secret: webhook.secret.text },
      files: [...issuers.map(({ caFile }) => caFile), ...(dns?.files ?? []), webhook?.secret.file ?? ''].filter(
        (file) => file !== '',
      ),
    },
    sites,
    mistakes,
  };
}

interface Around {
  readonly parsed: ParsedConfig;
  readonly common: readonly string[];
  readonly known: KnownIssuers;
  readonly report: Report;
}

function issuanceOf(key: string, name: string, site: ParsedSite, around: Around): SiteIssuance | undefined {
  const { parsed, common, known, report } = around;
  const own = site.issuers === undefined ? undefined : known.read(site.issuers, ['sites', key, 'issuers']);
  if (site.certificate !== undefined) {
    for (const setting of ['issuers', 'challenge', 'keyType'] as const) {
      if (site[setting] !== undefined) report(['sites', key, setting], 'config-issuance-beside-certificate');
    }
    return undefined;
  }
  const candidates = own ?? (isPublicName(name) ? common : isReachable(name) ? common.filter(known.isInternal) : []);
  const issuers = candidates[0] === LOCAL_ISSUER ? [] : candidates.filter((one) => one !== LOCAL_ISSUER);
  if (issuers.length === 0) {
    for (const setting of ['challenge', 'keyType'] as const) {
      if (site[setting] !== undefined) report(['sites', key, setting], 'config-issuance-local', { name });
    }
    return undefined;
  }
  checkWay(key, name, site.challenge, around);
  return {
    issuers,
    keyTypes: [...new Set<CertificateKey>(site.keyType ?? defaults.keyTypes)],
    challenge: site.challenge ?? (name.startsWith('*.') && parsed.dns ? 'dns-01' : undefined),
  };
}

/** This machine's own names mean another machine to everybody else, the CA included. */
function isReachable(name: string): boolean {
  const isLocalhost = /(?:^|\.)localhost$/.test(name);
  return !isLocalhost && !(isIP(name) === 4 ? name.startsWith('127.') : name === '::1');
}

function checkWay(key: string, name: string, challenge: ChallengeWay | undefined, { parsed, report }: Around): void {
  const isWildcard = name.startsWith('*.');
  if (isWildcard && parsed.dns === undefined) report(['sites', key], 'config-wildcard-needs-dns', { name });
  else if (isWildcard && challenge !== undefined && challenge !== 'dns-01') {
    report(['sites', key, 'challenge'], 'config-wildcard-challenge', { name, found: show(challenge) });
  } else if (challenge === 'dns-01' && isIP(name) !== 0) {
    report(['sites', key, 'challenge'], 'config-address-challenge', { name });
  } else if (challenge === 'dns-01' && parsed.dns === undefined) {
    report(['sites', key, 'challenge'], 'config-challenge-needs-dns');
  } else if (challenge === 'http-01' && parsed.listen?.http === 0) {
    report(['sites', key, 'challenge'], 'config-challenge-needs-http');
  }
}

function completeOnDemand(
  { onDemand }: ParsedConfig,
  common: readonly string[],
  known: KnownIssuers,
): OnDemandConfig | undefined {
  if (onDemand === undefined) return undefined;
  const { ask, burst = defaults.burst, every = defaults.everyMs } = onDemand;
  const named = onDemand.issuers === undefined ? common : known.read(onDemand.issuers, ['onDemand', 'issuers']);
  return { ask, burst, everyMs: every, issuers: named.filter((name) => name !== LOCAL_ISSUER) };
}

/** The issuers that are known by a name: the well-known ones and those that were defined. */
class KnownIssuers {
  readonly #report: Report;
  readonly #defined = new Map<string, IssuerConfig>();
  readonly #used = new Map<string, IssuerConfig>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** Those that were named somewhere, in the order in which that happened. */
  get all(): readonly IssuerConfig[] {
    return [...this.#used.values()];
  }

  define(list: readonly ParsedIssuer[], path: ConfigPath): void {
    for (const [index, one] of list.entries()) {
      if (typeof one === 'string') continue;
      const before = this.#defined.get(one.name);
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(one)) {
        this.#report([...path, index], 'config-issuer-twice', { name: one.name });
      } else this.#defined.set(one.name, one);
    }
  }

  /** The names of a list. A well-known name that was defined means the definition. */
  read(list: readonly ParsedIssuer[], path: ConfigPath): string[] {
    const names = list.flatMap((one, index) => {
      const name = typeof one === 'string' ? one : one.name;
      if (name === LOCAL_ISSUER) return [name];
      const found = this.#defined.get(name) ?? wellKnown(name);
      if (found === undefined) {
        const others = [...Object.keys(knownDirectories), LOCAL_ISSUER, ...this.#defined.keys()];
        const suggestion = nearest(name, others) ?? 'letsencrypt';
        this.#report([...path, index], 'config-issuer-unknown', { found: show(name), suggestion });
        return [];
      }
      if (found.directoryUrl === knownDirectories.zerossl && found.externalAccount === undefined) {
        this.#report([...path, index], 'config-issuer-eab');
        return [];
      }
      this.#used.set(name, found);
      return [name];
    });
    return [...new Set(names)];
  }

  readonly isInternal = (name: string): boolean => this.#used.get(name)?.internal === true;
}

function wellKnown(name: string): IssuerConfig | undefined {
  const directoryUrl = Object.entries(knownDirectories).find(([known]) => known === name)?.[1];
  if (directoryUrl === undefined) return undefined;
  const rest = {
    caFile: '',
    externalAccount: undefined,
    profile: undefined,
    preferredChain: undefined,
    internal: false,
  };
  return { name, directoryUrl, ...rest };
}
