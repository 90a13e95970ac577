import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './log-places.ts';

const program = fileURLToPath(new URL('log-program.js', import.meta.url));

/** The numbers in the targets of the access lines, every line parsed. */
function targetsOf(text: string): number[] {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line is whole');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { event: string; target?: string })
    .filter(({ event }) => event === 'request')
    .map(({ target }) => Number(target?.slice(1)));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

for (const [end, code] of [
  ['exit', 0],
  ['crash', 1],
  ['close', 0],
  ['return', 0],
] as const) {
  for (const lines of [3, 2000]) {
    test(`no line is lost or broken when the process ends: ${end}, ${lines} lines into a file`, async (t) => {
      const file = path.join(temporaryFolder(t), 'log');
      const fd = openSync(file, 'a');
      const child = spawn(process.execPath, [program, String(lines), end], { stdio: ['ignore', fd, 'ignore'] });
      closeSync(fd);
      const [status] = (await once(child, 'exit')) as [number];
      assert.equal(status, code);
      const targets = targetsOf(readFileSync(file, 'utf8'));
      assert.deepEqual(
        targets.toSorted((a, b) => a - b),
        upTo(lines),
      );
    });

    test(`no line is lost or broken when the process ends: ${end}, ${lines} lines into a pipe`, async () => {
      const child = spawn(process.execPath, [program, String(lines), end], { stdio: ['ignore', 'pipe', 'ignore'] });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      const [status] = (await once(child, 'close')) as [number];
      assert.equal(status, code);
      assert.deepEqual(
        targetsOf(text).toSorted((a, b) => a - b),
        upTo(lines),
      );
    });
  }
}

test('no line is lost on SIGTERM, and lines are in order', async () => {
  const child = spawn(process.execPath, [program, '2000', 'sigterm'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let asked = false;
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (!asked) child.kill('SIGTERM');
    asked = true;
  });
  const [status] = (await once(child, 'close')) as [number];
  assert.equal(status, 0);
  assert.deepEqual(targetsOf(text), upTo(2001));
});

test('a reader that goes away does not end the program', async () => {
  const child = spawn(process.execPath, [program, '100', 'reader-gone'], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.kill('SIGUSR2');
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (told += piece));
  const [status] = (await once(child, 'close')) as [number];
  assert.equal(status, 0);
  assert.equal(told, 'lost 200\n');
});

test('a full disk keeps the program neither from running nor from ending', async (t) => {
  let fd: number;
  try {
    fd = openSync('/dev/full', 'w');
  } catch {
    t.skip('no /dev/full on this system');
    return;
  }
  for (const [end, code] of [
    ['exit', 0],
    ['crash', 1],
    ['close', 0],
  ] as const) {
    const child = spawn(process.execPath, [program, '500', end], { stdio: ['ignore', fd, 'ignore'] });
    const [status] = (await once(child, 'exit')) as [number];
    assert.equal(status, code, end);
  }
  closeSync(fd);
});

test('a reader that never reads does not keep the program from ending', { timeout: 120_000 }, async (t) => {
  const fifo = path.join(temporaryFolder(t), 'fifo');
  if (process.platform !== 'linux' || spawnSync('mkfifo', [fifo]).status !== 0) {
    t.skip('needs mkfifo, and /proc to write to a pipe without blocking');
    return;
  }
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY);
  const child = spawn(process.execPath, [program, '5000', 'close'], { stdio: ['ignore', writer, 'ignore'] });
  t.after(() => {
    child.kill('SIGKILL');
    closeSync(reader);
  });
  closeSync(writer);
  const [status] = (await once(child, 'exit')) as [number];
  assert.equal(status, 0);
});
