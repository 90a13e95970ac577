import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { accessJson } from '../../../src/gateway/observe/access-line.ts';
import { levelOf } from '../../../src/gateway/observe/level.ts';
import { createLog } from '../../../src/gateway/observe/log.ts';
import { Metrics } from '../../../src/gateway/observe/metrics.ts';
import type { CatalogEntry } from '../../../src/story/catalog.ts';
import { gatewayCatalog } from '../../../src/story/catalog/gateway.ts';
import type { FindingCode } from '../../../src/story/catalog/index.ts';
import { finding } from '../../../src/story/finding.ts';
import { sampleRecord } from './sample-record.ts';

/** Cells of the table under a heading of a page in docs/, without its head; code marks taken off. */
function tableOf(page: string, heading: string): string[][] {
  const text = readFileSync(path.join('docs', page), 'utf8');
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `${page} has a section ${heading}`);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const firstCells = (rows: string[][]): string[] => rows.map(([cell = '']) => cell);

test('docs/logs.md names the keys of an access line, all and no others, in order', () => {
  const record = sampleRecord({ tlsMs: 1, error: 'no-such-site', requestId: 'K', referer: 'r', userAgent: 'u' });
  const keys = Object.keys(JSON.parse(accessJson(record)) as object);
  assert.deepEqual(firstCells(tableOf('logs.md', 'Access lines in JSON')), keys);
});

test('docs/logs.md names the keys of a failed handshake, all and no others, in order', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'log');
  const log = createLog({ format: 'json', language: 'en', output: file });
  log.handshakeFailure({
    timeMs: 0,
    peer: '',
    serverName: '',
    site: '',
    offeredVersions: [],
    offeredCiphers: [],
    offeredAlpn: [],
    alert: '',
    opensslError: '',
    finding: finding('no-such-site'),
  });
  await log.close();
  const keys = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);
  assert.deepEqual(firstCells(tableOf('logs.md', 'Failed handshakes in JSON')), keys);
});

test('docs/logs.md names the events of the gateway, all and no others, with level and values', () => {
  const rows = tableOf('logs.md', 'Events of the gateway');
  assert.deepEqual(firstCells(rows), Object.keys(gatewayCatalog));
  for (const [code = '', level, says = ''] of rows) {
    assert.equal(level, levelOf(finding(code as FindingCode)), code);
    const entry: CatalogEntry | undefined = Object.entries(gatewayCatalog).find(([name]) => name === code)?.[1];
    for (const language of ['en', 'zh'] as const) {
      const phrase = `${entry?.[language].cause}${entry?.[language].mend}`;
      for (const [, name = ''] of phrase.matchAll(/\{(\w+)\}/g)) assert.ok(says.includes(name), `${code}: ${name}`);
    }
  }
});

test('both languages of an event use the same values', () => {
  for (const [code, entry] of Object.entries(gatewayCatalog as Record<string, CatalogEntry>)) {
    const used = (language: 'en' | 'zh'): string[] =>
      [...`${entry[language].cause}${entry[language].mend}`.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    assert.deepEqual(used('en'), used('zh'), code);
    assert.equal(entry.en.mend === '', entry.zh.mend === '', code);
    assert.equal(entry.en.mend === '', entry.severity === 'info', `${code}: what needs mending says how`);
  }
});

test('docs/metrics.md names the metrics, all and no others, with type and labels', async () => {
  const metrics = new Metrics({ version: '1', processMetrics: false });
  metrics.configure(1, ['a.example'], ['http://127.0.0.1:8000']);
  metrics.request(sampleRecord({ site: 'a.example' }));
  metrics.handshake('a.example', 'TLSv1.3', false, 1);
  metrics.handshakeFailed('no-such-site');
  metrics.count('defences', 'x');
  metrics.count('certificate_events', 'renewed');
  const lastError = { finding: { code: 'acme-timeout' }, atMs: 1 };
  metrics.manageCertificates(() => [{ names: ['a.example'], keyType: 'rsa', notAfterMs: 1, lastError }]);
  metrics.setCertificates([{ site: 'a.example', keyType: 'rsa', notAfterMs: 1 }]);
  const text = await metrics.expose();
  const shown = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => {
    const sample = new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, 'm').exec(text);
    assert.ok(sample, `${name} has a sample`);
    const labels = [...(sample[1] ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label);
    return [name, type, labels.join(', ')].join(' | ');
  });
  const told = tableOf('metrics.md', 'Metrics').map((cells) => cells.slice(0, 3).join(' | '));
  assert.deepEqual(told.toSorted(), shown.toSorted());
});
