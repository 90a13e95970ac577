/** The part of a configuration that says how certificates are got from authorities, complete and checked. */
import type { Ask } from '../acme/manager/ask.ts';
import type { TsigKey } from '../dns/tsig.ts';
import type { ServerAddress } from '../dns/transport.ts';

export type ChallengeWay = 'http-01' | 'tls-alpn-01' | 'dns-01';
export type CertificateKey = 'ecdsa' | 'rsa';

/** An ACME directory and what is to be known of it. */
export interface IssuerConfig {
  readonly name: string;
  readonly directoryUrl: string;
  /** Absolute path of a PEM bundle that its server is judged by; '' for the system's authorities. */
  readonly caFile: string;
  readonly externalAccount: { readonly keyId: string; readonly hmacKey: string } | undefined;
  readonly profile: string | undefined;
  readonly preferredChain: string | undefined;
  /** It certifies names that are not public, too. */
  readonly internal: boolean;
}

/** Who issues for a site. */
export interface SiteIssuance {
  /** Names of `IssuanceConfig.issuers`, in order. */
  readonly issuers: readonly string[];
  readonly keyTypes: readonly CertificateKey[];
  /** The only way to prove control; undefined for any. */
  readonly challenge: ChallengeWay | undefined;
}

export interface ResponderConfig {
  /** Absolute names. */
  readonly zones: readonly string[];
  readonly nsName: string;
  readonly addresses: readonly string[];
  readonly listen: readonly ServerAddress[];
}

export interface DnsUpdateConfig {
  /** Undefined: the primary server that the zone's SOA names. */
  readonly server: ServerAddress | undefined;
  readonly key: TsigKey;
}

export interface DnsHookConfig {
  readonly hook: string;
  readonly cleanup: string;
  readonly style: 'certbot' | 'dehydrated';
  readonly timeoutMs: number;
}

export interface DnsConfig {
  readonly responder: ResponderConfig | undefined;
  readonly rfc2136: DnsUpdateConfig | undefined;
  readonly cloudflare: { readonly token: string } | undefined;
  readonly exec: DnsHookConfig | undefined;
  /** Whether all authoritative servers must show a record before the authority is asked. */
  readonly check: boolean;
}

export interface OnDemandConfig {
  readonly ask: string | Ask;
  readonly burst: number;
  readonly everyMs: number;
  readonly issuers: readonly string[];
}

export interface IssuanceConfig {
  /** Everybody who issues for some site or on demand. */
  readonly issuers: readonly IssuerConfig[];
  readonly dns: DnsConfig | undefined;
  readonly onDemand: OnDemandConfig | undefined;
  readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  /** Absolute paths of the files that secrets and bundles were read from. */
  readonly files: readonly string[];
}

/** Directories that are known by a name. The local CA has none. */
export const knownDirectories = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
  zerossl: 'https://acme.zerossl.com/v2/DV90',
} as const;

/** The name of the local CA in a list of issuers. */
export const LOCAL_ISSUER = 'local';
