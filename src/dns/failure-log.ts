import type { ResolutionFailure } from './resolution.ts';
import type { NameServerHint } from './root-hints.ts';
import type { StepOutcome } from './step.ts';
import type { ServerAddress } from './transport.ts';
import { Rcode } from '../codec/dns/registry.ts';

/** Gathers how the servers of one zone failed, and says in the end which failure tells most. */
export interface FailureLog {
  add(server: ServerAddress, serverName: string, outcome: StepOutcome): void;
  verdict(signal: AbortSignal | undefined): ResolutionFailure;
}

interface Entry {
  readonly server: ServerAddress;
  readonly serverName: string;
  readonly outcome: StepOutcome;
}

export function createFailureLog(zone: string, nameServers: readonly NameServerHint[]): FailureLog {
  const entries: Entry[] = [];
  return {
    add: (server, serverName, outcome) => void entries.push({ server, serverName, outcome }),
    verdict: (signal) => (signal?.aborted === true ? { cause: 'aborted' } : judge(entries, zone, nameServers)),
  };
}

/**
 * What a server said outweighs what none said: a wrong answer names its culprit, silence does not. A server that refuses
 * a zone delegated to it is lame (RFC 9499 section 7); only at the root nobody delegated.
 */
function judge(entries: readonly Entry[], zone: string, nameServers: readonly NameServerHint[]): ResolutionFailure {
  const servers = entries.map(({ server }) => server);
  for (const { server, serverName, outcome } of entries) {
    if (outcome.kind !== 'error' || outcome.rcode === Rcode.REFUSED) continue;
    const { rcode, extendedErrors } = outcome;
    return { cause: 'server-failure', server, serverName, rcode, extendedErrors };
  }
  const isLame = ({ outcome }: Entry): boolean =>
    outcome.kind === 'lame' || (outcome.kind === 'error' && outcome.rcode === Rcode.REFUSED && zone !== '.');
  if (entries.some(isLame)) return { cause: 'lame', zone, servers };
  for (const { server, serverName, outcome } of entries) {
    if (outcome.kind === 'error')
      return {
        cause: 'refused',
        server,
        serverName,
        rcode: outcome.rcode,
        extendedErrors: outcome.extendedErrors,
      };
    if (outcome.kind === 'malformed') return { cause: 'malformed', server, error: outcome.error };
    if (outcome.kind === 'truncated' || outcome.kind === 'case-changed') return { cause: 'truncated', server };
  }
  if (entries.length === 0)
    return { cause: 'no-server-address', zone, nameServers: nameServers.map(({ name }) => name) };
  const silent = entries.find(({ outcome }) => outcome.kind === 'no-answer' && outcome.failure === 'timeout');
  if (silent !== undefined) return { cause: 'timeout', servers, detail: '' };
  const first = entries[0]!.outcome;
  return { cause: 'unreachable', servers, detail: first.kind === 'no-answer' ? first.detail : '' };
}
