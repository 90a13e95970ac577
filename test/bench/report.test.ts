import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../bench/options.ts';
import { markdown, plainData } from '../../bench/report.ts';

const known = ['nginx', 'menshen', 'bare', 'idle'];

test('names after --only are peers and scenarios, one option or several', () => {
  assert.deepEqual(readOptions(['--only', 'nginx', 'bare', '--json'], known).only, ['nginx', 'bare']);
  assert.deepEqual(readOptions(['--only', 'nginx', '--only', 'bare'], known).only, ['nginx', 'bare']);
  assert.equal(readOptions(['--rounds', '7'], known).rounds, 7);
});

test('a mistaken command line is refused with what it may say', () => {
  assert.throws(() => readOptions(['--only', 'apache'], known), /apache.*nginx, menshen, bare, idle/);
  assert.throws(() => readOptions(['--rounds', '0'], known), /rounds/);
  assert.throws(() => readOptions(['--seconds', 'x'], known), /seconds/);
  assert.throws(() => readOptions(['bare'], known), /what is bare/);
  assert.throws(() => readOptions(['--fast'], known), /fast/);
});

const report = {
  machine: { cpu: 'A CPU', cores: 2, kernel: '6.1' },
  peers: [
    { name: 'nginx', version: 'nginx 1.22.1' },
    { name: 'menshen', version: 'Menshen on Node 20' },
  ],
  seconds: 3,
  measured: [
    {
      scenario: { name: 'bare', title: 'request, bare', unit: 'µs' as const },
      rounds: { nginx: [20, 100, 22], menshen: [25, 125, 28.6] },
    },
    {
      scenario: { name: 'idle', title: 'idle connection', unit: 'kB' as const },
      rounds: { nginx: [16], menshen: [48] },
    },
  ],
};

test('the table has one line a peer with ratio and value', () => {
  const lines = markdown(report).split('\n');
  assert.deepEqual(
    lines.slice(0, 4).map((line) => line.split('|').map((text) => text.trim())),
    [
      ['', '', 'request, bare', 'idle connection', ''],
      ['', '------------------', '--------------', '---------------', ''],
      ['', 'nginx 1.22.1', '1.00 (22.0 µs)', '1.00 (16.0 kB)', ''],
      ['', 'Menshen on Node 20', '1.25 (28.6 µs)', '3.00 (48.0 kB)', ''],
    ],
  );
});

test('plain data holds every round, medians and ratios', () => {
  const data = JSON.parse(JSON.stringify(plainData(report)));
  assert.equal(data.base, 'nginx');
  assert.deepEqual(data.measured[0].rounds.menshen, [25, 125, 28.6]);
  assert.equal(data.measured[0].medians.menshen, 28.6);
  assert.equal(data.measured[0].ratios.menshen, 1.25);
});

test('where Caddy took part, our ratios to it are told too', () => {
  assert.doesNotMatch(markdown(report), /Caddy/);
  const caddy = { name: 'caddy', version: 'Caddy 2.11.9' };
  const measured = report.measured.map((one) => ({ ...one, rounds: { ...one.rounds, caddy: [100, 500, 114.4] } }));
  const text = markdown({ ...report, peers: [...report.peers, caddy], measured });
  assert.match(text, /Menshen on Node 20, ratios to Caddy: request, bare 0\.25; idle connection 0\.48\./);
  assert.doesNotMatch(text, /nginx 1\.22\.1, ratios to Caddy/);
});
