import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { parseName } from '../codec/dns/name.ts';
import { RecordType, typeNumber } from '../codec/dns/registry.ts';
import { FindingError } from '../story/finding-error.ts';
import { finding } from '../story/finding.ts';
import { createDnsCache, type DnsCache } from './cache.ts';
import { parseHostsFile } from './hosts-file.ts';
import { createIterativeResolver } from './iterative-resolver.ts';
import { parseResolvConf } from './resolv-conf.ts';
import type { Resolution, ResolveOptions } from './resolution.ts';
import { reverseName } from './reverse-name.ts';
import type { NameServerHint } from './root-hints.ts';
import { systemSurroundings } from './socket-transport.ts';
import { createStubResolver } from './stub-resolver.ts';
import type { ServerAddress } from './transport.ts';

/** Whom to ask. Without any of it: the hosts file and the name servers of this machine, as its programs do. */
export interface ResolverOptions {
  /** Asks this name server; the hosts file is not looked at then. */
  readonly server?: ServerAddress | undefined;
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
  const search = options.iterative === true ? fromTheRoot(options) : await asThisMachine(options);
  return {
    resolve: async (name, type, resolveOptions = {}) => {
      const text = readName(name);
      return search(text, readType(type ?? (isIP(name) === 0 ? 'A' : 'PTR')), resolveOptions);
    },
  };
}

type Search = (text: string, type: number, options: ResolveOptions) => Promise<Resolution>;

function fromTheRoot({ rootHints, port, cache }: ResolverOptions): Search {
  const resolver = createIterativeResolver(systemSurroundings, {
    ...(rootHints !== undefined && { hints: rootHints }),
    ...(port !== undefined && { port }),
    ...(cache !== undefined && { cache }),
  });
  return (text, type, options) => resolver.resolve(text.endsWith('.') ? text : `${text}.`, type, options);
}

async function asThisMachine({ server, cache = createDnsCache() }: ResolverOptions): Promise<Search> {
  const [resolvConf, hosts] = await Promise.all([
    readFile('/etc/resolv.conf', 'utf8').catch(() => ''),
    readFile('/etc/hosts', 'utf8').catch(() => ''),
  ]);
  const system = parseResolvConf(resolvConf);
  const resolver = createStubResolver(systemSurroundings, {
    config: server === undefined ? system : { ...system, servers: [server] },
    cache,
    ...(server === undefined && { hosts: parseHostsFile(hosts) }),
  });
  return (text, type, options) => resolver.search(text, type, options);
}

/** Names in other scripts become A-labels (RFC 5890), addresses their reverse names. */
function readName(typed: string): string {
  const reverse = isIP(typed) === 0 ? undefined : reverseName(typed.split('%')[0]!);
  if (reverse !== undefined) return reverse;
  const text = /^[\x00-\x7f]*$/.test(typed) ? typed : domainToASCII(typed) || typed;
  const parsed = parseName(text);
  if (!parsed.ok) throw new FindingError(finding('dns-not-a-name', { name: typed, problem: parsed.problem }));
  return text;
}

/** What stands for no record that could be asked for. */
const unaskable: ReadonlySet<number> = new Set([0, RecordType.OPT, RecordType.TSIG, RecordType.AXFR, RecordType.IXFR]);

function readType(typed: string): number {
  const type = typeNumber(typed);
  if (type === undefined || unaskable.has(type)) throw new FindingError(finding('dns-type-unclear', { type: typed }));
  return type;
}
