import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { widthOf } from '../../../src/cli/report.ts';
import { traceExitCodes } from '../../../src/cli/commands/trace-exit.ts';
import { fit, wrap } from '../../../src/cli/render/fit.ts';
import { createPaint, wantsColour } from '../../../src/cli/render/paint.ts';
import { Progress } from '../../../src/cli/render/progress.ts';
import { safeText } from '../../../src/cli/render/safe-text.ts';
import { tracePageWords } from '../../../src/cli/render/trace-page-words.ts';
import { printed, traced, withWorld } from '../../trace/world.ts';
import { violations, type Schema } from './json-schema.ts';

const documents = path.join(process.cwd(), 'docs');

test('--json keeps to its published schema, when all is well and when it is not', async () => {
  const schema = JSON.parse(readFileSync(path.join(documents, 'trace.schema.json'), 'utf8')) as Schema;
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('<img src=x>');
    });
    for (const [url, flags] of [
      [`${origin}/`, { page: true, repeat: true }],
      [`${origin}/`, { 'http1.1': true, 'tls1.2': true, showSecrets: true }],
      ['https://127.0.0.1:1/', {}],
    ] as const) {
      const { told } = await traced(url, { cacert: [world.cacert], ...flags });
      assert.deepEqual(violations(told, schema), []);
    }
    const { told } = await traced(`${origin}/`, { cacert: [world.cacert] });
    assert.notDeepEqual(violations({ ...told, exitCode: 'x' }, schema), []);
    assert.notDeepEqual(violations({ ...told, more: 1 }, schema), []);
  });
});

test('the text keeps to the width, in both languages, without a colour in a pipe', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => {
      response.writeHead(200, { 'x-long': 'y'.repeat(400), 'x-evil': 'a\u009bb' }).end('x');
    });
    for (const language of ['en', 'zh'] as const)
      for (const columns of [60, 80, 140]) {
        const { text } = await printed(`${origin}/`, { cacert: [world.cacert] }, language, columns);
        for (const line of text.split('\n')) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
        assert.ok(!text.includes('\u001b') && !text.includes('\u009b'));
        assert.match(text, language === 'en' ? /Waterfall/ : /瀑布图/);
        assert.ok(!/\{\w+\}/.test(text), 'every placeholder is filled');
      }
    const { text } = await printed(`${origin}/`, { cacert: [world.cacert], verbose: true });
    assert.match(text, /16 03|01 00/);
    assert.match(text, /cipher_suite: TLS_AES_256_GCM_SHA384/);
  });
});

test('HAR 1.2: the sums are right, secrets stay away', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/b?x=1', 'set-cookie': 'sid=topsecret' }).end();
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('hello');
    });
    const har = path.join(world.folder, 'o.har');
    await traced(`${origin}/`, { cacert: [world.cacert], har, header: ['Cookie: a=topsecret'] });
    const file = readFileSync(har, 'utf8');
    assert.ok(!file.includes('topsecret'));
    const { log } = JSON.parse(file) as { log: { version: string; entries: HarEntry[]; pages: { id: string }[] } };
    assert.equal(log.version, '1.2');
    assert.equal(log.entries.length, 2);
    for (const entry of log.entries) {
      const { blocked, dns, connect, ssl, send, wait, receive } = entry.timings;
      const sum = [blocked, dns, connect, send, wait, receive].reduce((total, ms) => total + Math.max(0, ms), 0);
      assert.ok(Math.abs(sum - entry.time) < 0.01);
      assert.ok(ssl <= connect);
      assert.ok([send, wait, receive].every((ms) => ms >= 0));
      assert.equal(entry.pageref, log.pages[0]?.id);
    }
    const [first, second] = log.entries;
    assert.ok((first?.timings.connect ?? 0) > 0);
    assert.equal(second?.timings.connect, -1);
    assert.equal(first?.response.redirectURL, '/b?x=1');
    assert.deepEqual(second?.request.queryString, [{ name: 'x', value: '1' }]);
    assert.equal(second?.response.content.text, 'hello');
  });
});

interface HarEntry {
  readonly time: number;
  readonly pageref: string;
  readonly timings: Readonly<Record<'blocked' | 'dns' | 'connect' | 'ssl' | 'send' | 'wait' | 'receive', number>>;
  readonly request: { readonly queryString: readonly object[] };
  readonly response: { readonly redirectURL: string; readonly content: { readonly text?: string } };
}

test('the HTML page asks for nothing, holds both languages and escapes what servers say', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => {
      response.writeHead(200, { 'x-evil': '<script>alert(1)</script>' }).end('x');
    });
    const html = path.join(world.folder, 'o.html');
    await traced(`${origin}/`, { cacert: [world.cacert], html });
    const page = readFileSync(html, 'utf8');
    assert.ok(!page.includes('<script>alert'));
    assert.ok(!/<(?:link|img|iframe)\b|(?:src|href)=|@import|url\(/i.test(page.replaceAll(/<td[^>]*>.*?<\/td>/gs, '')));
    assert.match(page, /default-src 'none'/);
    assert.match(page, /<span lang="en">Waterfall<\/span><span lang="zh-CN">瀑布图<\/span>/);
    assert.match(page, /prefers-color-scheme:dark/);
  });
});

test('--keylog holds the secrets of this trace, for its owner only', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => response.end());
    const keylog = path.join(world.folder, 'keys');
    await traced(`${origin}/`, { cacert: [world.cacert], keylog });
    assert.match(readFileSync(keylog, 'latin1'), /^SERVER_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]+$/m);
  });
});

test('a file that cannot be written is told as what it is', async () => {
  await withWorld(async (world) => {
    const origin = await world.web((_, response) => response.end());
    await assert.rejects(traced(`${origin}/`, { cacert: [world.cacert], har: '/none/o.har' }), /trace-file-unwritable/);
  });
});

test('every exit code is documented, and no other', () => {
  for (const name of ['trace.md', 'trace.zh-CN.md']) {
    const rows = readFileSync(path.join(documents, name), 'utf8').matchAll(/^\| (\d\d) \| `([a-z-]+)` \|/gm);
    const told = Object.fromEntries([...rows].map(([, code, cause = '']) => [cause, Number(code)]));
    assert.deepEqual(told, traceExitCodes, name);
  }
});

test('texts are cut and broken by the cells that they take', () => {
  assert.equal(fit('abcdef', 4), 'abc…');
  assert.equal(fit('中文字', 5), '中文…');
  assert.deepEqual(wrap('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrap('中文不用空格', 6), ['中文不', '用空格']);
  assert.equal(safeText('a\u001b[2Jb\u202e'), 'a\\u001b[2Jb\\u202e');
});

test('colour is for terminals, NO_COLOR and FORCE_COLOR go first', () => {
  assert.equal(wantsColour(true, {}), true);
  assert.equal(wantsColour(false, {}), false);
  assert.equal(wantsColour(true, { NO_COLOR: '1' }), false);
  assert.equal(wantsColour(false, { FORCE_COLOR: '1' }), true);
  assert.equal(wantsColour(true, { TERM: 'dumb' }), false);
  assert.equal(createPaint(true).red('x'), '\u001b[31mx\u001b[39m');
});

test('progress is one line on a terminal and nothing in a pipe', () => {
  const stage = {
    name: 'tls',
    chapter: 0,
    connection: 1,
    title: 'a.example',
    startMs: 0,
    endMs: 0,
    observations: [],
    findings: [],
  } as const;
  for (const isTTY of [true, false]) {
    let text = '';
    const progress = new Progress({ isTTY, columns: 40, write: (piece: string) => (text += piece) }, tracePageWords.en);
    progress.show(stage);
    progress.clear();
    assert.equal(text, isTTY ? '\r\u001b[2K… TLS  a.example\r\u001b[2K' : '');
  }
});
