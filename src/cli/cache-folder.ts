import { homedir } from 'node:os';
import path from 'node:path';

/** Where commands keep what the next run may use, as the XDG base directory specification says. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const named = environment['XDG_CACHE_HOME'];
  const base = named !== undefined && path.isAbsolute(named) ? named : path.join(homedir(), '.cache');
  return path.join(base, 'menshen');
}
