import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Full path of a command on PATH or where Debian keeps daemons; undefined when there is none. */
export function findCommand(name: string, more: readonly string[] = []): string | undefined {
  const folders = [...more, ...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  return folders
    .filter(Boolean)
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a command prints, both streams; '' when it cannot be run. */
export function outputOf(file: string, args: readonly string[]): string {
  const done = spawnSync(file, args, { encoding: 'utf8' });
  return done.error === undefined ? `${done.stdout}${done.stderr}`.trim() : '';
}
