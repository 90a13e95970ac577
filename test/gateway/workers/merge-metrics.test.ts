import assert from 'node:assert/strict';
import test from 'node:test';
import { Metrics } from '../../../src/gateway/observe/metrics.ts';
import { DepartedMetrics, exposeFamilies, mergeMetrics } from '../../../src/gateway/workers/merge-metrics.ts';
import { sampleRecord } from '../observe/sample-record.ts';

function counting(requests: number, notAfterMs = 1000): Metrics {
  const metrics = new Metrics({ version: '1', clock: () => 0 });
  metrics.configure(3, ['a.example'], ['http://127.0.0.1:1']);
  metrics.setCertificates([{ site: 'a.example', keyType: 'rsa', notAfterMs }]);
  for (let count = 0; count < requests; count += 1) {
    metrics.connectionOpened();
    metrics.request(sampleRecord({ site: 'a.example', totalMs: 3 }));
  }
  return metrics;
}

/** Lines of the text format that begin with a name. */
async function lines(text: Promise<string>, ...names: readonly string[]): Promise<string[]> {
  return (await text).split('\n').filter((line) => names.some((name) => line.startsWith(name)));
}

test('what processes did is added up, buckets and all', async () => {
  const [one, two] = await Promise.all([counting(2).families(), counting(5).families()]);
  const text = exposeFamilies(
    mergeMetrics([
      { worker: '1', families: one },
      { worker: '2', families: two },
    ]),
  );
  const [requests] = await lines(text, 'menshen_requests_total');
  assert.match(requests ?? '', /site="a\.example".* 7$/);
  assert.deepEqual(await lines(text, 'menshen_connections_open', 'menshen_connections_total'), [
    'menshen_connections_open 7',
    'menshen_connections_total 7',
  ]);
  const buckets = await lines(text, 'menshen_request_duration_seconds_bucket');
  assert.deepEqual(
    buckets.map((line) => line.split(' ')[1]),
    ['0', '0', '0', ...Array.from({ length: 13 }, () => '7')],
  );
  assert.deepEqual(await lines(text, 'menshen_request_duration_seconds_count'), [
    'menshen_request_duration_seconds_count{site="a.example"} 7',
  ]);
});

test('what is alike in all is told once', async () => {
  const [one, two] = await Promise.all([counting(0, 1000).families(), counting(0, 2000).families()]);
  const text = exposeFamilies(
    mergeMetrics([
      { worker: '1', families: one },
      { worker: '2', families: two },
    ]),
  );
  assert.deepEqual(await lines(text, 'menshen_config_generation', 'menshen_certificate_expiry_timestamp_seconds'), [
    'menshen_config_generation 3',
    'menshen_certificate_expiry_timestamp_seconds{site="a.example",key="rsa"} 2',
  ]);
  assert.match((await lines(text, 'menshen_build_info')).join(), / 1$/);
});

test('memory and the like stand beside each other by worker, without those that are being replaced', async () => {
  const families = await counting(1).families();
  const parts = ['supervisor', '1', '2', ''].map((worker) => ({ worker, families }));
  const memory = await lines(exposeFamilies(mergeMetrics(parts)), 'process_resident_memory_bytes');
  assert.deepEqual(
    memory.map((line) => /worker="(\w+)"/.exec(line)?.[1]),
    ['supervisor', '1', '2'],
  );
});

test('counters never go down when a worker is gone, and its gauges go with it', async () => {
  const departed = new DepartedMetrics();
  departed.add(await counting(4).families());
  departed.add(await counting(3).families());
  const families = await counting(1).families();
  const text = exposeFamilies(
    mergeMetrics([
      { worker: '1', families },
      { worker: '', families: departed.families },
    ]),
  );
  assert.match((await lines(text, 'menshen_requests_total')).join(), / 8$/);
  const [sum = ''] = await lines(text, 'menshen_request_duration_seconds_sum');
  assert.ok(Math.abs(Number(sum.split(' ')[1]) - 0.024) < 1e-9, sum);
  assert.deepEqual(await lines(text, 'menshen_connections_open', 'menshen_connections_total'), [
    'menshen_connections_open 1',
    'menshen_connections_total 8',
  ]);
});

test('of sites and apps that a reload has removed nothing is kept', async () => {
  const departed = new DepartedMetrics();
  departed.add(await counting(4).families());
  departed.keepOnly(new Set(['b.example']), new Set());
  const text = exposeFamilies(departed.families);
  assert.doesNotMatch(await text, /a\.example|127\.0\.0\.1/);
  assert.deepEqual(await lines(text, 'menshen_connections_total'), ['menshen_connections_total 4']);
});
