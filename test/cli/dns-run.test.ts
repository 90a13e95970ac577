import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DnsFlags } from '../../src/cli/commands/dns.ts';
import { dnsExitCode } from '../../src/cli/commands/dns-exit.ts';
import { runDns } from '../../src/cli/commands/dns-run.ts';
import { dnsWords } from '../../src/cli/commands/dns-words.ts';
import { createChallengeResponder, type ChallengeResponder } from '../../src/dns/challenge-responder.ts';
import type { Language } from '../../src/story/catalog.ts';
import { dnsCatalog } from '../../src/story/catalog/dns.ts';
import { ROOT, startWorld, ZONE } from '../dns/loopback-world.ts';
import { dig, whyNoBind, type Named } from '../dns/named.ts';

interface Ran {
  readonly code: number;
  readonly text: string;
}

describe('menshen dns asks one server', () => {
  let responder: ChallengeResponder;
  let server: string;
  before(async () => {
    responder = await createChallengeResponder({
      zone: 'acme.example',
      nsName: 'ns.acme.example',
      addresses: ['127.0.0.1'],
      listen: [{ address: '127.0.0.1', port: 0 }],
      records: { 'a.acme.example': ['one', 'a\u001b[2Jb'], 'xn--bcher-kva.acme.example': ['buch'] },
    });
    server = `127.0.0.1:${responder.listening[0]!.port}`;
  });
  after(() => responder.close());
  const run = (name: string, type?: string, flags: Partial<DnsFlags> = {}, language: Language = 'en'): Promise<Ran> =>
    runDns(name, type, { cache: false, server, ...flags }, language, {});

  test('what it says, in both languages, control characters made harmless', async () => {
    const { code, text } = await run('a.acme.example', 'txt');
    assert.equal(code, 0);
    assert.match(text, /^a\.acme\.example TXT \(asked just now\)\n {2}a\.acme\.example {2}TXT {2}"one" {2,}1 s$/m);
    assert.match(
      text,
      /^Steps\n {2}1 {2}a\.acme\.example TXT {2}127\.0\.0\.1:\d+ {2}UDP [\d.]+ ms {2}43 → \d+ {2}answer: "one", /m,
    );
    assert.ok(!text.includes('\u001b'));
    assert.match((await run('a.acme.example', 'txt', {}, 'zh')).text, /（?刚刚查询所得/);
    assert.equal((await run('bücher.acme.example', 'TXT', { tcp: true })).code, 0);
  });

  test('one exit code a cause', async () => {
    assert.equal((await run('gone.acme.example')).code, 30);
    assert.equal((await run('a.acme.example')).code, 31);
    assert.equal((await run('elsewhere.example')).code, 32);
    assert.equal((await run('192.0.2.1')).code, 32);
    const closed = await run('a.acme.example', 'A', { server: '127.53.9.9:1' });
    assert.equal(closed.code, 33);
    assert.match(closed.text, /✗ No name server can be reached for a\.acme\.example: 127\.53\.9\.9:1 \(ECONNREFUSED\)/);
  });

  test('what cannot be asked for is a usage error in words', async () => {
    for (const [name, type, flags, words] of [
      ['a..b', 'A', {}, '"a..b" is no domain name: a label is empty.'],
      ['a'.repeat(64), 'A', {}, 'longer than 63 octets'],
      ['a', 'FOO', {}, '"FOO" is no record type'],
      ['a', 'AXFR', {}, '"AXFR" is no record type'],
      ['a', 'A', { server: 'ns.example' }, '"ns.example" is no address'],
      ['a', 'A', { server: '192.0.2.1:0' }, 'is no address'],
    ] as const) {
      const { code, text } = await run(name, type, flags);
      assert.equal(code, 2, name);
      assert.ok(text.includes(words), text);
    }
    const port = await runDns('a', 'A', { cache: false }, 'en', { MENSHEN_DNS_PORT: 'x' });
    assert.equal(port.code, 2);
    assert.match((await run('a..b', 'A', {}, 'zh')).text, /不是域名：有空标签/);
  });

  test('JSON holds the records and the octets of every message', async () => {
    const { code, text } = await run('a.acme.example', 'TXT', { json: true });
    const document = JSON.parse(text) as {
      exitCode: number;
      resolutions: {
        kind: string;
        records: { data: string }[];
        steps: { sent: string; received: string; outcome: object }[];
      }[];
    };
    assert.equal(code, document.exitCode);
    const [resolution] = document.resolutions;
    assert.equal(resolution!.kind, 'found');
    assert.equal(resolution!.records[0]!.data, '"one"');
    assert.match(resolution!.steps[0]!.sent, /^[0-9a-f]{4}0100/);
    assert.match(resolution!.steps[0]!.received, /^[0-9a-f]{4}8500/);
    const failed = JSON.parse((await run('gone.acme.example', 'A', { json: true })).text) as {
      findings: { code: string; mend: string }[];
    };
    assert.equal(failed.findings[0]!.code, 'dns-name-not-found');
    assert.notEqual(failed.findings[0]!.mend, '');
  });

  test('every authoritative server is asked with --all', async () => {
    const { code, text } = await runDns('a.acme.example', 'TXT', { cache: false, server, all: true }, 'en', {
      MENSHEN_DNS_PORT: server.split(':')[1],
    });
    assert.equal(code, 0, text);
    assert.match(
      text,
      /^Servers of acme\.example \(all say the same\)\n {2}✓ {2}ns\.acme\.example \(127\.0\.0\.1:\d+\)/m,
    );
  });

  test('the command line reaches it, and contradicting options are told', () => {
    const found = menshen('localhost', 'A', '--no-cache', '--lang', 'en');
    assert.equal(found.status, 0, found.stderr);
    assert.match(found.stdout, /^localhost A \(/);
    const both = menshen('a', '--iterative', '--server', '192.0.2.1');
    assert.equal(both.status, 2);
    assert.match(both.stderr, /✗ /);
    assert.equal(menshen().status, 2);
  });
});

test('every failure of a name has an exit code, and both languages have the same labels', () => {
  const failures = Object.entries(dnsCatalog)
    .filter(([code, { fault }]) => fault === 'network' && !/update|differ/.test(code))
    .map(([code]) => code as keyof typeof dnsCatalog);
  assert.ok(failures.length >= 12);
  for (const code of failures) assert.ok([30, 31, 32, 33, 34].includes(dnsExitCode(code)), code);
  for (const group of ['outcomes', 'sources', 'failures'] as const)
    for (const [key, en] of Object.entries(dnsWords.en[group])) {
      const zh = (dnsWords.zh[group] as Readonly<Record<string, string>>)[key]!;
      const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
      assert.deepEqual(holes(zh), holes(en), key);
      assert.match(zh, /[\u4e00-\u9fff]|^\{/);
    }
});

describe('menshen dns --iterative in a world of BIND', { skip: whyNoBind() ?? false }, () => {
  let world: Named;
  const cacheHome = mkdtempSync(path.join(tmpdir(), 'menshen-cache-'));
  before(async () => {
    world = await startWorld();
  });
  after(async () => {
    await world.stop();
    rmSync(cacheHome, { recursive: true, force: true });
  });
  const run = (name: string, type?: string, language: Language = 'en', flags: Partial<DnsFlags> = {}): Promise<Ran> =>
    runDns(name, type, { cache: true, iterative: true, ...flags }, language, {
      MENSHEN_ROOT_HINTS: `a.root.test.=${ROOT}`,
      MENSHEN_DNS_PORT: String(world.port),
      XDG_CACHE_HOME: cacheHome,
    });

  test('the records are those of dig, and the steps lead from the root to them', async () => {
    const { code, text } = await run('far.example.test');
    assert.equal(code, 0);
    const short = await dig(`@${ZONE}`, '-p', String(world.port), '+short', 'www.example.test', 'A');
    for (const address of short.trim().split('\n')) assert.ok(text.includes(`A               ${address} `), text);
    assert.match(text, /^ {2}far\.example\.test {5}is an alias of {2}alias\.glueless\.test {2}120 s$/m);
    const order = [
      'referral to test',
      'referral to example.test',
      'alias of alias.glueless.test',
      'referral to glueless.test',
      'alias of www.example.test',
      'answer: 192.0.2.',
    ];
    let at = 0;
    for (const words of order) {
      const found = text.indexOf(words, at);
      assert.ok(found > at, words);
      at = found;
    }
  });

  test('what is broken has its code, its sentence and its mend in both languages', async () => {
    for (const [name, code, en, zh] of [
      ['missing.example.test', 30, 'does not exist', '不存在'],
      ['text.example.test', 31, 'has no A record', '没有 A 记录'],
      ['loop1.example.test', 32, 'loop1.example.test → loop2.example.test → loop1.example.test', '循环'],
      ['www.dead.test', 33, 'No name server can be reached', '无法连接'],
      ['www.lame.test', 34, 'a lame delegation', '无效委派'],
      ['www.circle-a.test', 34, 'No address can be found', '找不到区域'],
    ] as const) {
      for (const [language, words] of [
        ['en', en],
        ['zh', zh],
      ] as const) {
        const ran = await run(name, undefined, language);
        assert.equal(ran.code, code, name);
        assert.ok(ran.text.includes(words), ran.text);
        assert.match(ran.text, /^ {2}→ .+/m);
        assert.doesNotMatch(ran.text, /\{\w+\}/);
      }
    }
  });

  test('a world of its own leaves nothing in the cache of the real one', () => {
    assert.throws(() => readFileSync(path.join(cacheHome, 'menshen', 'dns-iterative.json')));
  });
});

/** Runs the command line in a process of its own. */
function menshen(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const main = new URL('../../src/cli/main.js', import.meta.url).href;
  const script = `const { main } = await import(${JSON.stringify(main)}); process.exitCode = await main(process.argv.slice(1));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script, '--', 'dns', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
}
