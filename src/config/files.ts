import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Language } from '../story/catalog.ts';
import { languageOf } from './language.ts';

export type FileKind = 'file' | 'folder' | 'other' | 'missing' | 'unreadable';

/** What checking a configuration asks of a file system. Paths are absolute. */
export interface ConfigFiles {
  /** `unreadable`: it is there, or a folder above it is, and this user may not read it. */
  kind(file: string): FileKind;
  /** The octets of a file; throws where `kind` is not `file`. */
  read(file: string): Uint8Array;
}

/** What a configuration is read against: relative paths, the file system, and what defaults depend on. */
export interface ConfigContext {
  /** Absolute folder from which relative paths start: the configuration file's, or the working folder. */
  readonly folder: string;
  readonly files: ConfigFiles;
  /** Epoch milliseconds, for certificates that have run out. */
  readonly nowMs: number;
  /** Where secrets may stand that are not in a file; the process's own variables. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly defaults: { readonly state: string; readonly log: 'json' | 'pretty'; readonly lang: Language };
}

const systemFiles: ConfigFiles = {
  kind(file) {
    try {
      const stat = statSync(file);
      accessSync(file, constants.R_OK | (stat.isDirectory() ? constants.X_OK : 0));
      return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
    }
  },
  read: (file) => readFileSync(file),
};

/** The context of this process, with `folder` for relative paths. */
export function systemContext(folder: string): ConfigContext {
  return {
    folder: path.resolve(folder),
    files: systemFiles,
    nowMs: Date.now(),
    environment: process.env,
    defaults: {
      state: defaultStateFolder(process.env, process.getuid?.() === 0, os.homedir()),
      log: process.stdout.isTTY ? 'pretty' : 'json',
      lang: languageOf(process.env),
    },
  };
}

/** Root keeps state where services do; everybody else by the XDG base directory rules, which ignore relative values. */
export function defaultStateFolder(env: NodeJS.ProcessEnv, root: boolean, home: string): string {
  if (root) return '/var/lib/menshen';
  const xdg = env.XDG_STATE_HOME ?? '';
  return path.isAbsolute(xdg) ? path.join(xdg, 'menshen') : path.join(home, '.local', 'state', 'menshen');
}
