import { formatIpv6, parseIpv4, parseIpv6 } from '../codec/ip-text.ts';
import { isWithin } from '../codec/dns/name.ts';
import { RecordClass, RecordType } from '../codec/dns/registry.ts';
import type { KeptRecord } from './resolution.ts';

export type SpecialAnswer =
  | { readonly kind: 'found'; readonly records: readonly KeptRecord[] }
  | { readonly kind: 'no-such-name' | 'no-data' };

const LOOPBACK_TTL_S = 604_800;

/**
 * Names that no server is asked about (RFC 6761 sections 6.3 and 6.4, RFC 7686): `localhost` and everything below is this
 * host, whatever a server would say; `invalid` and `onion` do not exist in the DNS.
 */
export function answerSpecialName(name: string, type: number): SpecialAnswer | undefined {
  if (isWithin(name, 'invalid.') || isWithin(name, 'onion.')) return { kind: 'no-such-name' };
  if (!isWithin(name, 'localhost.')) return undefined;
  if (type !== RecordType.A && type !== RecordType.AAAA) return { kind: 'no-data' };
  const data =
    type === RecordType.A
      ? ({ kind: 'A', address: '127.0.0.1' } as const)
      : ({ kind: 'AAAA', address: '::1' } as const);
  return { kind: 'found', records: [{ name, type, class: RecordClass.IN, ttl: LOOPBACK_TTL_S, data }] };
}

/** An address in the place of a name stands for itself, as in getaddrinfo(3): no top-level domain is a number. */
export function answerAddress(name: string, type: number): SpecialAnswer | undefined {
  const text = name.replace(/\.$/, '');
  const isV4 = parseIpv4(text) !== undefined;
  const v6 = isV4 ? undefined : parseIpv6(text);
  if (!isV4 && v6 === undefined) return undefined;
  if (type !== (isV4 ? RecordType.A : RecordType.AAAA)) return { kind: 'no-data' };
  const data =
    v6 === undefined ? ({ kind: 'A', address: text } as const) : ({ kind: 'AAAA', address: formatIpv6(v6) } as const);
  return { kind: 'found', records: [{ name, type, class: RecordClass.IN, ttl: 0, data }] };
}
