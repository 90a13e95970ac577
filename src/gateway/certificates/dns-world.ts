/** The DNS as it is asked before an authority is: from the root downwards, every time anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwaitVisible } from '../../acme/challenges/record.ts';
import { parseName } from '../../codec/dns/name.ts';
import { txtText } from '../../codec/dns/record-text.ts';
import { RecordType } from '../../codec/dns/registry.ts';
import { lookAtAll, type AllViews } from '../../dns/authoritative-servers.ts';
import { readDnsEnvironment } from '../../dns/dns-environment.ts';
import { explainFailure, tellServer, withoutDot } from '../../dns/explain.ts';
import { createIterativeResolver } from '../../dns/iterative-resolver.ts';
import type { Resolver } from '../../dns/resolution.ts';
import { systemSurroundings } from '../../dns/socket-transport.ts';
import { finding, type Finding } from '../../story/finding.ts';

export interface DnsWorld {
  /** A resolver that remembers nothing of before. */
  resolver(): Resolver;
  lookAtAll(name: string, type: number, signal?: AbortSignal): ReturnType<typeof lookAtAll>;
}

/**
 * The world's DNS, or one of its own where the environment says so (see `readDnsEnvironment`). Throws a FindingError
 * where the environment cannot be understood.
 */
export function dnsWorldOf(environment: Readonly<Record<string, string | undefined>>): DnsWorld {
  const { rootHints: hints, port } = readDnsEnvironment(environment);
  const resolver = (): Resolver =>
    createIterativeResolver(systemSurroundings, { port, ...(hints !== undefined && { hints }) });
  return {
    resolver,
    lookAtAll: (name, type, signal) =>
      lookAtAll(name, type, resolver(), systemSurroundings, { port, ...(signal !== undefined && { signal }) }),
  };
}

export interface VisibilityBounds {
  readonly pauseMs: number;
  readonly patienceMs: number;
}

/** Secondaries take over a change within seconds, a large provider's within a minute or two. */
export const visibilityBounds: VisibilityBounds = { pauseMs: 2_000, patienceMs: 300_000 };

/** Waits until every authoritative server shows the text, whichever of them the authority will ask. */
export function awaitVisible(world: DnsWorld, bounds: VisibilityBounds = visibilityBounds): AwaitVisible {
  return async (record, value, signal) => {
    const parsed = parseName(record);
    if (!parsed.ok) return finding('dns-not-a-name', { name: record, problem: parsed.problem });
    const startedMs = performance.now();
    for (;;) {
      const seen = await world.lookAtAll(parsed.name, RecordType.TXT, signal);
      const missing = 'ok' in seen ? undefined : withoutText(seen, value);
      if (missing?.length === 0 || signal.aborted) return undefined;
      const spentMs = performance.now() - startedMs;
      if (spentMs + bounds.pauseMs > bounds.patienceMs) return explainMissing(seen, missing, record, spentMs);
      await sleep(bounds.pauseMs, undefined, { signal }).catch(() => undefined);
    }
  };
}

/** The servers that do not show a text. */
function withoutText({ views }: AllViews, value: string): AllViews['views'] {
  return views.filter(({ records }) => !records.some(({ data }) => txtText(data) === value));
}

function explainMissing(
  seen: Awaited<ReturnType<typeof lookAtAll>>,
  missing: AllViews['views'] | undefined,
  record: string,
  spentMs: number,
): Finding {
  if ('ok' in seen) return explainFailure(seen.failure, withoutDot(seen.name));
  const servers = (missing ?? []).map(({ server, serverName }) => tellServer(server, serverName)).join(', ');
  return finding('dns01-not-visible', { record, servers, seconds: Math.round(spentMs / 1000) });
}
