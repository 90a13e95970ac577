/** How the commands ask for names, and what they remember of them from one run to the next. */
import path from 'node:path';
import { createDnsCache } from '../../dns/cache.ts';
import { readCacheFile, writeCacheFile } from '../../dns/cache-file.ts';
import { readDnsEnvironment } from '../../dns/dns-environment.ts';
import type { Resolver } from '../../dns/resolution.ts';
import { readServerAddress } from '../../dns/server-address.ts';
import { systemSurroundings } from '../../dns/socket-transport.ts';
import { openResolver } from '../../dns/system-resolver.ts';
import { DNS_PORT } from '../../dns/transport.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding } from '../../story/finding.ts';
import { cacheFolder } from '../cache-folder.ts';

/** The flags of a command that say whom to ask. */
export interface NameFlags {
  readonly iterative?: boolean;
  readonly server?: string;
  readonly tcp?: boolean;
  /** False: nothing of earlier runs is used, and nothing kept. */
  readonly cache: boolean;
}

export interface Names {
  /** Names without their last dot go through the search list. */
  readonly resolver: Resolver;
  /** Of the authoritative servers. */
  readonly port: number;
  /** Keeps what was learnt for the next run; where that cannot be written the next run asks again. */
  keep(): Promise<unknown>;
}

/** Throws a FindingError for a server, or a variable of the environment, that cannot be meant. */
export async function openNames(
  flags: NameFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Names> {
  const { rootHints, port } = readDnsEnvironment(environment);
  const server = flags.server === undefined ? undefined : readServerAddress(flags.server, DNS_PORT);
  if (flags.server !== undefined && server === undefined)
    throw new FindingError(finding('dns-server-unclear', { server: flags.server }));
  const iterative = flags.iterative === true;
  const cache = createDnsCache();
  const resolver = await openResolver({ server, tcpOnly: flags.tcp, iterative, rootHints, port, cache });
  // What a server that was named here says is not to be taken for the word of those that usually are asked.
  if (!flags.cache || server !== undefined || rootHints !== undefined)
    return { resolver, port, keep: () => Promise.resolve() };
  const file = path.join(cacheFolder(environment), iterative ? 'dns-iterative.json' : 'dns.json');
  await readCacheFile(file, cache, systemSurroundings.nowMs());
  return { resolver, port, keep: () => writeCacheFile(file, cache, systemSurroundings.nowMs()) };
}
