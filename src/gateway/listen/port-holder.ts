import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseListeningSockets, userNameOf, type ListeningSocket } from './proc-net.ts';

/** Who listens on a port, as far as the system tells this user. */
export type PortHolder =
  | { readonly known: 'process'; readonly pid: number; readonly program: string }
  | { readonly known: 'user'; readonly user: string }
  | { readonly known: 'nothing' };

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Looks into /proc for who listens on `port`: the socket's inode from /proc/net, then the process whose descriptors name
 * it. That is all that `ss -p` does, and needs no program to be installed. Processes of other users show their descriptors
 * to root only; of those the user is known.
 */
export async function findPortHolder(port: number): Promise<PortHolder> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readText));
  const sockets = tables.flatMap((table) => parseListeningSockets(table, port));
  const [first] = sockets;
  if (first === undefined) return { known: 'nothing' };
  const pid = await findProcess(sockets);
  if (pid === undefined) return { known: 'user', user: userNameOf(await readText('/etc/passwd'), first.uid) };
  return { known: 'process', pid, program: await programOf(pid) };
}

/** The lowest process id that holds one of the sockets: of a server and its workers that is the server. */
async function findProcess(sockets: readonly ListeningSocket[]): Promise<number | undefined> {
  const links = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  let names: string[];
  try {
    names = await readdir('/proc');
  } catch {
    return undefined;
  }
  const pids = names.map(Number).filter((pid) => Number.isInteger(pid));
  for (const pid of pids.sort((a, b) => a - b)) {
    if (await holdsOne(pid, links)) return pid;
  }
  return undefined;
}

async function holdsOne(pid: number, links: ReadonlySet<string>): Promise<boolean> {
  try {
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const targets = await Promise.all(
      descriptors.map((descriptor) => readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')),
    );
    return targets.some((target) => links.has(target));
  } catch {
    // Ended in the meantime, or another user's.
    return false;
  }
}

/** The executable's name; the command name, which a program may choose, only where that cannot be read. */
async function programOf(pid: number): Promise<string> {
  try {
    return basename(await readlink(`/proc/${pid}/exe`));
  } catch {
    const command = (await readText(`/proc/${pid}/comm`)).trim();
    return command === '' ? 'unknown' : command;
  }
}
