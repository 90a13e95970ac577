import { spawnSync } from 'node:child_process';
import module from 'node:module';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { folderOf } from '../config/folder.ts';

const main = new URL('../../src/cli/main.js', import.meta.url).href;
const script = `const { main } = await import(${JSON.stringify(main)}); process.exitCode = await main(process.argv.slice(1));`;

/** Runs the command line in a process of its own, in English unless told otherwise. */
function menshen(args: readonly string[], folder: string = process.cwd(), env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, LC_ALL: 'C', ...env },
  });
  return { status, stdout, stderr };
}

test('help and version speak on standard output and end with 0', () => {
  const help = menshen(['--help']);
  assert.equal(help.status, 0);
  for (const command of ['serve', 'check', 'trust', 'untrust', 'demo'])
    assert.match(help.stdout, new RegExp(`^  ${command} `, 'm'));
  assert.match(menshen(['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('help speaks Chinese where the environment or --lang asks for it', () => {
  for (const { stdout } of [
    menshen(['--help'], undefined, { LC_ALL: 'zh_CN.UTF-8' }),
    menshen(['--lang', 'zh', '--help']),
  ]) {
    assert.match(stdout, /用法：/);
    assert.match(stdout, /指出配置中的每个错误/);
  }
  assert.match(menshen(['check', '--help', '--lang=zh']).stdout, /选项：/);
  assert.match(menshen(['--help', '--lang', 'en'], undefined, { LC_ALL: 'zh_CN.UTF-8' }).stdout, /Usage:/);
});

test('what is no command line ends with 2 and a suggestion', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /Usage: menshen/],
    [['serv'], /no command serv\.\n {2}→ Did you mean serve\?/],
    [['dance'], /no command dance\.\n {2}→ Run menshen --help/],
    [['check', '--htps-port', '1'], /no option --htps-port here\.\n {2}→ Did you mean --https-port\?/],
    [['check', '--zzz'], /no option --zzz here\.\n {2}→ Run menshen check --help/],
    [['check', '--config'], /option --config <FILE> needs a value/],
  ];
  for (const [args, pattern] of cases) {
    const { status, stdout, stderr } = menshen(args);
    assert.equal(status, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, pattern);
  }
});

test('check prints the sites of a good configuration and ends with 0', (t) => {
  const sites = {
    'a.localhost': { to: [3000, 3001], default: true },
    'b.localhost': { root: '.', fallback: 'unix:/b.sock' },
  };
  const folder = folderOf(t, { 'menshen.config.json': JSON.stringify({ sites, listen: { https: 8443, http: 0 } }) });
  const { status, stdout, stderr } = menshen(['check'], folder);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  assert.match(stdout, /^menshen\.config\.json: in order$/m);
  assert.match(
    stdout,
    /^ {2}a\.localhost \(default\) +http:\/\/127\.0\.0\.1:3000, http:\/\/127\.0\.0\.1:3001 +local CA +not asked for$/m,
  );
  assert.match(stdout, /^ {2}b\.localhost .* → unix:\/b\.sock/m);
  assert.match(stdout, /^ {2}listens on \*:8443$/m);
  assert.ok(stdout.includes(path.join(folder, '.local', 'state', 'menshen')) || stdout.includes('/var/lib/menshen'));
});

test('check prints every mistake with its place and mend and ends with 1', (t) => {
  const sites = { 'api.example.com': { to: 8080, clientAuth: { mode: 'requier', ca: './partners.pem' } }, 'b:1': 0 };
  const folder = folderOf(t, { 'menshen.config.json': JSON.stringify({ sites }) });
  const { status, stdout, stderr } = menshen(['check'], folder);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^menshen\.config\.json: 4 mistakes$/m);
  assert.match(
    stderr,
    /`sites\["api\.example\.com"\]\.clientAuth\.mode` is "requier".*\n {2}→ Did you mean "require"\?/,
  );
  assert.match(stderr, /partners\.pem, which does not exist/);
  const chinese = menshen(['check', '--lang', 'zh'], folder);
  assert.equal(chinese.status, 1);
  assert.match(chinese.stderr, /4 个错误/);
});

test('serve with mistakes tells them and ends with 1', (t) => {
  const { status, stderr } = menshen(['serve'], folderOf(t));
  assert.equal(status, 1);
  assert.match(stderr, /There is no configuration[\s\S]*export default defineConfig/);
});

test('help loads neither schema, catalogue nor gateway', (t) => {
  if (!('registerHooks' in module)) {
    t.skip('needs module.registerHooks (Node 22.15 or newer)');
    return;
  }
  const listing = `
    import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { console.error(url); return next(url, context); } });
    const { main } = await import(${JSON.stringify(main)});
    await main(['--help']);`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', listing], { encoding: 'utf8' });
  assert.match(stderr, /cli\/main\.js/);
  assert.doesNotMatch(
    stderr,
    /node_modules\/(?:zod|jiti|pino|prom-client|@peculiar)|src\/gateway|src\/story|config\/schema/,
  );
});

test('a trace that cannot begin ends, also where packets were about to be captured', (t) => {
  if (process.getuid?.() !== 0 || spawnSync('tcpdump', ['--version']).status !== 0)
    return t.skip('needs root and tcpdump');
  const words = ['trace', 'https://page.localhost/', '--packets', '--cacert', '/missing.pem'];
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, '--', ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: process.cwd(), LC_ALL: 'C' },
    timeout: 60_000,
  });
  assert.equal(status, 1);
  assert.match(stderr, /cannot be read/);
});
