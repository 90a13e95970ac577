import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import assert from 'node:assert/strict';
import { withWorld } from './trace/world.ts';

const libraryFile = fileURLToPath(new URL('../src/index.js', import.meta.url));

/** Starts an example as its first lines say, with the build under test for `menshen`. */
function start(example: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
  const runner = path.join('node_modules', 'jiti', 'lib', 'jiti-cli.mjs');
  const child = spawn(process.execPath, [runner, `examples/${example}`, ...args], {
    env: { ...process.env, JITI_ALIAS: JSON.stringify({ menshen: libraryFile }), JITI_FS_CACHE: 'false', ...env },
  });
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  return child;
}

async function printed(example: string, ...args: readonly string[]): Promise<string> {
  const child = start(example, args);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: string) => (text += piece));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, text);
  return text;
}

const programs = readdirSync('examples').filter((name) => name.endsWith('.ts') && !name.endsWith('.config.ts'));

test('the examples compile against the types of the package', { timeout: 300_000 }, (t) => {
  if (!existsSync(path.join('dist', 'src', 'index.d.ts'))) {
    t.skip('not built in dist');
    return;
  }
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      path.join('node_modules', 'typescript', 'bin', 'tsc'),
      ...'--noEmit --strict --skipLibCheck --ignoreConfig'.split(' '),
      ...'--target es2023 --module nodenext --types node'.split(' '),
      ...programs.map((name) => `examples/${name}`),
    ],
    { encoding: 'utf8' },
  );
  assert.equal(stdout, '');
  assert.equal(status, 0);
});

test(
  'examples/resolve.ts tells an address that needs no server, and why there is none',
  { timeout: 120_000 },
  async () => {
    assert.equal(await printed('resolve.ts', 'app.localhost', 'AAAA'), '::1\n');
    assert.match(await printed('resolve.ts', 'nothing.invalid'), /^The name nothing\.invalid can never exist/);
  },
);

test('examples/verify.ts and examples/trace.ts judge a server', { timeout: 240_000 }, async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_request, response) => response.end('hello'));
    const host = new URL(origin).host;
    assert.equal(await printed('verify.ts', host, world.cacert), `${host}: trusted\n`);
    const doubted = await printed('verify.ts', host, 'mozilla');
    assert.match(doubted, /not to be trusted \(\w[\w-]+\)\n {2}.+\n {2}→ /);
    const told = await printed('trace.ts', `${origin}/`, world.cacert);
    assert.match(told, /^name host\.localhost \(/);
    assert.match(told, /\nall went well\n$/);
    const failed = await printed('trace.ts', `${origin}/`, 'mozilla');
    assert.match(failed, /\n {2}✗ .+\n(?:.+\n)*failed: certificate-/);
  });
});

test('examples/gateway.ts serves until it is told to end', { timeout: 120_000 }, async (t) => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'menshen-example-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const child = start('gateway.ts', ['0', path.join(home, 'state')]);
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: string) => (text += piece));
  const ended = once(child, 'close') as Promise<[number | null]>;
  while (!/^ready: https:\/\/127\.0\.0\.1:\d+/m.test(text)) {
    await Promise.race([once(child.stdout, 'data'), ended.then(() => assert.fail(text))]);
  }
  child.kill('SIGINT');
  assert.deepEqual((await ended)[0], 0, text);
});
