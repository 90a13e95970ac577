import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, readFileSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LogDestination } from '../../../src/gateway/observe/destination.ts';
import { openPipe, temporaryFolder } from './log-places.ts';

/** Waits until `holds`, however long this machine takes; the test runner ends what never comes. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(5);
}

test('a single line is written by itself after a short while', async (t) => {
  const file = path.join(temporaryFolder(t), 'log');
  const destination = new LogDestination({ target: file });
  destination.write('one\n');
  assert.equal(readFileSync(file, 'utf8'), '', 'gathered first');
  await until(() => readFileSync(file, 'utf8') === 'one\n');
  await destination.close();
});

test('many lines are written in order and none is lost', async (t) => {
  const file = path.join(temporaryFolder(t), 'log');
  const destination = new LogDestination({ target: file });
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} 门神 ${'x'.repeat(index % 300)}\n`);
  for (const [index, line] of lines.entries()) {
    destination.write(line);
    if (index % 500 === 0) await new Promise(setImmediate);
    if (index === 7777) await destination.flush();
  }
  await destination.close();
  assert.ok(readFileSync(file, 'utf8') === lines.join(''), 'the file holds the lines');
  assert.equal(destination.lostLines, 0);
});

test('flush resolves when what was written before it is in the file', async (t) => {
  const file = path.join(temporaryFolder(t), 'log');
  const destination = new LogDestination({ target: file });
  const first = 'a'.repeat(20_000);
  destination.write(`${first}\n`);
  destination.write('b\n');
  await destination.flush();
  assert.equal(readFileSync(file, 'utf8'), `${first}\nb\n`);
  await destination.flush();
  await destination.close();
});

test('a log file is readable by owner and group only', async (t) => {
  if (process.platform === 'win32') {
    t.skip('no permission bits on Windows');
    return;
  }
  const file = path.join(temporaryFolder(t), 'log');
  const destination = new LogDestination({ target: file });
  assert.equal(statSync(file).mode & 0o007, 0);
  await destination.close();
});

test('rotation: after reopen new lines go to a new file, and every line is in one of them, whole', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'log');
  const destination = new LogDestination({ target: file });
  let written = 0;
  for (let turn = 0; turn < 20; turn += 1) {
    for (let line = 0; line < 300; line += 1) destination.write(`${written++} ${'x'.repeat(200)}\n`);
    if (turn % 3 === 0) await new Promise(setImmediate);
    renameSync(file, path.join(folder, `log.${turn}`));
    destination.reopen();
    if (turn === 10) destination.reopen();
  }
  await destination.close();
  const names = [...Array.from({ length: 20 }, (_, turn) => `log.${turn}`), 'log'];
  const texts = names.map((name) => readFileSync(path.join(folder, name), 'utf8'));
  for (const text of texts) assert.ok(text === '' || text.endsWith('\n'));
  const numbers = texts.flatMap((text) => text.split('\n').slice(0, -1)).map((line) => Number(line.split(' ')[0]));
  assert.deepEqual(
    numbers,
    Array.from({ length: written }, (_, index) => index),
  );
});

test('a file that cannot be opened anew leaves the old one in use', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'sub');
  const destination = new LogDestination({ target: file });
  const old = path.join(folder, 'old');
  renameSync(file, old);
  const blocker = spawnSync('mkdir', [file]);
  assert.equal(blocker.status, 0);
  assert.throws(() => destination.reopen(), { code: 'EISDIR' });
  destination.write('still here\n');
  await destination.close();
  assert.equal(readFileSync(old, 'utf8'), 'still here\n');
});

test('a full disk: lines are held up to a limit, then counted as lost; nothing throws', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('/dev/full is a device of Linux');
    return;
  }
  const destination = new LogDestination({ target: '/dev/full' });
  const line = `${'x'.repeat(1023)}\n`;
  for (let index = 0; index < 40_000; index += 1) destination.write(line);
  await destination.flush();
  assert.ok(destination.lostLines > 5000 && destination.lostLines < 10_000, String(destination.lostLines));
  await destination.close();
  assert.equal(destination.lostLines, 40_000);
});

/** Reads what is there, without waiting; returns how much. */
function readReady(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    return 0;
  }
}

test('a reader that is slow loses nothing within the limit, and learns what it lost beyond', async (t) => {
  const pipe = openPipe(t);
  if (pipe === undefined) return;
  const { reader, writer } = pipe;
  t.after(() => closeSync(reader));
  const told: number[] = [];
  const destination = new LogDestination({ target: writer, onLost: (lines) => told.push(lines) });
  const line = `${'x'.repeat(1023)}\n`;
  const total = 40_000;
  for (let index = 0; index < total; index += 1) destination.write(line);
  const lost = destination.lostLines;
  assert.ok(lost > 5000 && lost < 10_000, String(lost));
  const piece = Buffer.alloc(1 << 20);
  let read = 0;
  for (const end = (total - lost) * 1024; read < end; await wait(1)) {
    const length = readReady(reader, piece);
    for (let index = 0; index < length; index += 1) {
      if ((piece[index] === 0x0a) !== ((read + index) % 1024 === 1023)) assert.fail('a line is not whole');
    }
    read += length;
  }
  await until(() => told.length > 0);
  assert.deepEqual(told, [lost]);
  assert.equal(read, (total - lost) * 1024);
  assert.equal(destination.lostLines, lost);
  await destination.close();
});

test('a reader that never reads delays the end by a bounded time only', async (t) => {
  const pipe = openPipe(t);
  if (pipe === undefined) return;
  const { reader, writer } = pipe;
  t.after(() => closeSync(reader));
  const destination = new LogDestination({ target: writer });
  for (let index = 0; index < 500; index += 1) destination.write(`${'x'.repeat(1023)}\n`);
  await destination.close();
  assert.ok(destination.lostLines > 0);
});

test('nothing is written after close', async (t) => {
  const file = path.join(temporaryFolder(t), 'log');
  const destination = new LogDestination({ target: file });
  destination.write('one\n');
  await destination.close();
  destination.write('two\n');
  destination.flushSync();
  destination.reopen();
  await destination.flush();
  await destination.close();
  assert.equal(readFileSync(file, 'utf8'), 'one\n');
  assert.equal(destination.lostLines, 1);
});

test('close resolves where the reader is found to have gone in that moment', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('only there is a pipe opened anew');
    return;
  }
  const pipe = openPipe(t);
  if (pipe === undefined) return;
  const { reader, writer } = pipe;
  const destination = new LogDestination({ target: writer });
  closeSync(reader);
  destination.write('one\n');
  await destination.close();
  assert.equal(destination.lostLines, 1);
});
