/** The schema of `issuers`, `dns`, `onDemand`, `webhook`, and of what a site says of its certificate's issuance. */
import { isIP } from 'node:net';
import path from 'node:path';
import type * as z from 'zod';
import type { Ask } from '../acme/manager/ask.ts';
import { parseName } from '../codec/dns/name.ts';
import { parseTsigKey } from '../dns/tsig-key.ts';
import type { ServerAddress } from '../dns/transport.ts';
import type { TsigKey } from '../dns/tsig.ts';
import { readAuthorities } from './certificate-files.ts';
import type { ConfigContext } from './files.ts';
import {
  knownDirectories,
  LOCAL_ISSUER,
  type CertificateKey,
  type ChallengeWay,
  type DnsConfig,
  type IssuerConfig,
} from './issuance.ts';
import { good, show, wrong, type Reading } from './mistake.ts';
import {
  checked,
  either,
  group,
  isPlainObject,
  leaf,
  oneOrMore,
  readBoolean,
  readChoice,
  readText,
} from './schema-parts.ts';
import type { Reader } from './schema-parts.ts';
import * as values from './schema-values.ts';
import type { Duration } from './user-config.ts';
import type { IssuerChoice, Secret, UserDns, UserOnDemand, UserWebhook } from './user-issuance.ts';

/** A secret with the file that it came from, '' for none. */
export interface ReadSecret {
  readonly text: string;
  readonly file: string;
}

/** What stands in a list of issuers: a name, to be looked up among those that are defined, or a definition. */
export type ParsedIssuer = string | IssuerConfig;

export interface ParsedSiteIssuance {
  readonly issuers?: readonly ParsedIssuer[] | undefined;
  readonly challenge?: ChallengeWay | undefined;
  readonly keyType?: readonly CertificateKey[] | undefined;
}

export interface ParsedOnDemand {
  readonly ask: string | Ask;
  readonly burst?: number | undefined;
  readonly every?: number | undefined;
  readonly issuers?: readonly string[] | undefined;
}

/** The parts, for `schema.ts` to put into their places. */
export function createIssuanceSchema(context: ConfigContext) {
  const file = leaf<string>(values.readExisting(context, 'file'));
  const secret = secretSchema(context);
  const text = leaf<string>(readText);

  const issuerObject = checked(
    group({
      directory: leaf<string>(readDirectory),
      name: leaf<string>(readIssuerName).optional(),
      ca: checked(file, (bundle) => readAuthorities(context.files, bundle)).optional(),
      eab: group({ keyId: text, hmacKey: secret }).optional(),
      profile: text.optional(),
      preferredChain: text.optional(),
      internal: leaf(readBoolean).optional(),
    }),
    ({ directory, name, ca, eab, profile, preferredChain, internal }): Reading<IssuerConfig> => {
      const known = Object.entries(knownDirectories).find(([, url]) => url === directory)?.[0];
      if (known === 'zerossl' && eab === undefined) return wrong('config-issuer-eab');
      return good({
        name: name ?? known ?? new URL(directory).host,
        directoryUrl: directory,
        caFile: ca ?? '',
        externalAccount: eab && { keyId: eab.keyId, hmacKey: eab.hmacKey.text },
        profile,
        preferredChain,
        internal: internal ?? false,
      });
    },
  );
  const issuer = either<ParsedIssuer, IssuerChoice>('"letsencrypt" | … | { directory, … }', (value) =>
    isPlainObject(value) ? issuerObject : leaf<string>(readText),
  );
  const issuers = oneOrMore(issuer, 'Issuer | Issuer[]');

  return {
    issuers,
    dns: dnsSchema(secret, file),
    onDemand: group({
      ask: leaf<string | Ask>(readAsk),
      burst: leaf<number>(values.readMeasure({ unit: 'count', minimum: 1, maximum: 1_000 })).optional(),
      every: leaf<number, Duration>(values.readMeasure({ unit: 'ms', minimum: 1_000, maximum: 86_400_000 })).optional(),
      issuers: oneOrMore(text, 'string | string[]').optional(),
    }) satisfies z.ZodType<ParsedOnDemand, UserOnDemand>,
    webhook: group({ url: leaf<string>(readHttpUrl), secret }) satisfies z.ZodType<unknown, UserWebhook>,
    site: {
      issuers: issuers.optional(),
      challenge: leaf<ChallengeWay>(readChoice(['http-01', 'tls-alpn-01', 'dns-01'])).optional(),
      keyType: oneOrMore(leaf<CertificateKey>(readChoice(['ecdsa', 'rsa'])), '"ecdsa" | "rsa" | […]').optional(),
    },
  };
}

function secretSchema(context: ConfigContext): z.ZodType<ReadSecret, Secret> {
  const plain = leaf<string>(readText).transform((text): ReadSecret => ({ text, file: '' }));
  const inFile = checked(group({ file: leaf<string>(values.readExisting(context, 'file')) }), ({ file }) => {
    const text = Buffer.from(context.files.read(file)).toString('utf8').trim();
    return text === '' ? wrong('config-secret-empty', { place: file }) : good<ReadSecret>({ text, file });
  });
  const inEnvironment = checked(group({ env: leaf<string>(readText) }), ({ env }) => {
    const text = context.environment?.[env]?.trim() ?? '';
    return text === '' ? wrong('config-secret-env', { variable: env }) : good<ReadSecret>({ text, file: '' });
  });
  return either('string | { file } | { env }', (value) =>
    typeof value === 'string' ? plain : !isPlainObject(value) ? undefined : 'env' in value ? inEnvironment : inFile,
  );
}

function dnsSchema(secret: z.ZodType<ReadSecret, Secret>, file: z.ZodType<string, string>) {
  const name = leaf<string>(readDomain);
  const program = checked(file, (found) => good(path.resolve(found)));
  const responder = group({
    zone: oneOrMore(name, 'string | string[]'),
    ns: name,
    addresses: oneOrMore(leaf<string>(readAddress), 'string | string[]').optional(),
    listen: oneOrMore(leaf<ServerAddress, string>(readServer), 'string | string[]').optional(),
  }).transform(({ zone, ns, addresses, listen }) => ({
    zones: zone,
    nsName: ns,
    addresses: addresses ?? [],
    listen: listen ?? everywhere,
  }));
  const rfc2136 = checked(
    group({
      server: leaf<ServerAddress, string>(readServer).optional(),
      keyName: leaf<string>(readText).optional(),
      algorithm: leaf<'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512'>(
        readChoice(['hmac-sha256', 'hmac-sha384', 'hmac-sha512']),
      ).optional(),
      secret,
    }),
    ({ server, keyName, algorithm, secret: { text, file: from } }) => {
      const key = readKey(text, keyName, algorithm);
      return key.ok ? good({ server, key: key.value, from }) : key;
    },
  );
  const hook = group({
    hook: program,
    cleanup: program.optional(),
    style: leaf<'certbot' | 'dehydrated'>(readChoice(['certbot', 'dehydrated'])).optional(),
    timeout: leaf<number, Duration>(values.readMeasure({ unit: 'ms', minimum: 1_000, maximum: 3_600_000 })).optional(),
  }).transform(({ hook: command, cleanup, style, timeout }) => ({
    hook: command,
    cleanup: cleanup ?? '',
    style: style ?? ('certbot' as const),
    timeoutMs: timeout ?? HOOK_TIMEOUT_MS,
  }));
  const whole = group({
    responder: responder.optional(),
    rfc2136: rfc2136.optional(),
    cloudflare: group({ token: secret }).optional(),
    exec: hook.optional(),
    check: leaf(readBoolean).optional(),
  });
  return checked(whole, (set): Reading<{ readonly config: DnsConfig; readonly files: readonly string[] }> => {
    const { responder, rfc2136, cloudflare, exec, check } = set;
    if (responder === undefined && rfc2136 === undefined && cloudflare === undefined && exec === undefined) {
      return wrong('config-dns-empty');
    }
    const config: DnsConfig = {
      responder,
      rfc2136: rfc2136 && { server: rfc2136.server, key: rfc2136.key },
      cloudflare: cloudflare && { token: cloudflare.token.text },
      exec,
      check: check ?? true,
    };
    return good({ config, files: [rfc2136?.from ?? '', cloudflare?.token.file ?? ''].filter((one) => one !== '') });
  }) satisfies z.ZodType<unknown, UserDns>;
}

/** A DNS provider's script may wait until its servers have taken over a change. */
const HOOK_TIMEOUT_MS = 300_000;
const DNS_PORT = 53;
const everywhere: readonly ServerAddress[] = [
  { address: '::', port: DNS_PORT },
  { address: '0.0.0.0', port: DNS_PORT },
];

/** TSIG: a whole key (`key "name" { … };`, `algorithm:name:secret`), or its secret with the name beside it. */
function readKey(text: string, keyName: string | undefined, algorithm: string | undefined): Reading<TsigKey> {
  const whole = keyName === undefined ? text : `${algorithm ?? 'hmac-sha256'}:${keyName.replace(/\.$/, '')}:${text}`;
  const read = parseTsigKey(whole);
  return 'key' in read
    ? good(read.key)
    : wrong('config-tsig-key', { problem: String(read.problem.values.problem ?? '') });
}

/** RFC 8555 section 6.1: HTTPS only. */
const readDirectory: Reader<string> = (value) => {
  const text = readText(value);
  if (!text.ok) return text;
  const known = Object.entries(knownDirectories).find(([name]) => name === text.value)?.[1];
  if (known !== undefined) return good(known);
  const url = URL.canParse(text.value) ? new URL(text.value) : undefined;
  return url?.protocol === 'https:' && url.username === ''
    ? good(url.href)
    : wrong('config-directory', { found: show(value) });
};

const readIssuerName: Reader<string> = (value) => {
  const text = readText(value);
  if (!text.ok) return text;
  if (text.value === LOCAL_ISSUER || !/^[a-z0-9][a-z0-9.-]{0,62}$/.test(text.value)) {
    return wrong('config-issuer-name', { found: show(value) });
  }
  return text;
};

const readHttpUrl: Reader<string> = (value) => {
  const text = readText(value);
  if (!text.ok) return text;
  const url = URL.canParse(text.value) ? new URL(text.value) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'http:'
    ? good(url.href)
    : wrong('config-url', { found: show(value) });
};

const readAsk: Reader<string | Ask> = (value) =>
  typeof value === 'function' ? good(value as Ask) : readHttpUrl(value);

/** An absolute name. */
const readDomain: Reader<string> = (value) => {
  const text = readText(value);
  if (!text.ok) return text;
  const parsed = parseName(text.value);
  return parsed.ok && parsed.name !== '.' ? good(parsed.name) : wrong('config-dns-name', { found: show(value) });
};

const readAddress: Reader<string> = (value) =>
  typeof value === 'string' && isIP(value) !== 0 ? good(value) : wrong('config-dns-address', { found: show(value) });

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
const readServer: Reader<ServerAddress> = (value) => {
  const text = typeof value === 'string' ? value.trim() : '';
  if (isIP(text) !== 0) return good({ address: text, port: DNS_PORT });
  const [, bracketed, plain, port = String(DNS_PORT)] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  if (isIP(address) === 0 || Number(port) > 0xffff) return wrong('config-dns-address', { found: show(value) });
  return good({ address, port: Number(port) });
};
