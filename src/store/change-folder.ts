/**
 * The sequence of changes as plain files: `changes/000000000042/change.json` holds the id whose certificate changed. Like
 * fences, numbers are taken by making a folder, so that no two processes write the same one. The newest few hundred stay;
 * who asks from further back looks at everything.
 */
import { watch } from 'node:fs';
import type { Changes } from './certificate-store.ts';
import type { Folder } from './folder.ts';
import { changeRecord, readRecord, writeRecord } from './record.ts';

const KEPT = 512;
/** Cleared away in batches: a listing for every change would cost more than it saves. */
const BATCH = 64;
/** Others who write at the same time each take a number; this many in a row means that something else is wrong. */
const ATTEMPTS = 64;

export class ChangeFolder {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  async add(id: string): Promise<void> {
    const numbers = await this.#numbers();
    let next = (numbers.at(-1) ?? 0) + 1;
    const files = [{ name: 'change.json', content: writeRecord({ id }), secret: false }];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++, next++) {
      if (await this.#folder.publish(placeOf(next), files)) break;
    }
    if (numbers.length < KEPT + BATCH) return;
    for (const number of numbers.slice(0, -KEPT)) await this.#folder.remove(placeOf(number));
  }

  async since(cursor: number | undefined): Promise<Changes> {
    const numbers = await this.#numbers();
    const last = numbers.at(-1) ?? 0;
    if (cursor === undefined || cursor === last) return { cursor: last, ids: [] };
    // A cursor ahead of the sequence is one of a folder that was put back from a backup.
    if (cursor > last || (numbers[0] ?? 0) > cursor + 1) return { cursor: last, ids: 'all' };
    const ids = new Set<string>();
    for (const number of numbers.filter((number) => number > cursor)) {
      const change = readRecord(changeRecord, await this.#folder.read(`${placeOf(number)}/change.json`));
      if (change === undefined) return { cursor: last, ids: 'all' };
      ids.add(change.id);
    }
    return { cursor: last, ids: [...ids] };
  }

  /** Where the system cannot watch (network file systems, too many watches) there are no hints. */
  watch(hint: () => void): () => void {
    try {
      const watcher = watch(this.#folder.fileOf('changes'), { persistent: false }, () => hint());
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      return () => undefined;
    }
  }

  async #numbers(): Promise<readonly number[]> {
    return (await this.#folder.list('changes')).filter((entry) => /^\d{12}$/.test(entry)).map(Number);
  }
}

const placeOf = (number: number): string => `changes/${String(number).padStart(12, '0')}`;
