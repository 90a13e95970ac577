import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';

/** Editors write in several steps (truncate, write, rename), and certificate and key come one after the other. */
const settleMs = 100;

export interface ConfigWatch {
  /** Watches other files from now on, after a reload has named them. */
  replace(files: readonly string[]): void;
  close(): void;
}

interface WatchedFolder {
  readonly inode: string;
  readonly watcher: FSWatcher;
}

/**
 * Calls `onChange` when the content of one of `files` has changed and has then held still for a moment; changes that
 * come together are one. Folders are watched, not files: a save by rename puts a new file in place, of which a watcher
 * of the old one hears nothing. A file that is missing counts as a content of its own. Nothing here holds a process open.
 */
export function watchConfig(files: string | readonly string[], onChange: () => void): ConfigWatch {
  const folders = new Map<string, WatchedFolder>();
  let wanted: readonly string[] = [];
  /** What `onChange` last spoke of, and what was seen since and may still be in the making: a digest for each file. */
  let settled: readonly string[] = [];
  let candidate: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;

  // The timer is not started anew by every event: in a busy folder it would never end.
  const stir = () => {
    timer ??= setTimeout(look, settleMs).unref();
  };
  const look = () => {
    timer = undefined;
    attach();
    const now = wanted.map(digestOf);
    if (same(now, settled)) candidate = settled;
    else if (same(now, candidate)) {
      settled = now;
      onChange();
    } else {
      candidate = now;
      stir();
    }
  };
  /** Opens what is new, closes what is left, and reopens a folder that was replaced under its name. */
  const attach = () => {
    const next = new Map(foldersOf(wanted).map((folder) => [folder, inodeOf(folder)]));
    for (const [folder, { inode, watcher }] of folders) {
      if (next.get(folder) === inode) continue;
      watcher.close();
      folders.delete(folder);
    }
    for (const [folder, inode] of next) {
      if (inode === '' || folders.has(folder)) continue;
      const watcher = open(folder, stir);
      if (watcher) folders.set(folder, { inode, watcher });
    }
  };
  const replace = (next: readonly string[]) => {
    // A file that stays keeps the content that was spoken of: what changed while it was being loaded still shows.
    const known = new Map(wanted.map((file, index) => [file, settled[index]]));
    wanted = [...new Set(next)];
    settled = wanted.map((file) => known.get(file) ?? digestOf(file));
    candidate = settled;
    attach();
    if (wanted.length > 0) stir();
  };
  replace(typeof files === 'string' ? [files] : files);
  return {
    replace,
    close() {
      replace([]);
      clearTimeout(timer);
    },
  };
}

/**
 * Of every file: its folder, the folder above (which hears when the folder itself, or a link in its place, is swapped),
 * and the folder that a link leads to.
 */
function foldersOf(files: readonly string[]): string[] {
  const folders = files.flatMap((file) => {
    const folder = path.dirname(file);
    return [folder, path.dirname(folder), path.dirname(real(file))];
  });
  return [...new Set(folders)];
}

function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** '' where there is no such folder. */
function inodeOf(folder: string): string {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}

function open(folder: string, stir: () => void): FSWatcher | undefined {
  try {
    // An error means that the folder went away: the folder above says so too, and `attach` opens what comes.
    return watch(folder, { persistent: false }, stir).on('error', stir);
  } catch {
    return undefined;
  }
}

function digestOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return 'missing';
  }
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((digest, index) => digest === other[index]);
}
