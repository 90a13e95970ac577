/**
 * A folder of plain files that people can read, copy and back up, and that survives a crash at any point.
 *
 * Two ways to write, both atomic and both on the disk before they return:
 *
 * - `write` replaces one file: temporary file beside it, fsync, rename, fsync of the folder. A reader sees the old
 *   content or the new, never a mixture. This is the *pointer* that may move.
 * - `publish` brings a whole set of files into being under one folder name, once: they are written into a temporary
 *   folder, which is then renamed. rename(2) refuses a target folder that has content, so of two processes that publish
 *   the same name exactly one succeeds, and the other is told. These are the *versions* that never change.
 *
 * No lock files: nothing is left behind that a crashed process would have had to take away.
 */
import { randomBytes } from 'node:crypto';
import * as nodeFileSystem from 'node:fs/promises';
import path from 'node:path';
import { errnoOf, folderError } from './folder-error.ts';

/** The calls that are used; a test passes its own to make them fail. */
export type FolderFileSystem = Pick<
  typeof nodeFileSystem,
  'open' | 'rename' | 'mkdir' | 'readFile' | 'readdir' | 'rm' | 'stat'
>;

/** A file to write: its name within the folder, and whether it is for the owner's eyes only (0600, else 0644). */
export interface FolderFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly secret: boolean;
}

/** All methods throw a FindingError (codes `state-folder-…`) when the system refuses. Names are relative, `/` separated. */
export interface Folder {
  /** Absolute path of the folder itself. */
  readonly path: string;
  /** Absolute path of an entry. */
  fileOf(name: string): string;
  /** The file's content, or undefined where there is none. */
  read(name: string): Promise<Buffer | undefined>;
  /** Replaces one file atomically; folders on the way are made. */
  write(file: FolderFile): Promise<void>;
  /** Makes folder `name` with these files, all at once; false when it was already there, which is then untouched. */
  publish(name: string, files: readonly FolderFile[]): Promise<boolean>;
  /** Names of the entries of a subfolder ('' for the folder itself), sorted, without unfinished writes; [] when absent. */
  list(name: string): Promise<readonly string[]>;
  /** Removes a file or a subfolder with all it holds; nothing happens when it is absent. */
  remove(name: string): Promise<void>;
  /** Moves a file or a subfolder to a place where nothing is; the folder on the way is made. */
  move(from: string, to: string): Promise<void>;
  /**
   * Adds a line to a file, which is made when it is absent. Lines of several processes do not mix as long as they are
   * short; after a crash the last line may be a piece.
   */
  append(name: string, line: string): Promise<void>;
}

export interface FolderOptions {
  readonly fileSystem?: FolderFileSystem;
  /** Random octets for temporary names. */
  readonly random?: (byteLength: number) => Uint8Array;
  /** Numeric user of the process; undefined where the system has none (Windows). */
  readonly user?: number | undefined;
}

const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const FOLDER_MODE = 0o700;
/** Prefix of what is not finished; `list` never shows it. */
const UNFINISHED = '.new-';

/**
 * Opens a state folder, making it (0700) when it is absent.
 * A folder of somebody else is refused: keys are not put where another user could exchange them. Root may use any.
 */
export async function openFolder(folderPath: string, options: FolderOptions = {}): Promise<Folder> {
  const folder = new PlainFolder(path.resolve(folderPath), options);
  await folder.prepare();
  return folder;
}

/** Names are ours, never the world's: plain ASCII, no hidden files, no way out of the folder. */
function entryName(part: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part)) return part;
  throw new RangeError(`not a name within a state folder: ${JSON.stringify(part)}`);
}

class PlainFolder implements Folder {
  readonly path: string;
  readonly #fs: FolderFileSystem;
  readonly #random: (byteLength: number) => Uint8Array;
  readonly #user: number | undefined;

  constructor(folderPath: string, options: FolderOptions) {
    this.path = folderPath;
    this.#fs = options.fileSystem ?? nodeFileSystem;
    this.#random = options.random ?? randomBytes;
    this.#user = 'user' in options ? options.user : process.getuid?.();
  }

  async prepare(): Promise<void> {
    await this.#explained(this.path, async () => {
      await this.#makeFolder(this.path);
      const { uid } = await this.#fs.stat(this.path);
      if (this.#user !== undefined && this.#user !== 0 && uid !== this.#user) {
        throw folderError({ code: 'EPERM' }, this.path, { owner: uid, user: this.#user });
      }
    });
  }

  fileOf(name: string): string {
    return path.join(this.path, ...(name === '' ? [] : name.split('/').map(entryName)));
  }

  async read(name: string): Promise<Buffer | undefined> {
    const file = this.fileOf(name);
    return this.#explained(file, async () => {
      try {
        return await this.#fs.readFile(file);
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  async write(file: FolderFile): Promise<void> {
    const target = this.fileOf(file.name);
    const parent = path.dirname(target);
    const temporary = this.#temporaryIn(parent);
    await this.#explained(target, async () => {
      await this.#makeFolder(parent);
      try {
        await this.#writeNew(temporary, file);
        await this.#fs.rename(temporary, target);
      } catch (error) {
        await this.#discard(temporary);
        throw error;
      }
      await this.#syncFolder(parent);
    });
  }

  async publish(name: string, files: readonly FolderFile[]): Promise<boolean> {
    if (name === '' || files.length === 0) throw new RangeError('a version needs a name and files');
    for (const file of files) entryName(file.name);
    const target = this.fileOf(name);
    const parent = path.dirname(target);
    const temporary = this.#temporaryIn(parent);
    return this.#explained(target, async () => {
      await this.#makeFolder(parent);
      try {
        await this.#fs.mkdir(temporary, { mode: FOLDER_MODE });
        for (const file of files) await this.#writeNew(path.join(temporary, file.name), file);
        await this.#syncFolder(temporary);
        await this.#fs.rename(temporary, target);
      } catch (error) {
        await this.#discard(temporary);
        if (await this.#isTaken(error, target)) return false;
        throw error;
      }
      await this.#syncFolder(parent);
      return true;
    });
  }

  async list(name: string): Promise<readonly string[]> {
    const folder = this.fileOf(name);
    return this.#explained(folder, async () => {
      try {
        const names = await this.#fs.readdir(folder);
        return names.filter((entry) => !entry.startsWith(UNFINISHED)).sort();
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }

  async remove(name: string): Promise<void> {
    if (name === '') throw new RangeError('the state folder itself is not removed');
    const target = this.fileOf(name);
    await this.#explained(target, async () => {
      await this.#fs.rm(target, { recursive: true, force: true });
      await this.#syncFolder(path.dirname(target)).catch((error: unknown) => {
        if (errnoOf(error) !== 'ENOENT') throw error;
      });
    });
  }

  async move(from: string, to: string): Promise<void> {
    const [source, target] = [this.fileOf(from), this.fileOf(to)];
    await this.#explained(source, async () => {
      await this.#makeFolder(path.dirname(target));
      await this.#fs.rename(source, target);
      await this.#syncFolder(path.dirname(target));
      await this.#syncFolder(path.dirname(source));
    });
  }

  async append(name: string, line: string): Promise<void> {
    const target = this.fileOf(name);
    await this.#explained(target, async () => {
      await this.#makeFolder(path.dirname(target));
      const handle = await this.#fs.open(target, 'a', PUBLIC_MODE);
      try {
        // One write, so that O_APPEND keeps lines of several processes apart.
        await handle.appendFile(`${line}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#syncFolder(path.dirname(target));
    });
  }

  /** A path within the state folder that nobody else uses. 128 bits: never the same twice. */
  #temporaryIn(parent: string): string {
    return path.join(parent, UNFINISHED + Buffer.from(this.#random(16)).toString('hex'));
  }

  /** 'wx' refuses to follow or reuse anything that is already there. */
  async #writeNew(target: string, file: FolderFile): Promise<void> {
    const handle = await this.#fs.open(target, 'wx', file.secret ? SECRET_MODE : PUBLIC_MODE);
    try {
      await handle.writeFile(file.content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** mkdir -p, each new folder made durable by an fsync of its parent. */
  async #makeFolder(folder: string): Promise<void> {
    const first = await this.#fs.mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    if (first === undefined) return;
    for (let made = folder; made.length >= first.length; made = path.dirname(made)) {
      await this.#syncFolder(path.dirname(made)).catch((error: unknown) => {
        // A parent outside of the state folder may be one that we may enter but not read.
        if (errnoOf(error) !== 'EACCES') throw error;
      });
    }
  }

  /** Makes renames and new entries durable. Windows cannot open folders and does not need it. */
  async #syncFolder(folder: string): Promise<void> {
    if (process.platform === 'win32') return;
    const handle = await this.#fs.open(folder, 'r');
    try {
      await handle.sync();
    } catch (error) {
      // Some file systems (network, FUSE) know no fsync of folders.
      if (errnoOf(error) !== 'EINVAL' && errnoOf(error) !== 'ENOTSUP') throw error;
    } finally {
      await handle.close();
    }
  }

  /** Clears away what a failed write left; the failure itself is what gets reported. */
  async #discard(temporary: string): Promise<void> {
    await this.#fs.rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }

  /** Whether a rename failed because the target has content (Windows says EPERM for that). */
  async #isTaken(error: unknown, target: string): Promise<boolean> {
    if (!['EEXIST', 'ENOTEMPTY', 'EPERM'].includes(errnoOf(error))) return false;
    return this.#fs.stat(target).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
  }

  async #explained<T>(target: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderError(error, target, { owner: await this.#ownerNear(target), user: this.#user });
    }
  }

  /** Owner of the path, or of the nearest folder above it, up to the state folder; undefined where nothing is there. */
  async #ownerNear(target: string): Promise<number | undefined> {
    for (let place = target; place.length >= this.path.length; place = path.dirname(place)) {
      const entry = await this.#fs.stat(place).catch(() => undefined);
      if (entry) return entry.uid;
      if (path.dirname(place) === place) break;
    }
    return undefined;
  }
}
