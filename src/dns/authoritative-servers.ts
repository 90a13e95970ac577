import { isWithin } from '../codec/dns/name.ts';
import { RecordType } from '../codec/dns/registry.ts';
import { askServer } from './ask.ts';
import { classifyResponse, stepOutcomeOf, type Classified } from './classify.ts';
import { detach } from './cache.ts';
import type { KeptRecord, Resolution, ResolutionFailure, ResolveOptions, Resolver } from './resolution.ts';
import type { NameServerHint } from './root-hints.ts';
import type { DnsStep, StepOutcome } from './step.ts';
import { DNS_PORT, type DnsSurroundings, type ServerAddress } from './transport.ts';

/** The zone that a name lies in and everybody who serves it. */
export type ZoneServers =
  | {
      readonly ok: true;
      readonly zone: string;
      /** The SOA of the zone, as the resolver saw it. */
      readonly soa: KeptRecord | undefined;
      /** A server whose name has no address stands here without one. */
      readonly servers: readonly NameServerHint[];
      readonly steps: readonly DnsStep[];
    }
  | {
      readonly ok: false;
      readonly failure: ResolutionFailure;
      readonly name: string;
      readonly steps: readonly DnsStep[];
    };

/** Name servers of one zone that are looked at; real zones have 13 at most. */
const MAX_NAME_SERVERS = 16;

/** Finds the zone that `name` (absolute, no alias) lies in, by its SOA, and all addresses of all its name servers. */
export async function findAuthoritativeServers(
  name: string,
  resolver: Resolver,
  options: ResolveOptions = {},
): Promise<ZoneServers> {
  const steps: DnsStep[] = [];
  const resolve = async (at: string, type: number): Promise<Resolution> => {
    const resolution = await resolver.resolve(at, type, options);
    steps.push(...resolution.steps);
    return resolution;
  };
  const found = await resolve(name, RecordType.SOA);
  if (found.kind === 'failed') return { ok: false, failure: found.failure, name, steps };
  const soa = found.kind === 'found' ? found.records.find(({ data }) => data.kind === 'SOA') : found.soa;
  // Without an SOA in the denial nobody said where the zone begins; an alias at its end speaks of another zone.
  if (soa === undefined || !isWithin(name, soa.name))
    return { ok: false, failure: { cause: 'lame', zone: name, servers: [] }, name, steps };
  const zone = soa.name;
  const listed = await resolve(zone, RecordType.NS);
  if (listed.kind === 'failed') return { ok: false, failure: listed.failure, name: zone, steps };
  const names =
    listed.kind === 'found' ? listed.records.flatMap(({ data }) => (data.kind === 'NS' ? [data.target] : [])) : [];
  if (names.length === 0)
    return { ok: false, failure: { cause: 'no-server-address', zone, nameServers: [] }, name: zone, steps };
  const servers: NameServerHint[] = [];
  for (const server of names.slice(0, MAX_NAME_SERVERS)) {
    const addresses: string[] = [];
    for (const type of [RecordType.A, RecordType.AAAA]) {
      const resolution = await resolve(server, type);
      if (resolution.kind !== 'found') continue;
      for (const { data } of resolution.records)
        if (data.kind === 'A' || data.kind === 'AAAA') addresses.push(data.address);
    }
    servers.push({ name: server, addresses });
  }
  return { ok: true, zone, soa, servers, steps };
}

/** What one address of one authoritative server says. */
export interface ServerView {
  readonly server: ServerAddress;
  readonly serverName: string;
  /** The records of the type; none where it denies or fails. */
  readonly records: readonly KeptRecord[];
  /** What it came to; undefined where the server has no address. */
  readonly outcome: StepOutcome | undefined;
}

export interface AllViews {
  readonly name: string;
  readonly type: number;
  /** Where aliases of `name` lead: the name that the servers were asked for. */
  readonly canonicalName: string;
  readonly zone: string;
  readonly views: readonly ServerView[];
  readonly steps: readonly DnsStep[];
}

export interface LookAtAllOptions extends ResolveOptions {
  /** Port of the authoritative servers; 53. */
  readonly port?: number;
  /** Milliseconds for each message. */
  readonly timeoutMs?: number;
  /** False where this machine has no IPv6. */
  readonly ipv6?: boolean;
}

const TIMEOUT_MS = 2_000;
const ATTEMPTS = 2;

/**
 * Follows the aliases of `name`, finds the zone at their end and asks every address of every one of its name servers for
 * `type`: what the world will see, whichever server it asks. Servers are asked at the same time. Addresses of a family
 * that has no route from here are left out of the views.
 */
export async function lookAtAll(
  name: string,
  type: number,
  resolver: Resolver,
  surroundings: DnsSurroundings,
  options: LookAtAllOptions = {},
): Promise<AllViews | (ZoneServers & { readonly ok: false })> {
  const { signal, onStep, port = DNS_PORT, timeoutMs = TIMEOUT_MS, ipv6 = true } = options;
  const start = await resolver.resolve(name, RecordType.CNAME, options);
  const steps: DnsStep[] = [...start.steps];
  const canonical = await followAliases(name, start, resolver, options, steps);
  if ('failure' in canonical) return { ok: false, ...canonical, steps };
  const { canonicalName } = canonical;
  const zone = await findAuthoritativeServers(canonicalName, resolver, options);
  steps.push(...zone.steps);
  if (!zone.ok) return { ...zone, steps };
  const views = await Promise.all(
    zone.servers.flatMap((server): Promise<ServerView>[] => {
      const addresses = server.addresses.filter((address) => ipv6 || !address.includes(':'));
      if (addresses.length === 0) {
        const nowhere = { server: { address: '', port }, serverName: server.name, records: [], outcome: undefined };
        return [Promise.resolve(nowhere)];
      }
      return addresses.map(async (address): Promise<ServerView> => {
        let classified: Classified | undefined;
        const asked = await askServer(
          {
            server: { address, port },
            serverName: server.name,
            zone: zone.zone,
            question: { name: canonicalName, type },
            recursionDesired: false,
            timeoutMs,
            attempts: ATTEMPTS,
            depth: 0,
            signal,
            onStep: (step) => {
              steps.push(step);
              onStep?.(step);
            },
            outcomeOf: (message) => {
              classified = classifyResponse(message, canonicalName, type, zone.zone);
              return stepOutcomeOf(classified, message);
            },
            maySend: () => signal?.aborted !== true,
          },
          surroundings,
        );
        const records = asked.ok && classified?.kind === 'answer' ? classified.records.map(detach) : [];
        return { server: { address, port }, serverName: server.name, records, outcome: asked.outcome };
      });
    }),
  );
  return { name, type, canonicalName, zone: zone.zone, views: reachable(views), steps };
}

/**
 * Without the addresses of a family that this machine has no route for: those servers were not asked, and the world may
 * reach them. Where nothing else is left they stay. A host that is told to be unreachable stays as well.
 */
function reachable(views: readonly ServerView[]): readonly ServerView[] {
  const isWithoutRoute = ({ outcome }: ServerView): boolean =>
    outcome?.kind === 'no-answer' && outcome.failure === 'unreachable' && outcome.detail !== 'EHOSTUNREACH';
  const asked = views.filter((view) => !isWithoutRoute(view));
  return asked.some(({ outcome }) => outcome !== undefined) ? asked : views;
}

const MAX_ALIASES = 16;

/** One CNAME after the other, so that a name at the end that does not exist yet is no obstacle. */
async function followAliases(
  name: string,
  start: Resolution,
  resolver: Resolver,
  options: ResolveOptions,
  steps: DnsStep[],
): Promise<{ readonly canonicalName: string } | { readonly failure: ResolutionFailure; readonly name: string }> {
  let at = name;
  let resolution = start;
  for (let count = 0; count <= MAX_ALIASES; count += 1) {
    if (resolution.kind === 'failed') return { failure: resolution.failure, name: at };
    const data = resolution.kind === 'found' ? resolution.records[0]?.data : undefined;
    if (data?.kind !== 'CNAME') return { canonicalName: resolution.canonicalName };
    at = data.target;
    resolution = await resolver.resolve(at, RecordType.CNAME, options);
    steps.push(...resolution.steps);
  }
  return { failure: { cause: 'alias-chain-too-long', limit: MAX_ALIASES }, name };
}
