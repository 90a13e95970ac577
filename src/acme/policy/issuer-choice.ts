/**
 * Which of several CAs is asked next, and whether its staging environment is asked first.
 *
 * The first is asked as long as it works. After a few failures in a row (one suffices where trying again cannot help) the
 * next gets its turn, then the one after it, and from the last back to the first: none is given up for good. Close to the
 * end of a certificate every failure passes the turn on.
 */

export interface IssuerRecord {
  /** Failures in a row of this name set at this CA. */
  readonly failures: number;
  /** The last failure was one that trying again unchanged cannot mend. */
  readonly permanent: boolean;
  /** The last failure was a failed authorization, which the CA counts. */
  readonly counted: boolean;
  /** Before this time the CA is not to be asked (its budget, its Retry-After). */
  readonly notBeforeMs: number;
}

export interface IssuerQuestion {
  /** In the order of preference; at least one. */
  readonly records: readonly IssuerRecord[];
  /** There is no certificate, or little of its life is left. */
  readonly urgent: boolean;
  readonly nowMs: number;
}

/** Failures in a row after which the next CA gets a turn. */
const PATIENCE = 3;

/** Index of the CA to ask, and the time at which. */
export function chooseIssuer({ records, urgent, nowMs }: IssuerQuestion): {
  readonly index: number;
  readonly atMs: number;
} {
  const patience = urgent ? 1 : PATIENCE;
  const rounds = records.map(({ failures, permanent }) => Math.floor(failures / (permanent ? 1 : patience)));
  const fewest = Math.min(...rounds);
  let best = { index: 0, atMs: Infinity };
  for (const [index, { notBeforeMs }] of records.entries()) {
    const atMs = Math.max(nowMs, notBeforeMs);
    // A CA that has to be waited for is passed over only when that is urgent.
    if (rounds[index] === fewest && !urgent) return { index, atMs };
    if (urgent && atMs < best.atMs) best = { index, atMs };
  }
  if (!urgent) return best;
  const ready = records.findIndex((record, index) => rounds[index] === fewest && record.notBeforeMs <= best.atMs);
  return ready === -1 ? best : { index: ready, atMs: best.atMs };
}

/** Whether to try at staging first: a further failed authorization would count, and nothing is so near that it matters. */
export function rehearses(record: IssuerRecord, hasStaging: boolean, emergency: boolean): boolean {
  return hasStaging && record.counted && record.failures > 0 && !emergency;
}
