import * as z from 'zod';
import type {
  CertificateFiles,
  ClientAuth,
  LimitName,
  Limits,
  LogFormat,
  TimeoutName,
  Timeouts,
  TlsProfileName,
  TlsSettings,
  UpstreamAddress,
} from './config.ts';
import { readAuthorities, readCertificatePair, readCrl } from './certificate-files.ts';
import type { ConfigContext } from './files.ts';
import type { DnsConfig } from './issuance.ts';
import {
  createIssuanceSchema,
  type ParsedIssuer,
  type ParsedOnDemand,
  type ParsedSiteIssuance,
  type ReadSecret,
} from './issuance-schema.ts';
import { limitEntries, timeoutEntries, type LimitEntry } from './limits.ts';
import { wrong } from './mistake.ts';
import {
  checked,
  either,
  group,
  isPlainObject,
  leaf,
  oneOrMore,
  readBoolean,
  readChoice,
  readCount,
  readText,
} from './schema-parts.ts';
import * as values from './schema-values.ts';
import { readServerName, readUpstream } from './upstream-address.ts';
import { joinTarget } from './upstream-target.ts';
import type { Duration, SiteSetting, Size, Target, UserSite, UserTls } from './user-config.ts';

/** TLS settings as far as they were set, and the profile that the rest comes from. */
export type TlsChoice = Partial<TlsSettings> & { readonly profile?: TlsProfileName | undefined };

/** A site after parsing: values checked and resolved, defaults not yet filled in. */
export interface ParsedSite extends ParsedSiteIssuance {
  readonly to?: readonly UpstreamAddress[] | undefined;
  readonly root?: string | undefined;
  readonly index?: readonly string[] | undefined;
  readonly fallback?: readonly UpstreamAddress[] | undefined;
  readonly clientAuth?: ClientAuth | undefined;
  readonly certificate?: readonly CertificateFiles[] | undefined;
  readonly tls?: TlsChoice | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly default?: boolean | undefined;
}

export interface ParsedConfig {
  readonly email?: string | undefined;
  readonly issuers?: readonly ParsedIssuer[] | undefined;
  readonly dns?: { readonly config: DnsConfig; readonly files: readonly string[] } | undefined;
  readonly onDemand?: ParsedOnDemand | undefined;
  readonly webhook?: { readonly url: string; readonly secret: ReadSecret } | undefined;
  readonly sites: Readonly<Record<string, ParsedSite>>;
  readonly defaultSite?: string | undefined;
  readonly listen?:
    | {
        readonly host?: readonly string[] | undefined;
        readonly https?: number | undefined;
        readonly http?: number | undefined;
      }
    | undefined;
  readonly state?: string | undefined;
  readonly workers?: number | undefined;
  readonly log?: LogFormat | undefined;
  readonly lang?: 'en' | 'zh' | undefined;
  readonly tls?: TlsChoice | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  readonly forwarded?: boolean | undefined;
  readonly admin?: { readonly port?: number | undefined } | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** RFC 8446 section 4.6.1: no ticket lives longer than seven days. */
const longestTicketMs = 604_800_000;

/**
 * The one schema of file, flags and API. It reads paths and certificates through `context`, so that a missing file is
 * told at the place that names it. How parts fit together (ports, defaults, root and fallback) is `cross-checks.ts`.
 */
export function createSchema(context: ConfigContext) {
  const file = leaf<string>(values.readExisting(context, 'file'));
  const pair = checked(
    group({ cert: file, key: file }).transform(({ cert, key }) => ({ certFile: cert, keyFile: key })),
    (files) => readCertificatePair(context.files, files),
  );

  const address = leaf<UpstreamAddress, string | number>((value) => readUpstream(value, context.folder));
  const targetObject = checked(
    group({
      url: address,
      ca: checked(file, (path) => readAuthorities(context.files, path)).optional(),
      serverName: leaf<string>(readServerName).optional(),
      clientCertificate: pair.optional(),
      verify: leaf(readBoolean).optional(),
    }),
    (parts) => joinTarget(parts, context.files),
  );
  const target = either<UpstreamAddress, Target>('number | string | { url, … }', (value) =>
    isPlainObject(value) ? targetObject : address,
  );
  const targets = oneOrMore(target, 'Target | Target[]');
  const pairs = oneOrMore(pair, '{ cert, key } | { cert, key }[]');
  const local = leaf<'local'>(readChoice(['local'])).transform((): CertificateFiles[] => []);
  const certificate = either<CertificateFiles[], NonNullable<UserSite['certificate']>>(
    '"local" | { cert, key } | { cert, key }[]',
    (value) => (typeof value === 'string' ? local : isPlainObject(value) || Array.isArray(value) ? pairs : undefined),
  );

  const issuance = createIssuanceSchema(context);

  const clientAuth = group({
    mode: leaf<ClientAuth['mode']>(readChoice(['require', 'optional'])),
    ca: checked(file, (path) => readAuthorities(context.files, path)),
    crl: checked(file, (path) => readCrl(context.files, path)).optional(),
  }).transform(({ mode, ca, crl }): ClientAuth => ({ mode, caFile: ca, crlFile: crl ?? '' }));

  const siteObject = group({
    to: targets.optional(),
    root: leaf<string>(values.readExisting(context, 'folder')).optional(),
    index: oneOrMore(leaf<string>(values.readFileName), 'string | string[]').optional(),
    fallback: targets.optional(),
    clientAuth: clientAuth.optional(),
    certificate: certificate.optional(),
    ...issuance.site,
    tls: tlsChoice().optional(),
    timeouts: measures<TimeoutName, Duration>('timeouts', timeoutEntries, 'site').optional(),
    limits: measures<LimitName, Size>('limits', limitEntries, 'site').optional(),
    default: leaf(readBoolean).optional(),
  });
  const siteOfTargets = targets.transform((to): ParsedSite => ({ to }));
  const anySite = either<ParsedSite, SiteSetting>('string | number | Target[] | { to, root, … }', (value) =>
    isPlainObject(value)
      ? siteObject
      : Array.isArray(value) || typeof value === 'string' || typeof value === 'number'
        ? siteOfTargets
        : undefined,
  );

  return group({
    email: leaf<string>(values.readEmail).optional(),
    issuers: issuance.issuers.optional(),
    dns: issuance.dns.optional(),
    onDemand: issuance.onDemand.optional(),
    webhook: issuance.webhook.optional(),
    sites: z.record(z.string(), anySite),
    defaultSite: leaf<string>(readText).optional(),
    listen: group({
      host: oneOrMore(leaf<string>(values.readListenHost), 'string | string[]').optional(),
      https: leaf(values.readListenPort).optional(),
      http: leaf(values.readListenPort).optional(),
    }).optional(),
    state: leaf<string>(values.readFutureFolder(context)).optional(),
    workers: leaf(readCount(0, 256)).optional(),
    log: leaf<LogFormat>(readChoice(['json', 'pretty', 'common', 'combined'])).optional(),
    lang: leaf<'en' | 'zh'>(readChoice(['en', 'zh'])).optional(),
    tls: tlsChoice().optional(),
    trustedProxies: z.array(leaf<string>(values.readNetwork)).optional(),
    forwarded: leaf(readBoolean).optional(),
    admin: group({ port: leaf(values.readListenPort).optional() }).optional(),
    timeouts: measures<TimeoutName, Duration>('timeouts', timeoutEntries, 'gateway').optional(),
    limits: measures<LimitName, Size>('limits', limitEntries, 'gateway').optional(),
  });
}

function tlsChoice(): z.ZodType<TlsChoice, TlsProfileName | UserTls> {
  const profile = leaf<TlsProfileName>(readChoice(['intermediate', 'modern']));
  const lifetime = { unit: 'ms', minimum: 0, maximum: longestTicketMs } as const;
  const custom = group({
    profile: profile.optional(),
    minVersion: leaf<TlsSettings['minVersion']>(values.readTlsVersion).optional(),
    maxVersion: leaf<TlsSettings['minVersion']>(values.readTlsVersion).optional(),
    ciphers: leaf<string, string | string[]>(values.readCiphers).optional(),
    groups: leaf<string, string | string[]>(values.readGroups).optional(),
    honorCipherOrder: leaf(readBoolean).optional(),
    ticketLifetime: leaf<number, Duration>(values.readMeasure(lifetime)).optional(),
  }).transform(({ ticketLifetime, ...rest }): TlsChoice => {
    const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as TlsChoice;
    return ticketLifetime === undefined ? set : { ...set, ticketLifetimeSeconds: Math.floor(ticketLifetime / 1000) };
  });
  const named = profile.transform((name): TlsChoice => ({ profile: name }));
  return either('"intermediate" | "modern" | { minVersion, … }', (value) =>
    typeof value === 'string' ? named : isPlainObject(value) ? custom : undefined,
  );
}

/**
 * The settings of a table, by their names in the file; out come those that were set, by the names of `Config`. What only
 * the whole gateway can have is known in a site too, and refused there with its own mend.
 */
function measures<Name extends string, In>(
  table: 'timeouts' | 'limits',
  entries: readonly LimitEntry<Name>[],
  place: 'gateway' | 'site',
) {
  const elsewhere = entries.filter((entry) => place === 'site' && entry.scope === 'gateway');
  const shape = Object.fromEntries(
    entries.map((entry) => {
      const refuse = () => wrong('config-gateway-wide', { setting: `${table}.${entry.setting}` });
      const read = elsewhere.includes(entry) ? refuse : values.readMeasure(entry);
      return [entry.setting, leaf<number, In>(read).optional()] as const;
    }),
  );
  const hidden = elsewhere.map((entry) => entry.setting);
  return group(shape, hidden).transform((set) => {
    const given = entries.filter((entry) => set[entry.setting] !== undefined);
    return Object.fromEntries(given.map((entry) => [entry.name, set[entry.setting]])) as Partial<Record<Name, number>>;
  });
}
