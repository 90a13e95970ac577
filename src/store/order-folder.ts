/**
 * Orders under way as plain files, one folder a start:
 *
 *     orders/example.com/000000012/     key.pem  order.json
 *
 * The key is whole on the disk before the order is made; `order.json` is replaced as the order goes on. The folder's name
 * is the fence under which the order began. An order whose fence is not above that of the newest certificate has done its
 * work: its process died between publishing the certificate and taking the order away.
 */
import { finding, type Finding } from '../story/finding.ts';
import type { OrderProgress } from '../acme/issuer.ts';
import type { Lease, OrderContent } from './certificate-store.ts';
import type { Folder } from './folder.ts';
import { orderRecord, readRecord, writeRecord } from './record.ts';
import type { Seal } from './seal.ts';

export class OrderFolder {
  readonly #folder: Folder;
  readonly #seal: Seal;
  readonly #report: (found: Finding) => void;

  constructor(folder: Folder, seal: Seal, report: (found: Finding) => void) {
    this.#folder = folder;
    this.#seal = seal;
    this.#report = report;
  }

  /** The newest order that began after fence `published`. */
  async read(id: string, published: number): Promise<OrderContent | undefined> {
    for (const entry of await this.#starts(id)) {
      if (Number(entry) <= published) return undefined;
      const place = `orders/${id}/${entry}`;
      const [key, record] = await Promise.all([
        this.#folder.read(`${place}/key.pem`),
        this.#folder.read(`${place}/order.json`),
      ]);
      const facts = readRecord(orderRecord, record);
      const privateKeyPem = key && this.#seal.open(key.toString('latin1'), `orders/${id}`);
      if (facts !== undefined && privateKeyPem !== undefined) return { ...facts, privateKeyPem };
      this.#report(finding('store-order-damaged', { path: this.#folder.fileOf(place) }));
    }
    return undefined;
  }

  async begin({ id, fence }: Lease, order: OrderContent): Promise<void> {
    const { privateKeyPem, ...facts } = order;
    const place = `orders/${id}/${entryOf(fence)}`;
    await this.#folder.remove(place);
    await this.#folder.publish(place, [
      { name: 'key.pem', content: this.#seal.seal(privateKeyPem, `orders/${id}`), secret: true },
      { name: 'order.json', content: writeRecord(facts), secret: false },
    ]);
    for (const entry of await this.#starts(id)) {
      if (entry !== entryOf(fence)) await this.#folder.remove(`orders/${id}/${entry}`);
    }
  }

  async advance({ id }: Lease, progress: OrderProgress): Promise<void> {
    const [entry] = await this.#starts(id);
    if (entry === undefined) return;
    const name = `orders/${id}/${entry}/order.json`;
    const facts = readRecord(orderRecord, await this.#folder.read(name));
    if (facts !== undefined)
      await this.#folder.write({ name, content: writeRecord({ ...facts, progress }), secret: false });
  }

  async end(id: string): Promise<void> {
    await this.#folder.remove(`orders/${id}`);
  }

  /** Newest first. */
  async #starts(id: string): Promise<readonly string[]> {
    return (await this.#folder.list(`orders/${id}`)).filter((entry) => /^\d{9,}$/.test(entry)).reverse();
  }
}

const entryOf = (fence: number): string => String(fence).padStart(9, '0');
