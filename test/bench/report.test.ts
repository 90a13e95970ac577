import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goalOf } from '../../bench/goals.ts';
import { readOptions } from '../../bench/options.ts';
import { displayWidth, markdown, plainData, readReport, table, type Report } from '../../bench/report.ts';

const known = ['nginx', 'menshen', 'bare', 'idle'];

test('names after --only are peers and scenarios, one option or several', () => {
  assert.deepEqual(readOptions(['--only', 'nginx', 'bare', '--json'], known).only, ['nginx', 'bare']);
  assert.deepEqual(readOptions(['--only', 'nginx', '--only', 'bare'], known).only, ['nginx', 'bare']);
  assert.equal(readOptions(['--rounds', '7'], known).rounds, 7);
});

test('a quick run has one round, no warm-up, and what is said besides', () => {
  const { rounds, seconds, warmUpSeconds } = readOptions(['--quick', '--seconds', '4'], known);
  assert.deepEqual({ rounds, seconds, warmUpSeconds }, { rounds: 1, seconds: 4, warmUpSeconds: 0 });
  assert.ok(readOptions([], known).warmUpSeconds > 0);
});

test('a mistaken command line is refused with what it may say', () => {
  assert.throws(() => readOptions(['--only', 'apache'], known), /apache.*nginx, menshen, bare, idle/);
  assert.throws(() => readOptions(['--rounds', '0'], known), /rounds/);
  assert.throws(() => readOptions(['--seconds', 'x'], known), /seconds/);
  assert.throws(() => readOptions(['bare'], known), /what is bare/);
  assert.throws(() => readOptions(['--fast'], known), /fast/);
  assert.throws(() => readOptions(['--json', '--markdown'], known), /both/);
});

const report: Report = {
  machine: { cpu: 'A CPU', cores: 2, kernel: '6.1' },
  peers: [
    { name: 'nginx', version: 'nginx 1.22.1' },
    { name: 'menshen', version: 'Menshen on Node 20' },
  ],
  seconds: 3,
  warmUpSeconds: 3,
  measured: [
    {
      figure: { name: 'bare', title: { en: 'request, bare', zh: '简单请求' }, unit: 'µs' },
      rounds: { nginx: [20, 100, 22], menshen: [25, 125, 28.6] },
    },
    {
      figure: { name: 'idle', title: { en: 'idle connection', zh: '空闲连接' }, unit: 'kB' },
      rounds: { nginx: [16], menshen: [48] },
    },
  ],
  failures: [],
};

const cells = (text: string) => text.split('\n').map((line) => line.split('|').map((part) => part.trim()));

test('the table has one line a figure and one column a peer, with ratio and value', () => {
  assert.deepEqual(cells(table(report, 'en')).slice(0, 4), [
    ['', '', 'nginx 1.22.1', 'Menshen on Node 20', ''],
    ['', '---------------', '--------------', '------------------', ''],
    ['', 'request, bare', '1.00 (22.0 µs)', '1.25 (28.6 µs)', ''],
    ['', 'idle connection', '1.00 (16.0 kB)', '3.00 (48.0 kB)', ''],
  ]);
  assert.deepEqual(cells(table(report, 'zh'))[2], ['', '简单请求', '1.00 (22.0 µs)', '1.25 (28.6 µs)', '']);
});

test('columns are as wide on a terminal in both languages', () => {
  for (const language of ['en', 'zh'] as const) {
    const widths = table(report, language).split('\n').slice(0, 4).map(displayWidth);
    assert.deepEqual(new Set(widths).size, 1, `${language}: ${widths.join(', ')}`);
  }
  assert.equal(displayWidth('门神, 1'), 7);
});

test('Markdown holds both languages, from one run', () => {
  const text = markdown(report);
  assert.ok(text.includes(table(report, 'en')) && text.includes(table(report, 'zh')));
});

test('a peer that failed has no value, and is told with its reason', () => {
  const [bare] = report.measured;
  const measured = [{ ...bare!, rounds: { nginx: [20] } }];
  const failures = [{ scenario: 'bare', peer: 'menshen', reason: 'it answered nothing\nand more' }];
  const text = table({ ...report, measured, failures }, 'en');
  assert.deepEqual(cells(text)[2], ['', 'request, bare', '1.00 (20.0 µs)', '–', '']);
  assert.match(text, /^- bare, menshen: it answered nothing$/m);
  assert.doesNotMatch(table(report, 'en'), /Failed/);
});

test('without a value of the base there is no ratio', () => {
  const [bare] = report.measured;
  const text = table({ ...report, measured: [{ ...bare!, rounds: { menshen: [20] } }] }, 'en');
  assert.deepEqual(cells(text)[2], ['', 'request, bare', '–', '(20.0 µs)', '']);
});

test('a quick run says that it was one', () => {
  assert.match(table({ ...report, warmUpSeconds: 0 }, 'en'), /quick run/);
  assert.match(table({ ...report, warmUpSeconds: 0 }, 'zh'), /快速运行/);
  assert.doesNotMatch(table(report, 'en'), /quick run/);
});

test('plain data holds every round, medians and ratios, and is a report again', () => {
  const text = JSON.stringify(plainData(report));
  const data = JSON.parse(text);
  assert.equal(data.base, 'nginx');
  assert.deepEqual(data.measured[0].rounds.menshen, [25, 125, 28.6]);
  assert.equal(data.measured[0].medians.menshen, 28.6);
  assert.equal(data.measured[0].ratios.menshen, 1.25);
  assert.equal(markdown(readReport(text)), markdown(report));
  assert.throws(() => readReport('{"seconds":3}'), /not what --json has written/);
  assert.throws(() => readReport('|'), /no JSON/);
});

test('goals that were reached are counted, those that were missed are named', () => {
  assert.match(
    table(report, 'en'),
    /^Menshen on Node 20: 0 of 1 goals reached; missed: request, bare 1\.25 > 1\.2\.$/m,
  );
  assert.match(table(report, 'zh'), /^Menshen on Node 20：1 个目标中达到 0 个；未达到：简单请求 1\.25 > 1\.2。$/m);
  const [bare] = report.measured;
  const measured = [{ ...bare!, rounds: { nginx: [20], menshen: [24] } }];
  assert.match(table({ ...report, measured }, 'en'), /^Menshen on Node 20: 1 of 1 goals reached\.$/m);
  // Without nginx there is nothing to compare with.
  assert.doesNotMatch(table({ ...report, peers: report.peers.slice(1) }, 'en'), /goals/);
});

test('Node 20 has goals of its own for HTTP/1.1', () => {
  assert.equal(goalOf('browser', 20), 1.2);
  assert.equal(goalOf('browser', 26), 1);
  assert.equal(goalOf('h2-10', 20), 0.9);
  assert.equal(goalOf('down-100m-h2', 26), 1);
  assert.equal(goalOf('up-1m', 26), 1.1);
  assert.equal(goalOf('full', 20), 1.4);
  assert.equal(goalOf('idle', 26), undefined);
});

test('where Caddy took part, our ratios to it are told too', () => {
  assert.doesNotMatch(markdown(report), /Caddy/);
  const caddy = { name: 'caddy', version: 'Caddy 2.11.9' };
  const measured = report.measured.map((one) => ({ ...one, rounds: { ...one.rounds, caddy: [100, 500, 114.4] } }));
  const text = markdown({ ...report, peers: [...report.peers, caddy], measured });
  assert.match(text, /Menshen on Node 20, ratios to Caddy: request, bare 0\.25; idle connection 0\.48\./);
  assert.match(text, /Menshen on Node 20，与 Caddy 之比：简单请求 0\.25；空闲连接 0\.48。/);
  assert.doesNotMatch(text, /nginx 1\.22\.1, ratios to Caddy/);
});
