import { countLabels, lastLabels, lowerName, parentName, sameName } from '../codec/dns/name.ts';
import type { ResourceRecord } from '../codec/dns/record.ts';
import { RecordType } from '../codec/dns/registry.ts';
import { askServer } from './ask.ts';
import { createDnsCache, detach, type DnsCache } from './cache.ts';
import { classifyResponse, stepOutcomeOf, type Classified } from './classify.ts';
import { createDelegationCache } from './delegation-cache.ts';
import { createFailureLog } from './failure-log.ts';
import type {
  AnswerSource,
  KeptRecord,
  Resolution,
  ResolutionFailure,
  ResolveOptions,
  Resolver,
} from './resolution.ts';
import { rootHints, type NameServerHint } from './root-hints.ts';
import { createServerMemory, isSpecialAddress, shuffled, type Delegation } from './server-choice.ts';
import type { DnsStep } from './step.ts';
import { DNS_PORT, type DnsSurroundings } from './transport.ts';

/** What one name is worth. Together they bound NXNSAttack and its kin (CVE-2020-8616, CVE-2020-12662, CVE-2024-33655). */
export interface IterativeLimits {
  /** Messages for one name, those for its name servers' addresses included. */
  readonly maxMessages: number;
  readonly maxTimeMs: number;
  /** CNAMEs in a row (other resolvers follow 8 to 17). */
  readonly maxAliases: number;
  /** Lookups of name servers' addresses inside such lookups. */
  readonly maxDepth: number;
  /** Name servers of one delegation whose address is looked up where no glue came. */
  readonly maxAddressLookups: number;
  /** Labels that are asked for one at a time with `minimiseNames` (RFC 9156 section 2.3, MAX_MINIMISE_COUNT). */
  readonly maxMinimised: number;
}

const iterativeLimits: IterativeLimits = {
  maxMessages: 100,
  maxTimeMs: 30_000,
  maxAliases: 16,
  maxDepth: 4,
  maxAddressLookups: 4,
  maxMinimised: 10,
};

export interface IterativeOptions {
  /** Where to begin; IANA's root hints where it is left out. */
  readonly hints?: readonly NameServerHint[];
  /** Port of every server; 53. */
  readonly port?: number;
  /** False where this machine has no IPv6. */
  readonly ipv6?: boolean;
  readonly cache?: DnsCache;
  readonly randomCase?: boolean;
  /** Tells a server no more of the name than it needs (RFC 9156). Off by default: then the story shows the whole name. */
  readonly minimiseNames?: boolean;
  /** The type of those shorter questions: A hides the real one and no server stumbles over it (RFC 9156 section 2.1). */
  readonly minimisedType?: number;
  /** For the first try of each server; the second takes twice as long. Milliseconds. */
  readonly timeoutMs?: number;
  readonly limits?: Partial<IterativeLimits>;
}

const TIMEOUT_MS = 1_500;
/** A delegation that was told so long ago is asked for anew when its servers fail. */
const STALE_MS = 60_000;

/** What is spent on one name, and what was seen. */
interface Work {
  readonly steps: DnsStep[];
  readonly onStep: (step: DnsStep) => void;
  readonly maySend: () => boolean;
  /** Lookups under way, to see cycles. */
  readonly active: Set<string>;
  readonly signal: AbortSignal | undefined;
  learntAtMs: number | undefined;
  fromFile: boolean;
}

/** An end of a lookup: what the public Resolution says, without its frame. */
type Found = { readonly aliases: readonly KeptRecord[]; readonly canonicalName: string } & (
  | { readonly kind: 'found'; readonly records: readonly KeptRecord[] }
  | { readonly kind: 'no-such-name' | 'no-data'; readonly soa: KeptRecord | undefined }
  | { readonly kind: 'failed'; readonly failure: ResolutionFailure }
);

type Told = Exclude<Classified, { readonly kind: 'error' | 'lame' }>;
type ZoneAnswer =
  | { readonly ok: true; readonly told: Told }
  | { readonly ok: false; readonly failure: ResolutionFailure };

/** Resolves from the root downwards, asking only servers that were told by the zone above. */
export function createIterativeResolver(surroundings: DnsSurroundings, options: IterativeOptions = {}): Resolver {
  const { nowMs, random } = surroundings;
  const limits = { ...iterativeLimits, ...options.limits };
  const port = options.port ?? DNS_PORT;
  const ipv6 = options.ipv6 ?? true;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const root: Delegation = { zone: '.', nameServers: options.hints ?? rootHints };
  // Whoever begins on this host wants a world on this host; on the Internet nobody's server is here.
  const specialAllowed = root.nameServers.some(({ addresses }) => addresses.some(isSpecialAddress));
  const cache = options.cache ?? createDnsCache();
  const delegations = createDelegationCache();
  const memory = createServerMemory();

  async function lookUp(name: string, type: number, work: Work, depth: number): Promise<Found> {
    const key = `${type} ${lowerName(name)}`;
    if (work.active.has(key))
      return failed(name, { cause: 'no-server-address', zone: parentName(name) ?? '.', nameServers: [name] });
    work.active.add(key);
    try {
      return await follow(name, type, work, depth);
    } finally {
      work.active.delete(key);
    }
  }

  /** Follows aliases from zone to zone. */
  async function follow(name: string, type: number, work: Work, depth: number): Promise<Found> {
    const aliases: KeptRecord[] = [];
    let at = name;
    for (;;) {
      const here = fromCache(at, type, work) ?? (await fromServers(at, type, work, depth));
      aliases.push(...here.aliases);
      const seen = new Set<string>();
      for (const alias of aliases) {
        if (seen.has(lowerName(alias.name)))
          return failed(name, { cause: 'alias-loop', name: alias.name }, aliases, here.canonicalName);
        seen.add(lowerName(alias.name));
      }
      if (here.kind !== 'alias') return { ...here, aliases };
      if (seen.has(lowerName(here.canonicalName)))
        return failed(name, { cause: 'alias-loop', name: here.canonicalName }, aliases, here.canonicalName);
      if (aliases.length > limits.maxAliases)
        return failed(name, { cause: 'alias-chain-too-long', limit: limits.maxAliases }, aliases, here.canonicalName);
      at = here.canonicalName;
    }
  }

  type Here =
    | Found
    | { readonly kind: 'alias'; readonly aliases: readonly KeptRecord[]; readonly canonicalName: string };

  function fromCache(name: string, type: number, work: Work): Here | undefined {
    const now = nowMs();
    const entry = cache.get(name, type, now);
    const alias = entry === undefined && type !== RecordType.CNAME ? cache.get(name, RecordType.CNAME, now) : undefined;
    const known = entry ?? (alias?.kind === 'records' ? alias : undefined);
    if (known === undefined) return undefined;
    work.learntAtMs = Math.min(work.learntAtMs ?? known.learntAtMs, known.learntAtMs);
    work.fromFile ||= known.fromFile;
    if (known.kind !== 'records') return { kind: known.kind, soa: known.records[0], aliases: [], canonicalName: name };
    const [first] = known.records;
    if (known === alias && first?.data.kind === 'CNAME')
      return { kind: 'alias', aliases: known.records, canonicalName: first.data.target };
    return { kind: 'found', records: known.records, aliases: [], canonicalName: name };
  }

  async function fromServers(name: string, type: number, work: Work, depth: number): Promise<Here> {
    // RFC 4035 section 3.1.4.1: a DS stands above the cut.
    const below = type === RecordType.DS ? (parentName(name) ?? '.') : name;
    const known = delegations.closest(below, nowMs());
    let answer = await walk(known?.delegation ?? root, name, type, work, depth);
    const isOld = known !== undefined && nowMs() - known.learntAtMs > STALE_MS;
    if (!answer.ok && isOld && work.maySend()) {
      // What was remembered may be out of date: once more, from the root.
      delegations.drop(known.delegation.zone);
      answer = await walk(root, name, type, work, depth);
    }
    return answer.ok ? keep(answer.told, name, type) : failed(name, answer.failure);
  }

  /** Puts what a server told into the cache, set by set. */
  function keep(told: Told, name: string, type: number): Here {
    const now = nowMs();
    const { canonicalName } = told;
    for (const alias of told.aliases) cache.putRecords(alias.name, RecordType.CNAME, [alias], now);
    const aliases = told.aliases.map(detach);
    switch (told.kind) {
      case 'answer': {
        const exact = told.records.filter((record) => record.type === type);
        if (exact.length > 0) cache.putRecords(canonicalName, type, exact, now);
        return { kind: 'found', records: told.records.map(detach), aliases, canonicalName };
      }
      case 'alias':
        return { kind: 'alias', aliases, canonicalName };
      case 'alias-loop':
        return failed(name, { cause: 'alias-loop', name: canonicalName }, aliases, canonicalName);
      case 'referral':
      case 'no-such-name':
      case 'no-data':
        break;
    }
    if (told.kind === 'referral') return failed(name, { cause: 'lame', zone: told.zone, servers: [] });
    cache.putNegative(told.kind, canonicalName, type, told.soa, now);
    return { kind: told.kind, soa: told.soa && detach(told.soa), aliases, canonicalName };
  }

  /** From `start` down the referrals to a server that answers. */
  async function walk(start: Delegation, name: string, type: number, work: Work, depth: number): Promise<ZoneAnswer> {
    let delegation = start;
    let minimised = 0;
    let shown = options.minimiseNames === true ? countLabels(delegation.zone) + 1 : Infinity;
    for (;;) {
      const isWhole = shown >= countLabels(name) || minimised >= limits.maxMinimised;
      const asked = isWhole ? name : lastLabels(name, shown);
      const askedType = isWhole ? type : (options.minimisedType ?? RecordType.A);
      const answer = await askZone(delegation, asked, askedType, work, depth);
      if (!answer.ok && (isWhole || answer.failure.cause === 'work-limit')) return answer;
      if (!answer.ok) {
        // A server that fails over part of a name may do better with all of it.
        minimised = limits.maxMinimised;
        continue;
      }
      const { told } = answer;
      if (told.kind === 'referral') {
        delegation = { zone: told.zone, nameServers: nameServersOf(told.nameServers, told.glue) };
        const ttl = Math.min(...[...told.nameServers, ...told.glue].map((record) => record.ttl));
        delegations.put(delegation, ttl, nowMs());
        shown = Math.max(shown, countLabels(delegation.zone) + 1);
        continue;
      }
      if (isWhole) return answer;
      minimised += 1;
      // RFC 9156 section 2.3: some servers deny a name that has only names below it; the whole name decides.
      if (told.kind === 'no-such-name') minimised = limits.maxMinimised;
      shown += 1;
    }
  }

  /** Asks a zone's servers one after the other, once each, then the silent ones again, until one tells something. */
  async function askZone(
    delegation: Delegation,
    name: string,
    type: number,
    work: Work,
    depth: number,
  ): Promise<ZoneAnswer> {
    const failures = createFailureLog(delegation.zone, delegation.nameServers);
    const known = delegation.nameServers.flatMap((server) =>
      server.addresses.map((address) => ({ serverName: server.name, address })),
    );
    const unknown = shuffled(
      delegation.nameServers.filter(({ addresses }) => addresses.length === 0),
      random,
    ).slice(0, limits.maxAddressLookups);
    let waiting = memory.order(known.filter(isUsable), nowMs(), random);
    const silent: typeof waiting = [];
    let again = false;
    for (;;) {
      const next = waiting.shift();
      if (next === undefined) {
        const nameless = unknown.pop();
        if (nameless !== undefined) {
          const addresses = await addressesOf(nameless.name, delegation.zone, work, depth + 1);
          const found = addresses.map((address) => ({ serverName: nameless.name, address }));
          waiting = memory.order(found.filter(isUsable), nowMs(), random);
          continue;
        }
        const isAtLimit = !work.maySend() && work.signal?.aborted !== true;
        if (isAtLimit) return { ok: false, failure: { cause: 'work-limit', limit: limits.maxMessages } };
        if (again || silent.length === 0) return { ok: false, failure: failures.verdict(work.signal) };
        again = true;
        waiting = silent.splice(0);
        continue;
      }
      let classified: Classified | undefined;
      const server = { address: next.address, port };
      const asked = await askServer(
        {
          server,
          serverName: next.serverName,
          zone: delegation.zone,
          question: { name, type },
          recursionDesired: false,
          timeoutMs: again ? timeoutMs * 2 : timeoutMs,
          attempts: 1,
          randomCase: options.randomCase ?? false,
          depth,
          signal: work.signal,
          onStep: work.onStep,
          outcomeOf: (message) => {
            classified = classifyResponse(message, name, type, delegation.zone);
            return stepOutcomeOf(classified, message);
          },
          maySend: work.maySend,
        },
        surroundings,
      );
      if (!asked.ok && asked.spent) return { ok: false, failure: { cause: 'work-limit', limit: limits.maxMessages } };
      if (work.signal?.aborted === true) return { ok: false, failure: { cause: 'aborted' } };
      if (asked.ok && classified !== undefined && classified.kind !== 'error' && classified.kind !== 'lame')
        return { ok: true, told: classified };
      if (asked.outcome === undefined) continue;
      failures.add(server, next.serverName, asked.outcome);
      if (asked.outcome.kind !== 'no-answer') continue;
      const { failure, detail } = asked.outcome;
      if (failure === 'timeout') {
        memory.markSilent(next.address, nowMs());
        silent.push(next);
      } else if (failure === 'unreachable' && detail !== 'EHOSTUNREACH') memory.markFamilyDown(next.address, nowMs());
    }
  }

  const isUsable = ({ address }: { readonly address: string }): boolean =>
    (specialAllowed || !isSpecialAddress(address)) && (ipv6 || !address.includes(':'));

  async function addressesOf(name: string, zone: string, work: Work, depth: number): Promise<string[]> {
    // To find a server of this zone while looking for one of its servers is to go in a circle, under whatever name.
    const key = `servers of ${lowerName(zone)}`;
    if (depth > limits.maxDepth || work.active.has(key)) return [];
    work.active.add(key);
    try {
      const addresses: string[] = [];
      for (const type of ipv6 ? [RecordType.A, RecordType.AAAA] : [RecordType.A]) {
        const found = await lookUp(name, type, work, depth);
        for (const { data } of found.kind === 'found' ? found.records : [])
          if (data.kind === 'A' || data.kind === 'AAAA') addresses.push(data.address);
        // Where the zone of the name fails, it fails for the other family as well.
        if (addresses.length > 0 || found.kind === 'failed' || found.kind === 'no-such-name') break;
      }
      return addresses;
    } finally {
      work.active.delete(key);
    }
  }

  return {
    resolve: async (name: string, type: number, resolveOptions: ResolveOptions = {}): Promise<Resolution> => {
      const { signal } = resolveOptions;
      const steps: DnsStep[] = [];
      const deadlineMs = nowMs() + limits.maxTimeMs;
      const work: Work = {
        steps,
        onStep: (step) => {
          steps.push(step);
          resolveOptions.onStep?.(step);
        },
        maySend: () => steps.length < limits.maxMessages && nowMs() < deadlineMs && signal?.aborted !== true,
        active: new Set(),
        signal,
        learntAtMs: undefined,
        fromFile: false,
      };
      const found = await lookUp(name, type, work, 0);
      const isCached = steps.length === 0 && work.learntAtMs !== undefined;
      const source: AnswerSource = !isCached ? 'server' : work.fromFile ? 'file-cache' : 'process-cache';
      return {
        ...found,
        name,
        type,
        steps,
        source,
        ...(isCached && work.learntAtMs !== undefined && { learntAtMs: work.learntAtMs }),
      };
    },
  };
}

function failed(
  name: string,
  failure: ResolutionFailure,
  aliases: readonly KeptRecord[] = [],
  canonicalName = name,
): Found & { readonly kind: 'failed' } {
  return { kind: 'failed', failure, aliases, canonicalName };
}

function nameServersOf(records: readonly ResourceRecord[], glue: readonly ResourceRecord[]): NameServerHint[] {
  return records.flatMap(({ data }) => {
    if (data.kind !== 'NS') return [];
    const addresses = glue
      .filter((record) => sameName(record.name, data.target))
      .flatMap((record) => (record.data.kind === 'A' || record.data.kind === 'AAAA' ? [record.data.address] : []));
    return [{ name: data.target, addresses }];
  });
}
