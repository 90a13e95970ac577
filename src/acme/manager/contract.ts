import type { Finding } from '../../story/finding.ts';
import type { CertificateContent, CertificateStore, StoredCertificate } from '../../store/certificate-store.ts';
import type { ChallengeSolver, RevocationReason } from '../issuer.ts';
import type { Material } from './material.ts';
import type { Timers } from './timers.ts';
import type { CertificateEvent, CertificateStatus, ManagedIssuer, WantedCertificate } from './wanted.ts';

export interface CertificateManagerOptions {
  readonly store: CertificateStore;
  /** In order of preference; at least one. */
  readonly issuers: readonly ManagedIssuer[];
  readonly solvers: readonly ChallengeSolver[];
  /** A certificate is live from now on: at the start, when it was obtained, when another node got it. */
  readonly onLive?: (certificate: StoredCertificate) => void;
  readonly onEvent?: (event: CertificateEvent) => void;
  /** Epoch milliseconds. Default: the system's. */
  readonly clock?: () => number;
  readonly timers?: Timers;
  readonly material?: Material;
  /** Orders and questions at one CA at a time. Default: 8. */
  readonly concurrency?: number;
  /** Longest time for one order. Default: 15 minutes. */
  readonly orderTimeoutMs?: number;
  /** How often the store is asked for what other nodes did. Default: 30 s. */
  readonly pollMs?: number;
  /** Unique among all processes that use the store. Default: host, process id and a random number. */
  readonly owner?: string;
}

export interface CertificateManager {
  /** Loads what is in the store and begins to work. Resolves when what is there is live. */
  start(): Promise<void>;
  /** Nothing new begins, what runs is told to stop; resolves when it has. */
  stop(): Promise<void>;
  /** The new complete list, as after a reload. What is not in it is not renewed any more. */
  setWanted(wanted: readonly WantedCertificate[]): Promise<void>;
  /** Wants one more set until `setWanted` is called; gives its certificate when there is one, or why there is none. */
  obtain(wanted: WantedCertificate): Promise<StoredCertificate | Finding>;
  /** Takes a set that `obtain` added off the list again. Its certificate stays in the store. */
  forget(id: string): void;
  live(id: string): StoredCertificate | undefined;
  /** Sorted by id. */
  status(): readonly CertificateStatus[];
  /** Renews now, if the limits of the CA allow it; gives the new certificate, or why there is none. */
  renewNow(id: string): Promise<StoredCertificate | Finding>;
  /** Revokes at the CA; the certificate is replaced at once if it is still wanted. Undefined: done. */
  revoke(id: string, reason: RevocationReason): Promise<Finding | undefined>;
  /** Somebody has found out that the live certificate is revoked (in a CRL): it is replaced at once. */
  reportRevoked(id: string): void;
  /** Puts a certificate from elsewhere into the store. Undefined: done. */
  importCertificate(content: CertificateContent): Promise<Finding | undefined>;
}
