import type {
  AccountRecord,
  CertificateStore,
  CountedUse,
  Lease,
  OrderContent,
  StoredCertificate,
} from '../../../src/store/certificate-store.ts';
import type { Challenge } from '../../../src/acme/issuer.ts';
import { validatedName } from '../../../src/acme/identifier.ts';
import { FindingError } from '../../../src/story/finding-error.ts';
import { finding } from '../../../src/story/finding.ts';

/** The store's contract in memory: for simulations, and to hold the folder against. */
export function createMemoryStore(clock: () => number): CertificateStore {
  const versions = new Map<string, StoredCertificate[]>();
  const leases = new Map<string, Lease>();
  const orders = new Map<string, { readonly fence: number; order: OrderContent }>();
  const accounts = new Map<string, AccountRecord>();
  const challenges = new Map<string, Challenge>();
  const staples = new Map<string, Uint8Array>();
  let uses: CountedUse[] = [];
  const changes: string[] = [];
  const hints = new Set<() => void>();

  const holds = (lease: Lease): boolean => leases.get(lease.id)?.fence === lease.fence;
  const requireLease = (lease: Lease): void => {
    if (holds(lease) && clock() < lease.expiresAtMs) return;
    throw new FindingError(finding('store-lease-lost', { id: lease.id, fence: lease.fence }));
  };
  const changed = (id: string): void => {
    changes.push(id);
    for (const hint of hints) hint();
  };

  return {
    ids: async () => [...versions.keys()].sort(),
    live: async (id) => versions.get(id)?.at(-1),
    versions: async (id) => versions.get(id) ?? [],
    async publish(lease, content) {
      requireLease(lease);
      const { id, fence } = lease;
      const certificate = {
        ...content,
        id,
        fence,
        version: `${String(fence).padStart(9, '0')}-${content.obtainedAtMs}`,
      };
      versions.set(id, [...(versions.get(id) ?? []), certificate].slice(-3));
      changed(id);
      return certificate;
    },
    async remove(lease) {
      requireLease(lease);
      versions.delete(lease.id);
      orders.delete(lease.id);
      changed(lease.id);
    },
    async acquire(id, owner, lastsMs) {
      const held = leases.get(id);
      if (held !== undefined && clock() < held.expiresAtMs) return undefined;
      const lease = { id, owner, fence: (held?.fence ?? 0) + 1, expiresAtMs: clock() + lastsMs };
      leases.set(id, lease);
      return lease;
    },
    async renew(lease, lastsMs) {
      if (!holds(lease)) return undefined;
      const renewed = { ...lease, expiresAtMs: clock() + lastsMs };
      leases.set(lease.id, renewed);
      return renewed;
    },
    async release(lease, unfinished = false) {
      if (!holds(lease)) return;
      leases.set(lease.id, { ...lease, expiresAtMs: 0 });
      if (unfinished) changed(lease.id);
    },
    async order(id) {
      const kept = orders.get(id);
      return kept !== undefined && kept.fence > (versions.get(id)?.at(-1)?.fence ?? 0) ? kept.order : undefined;
    },
    async beginOrder(lease, order) {
      requireLease(lease);
      orders.set(lease.id, { fence: lease.fence, order });
    },
    async advanceOrder(lease, progress) {
      requireLease(lease);
      const kept = orders.get(lease.id);
      if (kept !== undefined) kept.order = { ...kept.order, progress };
    },
    async endOrder(lease) {
      requireLease(lease);
      orders.delete(lease.id);
    },
    account: (issuer) => ({
      load: async () => accounts.get(issuer),
      async create(record) {
        const kept = accounts.get(issuer) ?? record;
        accounts.set(issuer, kept);
        return kept;
      },
      replace: async (record) => void accounts.set(issuer, record),
    }),
    putChallenge: async (challenge) => void challenges.set(`${challenge.type} ${challenge.token}`, challenge),
    removeChallenge: async ({ type, token }) => void challenges.delete(`${type} ${token}`),
    challenges: async (type, tokenOrName) =>
      [...challenges.values()].filter(
        (one) => one.type === type && (type === 'http-01' ? one.token : validatedName(one.identifier)) === tokenOrName,
      ),
    async recordUse(use) {
      uses.push(use);
      if (uses.length > 100_000) uses = uses.filter(({ atMs }) => atMs > clock() - 8 * 86_400_000);
    },
    async uses(sinceMs) {
      return uses.filter(({ atMs }) => atMs >= sinceMs);
    },
    ocsp: async (fingerprint) => staples.get(fingerprint),
    putOcsp: async (fingerprint, response) => void staples.set(fingerprint, response),
    changes: async (cursor = changes.length) => ({ cursor: changes.length, ids: [...new Set(changes.slice(cursor))] }),
    watch(hint) {
      hints.add(hint);
      return () => hints.delete(hint);
    },
  };
}
