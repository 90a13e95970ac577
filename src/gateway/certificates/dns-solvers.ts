/** DNS-01 by the ways that the configuration names: the built-in name server, RFC 2136, Cloudflare, a program. */
import { CloudflareDns } from '../../acme/challenges/cloudflare-dns.ts';
import { HookDns } from '../../acme/challenges/hook-dns.ts';
import { recordName, recordValue, type AwaitVisible } from '../../acme/challenges/record.ts';
import type { Challenge, ChallengeSolver } from '../../acme/issuer.ts';
import { lowerName, parseName } from '../../codec/dns/name.ts';
import { RecordType } from '../../codec/dns/registry.ts';
import type { DnsConfig, DnsUpdateConfig, ResponderConfig } from '../../config/issuance.ts';
import { findAuthoritativeServers } from '../../dns/authoritative-servers.ts';
import { createChallengeResponder, type ChallengeResponder } from '../../dns/challenge-responder.ts';
import { explainFailure, withoutDot } from '../../dns/explain.ts';
import { parseResolvConf } from '../../dns/resolv-conf.ts';
import type { Resolver } from '../../dns/resolution.ts';
import { systemSurroundings } from '../../dns/socket-transport.ts';
import { createStubResolver } from '../../dns/stub-resolver.ts';
import type { ServerAddress } from '../../dns/transport.ts';
import { findUpdateTarget, sendUpdate, type ZoneChange } from '../../dns/update.ts';
import { FindingError } from '../../story/finding-error.ts';
import { finding, type Finding } from '../../story/finding.ts';
import { awaitVisible, type DnsWorld } from './dns-world.ts';

export interface DnsSolvers {
  readonly solvers: readonly ChallengeSolver[];
  /** Opens what has to listen; a finding says why it cannot. */
  start(): Promise<Finding | undefined>;
  close(): Promise<void>;
}

export function createDnsSolvers(
  { responder, rfc2136, cloudflare, exec, check }: DnsConfig,
  world: DnsWorld,
  environment: Readonly<Record<string, string | undefined>>,
): DnsSolvers {
  const visible = check ? awaitVisible(world) : undefined;
  const own = responder && new ResponderDns(responder, world, visible);
  const waiting = visible && { awaitVisible: visible };
  return {
    solvers: [
      ...(own === undefined ? [] : [own]),
      ...(rfc2136 === undefined ? [] : [new UpdateDns(rfc2136, world, visible)]),
      ...(cloudflare === undefined ? [] : [new CloudflareDns({ ...cloudflare, ...waiting })]),
      ...(exec === undefined
        ? []
        : [
            new HookDns({
              style: exec.style,
              command: exec.hook,
              ...(exec.cleanup !== '' && { cleanup: exec.cleanup }),
              timeoutMs: exec.timeoutMs,
              environment,
              ...waiting,
            }),
          ]),
    ],
    start: async () => own?.start(),
    close: async () => own?.close(),
  };
}

/** Aliases from `_acme-challenge.` to where the record really is. */
const MAX_ALIASES = 8;

/** Where the aliases of a record lead: absolute names, the first one included. */
async function aliasesOf(record: string, resolver: Resolver, signal: AbortSignal): Promise<readonly string[]> {
  const names = [record];
  for (let at = record; names.length <= MAX_ALIASES;) {
    const found = await resolver.resolve(at, RecordType.CNAME, { signal });
    const data = found.kind === 'found' ? found.records[0]?.data : undefined;
    if (data?.kind !== 'CNAME') break;
    at = data.target;
    names.push(at);
  }
  return names;
}

function absolute(challenge: Challenge): string {
  const parsed = parseName(recordName(challenge.identifier));
  return parsed.ok ? lowerName(parsed.name) : '.';
}

/** The built-in name server. Names lead to it by NS or by CNAME. */
class ResponderDns implements ChallengeSolver {
  readonly type = 'dns-01';
  readonly #config: ResponderConfig;
  readonly #world: DnsWorld;
  readonly #visible: AwaitVisible | undefined;
  /** Names under which texts were added, by the text. */
  readonly #added = new Map<string, string>();
  #responder: ChallengeResponder | undefined;
  #refused: Finding | undefined;

  constructor(config: ResponderConfig, world: DnsWorld, visible: AwaitVisible | undefined) {
    this.#config = config;
    this.#world = world;
    this.#visible = visible;
  }

  async start(): Promise<Finding | undefined> {
    const { zones, nsName, addresses, listen } = this.#config;
    try {
      this.#responder = await createChallengeResponder({ zone: zones, nsName, addresses, listen });
      this.#refused = undefined;
    } catch (error) {
      if (!(error instanceof FindingError)) throw error;
      this.#refused = error.finding;
    }
    return this.#refused;
  }

  async close(): Promise<void> {
    await this.#responder?.close();
    this.#responder = undefined;
  }

  covers({ type }: Challenge['identifier']): boolean {
    return type === 'dns';
  }

  async present(challenge: Challenge, signal: AbortSignal): Promise<Finding | undefined> {
    // Whoever held the port at the start may be gone.
    if (this.#responder === undefined) await this.start();
    const responder = this.#responder;
    const record = absolute(challenge);
    if (responder === undefined) return this.#refused;
    const here = await this.#placeOf(record, responder, signal);
    const zone = withoutDot(this.#config.zones[0] ?? '.');
    if (here === undefined) {
      const target = `${withoutDot(record).replace(/^_acme-challenge\./, '')}.${zone}.`;
      return finding('dns01-not-delegated', { record: withoutDot(record), zone, target });
    }
    const value = recordValue(challenge);
    if (!responder.addText(here, value)) return finding('dns01-no-room', { record: withoutDot(here) });
    this.#added.set(value, here);
    return this.#visible?.(withoutDot(record), value, signal);
  }

  async withdraw(challenge: Challenge): Promise<void> {
    const value = recordValue(challenge);
    const name = this.#added.get(value);
    this.#added.delete(value);
    if (name !== undefined) this.#responder?.removeText(name, value);
  }

  async #placeOf(record: string, responder: ChallengeResponder, signal: AbortSignal): Promise<string | undefined> {
    if (responder.covers(record)) return record;
    const names = await aliasesOf(record, this.#world.resolver(), signal);
    return names.find((name) => responder.covers(name));
  }
}

/** Seconds that a resolver of the authority may remember a record. */
const TEXT_TTL_S = 60;

/** Updates of the zone at its primary server. */
class UpdateDns implements ChallengeSolver {
  readonly type = 'dns-01';
  readonly #config: DnsUpdateConfig;
  readonly #world: DnsWorld;
  readonly #visible: AwaitVisible | undefined;
  readonly #added = new Map<
    string,
    { readonly zone: string; readonly server: ServerAddress; readonly change: ZoneChange }
  >();

  constructor(config: DnsUpdateConfig, world: DnsWorld, visible: AwaitVisible | undefined) {
    this.#config = config;
    this.#world = world;
    this.#visible = visible;
  }

  covers({ type }: Challenge['identifier']): boolean {
    return type === 'dns';
  }

  async present(challenge: Challenge, signal: AbortSignal): Promise<Finding | undefined> {
    const record = absolute(challenge);
    const value = recordValue(challenge);
    const target = await this.#target(record, signal);
    if ('finding' in target) return target.finding;
    const { name, zone, server } = target;
    const data = { kind: 'TXT', strings: [Buffer.from(value, 'latin1')] } as const;
    const type = RecordType.TXT;
    this.#added.set(value, { zone, server, change: { kind: 'delete-record', name, type, data } });
    const refused = await sendUpdate(
      { zone, server, key: this.#config.key, signal, changes: [{ kind: 'add', name, type, ttl: TEXT_TTL_S, data }] },
      systemSurroundings,
    );
    return refused ?? this.#visible?.(withoutDot(record), value, signal);
  }

  async withdraw(challenge: Challenge): Promise<void> {
    const value = recordValue(challenge);
    const added = this.#added.get(value);
    if (added === undefined) return;
    this.#added.delete(value);
    const { zone, server, change } = added;
    // A record that stays is never asked for again.
    await sendUpdate({ zone, server, key: this.#config.key, changes: [change] }, systemSurroundings);
  }

  async #target(
    record: string,
    signal: AbortSignal,
  ): Promise<
    { readonly name: string; readonly zone: string; readonly server: ServerAddress } | { readonly finding: Finding }
  > {
    const { server } = this.#config;
    // A server that was named may be the only one that knows the zone (a hidden primary, an inner network).
    const resolver = server === undefined ? this.#world.resolver() : askingOnly(server);
    const name = (await aliasesOf(record, resolver, signal)).at(-1) ?? record;
    if (server !== undefined) {
      const zone = await findAuthoritativeServers(name, resolver, { signal });
      return zone.ok
        ? { name, zone: zone.zone, server }
        : { finding: explainFailure(zone.failure, withoutDot(zone.name)) };
    }
    const found = await findUpdateTarget(name, resolver, { signal });
    if (!found.ok) return { finding: found.finding };
    return { name, zone: found.zone, server: { address: found.addresses[0] ?? '', port: 53 } };
  }
}

function askingOnly(server: ServerAddress): Resolver {
  return createStubResolver(systemSurroundings, { config: { ...parseResolvConf(''), servers: [server] } });
}
