import type { LogFormat, TlsProfileName } from './config.ts';
import type { IssuerChoice, UserDns, UserOnDemand, UserWebhook } from './user-issuance.ts';

/**
 * A configuration as people write it: in a file, on the command line, or as the argument of `createGateway`.
 * Everything but `sites` may be left out; docs/configuration.md tells every setting with its default.
 */
export interface UserConfig {
  /** Who answers for the certificates; authorities write to this address. */
  email?: string | undefined;
  /** Who certifies public names, in order; Let's Encrypt when left out. */
  issuers?: IssuerChoice | IssuerChoice[] | undefined;
  /** How DNS-01 records come into the DNS; wildcards need it. */
  dns?: UserDns | undefined;
  onDemand?: UserOnDemand | undefined;
  webhook?: UserWebhook | undefined;
  /** What answers under which name: exact (`app.example.com`) or one label wide (`*.example.com`). */
  sites: Record<string, SiteSetting>;
  /** The site that answers names nobody else answers. Without one such handshakes are refused. */
  defaultSite?: string | undefined;
  listen?: ListenSettings | undefined;
  /** Folder of certificates, keys and the local CA. */
  state?: string | undefined;
  workers?: number | undefined;
  log?: LogFormat | undefined;
  lang?: 'en' | 'zh' | undefined;
  /** For all sites; a site may set its own. */
  tls?: TlsProfileName | UserTls | undefined;
  /** Networks (`10.0.0.0/8`, `::1`) of proxies in front, whose X-Forwarded-* is believed. */
  trustedProxies?: string[] | undefined;
  /** Adds RFC 7239 `Forwarded` beside `X-Forwarded-*`. */
  forwarded?: boolean | undefined;
  admin?: { port?: number | undefined } | undefined;
  /** For all sites; a site may set its own where the table of timeouts says so. */
  timeouts?: GatewayTimeouts | undefined;
  limits?: GatewayLimits | undefined;
}

export interface ListenSettings {
  /** IP addresses; all of them when left out. */
  host?: string | string[] | undefined;
  /** Port of HTTPS; 0 lets the system pick a free one. */
  https?: number | undefined;
  /** Port that redirects to HTTPS; 0 turns it off. */
  http?: number | undefined;
}

/**
 * `3000`, `'127.0.0.1:8000'`, `'http://app.internal:80'`, `'[::1]:3000'`, `'unix:/run/app.sock'`, `'https://app.internal'`,
 * `'h2c://127.0.0.1:50051'`.
 */
export type Target = string | number | UserTarget;

export type SiteSetting = string | number | Target[] | UserSite;

/** An app behind TLS, with what its certificate must be like. */
export interface UserTarget {
  /** As a target that is a text. */
  url: string | number;
  /** PEM file of the authorities that vouch for the app, instead of the system's. */
  ca?: string | undefined;
  /** Name or address that the certificate must be for; the host of `url` when left out. */
  serverName?: string | undefined;
  /** What the gateway shows to an app that asks for a certificate. */
  clientCertificate?: UserCertificate | undefined;
  /** `false` is dangerous: whoever answers at that address is believed to be the app. */
  verify?: boolean | undefined;
}

export interface UserSite {
  /** The app that answers, or several that take turns. */
  to?: Target | Target[] | undefined;
  /** Folder whose files are served. */
  root?: string | undefined;
  /** File names tried in order for a folder of `root`. */
  index?: string | string[] | undefined;
  /** The app for what is not a file in `root`. */
  fallback?: Target | Target[] | undefined;
  clientAuth?: UserClientAuth | undefined;
  /**
   * PEM files, ECDSA and RSA side by side if wanted; `'local'` means the local CA. When left out, `issuers` certify a
   * public name, and the local CA any other.
   */
  certificate?: 'local' | UserCertificate | UserCertificate[] | undefined;
  /** Who certifies this name, public or not, in order. */
  issuers?: IssuerChoice | IssuerChoice[] | undefined;
  /** The only way to prove control of the name. */
  challenge?: 'http-01' | 'tls-alpn-01' | 'dns-01' | undefined;
  /** Key of the certificate that is ordered, or one certificate for each. */
  keyType?: 'ecdsa' | 'rsa' | ('ecdsa' | 'rsa')[] | undefined;
  tls?: TlsProfileName | UserTls | undefined;
  timeouts?: SiteTimeouts | undefined;
  limits?: SiteLimits | undefined;
  /** Makes this the `defaultSite`. */
  default?: boolean | undefined;
}

export interface UserClientAuth {
  mode: 'require' | 'optional';
  /** PEM file of the authorities whose client certificates are accepted. */
  ca: string;
  /** PEM or DER file of revoked certificates. */
  crl?: string | undefined;
}

export interface UserCertificate {
  /** PEM file: the leaf first, then its chain. */
  cert: string;
  /** PEM file of the private key, without a passphrase. */
  key: string;
}

export interface UserTls {
  /** Where values that are not set come from. */
  profile?: TlsProfileName | undefined;
  minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** OpenSSL names of TLS 1.2 and 1.3 suites. */
  ciphers?: string | string[] | undefined;
  /** Group names, the preferred first. */
  groups?: string | string[] | undefined;
  honorCipherOrder?: boolean | undefined;
  /** 0 issues no tickets; at most seven days. */
  ticketLifetime?: Duration | undefined;
}

/** Milliseconds, or with a unit: `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'7d'`. */
export type Duration = number | string;

/** Octets, or with a unit: `'512B'`, `'64KiB'`, `'1MB'`. */
export type Size = number | string;

export interface SiteTimeouts {
  requestHead?: Duration | undefined;
  requestContentIdle?: Duration | undefined;
  keepAliveIdle?: Duration | undefined;
  responseWriteStall?: Duration | undefined;
  upstreamConnect?: Duration | undefined;
  upstreamConnectRetry?: Duration | undefined;
  upstreamResponseHead?: Duration | undefined;
  upstreamContentIdle?: Duration | undefined;
  upstreamPoolIdle?: Duration | undefined;
  tunnelIdle?: Duration | undefined;
}

export interface GatewayTimeouts extends SiteTimeouts {
  handshake?: Duration | undefined;
  drain?: Duration | undefined;
}

export interface SiteLimits {
  requestHead?: Size | undefined;
  requestTarget?: Size | undefined;
  requestFieldCount?: number | undefined;
  requestContent?: Size | undefined;
  trailers?: Size | undefined;
  chunkExtension?: Size | undefined;
  responseHead?: Size | undefined;
  interimResponses?: number | undefined;
  pipelined?: Size | undefined;
  upstreamConnections?: number | undefined;
  upstreamPoolSize?: number | undefined;
  /** Octets a second. */
  minimumContentRate?: number | undefined;
}

export interface GatewayLimits extends SiteLimits {
  clientHello?: Size | undefined;
  connections?: number | undefined;
}

/** What a configuration file may export: the object, or a function that makes it. */
export type ConfigExport = UserConfig | (() => UserConfig | Promise<UserConfig>);

/** Gives a configuration file completion and type checks in an editor; returns what it is given. */
export function defineConfig<Config extends ConfigExport>(config: Config): Config {
  return config;
}
