import { formatRecordData } from '../codec/dns/record-text.ts';
import { extendedErrorName, rcodeName, typeName } from '../codec/dns/registry.ts';
import type { ExtendedError } from '../codec/dns/record.ts';
import { finding, type Finding } from '../story/finding.ts';
import type { Resolution, ResolutionFailure } from './resolution.ts';
import type { ServerAddress } from './transport.ts';

/** What a resolution means for a person; undefined where the record was found. */
export function explainResolution(resolution: Resolution): Finding | undefined {
  const { kind } = resolution;
  if (kind === 'found') return undefined;
  const name = withoutDot(resolution.canonicalName);
  if (kind === 'failed') {
    const chain = [...resolution.aliases.map((alias) => withoutDot(alias.name)), name].join(' → ');
    return explainFailure(resolution.failure, withoutDot(resolution.name), chain);
  }
  const { soa } = resolution;
  const seconds = soa?.data.kind === 'SOA' ? Math.min(soa.ttl, soa.data.minimum) : 0;
  const authority = soa === undefined ? sourceOf(resolution) : withoutDot(soa.name);
  if (kind === 'no-such-name' && resolution.source === 'special-name')
    return finding('dns-name-reserved', { name, domain: name.slice(name.lastIndexOf('.') + 1) });
  if (kind === 'no-such-name') return finding('dns-name-not-found', { name, authority, seconds });
  return finding('dns-no-data', { name, type: typeName(resolution.type), authority, seconds });
}

/** What a failure means. `name` as people write it; `chain` the aliases that led to it. */
export function explainFailure(failure: ResolutionFailure, name: string, chain = name): Finding {
  switch (failure.cause) {
    case 'server-failure': {
      const { rcode, extendedErrors, server, serverName } = failure;
      const detail = detailOf(extendedErrors);
      return finding('dns-server-failure', {
        name,
        server: tellServer(server, serverName),
        rcode: rcodeName(rcode),
        detail,
      });
    }
    case 'refused': {
      const detail = detailOf(failure.extendedErrors);
      return finding('dns-refused', { name, server: tellServer(failure.server, failure.serverName), detail });
    }
    case 'timeout':
      return finding('dns-timeout', { name, servers: tellServers(failure.servers) });
    case 'unreachable':
      return finding('dns-unreachable', { name, servers: tellServers(failure.servers), detail: failure.detail });
    case 'lame':
      return finding('dns-lame-delegation', { zone: withoutDot(failure.zone), servers: tellServers(failure.servers) });
    case 'no-server-address': {
      const servers = failure.nameServers.map(withoutDot).join(', ');
      return finding('dns-no-server-address', {
        zone: withoutDot(failure.zone),
        servers: servers === '' ? '–' : servers,
      });
    }
    case 'alias-loop':
      return finding('dns-alias-loop', { name, chain });
    case 'alias-chain-too-long':
      return finding('dns-alias-chain-too-long', { name, limit: failure.limit });
    case 'truncated':
      return finding('dns-truncated', { name, server: tellServer(failure.server) });
    case 'malformed':
      return finding('dns-malformed', { name, server: tellServer(failure.server), ...failure.error });
    case 'work-limit':
      return finding('dns-work-limit', { name, limit: failure.limit });
    case 'aborted':
      break;
  }
  return finding('dns-aborted', { name });
}

/** `ns1.example.net (192.0.2.1)`, or the address alone; the port where it is not the usual one. */
export function tellServer({ address, port }: ServerAddress, serverName = ''): string {
  const host = address.includes(':') && port !== 53 ? `[${address}]` : address;
  const place = port === 53 ? host : `${host}:${port}`;
  return serverName === '' ? place : `${withoutDot(serverName)} (${place})`;
}

/** The name as people write it: without the dot at the end, the root's excepted. */
export const withoutDot = (name: string): string => (name === '.' ? name : name.replace(/\.$/, ''));

/** `: DNSSEC Bogus (what the server says)`, or nothing (RFC 8914). */
export function detailOf(extendedErrors: readonly ExtendedError[]): string {
  const told = extendedErrors.map(({ infoCode, extraText }) => {
    const name = extendedErrorName(infoCode);
    return extraText === '' ? name : `${name} (${printable(extraText)})`;
  });
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}

/** What comes from a server goes to a terminal without its control characters. */
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');

const MAX_TOLD = 4;

function tellServers(servers: readonly ServerAddress[]): string {
  const told = [...new Set(servers.map((server) => tellServer(server)))];
  if (told.length === 0) return '–';
  return told.length > MAX_TOLD ? `${told.slice(0, MAX_TOLD).join(', ')}, …` : told.join(', ');
}

function sourceOf(resolution: Resolution): string {
  const last = resolution.steps.at(-1);
  return last === undefined ? resolution.source : tellServer(last.server, last.serverName);
}

/** A record's data as a person reads it: a zone file's text, names without their last dot. */
export const tellData = (data: Parameters<typeof formatRecordData>[0]): string =>
  data.kind === 'CNAME' || data.kind === 'NS' || data.kind === 'PTR' ? withoutDot(data.target) : formatRecordData(data);
