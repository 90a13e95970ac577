import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Addresses of a name, and for how long they hold. */
export interface Resolution {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

export interface NameResolver {
  /** Rejects when the name has no address. */
  resolve(host: string): Promise<Resolution>;
}

/** For names that come without a TTL (hosts file, multicast DNS): long enough to cost nothing, short enough for an edit. */
const LOCAL_TTL_MS = 5000;
/** A TTL of 0 would mean a query per request; a TTL of a day would keep a dead address for a day. */
const MINIMUM_TTL_MS = 1000;
const MAXIMUM_TTL_MS = 300_000;

/**
 * The system's view of a name. The hosts file and local naming come first, as for every other program on the machine;
 * DNS is asked beside it for the TTL, which the system's call does not tell.
 */
export const systemResolver: NameResolver = {
  async resolve(host) {
    if (isIP(host) !== 0) return { addresses: [host], ttlMs: Number.POSITIVE_INFINITY };
    const found = await lookup(host, { all: true });
    const addresses = [...new Set(found.map((entry) => entry.address))];
    const ttlMs = host === 'localhost' || host.endsWith('.localhost') ? LOCAL_TTL_MS : await ttlOf(host, addresses);
    return { addresses, ttlMs };
  },
};

async function ttlOf(host: string, addresses: readonly string[]): Promise<number> {
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  const wanted = addresses.some((address) => isIP(address) === 4)
    ? resolver.resolve4(host, { ttl: true })
    : resolver.resolve6(host, { ttl: true });
  try {
    const records = await wanted;
    const shortest = Math.min(...records.map((record) => record.ttl)) * 1000;
    return Math.min(MAXIMUM_TTL_MS, Math.max(MINIMUM_TTL_MS, shortest));
  } catch {
    // Not a DNS name: it is known here only.
    return LOCAL_TTL_MS;
  }
}
