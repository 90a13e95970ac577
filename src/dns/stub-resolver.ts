import { lowerName } from '../codec/dns/name.ts';
import type { ResourceRecord } from '../codec/dns/record.ts';
import { RecordClass, RecordType } from '../codec/dns/registry.ts';
import { askServer } from './ask.ts';
import { createDnsCache, detach, type DnsCache } from './cache.ts';
import { classifyResponse, stepOutcomeOf, type Classified } from './classify.ts';
import { createFailureLog } from './failure-log.ts';
import type { HostsFile } from './hosts-file.ts';
import { namesToTry, type ResolverConfig } from './resolv-conf.ts';
import type {
  AnswerSource,
  KeptRecord,
  Resolution,
  ResolutionFailure,
  ResolveOptions,
  Resolver,
} from './resolution.ts';
import { shuffled } from './server-choice.ts';
import { answerAddress, answerSpecialName } from './special-names.ts';
import type { DnsStep } from './step.ts';
import type { DnsSurroundings } from './transport.ts';

export interface StubOptions {
  readonly config: ResolverConfig;
  /** Left out where the hosts file is not to be looked at. */
  readonly hosts?: HostsFile;
  readonly cache?: DnsCache;
  readonly randomCase?: boolean;
}

export interface StubResolver extends Resolver {
  /** Resolves what a person typed: with the search list, the first name that exists (or else the last one's denial). */
  search(typed: string, type: number, options?: ResolveOptions): Promise<Resolution>;
}

/** Aliases in a row that are followed where a server leaves that to its client. */
const MAX_ALIASES = 16;

type End = { readonly aliases: readonly KeptRecord[]; readonly canonicalName: string } & (
  | { readonly kind: 'found'; readonly records: readonly KeptRecord[] }
  | { readonly kind: 'no-such-name' | 'no-data'; readonly soa: KeptRecord | undefined }
  | { readonly kind: 'failed'; readonly failure: ResolutionFailure }
);

/** What one server had to say: an end, or an alias that it leaves to its client. */
type Here = End | { readonly kind: 'alias'; readonly aliases: readonly KeptRecord[]; readonly canonicalName: string };

interface Known {
  readonly end: Here;
  readonly source: AnswerSource;
  readonly learntAtMs: number | undefined;
}

/** Asks the recursive servers of resolv.conf; the hosts file, special names and the cache come first. */
export function createStubResolver(surroundings: DnsSurroundings, options: StubOptions): StubResolver {
  const { nowMs, random } = surroundings;
  const { config, hosts } = options;
  const cache = options.cache ?? createDnsCache();

  function fromHosts(name: string, type: number): End | undefined {
    const entries = hosts?.entriesOf(name) ?? [];
    if (entries.length === 0 || (type !== RecordType.A && type !== RecordType.AAAA)) return undefined;
    const wanted = entries.filter(({ address }) => address.includes(':') === (type === RecordType.AAAA));
    const common = { aliases: [], canonicalName: name };
    // The file speaks for both families (nsswitch's `files`): no server is asked for the one that it leaves out.
    if (wanted.length === 0) return { ...common, kind: 'no-data', soa: undefined };
    const records = wanted.map(({ address }): KeptRecord => {
      const data = address.includes(':') ? ({ kind: 'AAAA', address } as const) : ({ kind: 'A', address } as const);
      return { name, type, class: RecordClass.IN, ttl: 0, data };
    });
    return { ...common, kind: 'found', records };
  }

  function fromCache(name: string, type: number): Known | undefined {
    const now = nowMs();
    const entry =
      cache.get(name, type, now) ?? (type === RecordType.CNAME ? undefined : cache.get(name, RecordType.CNAME, now));
    if (entry === undefined) return undefined;
    const source: AnswerSource = entry.fromFile ? 'file-cache' : 'process-cache';
    const [first] = entry.records;
    const common = { aliases: [], canonicalName: name };
    const known = (end: Here): Known => ({ end, source, learntAtMs: entry.learntAtMs });
    if (entry.kind !== 'records') return known({ ...common, kind: entry.kind, soa: first });
    if (entry.type !== type) {
      if (first?.data.kind !== 'CNAME') return undefined;
      return known({ kind: 'alias', aliases: entry.records, canonicalName: first.data.target });
    }
    return known({ ...common, kind: 'found', records: entry.records });
  }

  /** Every server in turn, for as many rounds as the configuration says. */
  async function fromServers(name: string, type: number, work: Work): Promise<Here> {
    const servers = config.rotate ? shuffled(config.servers, random) : config.servers;
    const failures = createFailureLog('.', []);
    const failed = (failure: ResolutionFailure): Here => ({
      kind: 'failed',
      failure,
      aliases: [],
      canonicalName: name,
    });
    for (let round = 0; round < config.attempts; round += 1) {
      for (const server of servers) {
        let classified: Classified | undefined;
        const asked = await askServer(
          {
            server,
            serverName: '',
            zone: '',
            question: { name, type },
            recursionDesired: true,
            timeoutMs: config.timeoutMs,
            attempts: 1,
            randomCase: options.randomCase ?? false,
            ...(config.tcpOnly && { protocol: 'tcp' as const }),
            depth: 0,
            signal: work.signal,
            onStep: work.onStep,
            outcomeOf: (message) => {
              classified = classifyResponse(message, name, type, '.');
              return stepOutcomeOf(classified, message);
            },
            maySend: () => work.signal?.aborted !== true,
          },
          surroundings,
        );
        if (work.signal?.aborted === true) return failed({ cause: 'aborted' });
        if (asked.ok && classified !== undefined) {
          const end = endOf(classified, type);
          if (end !== undefined) return end;
        }
        if (asked.outcome !== undefined) failures.add(server, '', asked.outcome);
      }
    }
    return failed(failures.verdict(work.signal));
  }

  /** What an answer ends with; undefined where another server may know better. */
  function endOf(classified: Classified, type: number): Here | undefined {
    const now = nowMs();
    const { canonicalName } = classified;
    const keep = (aliases: readonly ResourceRecord[]): KeptRecord[] => {
      for (const alias of aliases) cache.putRecords(alias.name, RecordType.CNAME, [alias], now);
      return aliases.map(detach);
    };
    switch (classified.kind) {
      case 'answer': {
        const exact = classified.records.filter((record) => record.type === type);
        if (exact.length > 0) cache.putRecords(canonicalName, type, exact, now);
        const aliases = keep(classified.aliases);
        return { kind: 'found', records: classified.records.map(detach), aliases, canonicalName };
      }
      case 'alias':
        return { kind: 'alias', aliases: keep(classified.aliases), canonicalName };
      case 'alias-loop': {
        const aliases = classified.aliases.map(detach);
        return { kind: 'failed', failure: { cause: 'alias-loop', name: canonicalName }, aliases, canonicalName };
      }
      case 'no-such-name':
      case 'no-data': {
        const { soa } = classified;
        cache.putNegative(classified.kind, canonicalName, type, soa, now);
        const aliases = keep(classified.aliases);
        return { kind: classified.kind, soa: soa && detach(soa), aliases, canonicalName };
      }
      case 'referral':
      case 'error':
      case 'lame':
        break;
    }
    return undefined;
  }

  interface Work {
    readonly signal: AbortSignal | undefined;
    readonly onStep: (step: DnsStep) => void;
  }

  async function resolveOne(name: string, type: number, resolveOptions: ResolveOptions): Promise<Resolution> {
    const steps: DnsStep[] = [];
    const work: Work = {
      signal: resolveOptions.signal,
      onStep: (step) => {
        steps.push(step);
        resolveOptions.onStep?.(step);
      },
    };
    const aliases: KeptRecord[] = [];
    let source: AnswerSource = 'server';
    let learntAtMs: number | undefined;
    let at = name;
    for (;;) {
      let here: Here;
      const literal = answerAddress(at, type);
      const special = literal ?? answerSpecialName(at, type);
      const listed = fromHosts(at, type);
      const known = special === undefined && listed === undefined ? fromCache(at, type) : undefined;
      if (listed !== undefined) {
        here = listed;
        source = 'hosts-file';
      } else if (special !== undefined) {
        here =
          special.kind === 'found'
            ? { ...special, aliases: [], canonicalName: at }
            : { ...special, soa: undefined, aliases: [], canonicalName: at };
        source = literal === undefined ? 'special-name' : 'address';
      } else if (known !== undefined) {
        here = known.end;
        source = known.source;
        learntAtMs = Math.min(learntAtMs ?? Infinity, known.learntAtMs ?? Infinity);
      } else {
        here = await fromServers(at, type, work);
        source = 'server';
      }
      aliases.push(...here.aliases);
      if (steps.length > 0) source = 'server';
      const frame = { name, type, aliases, canonicalName: here.canonicalName, steps, source };
      const told = learntAtMs !== undefined && source.endsWith('cache') ? { ...frame, learntAtMs } : frame;
      if (here.kind !== 'alias') return { ...told, ...here, aliases };
      const { canonicalName } = here;
      const isLoop = aliases.some((alias) => lowerName(alias.name) === lowerName(canonicalName));
      if (isLoop) return { ...told, kind: 'failed', failure: { cause: 'alias-loop', name: canonicalName } };
      if (aliases.length > MAX_ALIASES)
        return { ...told, kind: 'failed', failure: { cause: 'alias-chain-too-long', limit: MAX_ALIASES } };
      at = canonicalName;
    }
  }

  return {
    resolve: (name, type, resolveOptions = {}) => resolveOne(name, type, resolveOptions),
    search: async (typed, type, resolveOptions = {}) => {
      const steps: DnsStep[] = [];
      let denied: Resolution | undefined;
      const names = namesToTry(typed, config);
      for (const [at, name] of names.entries()) {
        const resolution = await resolveOne(name, type, resolveOptions);
        steps.push(...resolution.steps);
        // A name that exists without this type ends the search only where no other has it (RFC 1535 section 6).
        if (resolution.kind === 'found' || resolution.kind === 'failed') return { ...resolution, steps };
        if (denied === undefined || (denied.kind === 'no-such-name' && resolution.kind === 'no-data'))
          denied = resolution;
        if (at === names.length - 1) return { ...denied, steps };
      }
      throw new RangeError(`not a domain name: ${typed}`);
    },
  };
}
