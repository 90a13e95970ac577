import type { Finding, FindingValues } from '../story/finding.ts';
import type { Config, Limits, SiteConfig, Timeouts, TlsSettings } from './config.ts';
import { judgeCertificate } from './certificate-files.ts';
import { findConflicts } from './cross-checks.ts';
import { completeIssuance, type CompletedIssuance } from './complete-issuance.ts';
import type { ConfigContext } from './files.ts';
import { defaultLimits, defaultTimeouts } from './limits.ts';
import { formatPath, mistakeAt, show, type ConfigPath } from './mistake.ts';
import { findImpureParts } from './plain-data.ts';
import { createSchema, type ParsedConfig, type ParsedSite, type TlsChoice } from './schema.ts';
import { isPlainObject, type MistakeParams } from './schema-parts.ts';
import { settingPlaces, settingTypes } from './settings.ts';
import { readSiteName } from './site-name.ts';
import { nearest } from './suggestion.ts';
import { defaultTlsProfile, tlsProfiles } from './tls-profiles.ts';

/** What comes of reading a configuration. With an error among the findings there is no `config`. */
export interface ConfigReading {
  readonly config: Config | undefined;
  /** Every mistake at once, then warnings. */
  readonly findings: readonly Finding[];
}

/**
 * Checks what a file, flags or a program gave and makes it complete. `spoken` names a place as the person wrote it,
 * where that is not the path in the configuration (a flag of the command line).
 */
export function readConfig(
  input: unknown,
  context: ConfigContext,
  spoken: (path: ConfigPath) => string = formatPath,
): ConfigReading {
  if (!isPlainObject(input)) return refused([mistakeAt([], 'config-not-an-object', { found: show(input) })]);
  const impure = findImpureParts(input, spoken);
  // A cycle or a getter would be walked by the schema too: what is not data is told alone.
  if (impure.length > 0) return refused(impure);
  const parsed = createSchema(context).safeParse(input, { reportInput: true });
  const mistakes = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => tellIssue(issue, spoken)),
    ...findConflicts(input, spoken),
  ];
  if (!parsed.success || mistakes.length > 0) return refused(mistakes);
  const issued = completeIssuance(parsed.data, nameOfSite, spoken);
  if (issued.mistakes.length > 0) return refused(issued.mistakes);
  const config = complete(parsed.data, context, issued);
  return { config, findings: warnings(config, parsed.data, context, spoken) };
}

function refused(findings: readonly Finding[]): ConfigReading {
  return { config: undefined, findings };
}

type Issue = NonNullable<ReturnType<ReturnType<typeof createSchema>['safeParse']>['error']>['issues'][number];

function tellIssue(issue: Issue, spoken: (path: ConfigPath) => string): Finding[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  if (issue.code === 'custom') {
    const { finding, values } = issue.params as unknown as MistakeParams;
    const known = finding === 'config-missing' ? { ...values, expected: typeAt(path) } : values;
    return [mistakeAt(path, finding, known, spoken)];
  }
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    return issue.keys.map((key) => tellUnknownKey([...path, key], key, known, spoken));
  }
  if (issue.input === undefined) return [mistakeAt(path, 'config-missing', { expected: typeAt(path) }, spoken)];
  const expected = issue.code === 'invalid_type' && issue.expected === 'object' ? keysOf(issue.message) : nameOf(issue);
  return [mistakeAt(path, 'config-type', { found: show(issue.input), expected }, spoken)];
}

function typeAt(path: ConfigPath): string {
  const words = path
    .filter((key) => typeof key === 'string')
    .map((key, index) => (path[0] === 'sites' && index === 1 ? '*' : key));
  return settingTypes.get(words.join('.')) ?? '{ … }';
}

function keysOf(message: string): string {
  return `{ ${message.split(' ').join(', ')} }`;
}

/** What zod expects, in TypeScript's notation. */
function nameOf(issue: Issue): string {
  const expected = issue.code === 'invalid_type' ? issue.expected : '';
  return expected === 'array' ? 'string[]' : '{ "name": … }';
}

function tellUnknownKey(
  path: ConfigPath,
  key: string,
  known: readonly string[],
  spoken: (path: ConfigPath) => string,
): Finding {
  const values: FindingValues = { key, known: known.join(', ') };
  const place = settingPlaces.get(key);
  const meant = nearest(key, known);
  if (meant !== undefined) return mistakeAt(path, 'config-key-misspelled', { ...values, suggestion: meant }, spoken);
  if (place !== undefined) return mistakeAt(path, 'config-key-misplaced', { ...values, place }, spoken);
  return mistakeAt(path, 'config-key-unknown', values, spoken);
}

function complete(parsed: ParsedConfig, context: ConfigContext, issued: CompletedIssuance): Config {
  const timeouts: Timeouts = { ...defaultTimeouts, ...parsed.timeouts };
  const limits: Limits = { ...defaultLimits, ...parsed.limits };
  const tls = completeTls(parsed.tls, undefined);
  const sites = Object.entries(parsed.sites).map(([key, site]): SiteConfig => ({
    name: nameOfSite(key),
    upstreams: site.to ?? site.fallback ?? [],
    root: site.root === undefined ? undefined : { folder: site.root, index: site.index ?? ['index.html'] },
    clientAuth: site.clientAuth,
    certificates: site.certificate ?? [],
    ...(issued.sites.has(key) && { issuance: issued.sites.get(key)! }),
    tls: completeTls(site.tls, tls),
    timeouts: { ...timeouts, ...site.timeouts },
    limits: { ...limits, ...site.limits },
  }));
  const marked = Object.entries(parsed.sites).find(([, site]) => site.default === true)?.[0] ?? '';
  const defaultSite = parsed.defaultSite ?? marked;
  return {
    email: parsed.email ?? '',
    sites,
    defaultSite: defaultSite === '' ? '' : nameOfSite(defaultSite),
    hosts: parsed.listen?.host ?? [],
    httpsPort: parsed.listen?.https ?? 443,
    httpPort: parsed.listen?.http ?? 80,
    stateFolder: parsed.state ?? context.defaults.state,
    workers: parsed.workers ?? 0,
    log: parsed.log ?? context.defaults.log,
    language: parsed.lang ?? context.defaults.lang,
    trustedProxies: parsed.trustedProxies ?? [],
    forwarded: parsed.forwarded ?? false,
    adminPort: parsed.admin?.port ?? 0,
    timeouts,
    limits,
    ...(issued.issuance && { issuance: issued.issuance }),
  };
}

/** A choice over a profile: the one it names, else what holds for all sites, else the default profile. */
function completeTls(choice: TlsChoice | undefined, inherited: TlsSettings | undefined): TlsSettings {
  const { profile, ...set } = choice ?? {};
  const base = profile === undefined ? (inherited ?? tlsProfiles[defaultTlsProfile]) : tlsProfiles[profile];
  return { ...base, ...set };
}

/** Names were checked by `findConflicts`; here they are only written the one way. */
function nameOfSite(written: string): string {
  const name = readSiteName(written);
  return name.ok ? name.value : written;
}

function warnings(
  config: Config,
  parsed: ParsedConfig,
  context: ConfigContext,
  spoken: (path: ConfigPath) => string,
): Finding[] {
  return Object.entries(parsed.sites).flatMap(([key, site]: [string, ParsedSite], index) => [
    ...(site.certificate ?? []).flatMap((pair) =>
      judgeCertificate(pair, config.sites[index]?.name ?? key, ['sites', key, 'certificate'], context, spoken),
    ),
    ...(site.to ?? site.fallback ?? [])
      .filter(({ tls }) => tls?.verify === false)
      .map(({ label }) =>
        mistakeAt(
          ['sites', key, site.to === undefined ? 'fallback' : 'to'],
          'config-upstream-unverified',
          { upstream: label },
          spoken,
        ),
      ),
  ]);
}
