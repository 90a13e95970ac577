/** The stage "name": from a host to the addresses that are tried, in order. */
import { ipFamily } from '../../codec/ip-text.ts';
import { RecordType } from '../../codec/dns/registry.ts';
import { connectionOrder } from '../../dns/address-order.ts';
import type { Resolution, Resolver } from '../../dns/resolution.ts';
import type { OpenStage } from '../../story/stages.ts';
import type { TraceOptions } from '../options.ts';
import { tellResolution, tellService } from '../name/tell-resolution.ts';

export interface FoundAddresses {
  /** In the order in which they are tried; empty where there is none, and the stage says why. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export async function findAddresses(
  stage: OpenStage,
  url: URL,
  options: Pick<TraceOptions, 'connectTo' | 'fixed' | 'resolver'>,
  startedAtMs: number,
  signal: AbortSignal,
  pending: Promise<unknown>[],
): Promise<FoundAddresses> {
  const host = hostOf(url);
  const port = portOf(url);
  const { connectTo } = options;
  if (connectTo !== undefined) {
    stage.observe({ label: 'name.connect-option', values: { address: connectTo.address } });
    return { addresses: [connectTo.address], port: connectTo.port === 0 ? port : connectTo.port };
  }
  if (ipFamily(host) !== 0) {
    stage.observe({ label: 'name.address-given', values: { host } });
    return { addresses: [host], port };
  }
  const fixed = options.fixed.find((one) => one.host === host && one.port === port);
  if (fixed !== undefined) {
    stage.observe({ label: 'name.resolved-by-option', values: { host, addresses: fixed.addresses.join(', ') } });
    return { addresses: fixed.addresses, port };
  }
  const addresses = await resolveBoth(stage, host, options.resolver, startedAtMs, signal, pending);
  return { addresses, port };
}

/** Asks for both families at once (RFC 8305 section 3). */
async function resolveBoth(
  stage: OpenStage,
  host: string,
  resolver: Resolver,
  startedAtMs: number,
  signal: AbortSignal,
  pending: Promise<unknown>[],
): Promise<readonly string[]> {
  const types = [RecordType.AAAA, RecordType.A];
  // What the HTTPS record says is told when it comes; nobody waits for it (RFC 9460 section 3).
  const service = resolver.resolve(host, RecordType.HTTPS, { signal });
  pending.push(service.then((answer) => tellService(stage, host, answer, startedAtMs)));
  const answers = await Promise.all(types.map((type) => resolver.resolve(host, type, { signal })));
  const told = tellResolution(stage, host, answers, startedAtMs);
  stage.conclude(...told);
  const addresses = connectionOrder(answers.flatMap(addressesOf));
  if (addresses.length > 1)
    stage.observe({ label: 'name.order', values: { addresses: addresses.join(', ') }, known: 'inferred' });
  return addresses;
}

function addressesOf(resolution: Resolution): string[] {
  if (resolution.kind !== 'found') return [];
  return resolution.records.flatMap(({ data }) => (data.kind === 'A' || data.kind === 'AAAA' ? [data.address] : []));
}

/** Without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

export const portOf = (url: URL): number =>
  url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
