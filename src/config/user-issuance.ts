import type { Ask } from '../acme/manager/ask.ts';
import type { Duration } from './user-config.ts';

/** Authorities that are known by a name. */
export type IssuerName = 'letsencrypt' | 'letsencrypt-staging' | 'zerossl' | 'local';

/** A text that nobody else should read: as it is, in a file, or in a variable of the environment. */
export type Secret = string | { file: string } | { env: string };

/** An authority that speaks ACME. */
export interface UserIssuer {
  /** URL of its directory, or the name of a known one. */
  directory: string;
  /** How sites, the log and `menshen certs` name it; the host of `directory` when left out. */
  name?: string | undefined;
  /** PEM file of the authorities that vouch for its server, instead of the system's. */
  ca?: string | undefined;
  /** External account binding, where the authority wants one. */
  eab?: { keyId: string; hmacKey: Secret } | undefined;
  /** A profile of the directory. */
  profile?: string | undefined;
  /** Common name of the root in which the chain should end, where the authority offers several. */
  preferredChain?: string | undefined;
  /** It certifies names that are not public, too. */
  internal?: boolean | undefined;
}

/** How DNS-01 records come into the DNS; the first that covers a name is used. */
export interface UserDns {
  /** The built-in name server for a zone that was delegated to it. */
  responder?:
    | {
        zone: string | string[];
        /** Name of this server, as the NS record of the zone says. */
        ns: string;
        /** Public addresses of `ns`, where it lies inside the zone. */
        addresses?: string | string[] | undefined;
        /** Where to listen; all addresses, port 53, when left out. */
        listen?: string | string[] | undefined;
      }
    | undefined;
  /** Updates of the zone (RFC 2136), signed with TSIG. */
  rfc2136?:
    | {
        /** Address of the primary server; found in the DNS when left out. */
        server?: string | undefined;
        /** Name and algorithm of the key; not needed where the secret is a file of tsig-keygen. */
        keyName?: string | undefined;
        algorithm?: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512' | undefined;
        secret: Secret;
      }
    | undefined;
  cloudflare?: { token: Secret } | undefined;
  /** A program of your own, as certbot or dehydrated would run it. */
  exec?:
    | {
        hook: string;
        cleanup?: string | undefined;
        style?: 'certbot' | 'dehydrated' | undefined;
        timeout?: Duration | undefined;
      }
    | undefined;
  /** Whether all authoritative servers must show a record before the authority is asked. */
  check?: boolean | undefined;
}

/** Certificates for names that are not in the configuration. */
export interface UserOnDemand {
  /** Who says whether a name may have one: a URL that is asked, or a function. */
  ask: string | Ask;
  /** New certificates at once. */
  burst?: number | undefined;
  /** How long until one more is allowed. */
  every?: Duration | undefined;
  issuers?: (IssuerName | (string & {})) | (IssuerName | (string & {}))[] | undefined;
}

/** Where events of certificates are told. */
export interface UserWebhook {
  url: string;
  /** Signs what is sent. */
  secret: Secret;
}

export type IssuerChoice = IssuerName | (string & {}) | UserIssuer;
