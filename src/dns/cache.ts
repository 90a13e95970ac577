import { encodeRecordData } from '../codec/dns/encode-message.ts';
import { lowerName } from '../codec/dns/name.ts';
import { parseRecordData } from '../codec/dns/parse-message.ts';
import type { ResourceRecord } from '../codec/dns/record.ts';
import { RecordType } from '../codec/dns/registry.ts';
import type { KeptRecord } from './resolution.ts';

export interface CacheLimits {
  readonly maxEntries: number;
  /** Seconds. A shorter TTL counts as this one; 0 takes TTLs as they are. */
  readonly minTtlS: number;
  /** Seconds. A longer TTL counts as this one (RFC 8767 section 4 recommends days at most). */
  readonly maxTtlS: number;
  /** Seconds, for negative answers (RFC 2308 section 5: one to three hours). */
  readonly maxNegativeTtlS: number;
}

const cacheLimits: CacheLimits = {
  maxEntries: 4_096,
  minTtlS: 0,
  maxTtlS: 86_400,
  maxNegativeTtlS: 10_800,
};

export type CacheKind = 'records' | 'no-such-name' | 'no-data';

/** One set of records, or the knowledge that it or its name does not exist. */
export interface CacheEntry {
  readonly kind: CacheKind;
  readonly name: string;
  /** 0 where the name itself does not exist. */
  readonly type: number;
  /** The set; for a negative entry the SOA where there was one. */
  readonly records: readonly KeptRecord[];
  /** Milliseconds since the epoch. */
  readonly learntAtMs: number;
  readonly expiresAtMs: number;
  /** Learnt by an earlier process. */
  readonly fromFile: boolean;
}

export interface DnsCache {
  /** What is known of `name` and `type` at `nowMs`, TTLs counted down. */
  get(name: string, type: number, nowMs: number): CacheEntry | undefined;
  putRecords(name: string, type: number, records: readonly ResourceRecord[], nowMs: number): void;
  /** Without an SOA nothing is kept: nobody said for how long (RFC 2308 section 5). */
  putNegative(
    kind: 'no-such-name' | 'no-data',
    name: string,
    type: number,
    soa: ResourceRecord | undefined,
    nowMs: number,
  ): void;
  /** Takes up an entry of a file. */
  restore(entry: CacheEntry): void;
  /** Everything that still holds, the longest unused first. */
  entries(nowMs: number): CacheEntry[];
}

/** A cache in memory; the longest unused entry goes first. */
export function createDnsCache(limits: Partial<CacheLimits> = {}): DnsCache {
  const { maxEntries, minTtlS, maxTtlS, maxNegativeTtlS } = { ...cacheLimits, ...limits };
  const kept = new Map<string, CacheEntry>();
  const keyOf = (name: string, type: number): string => `${type} ${lowerName(name)}`;
  const put = (entry: CacheEntry): void => {
    const key = keyOf(entry.name, entry.type);
    kept.delete(key);
    if (entry.expiresAtMs <= entry.learntAtMs) return;
    kept.set(key, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxEntries) break;
      kept.delete(oldest);
    }
  };
  const find = (key: string, nowMs: number): CacheEntry | undefined => {
    const entry = kept.get(key);
    if (entry === undefined) return undefined;
    kept.delete(key);
    // A clock that was set back makes an entry of the future; it is not believed either.
    if (entry.expiresAtMs <= nowMs || entry.learntAtMs > nowMs) return undefined;
    kept.set(key, entry);
    return countedDown(entry, nowMs);
  };
  return {
    // RFC 2308 section 5: a name that does not exist has no type either.
    get: (name, type, nowMs) => find(keyOf(name, type), nowMs) ?? find(keyOf(name, 0), nowMs),
    putRecords: (name, type, records, nowMs) => {
      const ttl = Math.min(maxTtlS, Math.max(minTtlS, Math.min(...records.map((record) => heldFor(record.ttl)))));
      const detached = records.map((record) => ({ ...detach(record), ttl }));
      const expiresAtMs = nowMs + ttl * 1_000;
      put({ kind: 'records', name, type, records: detached, learntAtMs: nowMs, expiresAtMs, fromFile: false });
    },
    putNegative: (kind, name, type, soa, nowMs) => {
      if (soa?.data.kind !== 'SOA') return;
      const ttl = Math.min(heldFor(soa.ttl), heldFor(soa.data.minimum), maxNegativeTtlS);
      put({
        kind,
        name,
        type: kind === 'no-such-name' ? 0 : type,
        records: [{ ...detach(soa), ttl }],
        learntAtMs: nowMs,
        expiresAtMs: nowMs + Math.max(ttl, Math.min(minTtlS, maxNegativeTtlS)) * 1_000,
        fromFile: false,
      });
    },
    restore: put,
    entries: (nowMs) =>
      [...kept.values()].filter(({ expiresAtMs, learntAtMs }) => expiresAtMs > nowMs && learntAtMs <= nowMs),
  };
}

/** RFC 2181 section 8: a TTL with the top bit set counts as zero. */
const heldFor = (ttl: number): number => (ttl > 0x7fff_ffff ? 0 : ttl);

function countedDown(entry: CacheEntry, nowMs: number): CacheEntry {
  const ageS = Math.floor((nowMs - entry.learntAtMs) / 1_000);
  const records = entry.records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - ageS) }));
  return { ...entry, records };
}

/** A copy that does not hold on to the message it came in. */
export function detach(record: ResourceRecord | KeptRecord): KeptRecord {
  const { name, type, ttl, class: recordClass, data } = record;
  return { name, type, class: recordClass, ttl, data: hasOctets(type) ? ownData(type, data) : data };
}

const withoutOctets: ReadonlySet<number> = new Set([
  RecordType.A,
  RecordType.AAAA,
  RecordType.NS,
  RecordType.CNAME,
  RecordType.SOA,
  RecordType.PTR,
  RecordType.MX,
  RecordType.SRV,
  RecordType.CAA,
]);
const hasOctets = (type: number): boolean => !withoutOctets.has(type);

function ownData(type: number, data: ResourceRecord['data']): ResourceRecord['data'] {
  const parsed = parseRecordData(type, encodeRecordData(data));
  return parsed.ok ? parsed.value : data;
}
