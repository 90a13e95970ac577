import type { IssuanceConfig, SiteIssuance } from './issuance.ts';

/**
 * A configuration after loading: complete, defaults filled in, paths absolute, plain data.
 * The gateway takes this and nothing else; file, flags and API all end here.
 */

/** Where an app listens. */
export interface UpstreamAddress {
  /** `http`: HTTP/1.1. `h2c`: HTTP/2 without TLS. `https`: over TLS, HTTP/2 where the app chooses it, else HTTP/1.1. */
  readonly protocol: 'http' | 'https' | 'h2c';
  /** Host name or IP literal without brackets; '' for a unix socket. */
  readonly host: string;
  readonly port: number;
  /** Path of a unix socket; '' for TCP. */
  readonly socketPath: string;
  /** As people write and read it: `http://127.0.0.1:8000`, `unix:/run/app.sock`. */
  readonly label: string;
  /** There with `https` only. */
  readonly tls?: UpstreamTls;
}

/** How the gateway and an app prove to each other who they are. */
export interface UpstreamTls {
  /** The name or address that the app's certificate must be for. */
  readonly serverName: string;
  /** Absolute path of a PEM bundle that is trusted instead of the system's authorities; '' for those. */
  readonly caFile: string;
  /** What the gateway shows to an app that asks. */
  readonly certificate: CertificateFiles | undefined;
  /** False: whoever answers is believed. */
  readonly verify: boolean;
  /** Stands for the content of the files: a configuration whose files have changed is another one. */
  readonly revision: string;
}

export interface StaticRoot {
  /** Absolute folder. */
  readonly folder: string;
  /** File names tried in order for a folder. */
  readonly index: readonly string[];
}

export interface ClientAuth {
  readonly mode: 'require' | 'optional';
  /** Absolute path of a PEM bundle. */
  readonly caFile: string;
  /** Absolute path of a PEM or DER CRL; '' for none. */
  readonly crlFile: string;
}

export interface CertificateFiles {
  /** Absolute paths of PEM files; the certificate file holds the chain, leaf first. */
  readonly certFile: string;
  readonly keyFile: string;
}

export type TlsProfileName = 'modern' | 'intermediate';

export interface TlsSettings {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL cipher string (TLS 1.2 and 1.3 names, colon separated). */
  readonly ciphers: string;
  /** Group names in order of preference, colon separated. */
  readonly groups: string;
  readonly honorCipherOrder: boolean;
  /** 0 issues no tickets. */
  readonly ticketLifetimeSeconds: number;
}

export interface SiteConfig {
  /** The key in `sites`: a host name, or `*.` and a host name. Lower case, A-labels. */
  readonly name: string;
  /** Apps that answer; empty for a purely static site. With `root`, these are the fallback. */
  readonly upstreams: readonly UpstreamAddress[];
  readonly root: StaticRoot | undefined;
  readonly clientAuth: ClientAuth | undefined;
  /** Certificates given as files; empty means that one is issued. ECDSA and RSA may stand side by side. */
  readonly certificates: readonly CertificateFiles[];
  /** Who issues where there are no files; absent for the local CA. */
  readonly issuance?: SiteIssuance;
  readonly tls: TlsSettings;
  readonly timeouts: Timeouts;
  readonly limits: Limits;
}

/** All in milliseconds, all about progress. Defaults and reasons stand in `limits.ts`. */
export type Timeouts = Readonly<Record<TimeoutName, number>>;
export type TimeoutName =
  | 'handshakeMs'
  | 'requestHeadMs'
  | 'requestContentIdleMs'
  | 'keepAliveIdleMs'
  | 'responseWriteStallMs'
  | 'upstreamConnectMs'
  | 'upstreamConnectRetryMs'
  | 'upstreamResponseHeadMs'
  | 'upstreamContentIdleMs'
  | 'upstreamPoolIdleMs'
  | 'tunnelIdleMs'
  | 'drainMs';

/** Sizes in octets, counts in pieces. Defaults and reasons stand in `limits.ts`. */
export type Limits = Readonly<Record<LimitName, number>>;
export type LimitName =
  | 'requestHeadBytes'
  | 'requestTargetBytes'
  | 'requestFieldCount'
  | 'requestContentBytes'
  | 'trailerBytes'
  | 'chunkExtensionBytes'
  | 'responseHeadBytes'
  | 'interimResponses'
  | 'pipelinedBytes'
  | 'clientHelloBytes'
  | 'connections'
  | 'upstreamConnections'
  | 'upstreamPoolSize'
  | 'minimumContentRate';

export type LogFormat = 'json' | 'pretty' | 'common' | 'combined';

export interface Config {
  readonly email: string;
  readonly sites: readonly SiteConfig[];
  /** Name of the site that answers when no name matches; '' for none: such handshakes are refused. */
  readonly defaultSite: string;
  /** Addresses to listen on; empty means all, IPv6 and IPv4. */
  readonly hosts: readonly string[];
  readonly httpsPort: number;
  /** Port of the redirecting plain listener; 0 turns it off. (An `httpsPort` of 0 lets the system pick a free one.) */
  readonly httpPort: number;
  /** Absolute folder of certificates, keys and the local CA. */
  readonly stateFolder: string;
  /** Processes that serve; 0 for one a core. */
  readonly workers: number;
  readonly log: LogFormat;
  readonly language: 'en' | 'zh';
  /** Networks (CIDR) of proxies in front whose X-Forwarded-* are believed. */
  readonly trustedProxies: readonly string[];
  /** Whether RFC 7239 Forwarded is added too. */
  readonly forwarded: boolean;
  /** Loopback listener for metrics and status; port 0 turns it off. */
  readonly adminPort: number;
  /**
   * What holds before a site is known (handshake, ClientHello, the port that redirects) and for the gateway as a whole
   * (connections, drain). Sites carry their own complete copies.
   */
  readonly timeouts: Timeouts;
  readonly limits: Limits;
  /** How certificates are got from authorities; absent where none is. Holds secrets; never goes to workers. */
  readonly issuance?: IssuanceConfig;
}
