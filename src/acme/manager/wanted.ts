import type { Finding } from '../../story/finding.ts';
import type { KeyType, StoredCertificate } from '../../store/certificate-store.ts';
import type { Identifier, Issuer } from '../issuer.ts';
import type { RateLimits } from '../policy/rate-limits.ts';
import type { RenewalReason } from '../policy/renewal-time.ts';

/** A set of names that shall always have a certificate. */
export interface WantedCertificate {
  /** In the order of the certificate's names; at least one. */
  readonly identifiers: readonly Identifier[];
  /** One certificate for each. Default: ECDSA alone, which every client of the last ten years takes. */
  readonly keyTypes?: readonly KeyType[];
  /** Names of the issuers to use, in order. Default: all of the manager's. */
  readonly issuers?: readonly string[];
}

/** A CA with what is to be known for dealing with it. */
export interface ManagedIssuer {
  readonly issuer: Issuer;
  readonly limits: RateLimits;
  /** Its staging environment, where a name whose authorization failed is tried first. */
  readonly staging?: Issuer;
  readonly profile?: string;
  readonly preferredChain?: string;
}

/** Something that happened to a certificate: for the log, the metrics, a webhook, a callback. No secrets. */
export type CertificateEvent = EventSubject &
  (
    | {
        readonly type: 'obtained' | 'renewed';
        readonly issuer: string;
        readonly notAfterMs: number;
        readonly version: string;
      }
    /** Another node has got it. */
    | { readonly type: 'adopted'; readonly issuer: string; readonly notAfterMs: number; readonly version: string }
    | {
        readonly type: 'failed';
        readonly issuer: string;
        readonly finding: Finding;
        readonly failures: number;
        readonly retryAtMs: number;
      }
    /** A sixth of its life is left, and it has not been renewed. */
    | { readonly type: 'expiring'; readonly notAfterMs: number; readonly finding: Finding }
    | { readonly type: 'revoked'; readonly explanationUrl: string | undefined }
    /** Something to know that stops nothing: the store, the limits. */
    | { readonly type: 'notice'; readonly finding: Finding }
  );

export interface EventSubject {
  readonly id: string;
  readonly names: readonly string[];
  readonly atMs: number;
}

export type StatusNext = RenewalReason | 'first' | 'retry' | 'limit' | 'forced' | 'working';

/** What `menshen certs` tells of one certificate. */
export interface CertificateStatus {
  readonly id: string;
  readonly names: readonly string[];
  readonly keyType: KeyType;
  /** `missing`: none yet. `expiring`: a sixth of its life is left. */
  readonly state: 'live' | 'expiring' | 'expired' | 'missing';
  /** '' where there is none. */
  readonly issuer: string;
  readonly notBeforeMs: number | undefined;
  readonly notAfterMs: number | undefined;
  /** When something is done next, and why then. */
  readonly nextAtMs: number;
  readonly next: StatusNext;
  /** The last failure since the last success. */
  readonly lastError: { readonly finding: Finding; readonly atMs: number; readonly failures: number } | undefined;
  /** False where the live certificate could not be written to the store. */
  readonly kept: boolean;
}

export type LiveCertificate = StoredCertificate;
