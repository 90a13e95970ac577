import type { BucketShape } from './token-bucket.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a CA allows. An absent limit is none. */
export interface RateLimits {
  /** New orders of one account. */
  readonly ordersPerAccount?: BucketShape;
  /** Certificates of one registered domain; of an address: of it alone, or of its /64. */
  readonly certificatesPerDomain?: BucketShape;
  /** Certificates of exactly the same set of names, whatever their keys. */
  readonly certificatesPerSet?: BucketShape;
  /** Authorizations that failed, of one name of one account. */
  readonly failuresPerName?: BucketShape;
  /** Orders within an ARI window that name what they replace count for none of these. */
  readonly renewalWindowExempts: boolean;
  /** An order for a set that had a certificate before counts neither for the account nor for the domain. */
  readonly sameSetExempts: boolean;
}

/** As documented by Let's Encrypt: "up to 300 orders every 3 hours, 1 every 36 seconds", and so on. */
export const letsEncryptLimits: RateLimits = {
  ordersPerAccount: { burst: 300, refillMs: 36_000 },
  certificatesPerDomain: { burst: 50, refillMs: (7 * DAY) / 50 },
  certificatesPerSet: { burst: 5, refillMs: (7 * DAY) / 5 },
  failuresPerName: { burst: 5, refillMs: HOUR / 5 },
  renewalWindowExempts: true,
  sameSetExempts: true,
};

/** For a CA that documents no limits: nobody means to order more than this from one gateway. */
export const carefulLimits: RateLimits = {
  ordersPerAccount: { burst: 300, refillMs: 36_000 },
  certificatesPerSet: { burst: 5, refillMs: DAY },
  failuresPerName: { burst: 5, refillMs: HOUR / 5 },
  renewalWindowExempts: false,
  sameSetExempts: false,
};

/** For the CA of this machine: nothing to be careful with. */
export const noLimits: RateLimits = { renewalWindowExempts: false, sameSetExempts: false };
