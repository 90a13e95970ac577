import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Keeps what was fetched for as long as it says of itself that it holds. Losing an entry costs a fetch, no more. */
export interface EvidenceCache {
  /** What is kept under `key`, if its time is not over at `nowMs` (epoch milliseconds). */
  get(key: string, nowMs: number): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array, untilMs: number): Promise<void>;
}

/** Nothing is kept longer than this, whatever it says of itself: a week, as the Baseline Requirements allow OCSP. */
export const MAX_KEPT_MS = 7 * 86_400_000;

/** A cache in memory that holds up to `maxBytes`; the longest unused goes first. */
export function createMemoryCache(maxBytes = 64 << 20): EvidenceCache {
  const entries = new Map<string, { readonly bytes: Uint8Array; readonly untilMs: number }>();
  let held = 0;
  const drop = (key: string): void => {
    held -= entries.get(key)?.bytes.length ?? 0;
    entries.delete(key);
  };
  return {
    get: (key, nowMs) => {
      const entry = entries.get(key);
      if (entry === undefined) return Promise.resolve(undefined);
      drop(key);
      if (entry.untilMs <= nowMs) return Promise.resolve(undefined);
      entries.set(key, entry);
      held += entry.bytes.length;
      return Promise.resolve(entry.bytes);
    },
    put: (key, bytes, untilMs) => {
      drop(key);
      if (bytes.length > maxBytes) return Promise.resolve();
      entries.set(key, { bytes, untilMs });
      held += bytes.length;
      for (const oldest of entries.keys()) {
        if (held <= maxBytes) break;
        drop(oldest);
      }
      return Promise.resolve();
    },
  };
}

const HEADER_LENGTH = 8;

/**
 * A cache of files in `folder`, one an entry: eight octets with the end of its time (epoch milliseconds, a big-endian
 * double), then the octets. A folder that cannot be written keeps nothing.
 */
export function createFolderCache(folder: string): EvidenceCache {
  const fileOf = (key: string): string => path.join(folder, createHash('sha256').update(key).digest('hex'));
  return {
    get: async (key, nowMs) => {
      const file = fileOf(key);
      const content = await readFile(file).catch(() => undefined);
      if (content === undefined || content.length < HEADER_LENGTH) return undefined;
      if (content.readDoubleBE(0) > nowMs) return content.subarray(HEADER_LENGTH);
      await rm(file, { force: true }).catch(() => undefined);
      return undefined;
    },
    put: async (key, bytes, untilMs) => {
      const header = Buffer.alloc(HEADER_LENGTH);
      header.writeDoubleBE(untilMs);
      const file = fileOf(key);
      const draft = `${file}.${randomBytes(6).toString('hex')}`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(draft, Buffer.concat([header, bytes]), { mode: 0o600 });
        await rename(draft, file);
      } catch {
        await rm(draft, { force: true }).catch(() => undefined);
      }
    },
  };
}
