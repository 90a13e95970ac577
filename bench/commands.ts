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

/** What the bench itself runs, and the Debian packages that hold it. */
const required: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  curl: 'curl',
  openssl: 'openssl',
  taskset: 'util-linux',
};

/** Full path of a command that the bench cannot do without. Throws an Error that says where it comes from. */
export function requireCommand(name: string): string {
  const file = findCommand(name);
  if (file === undefined) throw new Error(`${name} is not installed (Debian package ${required[name] ?? name})`);
  return file;
}

/** Throws when one of all those commands is absent. */
export function requireCommands(): void {
  for (const name of Object.keys(required)) requireCommand(name);
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
