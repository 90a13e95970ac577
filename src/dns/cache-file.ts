import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeRecordData } from '../codec/dns/encode-message.ts';
import { parseName } from '../codec/dns/name.ts';
import { parseRecordData } from '../codec/dns/parse-message.ts';
import type { CacheEntry, DnsCache } from './cache.ts';
import type { KeptRecord } from './resolution.ts';

const FORMAT = 1;
const MAX_FILE_OCTETS = 8 << 20;

/** Takes what an earlier process learnt into `cache`. A file that is missing, too large or not ours gives nothing. */
export async function readCacheFile(file: string, cache: DnsCache, nowMs: number): Promise<void> {
  const content = await readSmall(file);
  if (content === undefined) return;
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch {
    return;
  }
  const { format, entries } = fieldsOf(document);
  if (format !== FORMAT || !Array.isArray(entries)) return;
  for (const one of entries) {
    const entry = readEntry(one);
    if (entry !== undefined && entry.expiresAtMs > nowMs && entry.learntAtMs <= nowMs) cache.restore(entry);
  }
}

/** Writes what still holds, 0600, atomically. False where the folder cannot be written: then nothing is kept. */
export async function writeCacheFile(file: string, cache: DnsCache, nowMs: number): Promise<boolean> {
  const entries = cache.entries(nowMs).map(({ kind, name, type, records, learntAtMs, expiresAtMs }) => ({
    kind,
    name,
    type,
    learntAtMs,
    expiresAtMs,
    records: records.map(({ data, ...record }) => ({
      ...record,
      data: Buffer.from(encodeRecordData(data)).toString('base64'),
    })),
  }));
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify({ format: FORMAT, entries }), { mode: 0o600 });
    await rename(draft, file);
    return true;
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
    return false;
  }
}

async function readSmall(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size <= MAX_FILE_OCTETS ? await readFile(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function readEntry(value: unknown): CacheEntry | undefined {
  const { kind, name, type, records, learntAtMs, expiresAtMs } = fieldsOf(value);
  if (kind !== 'records' && kind !== 'no-such-name' && kind !== 'no-data') return undefined;
  if (!isName(name) || !isUint(type, 0xffff) || !isTime(learntAtMs) || !isTime(expiresAtMs)) return undefined;
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const read: KeptRecord[] = [];
  for (const one of records) {
    const record = readRecord(one);
    if (record === undefined) return undefined;
    read.push(record);
  }
  return { kind, name, type, records: read, learntAtMs, expiresAtMs, fromFile: true };
}

function readRecord(value: unknown): KeptRecord | undefined {
  const { name, type, class: recordClass, ttl, data } = fieldsOf(value);
  if (!isName(name) || !isUint(type, 0xffff) || !isUint(recordClass, 0xffff) || !isUint(ttl, 0x7fff_ffff))
    return undefined;
  if (typeof data !== 'string') return undefined;
  const parsed = parseRecordData(type, Buffer.from(data, 'base64'));
  return parsed.ok ? { name, type, class: recordClass, ttl, data: parsed.value } : undefined;
}

function isName(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const parsed = parseName(value);
  return parsed.ok && parsed.name === value;
}

const isUint = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
