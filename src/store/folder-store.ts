/** The certificate store as a folder of plain files; docs/certificates-store.md shows the layout to people. */
import { FindingError } from '../story/finding-error.ts';
import { finding, type Finding } from '../story/finding.ts';
import { accountIn } from './account-folder.ts';
import type { CertificateStore, Lease } from './certificate-store.ts';
import { ChallengeFolder } from './challenge-folder.ts';
import { ChangeFolder } from './change-folder.ts';
import type { Folder } from './folder.ts';
import { LeaseFolder } from './lease-folder.ts';
import { OrderFolder } from './order-folder.ts';
import { noSeal, type Seal } from './seal.ts';
import { UseFolder } from './use-folder.ts';
import { VersionFolder } from './version-folder.ts';

export interface FolderStoreOptions {
  /** The state folder, open. */
  readonly folder: Folder;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Seals keys; without it they are plain PEM, readable to their owner only. */
  readonly seal?: Seal;
  /** Told of what is damaged and passed over. */
  readonly report?: (found: Finding) => void;
}

export function createFolderStore(options: FolderStoreOptions): CertificateStore {
  const { folder, clock, seal = noSeal, report = () => undefined } = options;
  const leases = new LeaseFolder(folder, clock);
  const versions = new VersionFolder({ folder, seal, report });
  const orders = new OrderFolder(folder, seal, report);
  const challenges = new ChallengeFolder(folder, clock);
  const uses = new UseFolder(folder);
  const changes = new ChangeFolder(folder);

  /** Refuses a writer whose lease has ended or is somebody else's. */
  const requireLease = async (lease: Lease): Promise<void> => {
    if (clock() < lease.expiresAtMs && (await leases.holds(lease))) return;
    throw new FindingError(finding('store-lease-lost', { id: lease.id, fence: lease.fence }));
  };

  return {
    ids: () => versions.ids(),
    live: (id) => versions.live(id),
    versions: (id) => versions.versions(id),
    async publish(lease, content) {
      await requireLease(lease);
      const published = await versions.publish(lease, content);
      await changes.add(lease.id);
      return published;
    },
    async remove(lease) {
      await requireLease(lease);
      await orders.end(lease.id);
      await versions.remove(lease.id);
      await changes.add(lease.id);
    },

    acquire: (id, owner, lastsMs) => leases.acquire(id, owner, lastsMs),
    renew: (lease, lastsMs) => leases.renew(lease, lastsMs),
    async release(lease, unfinished = false) {
      if ((await leases.release(lease)) && unfinished) await changes.add(lease.id);
    },

    order: async (id) => orders.read(id, await versions.highestFence(id)),
    async beginOrder(lease, order) {
      await requireLease(lease);
      await orders.begin(lease, order);
    },
    async advanceOrder(lease, progress) {
      await requireLease(lease);
      await orders.advance(lease, progress);
    },
    async endOrder(lease) {
      await requireLease(lease);
      await orders.end(lease.id);
    },

    account: (issuer) => accountIn(folder, seal, issuer),

    putChallenge: (challenge) => challenges.put(challenge),
    removeChallenge: (challenge) => challenges.remove(challenge),
    challenges: (type, tokenOrName) => challenges.find(type, tokenOrName),

    recordUse: (use) => uses.add(use),
    uses: (sinceMs) => uses.since(sinceMs),

    ocsp: (fingerprint) => folder.read(ocspFile(fingerprint)),
    putOcsp: (fingerprint, response) => folder.write({ name: ocspFile(fingerprint), content: response, secret: false }),

    changes: (cursor) => changes.since(cursor),
    watch: (hint) => changes.watch(hint),
  };
}

/** Fingerprints are hexadecimal, with or without colons. */
const ocspFile = (fingerprint: string): string => `ocsp/${fingerprint.replaceAll(':', '').toLowerCase()}.der`;
