import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import type { HandshakeFailure } from '../../../src/gateway/observe/handshake-failure.ts';
import { createLog, type Log, type LogOptions } from '../../../src/gateway/observe/log.ts';
import { finding } from '../../../src/story/finding.ts';
import { actsOnTerminal, HOSTILE_TEXTS, hostileText } from './hostile-text.ts';
import { sampleRecord } from './sample-record.ts';

const timeMs = Date.UTC(2026, 10, 22, 0, 58, 3, 120);

interface Written {
  readonly log: Log;
  readonly file: string;
  /** Everything written so far. */
  readonly text: () => Promise<string>;
  readonly errorText: () => Promise<string>;
}

function openLog(t: TestContext, options: Partial<LogOptions>): Written {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-log-'));
  const file = path.join(folder, 'out');
  const errorFile = path.join(folder, 'err');
  const log = createLog({
    format: 'json',
    language: 'en',
    output: file,
    errorOutput: errorFile,
    colour: false,
    clock: () => timeMs,
    ...options,
  });
  t.after(async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const read = async (name: string): Promise<string> => {
    await log.flush();
    return readFileSync(name, 'utf8');
  };
  return { log, file, text: () => read(file), errorText: () => read(errorFile) };
}

const parse = (text: string): Record<string, unknown>[] => {
  assert.ok(text.endsWith('\n'));
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

function failure(different: Partial<HandshakeFailure> = {}): HandshakeFailure {
  return {
    timeMs,
    peer: '192.0.2.7:50312',
    serverName: 'app.localhost',
    site: 'app.localhost',
    offeredVersions: ['TLSv1'],
    offeredCiphers: ['TLS_RSA_WITH_AES_128_CBC_SHA'],
    offeredAlpn: ['http/1.1'],
    alert: 'protocol_version',
    opensslError: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
    finding: finding('no-such-site', { authority: 'app.localhost' }),
    ...different,
  };
}

test('json: the ready line has its event and addresses', async (t) => {
  const { log, text } = openLog(t, {});
  log.event('ready', 'info', { addresses: ['https://0.0.0.0:443', 'https://[::]:443'] });
  assert.equal(
    await text(),
    '{"level":"info","time":"2026-11-22T00:58:03.120Z","event":"ready","addresses":["https://0.0.0.0:443","https://[::]:443"]}\n',
  );
});

test('json: a finding has its code, who is at fault, and its sentences in the language', async (t) => {
  for (const [language, sentence] of [
    ['en', 'No site here is called x.example.'],
    ['zh', '这里没有名为 x.example 的站点。'],
  ] as const) {
    const { log, text } = openLog(t, { language });
    log.finding(finding('no-such-site', { authority: 'x.example' }), { peer: '192.0.2.1' });
    const [line] = parse(await text());
    assert.equal(line?.['sentence'], sentence);
    assert.deepEqual(
      [line?.['level'], line?.['event'], line?.['code'], line?.['fault'], line?.['peer']],
      ['warn', 'finding', 'no-such-site', 'client', '192.0.2.1'],
    );
    assert.deepEqual(line?.['values'], { authority: 'x.example' });
    assert.ok(line?.['mend']);
  }
});

test('json: a failed handshake is one line with what was offered and what it means', async (t) => {
  const { log, text } = openLog(t, { clock: () => 0 });
  log.handshakeFailure(failure({ offeredCiphers: Array.from({ length: 3000 }, (_, index) => `0x${index}`) }));
  const [line, ...others] = parse(await text());
  assert.deepEqual(others, []);
  const { offeredCiphers, sentence, mend, ...rest } = line ?? {};
  assert.deepEqual(rest, {
    level: 'warn',
    time: '2026-11-22T00:58:03.120Z',
    event: 'handshake-failed',
    peer: '192.0.2.7:50312',
    serverName: 'app.localhost',
    site: 'app.localhost',
    offeredVersions: ['TLSv1'],
    offeredAlpn: ['http/1.1'],
    alert: 'protocol_version',
    opensslError: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
    code: 'no-such-site',
    fault: 'client',
  });
  assert.ok(sentence && mend);
  assert.equal((offeredCiphers as string[]).length, 65);
  assert.equal((offeredCiphers as string[]).at(-1), '+2936');
});

test('json: an error keeps its message and stack', async (t) => {
  const { log, text } = openLog(t, {});
  log.event('worker-crashed', 'error', { error: new TypeError('a\ndefect') });
  const [line] = parse(await text());
  const error = line?.['error'] as { type: string; message: string; stack: string };
  assert.equal(error.type, 'TypeError');
  assert.equal(error.message, 'a\ndefect');
  assert.match(error.stack, /log\.test/);
});

test('fuzz: events and failed handshakes with any text are one JSON line each, with the values in them', async (t) => {
  const { log, file } = openLog(t, {});
  let expected = 0;
  await fc.assert(
    fc.asyncProperty(hostileText, async (value) => {
      log.event('seen', 'info', { value, list: [value], [`n${value}`]: 1 });
      log.handshakeFailure(failure({ serverName: value, offeredAlpn: [value], opensslError: value }));
      expected += 2;
      await log.flush();
      const text = readFileSync(file, 'utf8');
      assert.ok(!actsOnTerminal(text.replaceAll('\n', '')));
      const lines = parse(text);
      assert.equal(lines.length, expected);
      const [event, handshake] = lines.slice(-2);
      assert.deepEqual([event?.['value'], event?.['list'], event?.[`n${value}`]], [value, [value], 1]);
      assert.deepEqual(
        [handshake?.['serverName'], handshake?.['offeredAlpn'], handshake?.['opensslError']],
        [value, [value], value],
      );
    }),
    { numRuns: 60 },
  );
});

test('events below the level are left out, in json and pretty', async (t) => {
  for (const format of ['json', 'pretty'] as const) {
    const { log, text } = openLog(t, { format, level: 'warn' });
    log.event('quiet', 'info');
    log.event('loud', 'warn');
    log.finding(finding('stopped'));
    const written = await text();
    assert.ok(written.includes('loud'));
    assert.equal(written.split('\n').length, 2);
  }
});

test('pretty: a request is one aligned line', async (t) => {
  const { log, text } = openLog(t, { format: 'pretty' });
  log.access(sampleRecord({ tlsMs: 12.4 }));
  log.access(sampleRecord({ method: 'DELETE', status: 503, totalMs: 12_345, bytesSent: 48_500_000, upstream: '' }));
  log.access(sampleRecord({ status: 0, bytesSent: 0, totalMs: 0.04, error: 'no-such-site' }));
  const [first = '', second = '', third = ''] = (await text()).split('\n');
  assert.ok(first.endsWith('app.example.com/articles?page=3  → http://127.0.0.1:8000 1.7 ms  TLSv1.3 12.4 ms'));
  assert.match(first, /^\d\d:\d\d:03\.120 {2}GET {5}200 {5}2\.1 ms {3}4\.3 kB {2}app/);
  assert.match(second, /DELETE {2}503 {7}12 s {4}49 MB {2}app/);
  assert.match(third, /GET {5}--- {5}0\.0 ms {6}0 B {2}app.* No site here is called app\.example\.com\.$/);
  for (const line of [first, second, third])
    assert.equal(line.indexOf('app.example.com'), first.indexOf('app.example'));
});

test('pretty: events of the catalogue are sentences in the language, others a name and values', async (t) => {
  for (const [language, ready] of [
    ['en', 'Ready: https://0.0.0.0:443, https://[::]:443  pid=7'],
    ['zh', '已就绪：https://0.0.0.0:443, https://[::]:443  pid=7'],
  ] as const) {
    const { log, text } = openLog(t, { format: 'pretty', language });
    log.event('ready', 'info', { addresses: ['https://0.0.0.0:443', 'https://[::]:443'], pid: 7 });
    log.event('something-new', 'warn', { reason: 'a\nb', none: undefined });
    const [first = '', second = ''] = (await text()).split('\n');
    assert.ok(first.endsWith(`  •  ${ready}`), first);
    assert.ok(second.endsWith('  ⚠  something-new  reason=a\\x0ab'), second);
  }
});

test('pretty: a failed handshake names peer, name, meaning and offer on one line', async (t) => {
  const { log, text } = openLog(t, { format: 'pretty' });
  log.handshakeFailure(failure({ serverName: '' }));
  const line = await text();
  assert.equal(line.split('\n').length, 2);
  assert.match(line, /⚠ {2}TLS 192\.0\.2\.7:50312 → -: No site here is called app\.localhost\. Check/);
  assert.match(line, / {2}versions=TLSv1 {2}ciphers=1 {2}alpn=http\/1\.1 {2}alert=protocol_version {2}openssl=ERR_/);
});

test('pretty: the stack of an error is indented below it', async (t) => {
  const { log, text } = openLog(t, { format: 'pretty' });
  log.event('worker-crashed', 'error', { error: new Error('12:00:00.000  •  forged\n12:00:00.000  •  line') });
  const [first = '', ...frames] = (await text()).trimEnd().split('\n');
  assert.ok(first.includes('error=12:00:00.000  •  forged\\x0a12:00:00.000  •  line'));
  assert.ok(frames.length > 0);
  for (const frame of frames) assert.match(frame, /^ {4}at /);
});

test('pretty: no text acts on the terminal or makes a second line', async (t) => {
  const { log, text } = openLog(t, { format: 'pretty' });
  let expected = 0;
  for (const hostile of HOSTILE_TEXTS) {
    const values = { target: hostile, method: hostile, upstream: hostile, error: hostile, authority: hostile };
    log.access(sampleRecord({ ...values, tlsVersion: hostile, tlsMs: 1 }));
    log.event(`e${hostile}`, 'info', { hostile, list: [hostile] });
    log.event('ready', 'info', { addresses: hostile });
    log.finding(finding('no-such-site', { authority: hostile }), { hostile });
    log.handshakeFailure(failure({ peer: hostile, serverName: hostile, offeredAlpn: [hostile], alert: hostile }));
    expected += 5;
  }
  const lines = (await text()).trimEnd().split('\n');
  assert.equal(lines.length, expected);
  for (const line of lines) assert.ok(!actsOnTerminal(line), JSON.stringify(line));
});

test('pretty: colours only where wanted, and a file never gets them by itself', async (t) => {
  const coloured = openLog(t, { format: 'pretty', colour: true });
  coloured.log.access(sampleRecord({ status: 404 }));
  assert.ok((await coloured.text()).includes('\u001b[33m404\u001b[0m'));
  const plain = openLog(t, { format: 'pretty' });
  plain.log.access(sampleRecord({ status: 404 }));
  assert.ok(!(await plain.text()).includes('\u001b'));
});

test('common and combined: access lines to the output, everything else to the error output as pretty lines', async (t) => {
  for (const format of ['common', 'combined'] as const) {
    const { log, text, errorText } = openLog(t, { format });
    log.access(sampleRecord({ referer: 'https://a.example/', userAgent: 'curl/8' }));
    log.event('ready', 'info', { addresses: ['https://0.0.0.0:443'] });
    log.finding(finding('no-such-site', { authority: 'x' }));
    log.handshakeFailure(failure());
    const access = await text();
    assert.match(access, /^192\.0\.2\.17 - - \[.*\] "GET \/articles\?page=3 HTTP\/1\.1" 200 4312/);
    assert.equal(access.split('\n').length, 2);
    assert.equal(access.includes('"https://a.example/" "curl/8"\n'), format === 'combined');
    const events = await errorText();
    assert.equal(events.split('\n').length, 4);
    assert.match(events, /Ready: https/);
  }
});

test('referer and user agent are wanted only by the formats that show them', (t) => {
  const wants = (format: LogOptions['format']): boolean => openLog(t, { format }).log.wantsAgent;
  assert.deepEqual([wants('json'), wants('pretty'), wants('common'), wants('combined')], [true, false, false, true]);
});

test('reopen goes on in a new file, and reports a file that cannot be opened', async (t) => {
  const { log, file } = openLog(t, {});
  log.event('first', 'info');
  await log.flush();
  renameSync(file, `${file}.1`);
  log.reopen();
  log.event('second', 'info');
  await log.flush();
  assert.equal(parse(readFileSync(`${file}.1`, 'utf8'))[0]?.['event'], 'first');
  assert.equal(parse(readFileSync(file, 'utf8'))[0]?.['event'], 'second');
  renameSync(file, `${file}.2`);
  mkdirSync(file);
  log.reopen();
  await log.flush();
  const [, report] = parse(readFileSync(`${file}.2`, 'utf8'));
  assert.equal(report?.['code'], 'log-reopen-failed');
  assert.match(String(report?.['sentence']), /EISDIR/);
});
