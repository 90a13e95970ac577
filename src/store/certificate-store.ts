/**
 * Where certificates, orders under way, accounts, challenges and leases live, so that a restart or another node of the
 * fleet finds them. A folder of plain files is one implementation; the interface asks for nothing that a database with
 * rows and transactions could not give (leases are rows with a fence, changes a sequence, hints a NOTIFY).
 *
 * - Certificates are immutable versions of an id; of several the one with the highest fence counts.
 * - Every write of certificates and orders is made under a lease and carries its fence. A writer whose lease somebody
 *   else has taken over is refused with `store-lease-lost`.
 * - All methods throw a FindingError when the store cannot be used (`state-folder-…`, `store-…`), and nothing else.
 *   Whoever serves TLS keeps in memory what it serves: the store being down takes nothing down.
 */
import type { Challenge, ChallengeType, Identifier, OrderProgress } from '../acme/issuer.ts';

export type KeyType = 'ecdsa' | 'rsa';

/** A certificate with its key, as it is kept. Times in epoch milliseconds. */
export interface CertificateContent {
  readonly identifiers: readonly Identifier[];
  readonly keyType: KeyType;
  /** Name of the issuer; of an imported certificate, where it came from. */
  readonly issuer: string;
  readonly profile?: string | undefined;
  /** Leaf first. */
  readonly chainPem: string;
  /** PKCS#8. */
  readonly privateKeyPem: string;
  readonly obtainedAtMs: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface StoredCertificate extends CertificateContent {
  readonly id: string;
  /** Names the version; a later one sorts after an earlier one. */
  readonly version: string;
  /** Fence of the lease under which it was written. */
  readonly fence: number;
}

/** An order under way. */
export interface OrderContent {
  readonly identifiers: readonly Identifier[];
  readonly keyType: KeyType;
  readonly issuer: string;
  readonly profile?: string | undefined;
  readonly startedAtMs: number;
  readonly privateKeyPem: string;
  /** Absent until the CA has named the order. */
  readonly progress?: OrderProgress | undefined;
}

/** The right to order for one id, until `expiresAtMs` unless it is renewed. */
export interface Lease {
  readonly id: string;
  readonly owner: string;
  /** Grows with every change of hands, never falls. */
  readonly fence: number;
  readonly expiresAtMs: number;
}

/** The secret record of an account; what is in it is the ACME client's business, all of it text. */
export interface AccountRecord {
  readonly privateKeyPem: string;
  readonly url?: string;
  readonly nextPrivateKeyPem?: string;
}

/** The account at one issuer. */
export interface AccountPlace {
  load(): Promise<AccountRecord | undefined>;
  /** Stores a first record; where somebody was quicker, gives theirs and stores nothing. */
  create(record: AccountRecord): Promise<AccountRecord>;
  replace(record: AccountRecord): Promise<void>;
}

/** Ids whose certificates changed, and where to go on asking from. `all`: too much has changed, look at everything. */
export interface Changes {
  readonly cursor: number;
  readonly ids: readonly string[] | 'all';
}

/** What an issuer has counted; see `acme/policy/budget.ts`, whose BudgetUse this holds as it is. */
export interface CountedUse {
  readonly atMs: number;
  readonly issuer: string;
  readonly kind: 'order' | 'certificate' | 'failure';
  readonly identifiers: readonly Identifier[];
  readonly inWindow: boolean;
  readonly again: boolean;
}

export interface CertificateStore {
  /** Ids under which there are certificates, sorted. */
  ids(): Promise<readonly string[]>;
  /** The version that counts. What is damaged is set aside, reported and passed over. */
  live(id: string): Promise<StoredCertificate | undefined>;
  /** Every whole version of an id, the one that counts last. */
  versions(id: string): Promise<readonly StoredCertificate[]>;
  /** Makes a version and lets it count; old ones are pruned. Done twice with the same content it is done once. */
  publish(lease: Lease, content: CertificateContent): Promise<StoredCertificate>;
  /** Takes a certificate away with all its versions and its order. */
  remove(lease: Lease): Promise<void>;

  /** Undefined while somebody else has the lease. The same owner gets a new one only after the old has ended. */
  acquire(id: string, owner: string, lastsMs: number): Promise<Lease | undefined>;
  /** Undefined where somebody else has taken over. */
  renew(lease: Lease, lastsMs: number): Promise<Lease | undefined>;
  /**
   * Ends it early. Nothing happens where it was lost already. `unfinished`: what it was taken for is still to be done;
   * `changes` tells of that, so that whoever waits need not wait for the lease's end.
   */
  release(lease: Lease, unfinished?: boolean): Promise<void>;

  /** The order under way, unless its certificate has been published. */
  order(id: string): Promise<OrderContent | undefined>;
  /** Starts an order: the key is safe when this resolves. An order that was there is replaced. */
  beginOrder(lease: Lease, order: OrderContent): Promise<void>;
  advanceOrder(lease: Lease, progress: OrderProgress): Promise<void>;
  endOrder(lease: Lease): Promise<void>;

  account(issuer: string): AccountPlace;

  /** Makes an open challenge visible to every node. */
  putChallenge(challenge: Challenge): Promise<void>;
  removeChallenge(challenge: Challenge): Promise<void>;
  /** Open challenges of a type: for HTTP-01 of a token, for the others of a validated name. */
  challenges(type: ChallengeType, tokenOrName: string): Promise<readonly Challenge[]>;

  /** Adds to what an issuer has counted. */
  recordUse(use: CountedUse): Promise<void>;
  /** Uses since a time, oldest first. */
  uses(sinceMs: number): Promise<readonly CountedUse[]>;

  /** An OCSP response for the certificate with this fingerprint, as DER; for keeping staples over restarts. */
  ocsp(fingerprint: string): Promise<Uint8Array | undefined>;
  putOcsp(fingerprint: string, response: Uint8Array): Promise<void>;

  /** What has changed since `cursor`; without one, only where to start from. */
  changes(cursor?: number): Promise<Changes>;
  /** Calls `hint` when `changes` may have news; hints get lost, so ask from time to time as well. */
  watch(hint: () => void): () => void;
}
