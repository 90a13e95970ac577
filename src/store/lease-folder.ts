/**
 * Leases as plain files. A lease that changes hands becomes a new folder with the next number, the *fence*:
 *
 *     leases/example.com/7/lease.json     {"owner": "gate-1 4711 5f…", "expiresAtMs": …}
 *
 * Making a folder with content under a name is atomic (rename(2) refuses a target that has content), so of all who want
 * fence 8 exactly one gets it. The highest number is never removed, so that it never falls; what is below it may go at
 * any time. Somebody who was asleep can thus still make number 7 after 8 exists and 7 was cleared away: whoever makes a
 * number therefore looks again whether it is the highest, and has nothing if not.
 *
 * Clocks of two machines on one folder may differ a little: a lease is taken over only some time after its end.
 */
import type { Lease } from './certificate-store.ts';
import type { Folder } from './folder.ts';
import { leaseRecord, readRecord, writeRecord } from './record.ts';

/** How far apart the clocks of machines on one folder may be. */
const CLOCK_SKEW_MS = 5_000;
const FILE = 'lease.json';

export class LeaseFolder {
  readonly #folder: Folder;
  readonly #clock: () => number;
  /** Leases that were given back while the folder took no writes, by their place: nobody here goes by them any more. */
  readonly #givenBack = new Set<string>();

  constructor(folder: Folder, clock: () => number) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async acquire(id: string, owner: string, lastsMs: number): Promise<Lease | undefined> {
    const highest = await this.#highest(id);
    if (highest > 0) {
      const held = this.#givenBack.has(placeOf(id, highest)) ? undefined : await this.#read(id, highest);
      // A lease that cannot be read is as old as any: its holder learns from the fence that it has lost it.
      if (held !== undefined && this.#clock() < held.expiresAtMs + (held.expiresAtMs === 0 ? 0 : CLOCK_SKEW_MS)) {
        return undefined;
      }
    }
    const fence = highest + 1;
    const lease: Lease = { id, owner, fence, expiresAtMs: this.#clock() + lastsMs };
    const made = await this.#folder.publish(placeOf(id, fence), [{ name: FILE, content: text(lease), secret: false }]);
    if (!made || !(await this.holds(lease))) return undefined;
    this.#givenBack.delete(placeOf(id, highest));
    for (const entry of await this.#fences(id)) {
      if (entry < fence) await this.#folder.remove(placeOf(id, entry));
    }
    return lease;
  }

  async renew(lease: Lease, lastsMs: number): Promise<Lease | undefined> {
    if (!(await this.holds(lease))) return undefined;
    const renewed: Lease = { ...lease, expiresAtMs: this.#clock() + lastsMs };
    await this.#write(renewed);
    return (await this.holds(lease)) ? renewed : undefined;
  }

  /** False where it was lost already. */
  async release(lease: Lease): Promise<boolean> {
    this.#givenBack.add(placeOf(lease.id, lease.fence));
    const isHeld = await this.holds(lease);
    if (isHeld) await this.#write({ ...lease, expiresAtMs: 0 });
    this.#givenBack.delete(placeOf(lease.id, lease.fence));
    return isHeld;
  }

  /** Whether nobody has taken over. */
  async holds(lease: Lease): Promise<boolean> {
    return (await this.#highest(lease.id)) === lease.fence;
  }

  async #write(lease: Lease): Promise<void> {
    await this.#folder.write({
      name: `${placeOf(lease.id, lease.fence)}/${FILE}`,
      content: text(lease),
      secret: false,
    });
  }

  async #read(id: string, fence: number) {
    return readRecord(leaseRecord, await this.#folder.read(`${placeOf(id, fence)}/${FILE}`));
  }

  async #highest(id: string): Promise<number> {
    return (await this.#fences(id)).reduce((highest, fence) => Math.max(highest, fence), 0);
  }

  async #fences(id: string): Promise<readonly number[]> {
    const entries = await this.#folder.list(`leases/${id}`);
    return entries.filter((entry) => /^[1-9]\d{0,14}$/.test(entry)).map(Number);
  }
}

const placeOf = (id: string, fence: number): string => `leases/${id}/${fence}`;
const text = ({ owner, expiresAtMs }: Lease): string => writeRecord({ owner, expiresAtMs });
