import type { Finding } from '../story/finding.ts';

/** What a certificate is for: a DNS name (A-labels, lower case, perhaps `*.` in front) or an IP address literal. */
export interface Identifier {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

/** RFC 8555 section 8.3, RFC 8737, RFC 8555 section 8.4. */
export type ChallengeType = 'http-01' | 'tls-alpn-01' | 'dns-01';

/** One open challenge, as those who answer it need it. */
export interface Challenge {
  readonly type: ChallengeType;
  /** What the CA looks at: for `*.example.com` the name `example.com` (RFC 8555 section 7.1.4). */
  readonly identifier: Identifier;
  readonly token: string;
  /** `token.thumbprint` (RFC 8555 section 8.1): the content of an HTTP-01 answer. */
  readonly keyAuthorization: string;
  /** SHA-256 of the key authorization: TLS-ALPN-01's extension holds its octets, DNS-01's record their base64url. */
  readonly digest: Uint8Array;
}

/** Whoever can answer challenges of some types for some identifiers. */
export interface ChallengeSolver {
  readonly type: ChallengeType;
  /** Whether this solver can answer for `identifier` as it was ordered (a wildcard needs DNS-01). */
  covers(identifier: Identifier): boolean;
  /** Makes the answer visible to the world, everywhere; resolves when the CA may look. */
  present(challenge: Challenge, signal: AbortSignal): Promise<Finding | undefined>;
  /** Takes the answer away again; never throws, and may be called for a challenge that was never presented. */
  withdraw(challenge: Challenge): Promise<void>;
}

/**
 * What an order leaves on disk while it runs, so that a process that died takes it up again and never orders twice.
 * The private key is stored before the order is made.
 */
export interface OrderProgress {
  readonly orderUrl: string;
  readonly step: 'ordered' | 'authorized' | 'finalized' | 'issued';
}

export interface IssueRequest {
  /** In the order of the certificate's names; the first is its common name where the CA sets one. */
  readonly identifiers: readonly Identifier[];
  /** PKCS#8 PEM of the certificate's own key. */
  readonly privateKeyPem: string;
  readonly solvers: readonly ChallengeSolver[];
  /** A profile of the directory's `meta.profiles`. */
  readonly profile?: string;
  /** The ARI identifier (RFC 9773 section 4.1) of the certificate that this one replaces. */
  readonly replaces?: string;
  /** Common name of the root (or issuer) that the chain should end in; among the alternate chains the first match wins. */
  readonly preferredChain?: string;
  /** The order to take up again. One that the CA no longer knows, or that failed, is made anew. */
  readonly resume?: OrderProgress;
  /**
   * A process may have died between making an order for these names and telling of it. Where the CA lists an account's
   * orders, an open one is taken up instead of making another.
   */
  readonly adopt?: boolean;
  /** Told, and awaited, after every step that must survive a crash. */
  readonly onProgress?: (progress: OrderProgress) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface IssuedCertificate {
  /** The leaf first, PEM. */
  readonly chainPem: string;
  readonly orderUrl: string;
}

/** An issuance that failed: what it means, and when trying again makes sense. */
export interface IssueFailure {
  readonly finding: Finding;
  /** The CA's Retry-After as a point in time, milliseconds since the epoch. */
  readonly retryAtMs?: number;
  /** True where trying again unchanged cannot help (CAA forbids, name refused by policy, account deactivated). */
  readonly permanent: boolean;
  /** True where the CA counted a failed authorization (its limit for those is small: five an hour). */
  readonly countedByAuthority: boolean;
  /** What else went wrong, where several names failed for reasons of their own. */
  readonly also?: readonly Finding[];
}

export type IssueResult =
  | { readonly ok: true; readonly certificate: IssuedCertificate }
  | { readonly ok: false; readonly failure: IssueFailure };

/** RFC 9773 section 4.2. */
export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly explanationUrl?: string;
  /** When to ask again, from Retry-After (clamped to sane bounds by who asks). */
  readonly askAgainAtMs: number;
}

export type RevocationReason = 0 | 1 | 3 | 4 | 5;

/** A certificate authority, whoever it is: an ACME directory or the local CA. */
export interface Issuer {
  /** As people name it: `letsencrypt`, `zerossl`, `local`, or the directory's URL. */
  readonly name: string;
  issue(request: IssueRequest): Promise<IssueResult>;
  /** Undefined: the CA offers no renewal information, or none for this certificate; a finding: it could not be asked. */
  renewalWindow(chainPem: string, signal?: AbortSignal): Promise<RenewalWindow | Finding | undefined>;
  /** Undefined: done (or already revoked). */
  revoke(chainPem: string, privateKeyPem: string | undefined, reason: RevocationReason): Promise<Finding | undefined>;
}
