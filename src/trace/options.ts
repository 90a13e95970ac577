import type tls from 'node:tls';
import type { RevocationMode } from '../pki/revocation/revocation-status.ts';
import type { TrustStore } from '../pki/trust-store/trust-store.ts';
import type { Resolver } from '../dns/resolution.ts';
import type { EvidenceCache } from '../pki/fetch/evidence-cache.ts';
import type { TraceLimits } from './limits.ts';
import type { CaptureStart } from './packets/capture.ts';
import type { ClientCredentials } from './verify/present.ts';

/** `--resolve HOST:PORT:ADDR`: this name on this port is at these addresses. */
export interface FixedAddress {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

export interface TlsOptions {
  readonly minVersion: tls.SecureVersion;
  readonly maxVersion: tls.SecureVersion;
  /** What is offered by ALPN, in order. */
  readonly alpn: readonly string[];
  /** Goes on although the certificate is not to be trusted. */
  readonly insecure: boolean;
  /** Shown to the server of the first URL only, and only once that was judged. */
  readonly client: ClientCredentials | undefined;
}

/** How certificates are judged. */
export interface TrustOptions {
  readonly store: TrustStore;
  readonly revocation: RevocationMode;
  /** Missing issuers, OCSP and CRLs are fetched. */
  readonly fetch: boolean;
  readonly cache: EvidenceCache;
}

export interface TraceOptions {
  readonly url: URL;
  readonly method: string;
  /** Fields that were asked for; they take the place of the default ones of that name. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Buffer | undefined;
  readonly followRedirects: boolean;
  readonly page: boolean;
  /** Nothing but this trace runs in this process: while it has nothing to do it may stand still, which takes less. */
  readonly ownProcess: boolean;
  readonly repeat: boolean;
  readonly failOnStatus: boolean;
  readonly showSecrets: boolean;
  readonly fixed: readonly FixedAddress[];
  /** Where to connect to whatever the name says; port 0 for the URL's own. */
  readonly connectTo: { readonly address: string; readonly port: number } | undefined;
  /** Takes names as they stand in a URL: a search list may be gone through. */
  readonly resolver: Resolver;
  readonly tls: TlsOptions;
  readonly trust: TrustOptions;
  /** A capture of this machine's packets that was started; undefined where none was asked for or allowed. */
  readonly capture: Promise<CaptureStart> | undefined;
  /** Packets were asked for: it is told if they cannot be had. */
  readonly packetsWanted: boolean;
  readonly limits: TraceLimits;
}
