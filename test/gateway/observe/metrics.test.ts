import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import fc from 'fast-check';
import { DURATION_BOUNDS_MS } from '../../../src/gateway/observe/histogram.ts';
import { Metrics } from '../../../src/gateway/observe/metrics.ts';
import { hostileText } from './hostile-text.ts';
import { sampleRecord } from './sample-record.ts';

const nowMs = Date.UTC(2026, 10, 22);

function newMetrics(): Metrics {
  const metrics = new Metrics({ version: '1.2.3', processMetrics: false, clock: () => nowMs });
  metrics.configure(1, ['a.example', 'b.example'], ['http://127.0.0.1:8000']);
  return metrics;
}

/** Series and their values, as the text has them: `name{labels}` to number. */
async function seriesOf(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.expose()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const series = new Map<string, number>();
  for (const line of lines) {
    const space = line.lastIndexOf(' ');
    const name = line.slice(0, space);
    assert.ok(!series.has(name), `${name} comes once`);
    series.set(name, Number(line.slice(space + 1)));
  }
  return series;
}

test('requests are counted by site, method and class of status, with their bytes', async () => {
  const metrics = newMetrics();
  for (const [site, method, status] of [
    ['a.example', 'GET', 200],
    ['a.example', 'GET', 204],
    ['a.example', 'GET', 500],
    ['b.example', 'POST', 101],
    ['b.example', 'BREW', 418],
    ['gone.example', 'HEAD', 0],
    ['', 'GET', 999],
  ] as const) {
    metrics.request(sampleRecord({ site, method, status, bytesSent: 10, bytesReceived: 3 }));
  }
  const series = await seriesOf(metrics);
  const requests = [...series].filter(([name]) => name.startsWith('menshen_requests_total{'));
  assert.deepEqual(Object.fromEntries(requests), {
    'menshen_requests_total{site="a.example",method="GET",status="2xx"}': 2,
    'menshen_requests_total{site="a.example",method="GET",status="5xx"}': 1,
    'menshen_requests_total{site="b.example",method="POST",status="1xx"}': 1,
    'menshen_requests_total{site="b.example",method="OTHER",status="4xx"}': 1,
    'menshen_requests_total{site="",method="HEAD",status="none"}': 1,
    'menshen_requests_total{site="",method="GET",status="none"}': 1,
  });
  assert.equal(series.get('menshen_sent_bytes_total{site="a.example"}'), 30);
  assert.equal(series.get('menshen_received_bytes_total{site="b.example"}'), 6);
});

test('fuzz: duration buckets hold what a plain count of the durations gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.double({ min: 0, max: 60_000, noNaN: true }), fc.constantFrom(...DURATION_BOUNDS_MS))),
      async (durations) => {
        const metrics = newMetrics();
        for (const totalMs of durations) metrics.request(sampleRecord({ site: 'a.example', totalMs, upstreamMs: -1 }));
        const series = await seriesOf(metrics);
        const name = 'menshen_request_duration_seconds';
        if (durations.length === 0) {
          assert.ok(!series.has(`${name}_count{site="a.example"}`));
          return;
        }
        for (const bound of DURATION_BOUNDS_MS) {
          assert.equal(
            series.get(`${name}_bucket{site="a.example",le="${bound / 1000}"}`),
            durations.filter((duration) => duration <= bound).length,
          );
        }
        assert.equal(series.get(`${name}_bucket{site="a.example",le="+Inf"}`), durations.length);
        assert.equal(series.get(`${name}_count{site="a.example"}`), durations.length);
        const sum = durations.reduce((total, duration) => total + duration, 0) / 1000;
        assert.ok(Math.abs((series.get(`${name}_sum{site="a.example"}`) ?? -1) - sum) <= 1e-6);
        assert.ok(!series.has('menshen_upstream_wait_seconds_count{site="a.example"}'), 'no app was asked');
      },
    ),
    { numRuns: 40 },
  );
});

test('handshakes, their failures, connections and reloads are counted', async () => {
  const metrics = newMetrics();
  metrics.connectionOpened();
  metrics.connectionOpened();
  metrics.connectionClosed();
  metrics.handshake('a.example', 'TLSv1.3', true, 0.9);
  metrics.handshake('a.example', 'TLSv1.3', true, 1.1);
  metrics.handshake('', 'TLSv1.2', false, 20);
  metrics.handshakeFailed('no-such-site');
  metrics.handshakeFailed('no-such-site');
  metrics.reload('refused');
  metrics.configure(7, [], []);
  const series = await seriesOf(metrics);
  assert.equal(metrics.connectionsOpen, 1);
  assert.equal(metrics.generation, 7);
  assert.equal(series.get('menshen_connections_open'), 1);
  assert.equal(series.get('menshen_connections_total'), 2);
  assert.equal(series.get('menshen_handshakes_total{site="",version="TLSv1.2",resumed="false"}'), 1);
  assert.equal(series.get('menshen_handshake_failures_total{code="no-such-site"}'), 2);
  assert.equal(series.get('menshen_reloads_total{result="refused"}'), 1);
  assert.equal(series.get('menshen_reloads_total{result="applied"}'), 0);
  assert.equal(series.get('menshen_config_generation'), 7);
  assert.ok(![...series.keys()].some((name) => name.includes('a.example')), 'a site that is gone is forgotten');
});

test('a reload keeps the numbers of the sites and upstreams that stay', async () => {
  const metrics = newMetrics();
  const upstream = metrics.upstream('http://127.0.0.1:8000');
  upstream.open += 2;
  metrics.request(sampleRecord({ site: 'a.example' }));
  metrics.configure(2, ['a.example'], ['http://127.0.0.1:8000', 'unix:/run/app.sock']);
  upstream.idle += 1;
  upstream.reused += 5;
  const series = await seriesOf(metrics);
  assert.equal(series.get('menshen_requests_total{site="a.example",method="GET",status="2xx"}'), 1);
  assert.equal(series.get('menshen_upstream_connections_open{upstream="http://127.0.0.1:8000"}'), 2);
  assert.equal(series.get('menshen_upstream_connections_idle{upstream="http://127.0.0.1:8000"}'), 1);
  assert.equal(series.get('menshen_upstream_reused_total{upstream="http://127.0.0.1:8000"}'), 5);
  assert.equal(series.get('menshen_upstream_connections_open{upstream="unix:/run/app.sock"}'), 0);
});

test('of several certificates of a site and kind of key, the one that ends first is shown', async () => {
  const metrics = newMetrics();
  metrics.setCertificates([
    { site: 'a.example', keyType: 'ecdsa', notAfterMs: nowMs + 9_000 },
    { site: 'a.example', keyType: 'ecdsa', notAfterMs: nowMs + 5_000 },
    { site: 'a.example', keyType: 'rsa', notAfterMs: nowMs - 1_000 },
  ]);
  const series = await seriesOf(metrics);
  assert.equal(series.get('menshen_certificate_remaining_seconds{site="a.example",key="ecdsa"}'), 5);
  assert.equal(series.get('menshen_certificate_remaining_seconds{site="a.example",key="rsa"}'), -1);
  assert.equal(
    series.get('menshen_certificate_expiry_timestamp_seconds{site="a.example",key="ecdsa"}'),
    nowMs / 1000 + 5,
  );
});

test('a named counter appears with its labels, also when it is defined after a reading', async () => {
  const metrics = newMetrics();
  await metrics.expose();
  const counter = metrics.defineCounter('floods', 'Floods.', ['kind', 'side']);
  assert.equal(metrics.defineCounter('floods', 'Floods.', ['kind', 'side']), counter);
  metrics.count('floods', 'ping', 'client');
  counter.cell('ping', 'client').value += 2;
  metrics.count('defences', 'rapid-reset');
  metrics.count('nobody-defined-this', 'x');
  metrics.defineCounter('plain', 'Without labels.');
  const series = await seriesOf(metrics);
  assert.equal(series.get('menshen_floods_total{kind="ping",side="client"}'), 3);
  assert.equal(series.get('menshen_defences_total{defence="rapid-reset"}'), 1);
  assert.equal(series.get('menshen_plain_total'), 0);
  assert.ok(![...series.keys()].some((name) => name.includes('nobody')));
});

test('a counter takes a bounded number of label values and counts the rest as other', async () => {
  const metrics = newMetrics();
  for (let value = 0; value < 1000; value += 1) metrics.count('defences', `value-${value}`);
  const defences = [...(await seriesOf(metrics))].filter(([name]) => name.startsWith('menshen_defences_total'));
  assert.ok(defences.length <= 65);
  assert.equal(
    defences.reduce((sum, [, value]) => sum + value, 0),
    1000,
  );
  assert.equal(defences.at(-1)?.[0], 'menshen_defences_total{defence="other"}');
});

test('the numbers of the process are there', async () => {
  const text = await new Metrics({ version: '1.2.3' }).expose();
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) {
    assert.match(text, new RegExp(`^${name} `, 'm'));
  }
  assert.match(text, /^menshen_build_info\{version="1\.2\.3",node="\d+\.\d+\.\d+"\} 1$/m);
});

test("Prometheus' own Python parser reads every family, sample and label back", async (t) => {
  const python = '/usr/bin/python3';
  if (spawnSync(python, ['-c', 'import prometheus_client']).status !== 0) {
    t.skip('python3-prometheus-client is not installed');
    return;
  }
  const metrics = new Metrics({ version: '1.2.3', clock: () => nowMs });
  const names = fc.sample(hostileText, 30);
  metrics.configure(1, names, names);
  for (const site of names) {
    metrics.request(sampleRecord({ site, tlsMs: 1 }));
    metrics.handshake(site, 'TLSv1.3', false, 2);
  }
  metrics.setCertificates([{ site: 'a.example', keyType: 'ecdsa', notAfterMs: nowMs }]);
  metrics.handshakeFailed('no-such-site');
  const script = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.buffer.read().decode('utf-8')))
print(json.dumps([[f.name, f.type, f.documentation, [[s.name, s.labels, str(s.value)] for s in f.samples]] for f in families]))
`;
  const parsed = spawnSync(python, ['-c', script], { input: await metrics.expose(), encoding: 'utf8' });
  assert.equal(parsed.status, 0, parsed.stderr);
  type Family = [name: string, type: string, help: string, samples: [string, Record<string, string>, string][]];
  const families = new Map((JSON.parse(parsed.stdout) as Family[]).map((family) => [family[0], family]));
  assert.equal(families.get('menshen_requests')?.[1], 'counter');
  assert.equal(families.get('menshen_request_duration_seconds')?.[1], 'histogram');
  assert.equal(families.get('menshen_connections_open')?.[1], 'gauge');
  const sites = families.get('menshen_requests')?.[3].map(([, labels]) => labels['site']);
  // A lone surrogate has no UTF-8 form, so that such names arrive as the replacement character.
  const arriving = (name: string): string => Buffer.from(name).toString();
  assert.deepEqual(new Set(sites), new Set(names.map(arriving)));
});
