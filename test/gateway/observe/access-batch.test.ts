import assert from 'node:assert/strict';
import { closeSync, existsSync, readFileSync, readSync, renameSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { AccessRecord } from '../../../src/gateway/access-record.ts';
import { AccessBatch } from '../../../src/gateway/observe/access-batch.ts';
import { copyAllFields, copyClfFields } from '../../../src/gateway/observe/access-fields.ts';
import { accessCombined, accessCommon, accessJson } from '../../../src/gateway/observe/access-line.ts';
import { LogDestination } from '../../../src/gateway/observe/destination.ts';
import { createLog, type Log } from '../../../src/gateway/observe/log.ts';
import { finding } from '../../../src/story/finding.ts';
import { sampleRecord } from './sample-record.ts';
import { openPipe, temporaryFolder } from './log-places.ts';

const FORMATS = [
  { format: 'json', line: accessJson, copy: copyAllFields },
  { format: 'common', line: accessCommon, copy: copyClfFields },
  { format: 'combined', line: accessCombined, copy: copyClfFields },
] as const;

function openLog(t: TestContext, format: (typeof FORMATS)[number]['format']): { log: Log; file: string } {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'log');
  const log = createLog({ format, language: 'en', output: file, errorOutput: path.join(folder, 'errors') });
  t.after(() => log.close());
  return { log, file };
}

/** A log whose reader has read nothing yet. */
function openPipedLog(t: TestContext): { log: Log; reader: number } | undefined {
  const pipe = openPipe(t);
  if (pipe === undefined) return undefined;
  t.after(() => closeSync(pipe.reader));
  const log = createLog({ format: 'json', language: 'en', output: pipe.writer });
  t.after(() => log.close());
  return { log, reader: pipe.reader };
}

/** Requests that differ from each other, and from a record of no request, in every field. */
function differentRecord(number: number): AccessRecord {
  return {
    timeMs: Date.UTC(2026, 10, 22, 0, 58, 3) + number * 400,
    site: `site-${number}`,
    peer: `192.0.2.${number % 256}`,
    method: `M${number}`,
    target: `/${number}`,
    authority: `a${number}.example`,
    protocol: `HTTP/1.${number}`,
    status: 200 + number,
    bytesSent: 1000 + number,
    bytesReceived: 2000 + number,
    tlsMs: 1.5 + number,
    upstreamMs: 2.5 + number,
    totalMs: 4.125 + number,
    tlsVersion: `TLSv1.${number}`,
    cipherSuite: `SUITE_${number}`,
    resumed: number % 2 === 0,
    upstream: `http://127.0.0.1:${8000 + number}`,
    error: `error-${number}`,
    requestId: `id-${number}`,
    referer: `https://r${number}.example/`,
    userAgent: `agent/${number}`,
  };
}

/** Reads whole lines until there are as many, however long they take. */
async function readLines(reader: number, count: number): Promise<string[]> {
  const piece = Buffer.alloc(1 << 16);
  let text = '';
  while (text.split('\n').length <= count) {
    try {
      text += piece.toString('latin1', 0, readSync(reader, piece));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
    await wait(1);
  }
  return text.split('\n').slice(0, -1);
}

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);
/** The number in the target of an access line of any format. */
const targetOf = (line: string): number => Number(/(?:"target":"| )\/(\d+)[" ]/.exec(line)?.[1]);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

for (const { format, line, copy } of FORMATS) {
  test(`${format}: the caller may use its record again at once, and seconds may change from line to line`, async (t) => {
    const { log, file } = openLog(t, format);
    const record = sampleRecord();
    const expected = [];
    for (const number of upTo(300)) {
      Object.assign(record, differentRecord(number));
      log.access(record);
      expected.push(line(differentRecord(number)));
    }
    Object.assign(record, differentRecord(1000));
    await log.flush();
    assert.equal(readFileSync(file, 'utf8'), expected.join(''));
  });

  test(`${format}: flush and close write every line there was, whole batches or not`, async (t) => {
    for (const count of [1, 2, 31, 32, 33, 63, 64, 65, 500]) {
      const { log, file } = openLog(t, format);
      for (const number of upTo(count)) log.access(sampleRecord({ target: `/${number}` }));
      await log.flush();
      assert.deepEqual(linesOf(file).map(targetOf), upTo(count));
      for (const number of upTo(count)) log.access(sampleRecord({ target: `/${count + number}` }));
      await log.close();
      assert.deepEqual(linesOf(file).map(targetOf), upTo(2 * count));
      assert.equal(log.lostLines, 0);
    }
  });

  test(`${format}: a single request is written by itself after a short while, and so is the next`, async (t) => {
    const { log, file } = openLog(t, format);
    for (const number of upTo(2)) {
      log.access(sampleRecord({ target: `/${number}` }));
      while (linesOf(file).length <= number) await wait(5);
    }
    assert.deepEqual(linesOf(file).map(targetOf), [0, 1]);
  });

  test(`${format}: every line is in one of the files between which reopen changes, and in order`, async (t) => {
    const { log, file } = openLog(t, format);
    let logged = 0;
    const moved = upTo(12).map((turn) => `${file}.${turn}`);
    for (const [turn, name] of moved.entries()) {
      for (let count = 0; count < turn * 9; count += 1) log.access(sampleRecord({ target: `/${logged++}` }));
      if (turn % 3 === 0) await log.flush();
      renameSync(file, name);
      log.reopen();
    }
    await log.close();
    assert.deepEqual([...moved, file].flatMap(linesOf).map(targetOf), upTo(logged));
  });

  test(`${format}: what is held is written before flushSync, for the end of the process, returns`, (t) => {
    const file = path.join(temporaryFolder(t), 'log');
    const destination = new LogDestination({ target: file });
    const batch = new AccessBatch(destination, copy, line);
    for (const number of upTo(40)) batch.add(sampleRecord({ target: `/${number}` }));
    destination.flushSync();
    assert.deepEqual(linesOf(file).map(targetOf), upTo(40));
    return destination.close();
  });

  test(`${format}: what a client sent is not kept once its line is put together`, async (t) => {
    const rows = new Set<AccessRecord>();
    const destination = new LogDestination({ target: path.join(temporaryFolder(t), 'log') });
    const batch = new AccessBatch(destination, copy, (row) => {
      rows.add(row);
      return line(row);
    });
    const sent = { method: 'long', target: 'long', authority: 'long', referer: 'long', userAgent: 'long' };
    for (let count = 0; count < 50; count += 1) batch.add(sampleRecord(sent));
    await destination.close();
    assert.ok(rows.size > 1 && rows.size < 50, 'rows are used again');
    for (const row of rows) assert.ok(!Object.values(row).includes('long'));
  });
}

test('json: access lines stand among the others in the order in which things happened', async (t) => {
  const { log, file } = openLog(t, 'json');
  const expected: string[] = [];
  for (const turn of upTo(60)) {
    for (let count = 0; count < turn; count += 1) {
      log.access(sampleRecord({ target: `/${turn}/${count}` }));
      expected.push(`/${turn}/${count}`);
    }
    const event = `turn-${turn}`;
    expected.push(event);
    if (turn % 3 === 0) log.event(event, 'info');
    else if (turn % 3 === 1) log.finding(finding('no-such-site', { authority: 'x' }), { event });
    else log.relay(`{"event":"${event}"}\n`, 1);
    if (turn % 7 === 0) await log.flush();
  }
  await log.flush();
  const told = linesOf(file).map((line) => {
    const { event, target } = JSON.parse(line) as { event: string; target?: string };
    return target ?? event;
  });
  assert.deepEqual(told, expected);
});

test('lines relayed from another process stand behind the access lines that came before them', async (t) => {
  const { log, file } = openLog(t, 'combined');
  for (const number of [0, 2, 4]) {
    log.access(sampleRecord({ target: `/${number}` }));
    log.relay(accessCombined(sampleRecord({ target: `/${number + 1}` })), 1);
  }
  await log.flush();
  assert.deepEqual(linesOf(file).map(targetOf), upTo(6));
});

test('lines that come while a slow reader keeps the writer waiting get through in order', async (t) => {
  const pipe = openPipedLog(t);
  if (pipe === undefined) return;
  const { log, reader } = pipe;
  for (const number of upTo(1000)) {
    log.access(sampleRecord({ target: `/${number}` }));
    if (number % 70 === 0) await new Promise(setImmediate);
  }
  assert.deepEqual((await readLines(reader, 1000)).map(targetOf), upTo(1000));
});

test('a request that ends while another line is being written is written after it, by itself', async (t) => {
  const pipe = openPipedLog(t);
  if (pipe === undefined) return;
  const { log, reader } = pipe;
  log.event('told', 'info');
  log.access(sampleRecord({ target: '/0' }));
  const [first, second] = await readLines(reader, 2);
  assert.match(first ?? '', /"event":"told"/);
  assert.equal(targetOf(second ?? ''), 0);
});

test('batches of two formats keep their order in one place', async (t) => {
  const file = path.join(temporaryFolder(t), 'log');
  const destination = new LogDestination({ target: file });
  const batches = [accessJson, accessCombined].map((line) => new AccessBatch(destination, copyAllFields, line));
  // Runs of requests of one format, longer and shorter than a batch.
  for (const number of upTo(500)) batches[(number >> 3) % 5 === 0 ? 0 : 1]?.add(sampleRecord({ target: `/${number}` }));
  await destination.close();
  assert.deepEqual(linesOf(file).map(targetOf), upTo(500));
});

test('a reader that has gone: lines that were held and lines that come later are counted, one by one', async (t) => {
  const pipe = openPipe(t);
  if (pipe === undefined) return;
  closeSync(pipe.reader);
  const log = createLog({ format: 'json', language: 'en', output: pipe.writer });
  for (let count = 0; count < 40; count += 1) log.access(sampleRecord());
  log.event('told', 'info');
  // The pool has forty-one lines and has not yet found out; these are held meanwhile.
  for (let count = 0; count < 5; count += 1) log.access(sampleRecord());
  await log.flush();
  assert.equal(log.lostLines, 46);
  for (let count = 1; count <= 3; count += 1) {
    log.access(sampleRecord());
    assert.equal(log.lostLines, 46 + count);
  }
  await log.close();
  assert.equal(log.lostLines, 49);
});

test('a full disk: lines are held up to the limit, and every lost one is counted', async (t) => {
  if (!existsSync('/dev/full')) {
    t.skip('no /dev/full on this system');
    return;
  }
  const log = createLog({ format: 'json', language: 'en', output: '/dev/full' });
  const record = sampleRecord({ target: `/${'x'.repeat(1023)}` });
  const { length } = accessJson(record);
  const total = 30_000;
  for (let count = 0; count < total; count += 1) log.access(record);
  await log.flush();
  const heldBytes = (total - log.lostLines) * length;
  assert.ok(Math.abs(heldBytes - 32 * 1024 * 1024) < 1024 * 1024, String(heldBytes));
  await log.close();
  assert.equal(log.lostLines, total);
});
