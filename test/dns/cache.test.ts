import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { ResourceRecord } from '../../src/codec/dns/record.ts';
import { RecordType } from '../../src/codec/dns/registry.ts';
import { createDnsCache } from '../../src/dns/cache.ts';
import { readCacheFile, writeCacheFile } from '../../src/dns/cache-file.ts';
import { recordOf } from './zone-text.ts';

const NOW = 1_700_000_000_000;
const record = (line: string): ResourceRecord => ({ ...recordOf(line), class: 1, offset: 0, dataOffset: 0, end: 0 });

test('TTLs count down, end, and are held between bounds', () => {
  const cache = createDnsCache({ maxTtlS: 100, minTtlS: 5 });
  cache.putRecords('a.', 1, [record('a. 50 A 192.0.2.1'), record('a. 40 A 192.0.2.2')], NOW);
  assert.deepEqual(
    cache.get('A.', 1, NOW + 10_000)!.records.map(({ ttl }) => ttl),
    [30, 30],
  );
  assert.equal(cache.get('a.', 1, NOW + 40_000), undefined);
  cache.putRecords('long.', 1, [record('long. 90000 A 192.0.2.1')], NOW);
  assert.equal(cache.get('long.', 1, NOW)!.expiresAtMs, NOW + 100_000);
  cache.putRecords('short.', 1, [record('short. 0 A 192.0.2.1')], NOW);
  assert.equal(cache.get('short.', 1, NOW)!.expiresAtMs, NOW + 5_000);
  // RFC 2181 section 8.
  cache.putRecords('odd.', 1, [record('odd. 4294967295 A 192.0.2.1')], NOW);
  assert.equal(cache.get('odd.', 1, NOW)!.expiresAtMs, NOW + 5_000);
});

test('a TTL of zero is not kept, nor what comes from a later clock', () => {
  const cache = createDnsCache();
  cache.putRecords('a.', 1, [record('a. 0 A 192.0.2.1')], NOW);
  assert.equal(cache.get('a.', 1, NOW), undefined);
  cache.putRecords('b.', 1, [record('b. 60 A 192.0.2.1')], NOW);
  assert.equal(cache.get('b.', 1, NOW - 1), undefined);
});

test('denials hold for the lesser of the SOA\u2019s TTL and minimum, and not without an SOA', () => {
  const cache = createDnsCache();
  cache.putNegative('no-such-name', 'a.', 1, record('. 300 SOA a. b. 1 2 3 4 60'), NOW);
  assert.equal(cache.get('a.', RecordType.TXT, NOW + 59_000)!.kind, 'no-such-name');
  assert.equal(cache.get('a.', 1, NOW + 60_000), undefined);
  cache.putNegative('no-data', 'b.', 1, record('. 20 SOA a. b. 1 2 3 4 60'), NOW);
  assert.equal(cache.get('b.', 1, NOW + 19_000)!.kind, 'no-data');
  assert.equal(cache.get('b.', 16, NOW), undefined);
  assert.equal(cache.get('b.', 1, NOW + 20_000), undefined);
  cache.putNegative('no-such-name', 'c.', 1, undefined, NOW);
  assert.equal(cache.get('c.', 1, NOW), undefined);
  cache.putNegative('no-such-name', 'd.', 1, record('. 999999 SOA a. b. 1 2 3 4 999999'), NOW);
  assert.equal(cache.get('d.', 1, NOW)!.expiresAtMs, NOW + 10_800_000);
});

test('the longest unused goes first', () => {
  const cache = createDnsCache({ maxEntries: 2 });
  for (const name of ['a.', 'b.']) cache.putRecords(name, 1, [record(`${name} 60 A 192.0.2.1`)], NOW);
  cache.get('a.', 1, NOW);
  cache.putRecords('c.', 1, [record('c. 60 A 192.0.2.1')], NOW);
  assert.deepEqual(
    ['a.', 'b.', 'c.'].map((name) => cache.get(name, 1, NOW) !== undefined),
    [true, false, true],
  );
});

test('what is kept does not hold on to the message', () => {
  const message = new Uint8Array(60_000).fill(0x61);
  const cache = createDnsCache();
  const txt = { ...record('t. 60 TXT "x"'), data: { kind: 'TXT', strings: [message.subarray(10, 20)] } as const };
  cache.putRecords('t.', RecordType.TXT, [txt], NOW);
  message.fill(0);
  const kept = cache.get('t.', RecordType.TXT, NOW)!.records[0]!.data;
  assert.ok(kept.kind === 'TXT' && kept.strings[0]!.buffer.byteLength < 1_000);
  assert.equal(Buffer.from(kept.strings[0]!).toString(), 'aaaaaaaaaa');
});

test('a file keeps what holds, for the owner only, and whatever else stands in it is passed over', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-dns-'));
  const file = path.join(folder, 'deep', 'dns.json');
  try {
    const cache = createDnsCache();
    cache.putRecords('a.', 1, [record('a. 60 A 192.0.2.1')], NOW);
    cache.putRecords('t.', 16, [record('t. 60 TXT "one" "two"')], NOW);
    cache.putRecords('old.', 1, [record('old. 5 A 192.0.2.1')], NOW);
    cache.putNegative('no-such-name', 'n.', 1, record('. 300 SOA a. b. 1 2 3 4 60'), NOW);
    assert.equal(await writeCacheFile(file, cache, NOW + 10_000), true);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const again = createDnsCache();
    await readCacheFile(file, again, NOW + 20_000);
    const entry = again.get('a.', 1, NOW + 20_000)!;
    assert.deepEqual(
      [entry.fromFile, entry.records[0]!.ttl, entry.records[0]!.data],
      [true, 40, { kind: 'A', address: '192.0.2.1' }],
    );
    assert.equal(again.get('n.', 28, NOW + 20_000)!.kind, 'no-such-name');
    assert.equal(again.get('old.', 1, NOW + 1_000), undefined);
    assert.equal(again.entries(NOW + 20_000).length, 3);
    const whole = readFileSync(file, 'utf8');
    for (const bad of [
      '',
      '{',
      '[]',
      '{"format":2,"entries":[]}',
      whole.replace('"AMAAAg', '"!!'),
      whole.replaceAll('"a."', '"A..b"'),
      whole.replaceAll('60', '-1'),
    ]) {
      writeFileSync(file, bad);
      await readCacheFile(file, createDnsCache(), NOW + 20_000);
    }
    writeFileSync(file, whole.replaceAll('"a."', '"a..b"'));
    const rest = createDnsCache();
    await readCacheFile(file, rest, NOW + 20_000);
    assert.equal(rest.entries(NOW + 20_000).length, 2);
    await readCacheFile(path.join(folder, 'missing'), rest, NOW);
    writeFileSync(path.join(folder, 'file'), '');
    assert.equal(await writeCacheFile(path.join(folder, 'file', 'dns.json'), cache, NOW), false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
