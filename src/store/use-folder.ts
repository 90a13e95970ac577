/**
 * What issuers have counted, as plain files: `uses/2026-11-22.jsonl`, a line a use. Lines of several processes do not mix
 * (O_APPEND); a line that a crash cut off is passed over, and the next one starts on a new line all the same.
 */
import type { CountedUse } from './certificate-store.ts';
import type { Folder } from './folder.ts';
import { countedUse, readRecord } from './record.ts';

/** No limit looks further back than a week. */
const KEPT_DAYS = 9;
const DAY_MS = 86_400_000;

export class UseFolder {
  readonly #folder: Folder;
  #day = '';

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  async add(use: CountedUse): Promise<void> {
    const day = dayOf(use.atMs);
    // The empty line in front ends what a crash may have cut off, once a process and day.
    const line = day === this.#day ? JSON.stringify(use) : `\n${JSON.stringify(use)}`;
    await this.#folder.append(`uses/${day}.jsonl`, line);
    if (day === this.#day) return;
    this.#day = day;
    const oldest = dayOf(use.atMs - KEPT_DAYS * DAY_MS);
    for (const entry of await this.#folder.list('uses')) {
      if (FILE.test(entry) && entry < oldest) await this.#folder.remove(`uses/${entry}`);
    }
  }

  async since(sinceMs: number): Promise<readonly CountedUse[]> {
    const first = dayOf(sinceMs);
    const uses: CountedUse[] = [];
    for (const entry of await this.#folder.list('uses')) {
      if (!FILE.test(entry) || entry < first) continue;
      const content = await this.#folder.read(`uses/${entry}`);
      for (const line of (content ?? Buffer.of()).toString('utf8').split('\n')) {
        const use = line === '' ? undefined : readRecord(countedUse, Buffer.from(line));
        if (use !== undefined && use.atMs >= sinceMs) uses.push(use);
      }
    }
    return uses.sort((a, b) => a.atMs - b.atMs);
  }
}

const FILE = /^\d{4}-\d\d-\d\d\.jsonl$/;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
