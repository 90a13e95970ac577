import { FindingError } from '../../story/finding-error.ts';
import type { CertificateStore, Lease } from '../../store/certificate-store.ts';
import type { Timers } from './timers.ts';

/** How long a lease lasts. A node that dies leaves its names to the others after this time. */
export const LEASE_MS = 60_000;
const RENEW_EVERY_MS = LEASE_MS / 3;

/** Renews a lease as long as work goes on. */
export interface LeaseKeeper {
  /** The lease as it was last renewed. */
  readonly lease: Lease;
  /** Aborted when the lease is lost, or by `abort`: work under it ends. */
  readonly signal: AbortSignal;
  abort(): void;
  /** Stops renewing; resolves when no renewal is under way any more. */
  stop(): Promise<void>;
}

export function keepLease(store: CertificateStore, first: Lease, clock: () => number, timers: Timers): LeaseKeeper {
  const ended = new AbortController();
  let lease = first;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let cancel = timers.start(RENEW_EVERY_MS, tick);
  function tick(): void {
    running = renew();
  }
  async function renew(): Promise<void> {
    try {
      const renewed = await store.renew(lease, LEASE_MS);
      if (renewed === undefined) ended.abort();
      else lease = renewed;
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      // A store that cannot be written for a moment: the lease holds until its end.
      if (clock() >= lease.expiresAtMs) ended.abort();
    }
    if (!stopped && !ended.signal.aborted) cancel = timers.start(RENEW_EVERY_MS, tick);
  }
  return {
    get lease() {
      return lease;
    },
    signal: ended.signal,
    abort: () => ended.abort(),
    async stop() {
      stopped = true;
      cancel();
      await running;
      cancel();
    },
  };
}
