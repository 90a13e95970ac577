import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Stage } from './processes.ts';

/** A file that is downloaded and uploaded: random octets, which nobody can compress or remember. */
export interface Content {
  readonly file: string;
  /** Where the backend serves it. */
  readonly target: string;
  readonly octets: number;
  /** SHA-256 in hexadecimal. */
  readonly digest: string;
}

export interface Contents {
  /** Folder that the backend serves. */
  readonly root: string;
  readonly small: Content;
  readonly large: Content;
}

/** Octets of a megabyte here. */
export const MEGABYTE = 1_000_000;

export function makeContents(stage: Stage): Contents {
  const root = stage.file('root');
  mkdirSync(path.join(root, 'down'), { recursive: true, mode: 0o755 });
  const make = (name: string, octets: number): Content => {
    const file = path.join(root, 'down', name);
    const bytes = randomBytes(octets);
    writeFileSync(file, bytes);
    return { file, target: `/down/${name}`, octets, digest: createHash('sha256').update(bytes).digest('hex') };
  };
  return { root, small: make('1MB', MEGABYTE), large: make('100MB', 100 * MEGABYTE) };
}
