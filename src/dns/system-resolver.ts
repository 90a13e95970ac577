import { readFile } from 'node:fs/promises';
import { parseName } from '../codec/dns/name.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import { createDnsCache, type DnsCache } from './cache.ts';
import { parseHostsFile } from './hosts-file.ts';
import { readAskedName, readAskedType } from './question.ts';
import { parseResolvConf } from './resolv-conf.ts';
import type { Resolution, ResolveOptions, Resolver } from './resolution.ts';
import type { NameServerHint } from './root-hints.ts';
import { systemSurroundings } from './socket-transport.ts';
import { createStubResolver } from './stub-resolver.ts';
import type { ServerAddress } from './transport.ts';

/** Whom to ask. Without any of it: the hosts file and the name servers of this machine, as its programs do. */
export interface ResolverOptions {
  /** Asks this name server; the hosts file is not looked at then: whoever names a server wants to hear that server. */
  readonly server?: ServerAddress | undefined;
  /** Asks over TCP only; `iterative` knows no such wish. */
  readonly tcpOnly?: boolean | undefined;
  /** Asks from the root down, and only servers that were told by the zone above. */
  readonly iterative?: boolean | undefined;
  /** With `iterative`: where to begin; IANA's root servers by default. */
  readonly rootHints?: readonly NameServerHint[] | undefined;
  /** With `iterative`: the port of every server. Default: 53. */
  readonly port?: number | undefined;
  /** What was learnt is kept here; in the resolver by default. */
  readonly cache?: DnsCache | undefined;
}

/** Resolves names as people write them. */
export interface NameResolver {
  /**
   * `name` may be short (the search list of this machine is gone through), in any script, or an IP address, which is
   * asked for by its reverse name. `type` is a mnemonic or `TYPE65`; default: `A`, for an address `PTR`. What cannot be
   * asked for throws a FindingError; that a name does not exist, or that nobody answers, is a resolution.
   */
  resolve(name: string, type?: string, options?: ResolveOptions): Promise<Resolution>;
}

/** A resolver of this machine, with real sockets. */
export async function createResolver(options: ResolverOptions = {}): Promise<NameResolver> {
  const resolver = await openResolver(options);
  return {
    resolve: async (name, type, resolveOptions = {}) => {
      const asked = readAskedName(name);
      if (!asked.ok) throw new FindingError(finding('dns-not-a-name', { name, problem: asked.problem }));
      const wanted = type ?? (asked.isAddress ? 'PTR' : 'A');
      const number = readAskedType(wanted);
      if (number === undefined) throw new FindingError(finding('dns-type-unclear', { type: wanted }));
      return resolver.resolve(asked.text, number, resolveOptions);
    },
  };
}

/** The same for names and types that are read already: a name without its last dot goes through the search list. */
export function openResolver(options: ResolverOptions = {}): Promise<Resolver> {
  return options.iterative === true ? fromTheRoot(options) : asThisMachine(options);
}

async function fromTheRoot({ rootHints, port, cache }: ResolverOptions): Promise<Resolver> {
  const { createIterativeResolver } = await import('./iterative-resolver.ts');
  const resolver = createIterativeResolver(systemSurroundings, {
    ...(rootHints !== undefined && { hints: rootHints }),
    ...(port !== undefined && { port }),
    ...(cache !== undefined && { cache }),
  });
  return { resolve: (name, type, options) => resolver.resolve(absolute(name), type, options) };
}

function absolute(text: string): string {
  const parsed = parseName(text);
  return parsed.ok ? parsed.name : text;
}

async function asThisMachine({ server, tcpOnly, cache = createDnsCache() }: ResolverOptions): Promise<Resolver> {
  const [resolvConf, hosts] = await Promise.all([
    readFile('/etc/resolv.conf', 'utf8').catch(() => ''),
    readFile('/etc/hosts', 'utf8').catch(() => ''),
  ]);
  const system = parseResolvConf(resolvConf);
  const stub = createStubResolver(systemSurroundings, {
    config: {
      ...system,
      ...(server !== undefined && { servers: [server] }),
      tcpOnly: system.tcpOnly || tcpOnly === true,
    },
    cache,
    ...(server === undefined && { hosts: parseHostsFile(hosts) }),
  });
  return { resolve: (name, type, options) => stub.search(name, type, options) };
}
