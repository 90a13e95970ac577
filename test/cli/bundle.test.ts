import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test, type TestContext } from 'node:test';
import { runInNewContext } from 'node:vm';
import { catalog } from '../../src/story/catalog/index.ts';

const root = mkdtempSync(path.join(tmpdir(), 'menshen-bundle-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs a `bin/menshen.js` with a cache folder and a home of its own. */
function menshen(project: string, cache: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(project, 'bin', 'menshen.js'), ...words], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: root, XDG_CACHE_HOME: cache, LC_ALL: 'C', ...env },
  });
  return { status, stdout, stderr };
}

/** A project whose build and whose bundle say which of them ran. */
function madeUpProject(name: string): string {
  const project = path.join(root, name);
  cpSync(path.resolve('bin'), path.join(project, 'bin'), { recursive: true });
  for (const folder of ['dist/src/cli', 'dist/bundle']) mkdirSync(path.join(project, folder), { recursive: true });
  writeFileSync(path.join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(
    path.join(project, 'dist/src/cli/main.js'),
    'export const main = async () => { console.log("build"); return 0; };',
  );
  writeBundle(project, 'bundle');
  return project;
}

function writeBundle(project: string, says: string): void {
  const digest = Buffer.from(says).toString('hex').padEnd(64, '0');
  const code = `(function (exports) { exports.main = async () => { console.log(${JSON.stringify(says)}); return 0; }; })`;
  writeFileSync(path.join(project, 'dist/bundle/menshen.cjs'), `// ${digest}\n${code}`);
}

describe('which code runs a command', () => {
  const project = madeUpProject('which');
  const ran = (...words: string[]): string => menshen(project, path.join(root, 'which-cache'), words).stdout.trim();

  test('help, trace, verify and dns run from the bundle, every other command from the build', () => {
    for (const words of [[], ['--help'], ['trace', 'x'], ['verify', 'x'], ['--json', 'dns', 'x']])
      assert.equal(ran(...words), 'bundle', words.join(' '));
    for (const words of [['serve'], ['check'], ['certs', 'trace'], ['demo'], ['trust'], ['--lang', 'zh', 'trace']])
      assert.equal(ran(...words), 'build', words.join(' '));
  });

  test('a bundle that is older than the build, or missing, is passed over', () => {
    const bundle = path.join(project, 'dist/bundle/menshen.cjs');
    const { atimeMs, mtimeMs } = statSync(path.join(project, 'dist/src/cli/main.js'));
    utimesSync(bundle, atimeMs / 1_000, mtimeMs / 1_000 - 1);
    assert.equal(ran('trace', 'x'), 'build');
    rmSync(bundle);
    assert.equal(ran('trace', 'x'), 'build');
  });
});

describe('compiled code that is kept', () => {
  const project = madeUpProject('kept');
  const cache = path.join(root, 'kept-cache');
  const folder = path.join(cache, 'menshen', 'compiled');
  const ran = (): string => menshen(project, cache, ['trace', 'x']).stdout.trim();
  const keptFile = (): string => {
    const files = readdirSync(folder);
    assert.equal(files.length, 1);
    return path.join(folder, files[0]!);
  };

  test('lies in a folder and a file for this person alone, and is used again', () => {
    assert.equal(ran(), 'bundle');
    assert.equal(statSync(keptFile()).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const { mtimeMs, ino } = statSync(keptFile());
    assert.equal(ran(), 'bundle');
    assert.deepEqual([statSync(keptFile()).mtimeMs, statSync(keptFile()).ino], [mtimeMs, ino]);
  });

  test('of another bundle of the same length is not run', () => {
    writeBundle(project, 'BUNDLE');
    assert.equal(ran(), 'BUNDLE');
    assert.equal(ran(), 'BUNDLE');
  });

  test('with one bit changed, cut short or open to others is not used, and is made anew', () => {
    const whole = readFileSync(keptFile());
    for (const at of [0, 30, 96, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      writeFileSync(keptFile(), changed);
      assert.equal(ran(), 'BUNDLE', `bit at ${at}`);
      assert.equal(readFileSync(keptFile()).equals(changed), false, `bit at ${at}`);
    }
    for (const length of [0, 50, 96, whole.length - 8]) {
      truncateSync(keptFile(), length);
      assert.equal(ran(), 'BUNDLE', `cut to ${length}`);
      assert.equal(readFileSync(keptFile()).length > 96, true, `cut to ${length}`);
    }
    chmodSync(keptFile(), 0o666);
    assert.equal(ran(), 'BUNDLE');
    assert.equal(statSync(keptFile()).mode & 0o777, 0o600);
  });

  test('is not kept where a folder cannot be made, nor where Node is told to keep none', () => {
    writeFileSync(path.join(root, 'a-file'), '');
    assert.deepEqual(menshen(project, path.join(root, 'a-file'), ['trace', 'x']), {
      status: 0,
      stdout: 'BUNDLE\n',
      stderr: '',
    });
    const other = path.join(root, 'none');
    assert.equal(menshen(project, other, ['trace', 'x'], { NODE_DISABLE_COMPILE_CACHE: '1' }).stdout, 'BUNDLE\n');
    assert.equal(existsSync(other), false);
  });
});

describe('the bundle of this build', () => {
  const cache = path.join(root, 'real-cache');
  const needsBundle = (t: TestContext): boolean => {
    const isThere = existsSync(path.resolve('dist', 'bundle', 'menshen.cjs'));
    if (!isThere) t.skip('the bundle has not been made');
    return isThere;
  };

  test('says what the build says, the second time as the first', (t) => {
    if (!needsBundle(t)) return;
    const main = path.resolve('dist', 'src', 'cli', 'main.js');
    const script = `const { main } = await import(${JSON.stringify(main)}); process.exitCode = await main(process.argv.slice(1));`;
    for (const words of [
      ['--help'],
      ['trace', '--help'],
      ['trace', '--no-packets', 'x y'],
      ['verify', '/none'],
      ['dns', '-x'],
    ]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '-e', script, '--', ...words],
        { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: root, LC_ALL: 'C' } },
      );
      for (const time of ['first', 'second'])
        assert.deepEqual(
          menshen(process.cwd(), cache, words),
          { status, stdout, stderr },
          `${words.join(' ')}, ${time}`,
        );
    }
  });

  test('tells stacks by the files and lines of the source', (t) => {
    if (!needsBundle(t)) return;
    const words = ['trace', 'https://page.localhost/', '--no-packets', '--cacert', path.join(root, 'missing.pem')];
    const { status, stderr } = menshen(process.cwd(), cache, words, { MENSHEN_DEBUG: '1' });
    assert.equal(status, 1);
    const where = /at \S+ \((\S+[\\/]src[\\/]cli[\\/]commands[\\/]trace-options\.ts):(\d+):\d+\)/.exec(stderr);
    assert.ok(where, stderr);
    const line = readFileSync(where[1]!, 'utf8').split('\n')[Number(where[2]) - 1];
    assert.match(line ?? '', /FindingError|await/);
  });

  test('finds every finding, as the build has it', (t) => {
    if (!needsBundle(t)) return;
    const folder = path.resolve('dist', 'bundle');
    const octets = readFileSync(
      path.join(
        folder,
        readdirSync(folder).find((name) => name.startsWith('findings-'))!,
      ),
    );
    const code = readFileSync(path.join(folder, 'menshen.cjs'), 'latin1');
    const parcels = /\bparcels\s*=\s*(\[\[[^;]*?\]\])/.exec(code)?.[1] ?? '[]';
    const found: Record<string, unknown> = {};
    // Long lines are broken within texts, as JavaScript may.
    for (const [codes, offset, length] of runInNewContext(parcels) as [string, number, number][]) {
      const some = JSON.parse(octets.toString('utf8', offset, offset + length)) as Record<string, unknown>;
      assert.equal(` ${Object.keys(some).join(' ')} `, codes);
      Object.assign(found, some);
    }
    assert.deepEqual(found, { ...catalog });
  });

  test('carries the licences of what is inside', (t) => {
    if (!needsBundle(t)) return;
    const text = readFileSync(path.resolve('dist', 'bundle', 'LICENSES.txt'), 'utf8');
    for (const name of ['commander', 'parse5', 'entities']) assert.match(text, new RegExp(`^${name} \\d+\\.`, 'm'));
  });
});
