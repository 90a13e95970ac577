import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Downstream, Responder } from '../../../src/gateway/exchange.ts';
import { createStaticHandler, type StaticFilesOptions } from '../../../src/gateway/answer/static-files.ts';
import { RecordingDownstream } from './recording-downstream.ts';

const modified = new Date('2026-01-02T03:04:05.678Z');
const modifiedText = 'Fri, 02 Jan 2026 03:04:05 GMT';
const big = Buffer.alloc(1_000_000, 'menshen ');
let base = '';
let root = '';

before(() => {
  base = mkdtempSync(path.join(tmpdir(), 'menshen-static-'));
  root = path.join(base, 'public');
  for (const folder of ['docs', 'empty', '.git', '.well-known', 'release'])
    mkdirSync(path.join(root, folder), { recursive: true });
  const files: Record<string, string | Buffer> = {
    'index.html': '<h1>home</h1>',
    'docs/index.htm': 'docs',
    'a b.txt': 'a space',
    '100%.txt': 'percent',
    '%2e%2e': 'not a folder',
    '门.css': 'b{}',
    'empty.js': '',
    noext: 'x',
    '.env': 'SECRET',
    '.git/config': 'SECRET',
    '.well-known/security.txt': 'Contact: mailto:x@app.test',
    'big.bin': big,
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(root, name), content);
    utimesSync(path.join(root, name), modified, modified);
  }
  writeFileSync(path.join(base, 'outside.txt'), 'SECRET');
  mkdirSync(path.join(base, 'public-other'));
  writeFileSync(path.join(base, 'public-other', 'x.txt'), 'SECRET');
  symlinkSync('../outside.txt', path.join(root, 'leak.txt'));
  symlinkSync('../public-other', path.join(root, 'other'));
  symlinkSync('/', path.join(root, 'machine'));
  symlinkSync('a b.txt', path.join(root, 'inside.txt'));
  symlinkSync('loop', path.join(root, 'loop'));
});
after(() => rmSync(base, { recursive: true, force: true }));

function handlerOf(more: Partial<StaticFilesOptions> = {}): (downstream: Downstream) => Responder {
  return createStaticHandler({
    site: 'app.test',
    root: { folder: root, index: ['index.html', 'index.htm'] },
    fallback: undefined,
    language: 'en',
    now: () => Date.UTC(2026, 5, 1),
    ...more,
  });
}

async function get(target: string, fields: Record<string, string> = {}, method = 'GET'): Promise<RecordingDownstream> {
  const downstream = new RecordingDownstream({ target, method }, fields);
  const responder = handlerOf()(downstream);
  responder.onContentEnd();
  responder.flush();
  await downstream.done;
  return downstream;
}

/** Open file descriptors of this process that lie under the root. */
function leakedDescriptors(): string[] {
  const listed = spawnSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' }).stdout;
  return listed.split('\n').filter((line) => line.includes(root));
}

/** Closing happens in the background; it ends, or the test runs into its time limit. */
async function descriptorsClosed(): Promise<void> {
  if (process.platform !== 'linux') return;
  while (leakedDescriptors().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('a file is sent with its type, length and validators', async () => {
  const found = await get('/a%20b.txt?v=1');
  assert.equal(found.status, 200);
  assert.equal(found.text, 'a space');
  assert.equal(found.fields.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(found.fields.get('content-length'), '7');
  assert.equal(found.fields.get('last-modified'), modifiedText);
  assert.match(found.fields.get('etag') ?? '', /^W\/"[^"]+"$/);
  assert.equal(found.fields.get('accept-ranges'), 'bytes');
  assert.equal(found.fields.get('cache-control'), 'no-cache');
  assert.equal(found.fields.get('date'), 'Mon, 01 Jun 2026 00:00:00 GMT');
});

test('types: known, known without a charset, and unknown', async () => {
  assert.equal((await get('/%E9%97%A8.css')).fields.get('content-type'), 'text/css; charset=utf-8');
  assert.match((await get('/empty.js')).fields.get('content-type') ?? '', /javascript; charset=utf-8$/);
  assert.equal((await get('/noext')).fields.get('content-type'), 'application/octet-stream');
});

test('index files are tried in order', async () => {
  assert.equal((await get('/')).text, '<h1>home</h1>');
  assert.equal((await get('/docs/')).text, 'docs');
  assert.equal((await get('/empty/')).status, 404);
});

test('a folder with an index is redirected to its slash, query kept; one without is not found', async () => {
  const folder = await get('/docs?q=%20/');
  assert.equal(folder.status, 308);
  assert.equal(folder.fields.get('location'), '/docs/?q=%20/');
  assert.equal((await get('/empty')).status, 404);
});

test('HEAD is GET without the content', async () => {
  const head = await get('/big.bin', {}, 'HEAD');
  const whole = await get('/big.bin');
  assert.deepEqual(head.calls, ['head', 'end']);
  assert.deepEqual(head.fields, whole.fields);
  assert.ok(whole.content.equals(big));
  assert.equal((await get('/big.bin', { Range: 'bytes=0-1' }, 'HEAD')).status, 200);
});

test('an empty file is a 200 without content', async () => {
  const empty = await get('/empty.js');
  assert.equal(empty.status, 200);
  assert.equal(empty.contentLength, 0);
  assert.deepEqual(empty.calls, ['head', 'end']);
});

test('conditional requests are answered with 304 or 412', async () => {
  const etag = (await get('/a%20b.txt')).fields.get('etag') ?? '';
  const cases: [Record<string, string>, number][] = [
    [{ 'If-None-Match': etag }, 304],
    [{ 'If-None-Match': `"x", ${etag}` }, 304],
    [{ 'If-None-Match': '*' }, 304],
    [{ 'If-None-Match': '"x"' }, 200],
    [{ 'If-None-Match': '"x"', 'If-Modified-Since': modifiedText }, 200],
    [{ 'If-Modified-Since': modifiedText }, 304],
    [{ 'If-Modified-Since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 200],
    [{ 'If-Modified-Since': 'nonsense' }, 200],
    [{ 'If-Unmodified-Since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 412],
    [{ 'If-Match': '"x"' }, 412],
  ];
  for (const [fields, status] of cases) {
    const answer = await get('/a%20b.txt', fields);
    assert.equal(answer.status, status, JSON.stringify(fields));
    if (status !== 304) continue;
    assert.deepEqual(answer.calls, ['head', 'end']);
    assert.equal(answer.hasContent, false);
    assert.equal(answer.fields.get('etag'), etag);
    assert.equal(answer.fields.has('content-type'), false);
  }
});

test('single ranges are cut out, octet for octet', async () => {
  for (const [range, first, last] of [
    ['bytes=0-0', 0, 0],
    ['bytes=7-99', 7, 99],
    ['bytes=70000-300000', 70_000, 300_000],
    ['bytes=999990-', 999_990, 999_999],
    ['bytes=-5', 999_995, 999_999],
    ['bytes=-2000000', 0, 999_999],
    ['bytes=0-999999999999', 0, 999_999],
  ] as const) {
    const part = await get('/big.bin', { Range: range });
    assert.equal(part.status, 206, range);
    assert.equal(part.fields.get('content-range'), `bytes ${first}-${last}/1000000`);
    assert.ok(part.content.equals(big.subarray(first, last + 1)), range);
  }
});

test('a range outside of the file is a 416 that tells the length', async () => {
  for (const range of ['bytes=1000000-', 'bytes=-0']) {
    const answer = await get('/big.bin', { Range: range });
    assert.equal(answer.status, 416, range);
    assert.equal(answer.fields.get('content-range'), 'bytes */1000000');
  }
});

test('other ranges get the whole file', async () => {
  for (const range of [
    'bytes=0-1,3-4',
    'bytes=5-2',
    'bytes=x-1',
    'lines=1-2',
    'bytes=',
    'bytes=1-2-3',
    'bytes=0x1-2',
  ]) {
    assert.equal((await get('/a%20b.txt', { Range: range })).status, 200, range);
  }
});

test('If-Range keeps parts of two versions from being put together', async () => {
  const etag = (await get('/big.bin')).fields.get('etag') ?? '';
  const statusOf = async (ifRange: string): Promise<number> =>
    (await get('/big.bin', { Range: 'bytes=0-9', 'If-Range': ifRange })).status;
  assert.equal(await statusOf(modifiedText), 206);
  assert.equal(await statusOf('Fri, 02 Jan 2026 03:04:06 GMT'), 200);
  assert.equal(await statusOf(etag), 200);
  assert.equal(await statusOf('"strong"'), 200);
});

test('nothing outside of the root, hidden or ambiguous is shown', async () => {
  const targets = [
    '/../outside.txt',
    '/docs/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/docs/..%2f..%2foutside.txt',
    '/..\\outside.txt',
    '/..%5coutside.txt',
    '/%252e%252e/outside.txt',
    '/%2e%2e%2foutside.txt',
    '/docs/./index.htm',
    '/%00',
    '/a%20b.txt%00.png',
    '/%ff',
    '/%c0%ae%c0%ae/outside.txt',
    '/%',
    '//outside.txt',
    '//docs',
    '/docs//index.htm',
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/docs/../.env',
    '/.well-known/../.env',
    '/docs/.well-known/x',
    '/leak.txt',
    '/other/x.txt',
    '/other',
    '/other/',
    '/machine/etc/passwd',
    '/machine/dev/zero',
    '/index.html/',
    '/index.html/x',
    `/${'a'.repeat(5000)}`,
    '/nothing',
    '*',
  ];
  for (const target of targets) {
    const answer = await get(target);
    assert.equal(answer.status, 404, target);
    assert.doesNotMatch(answer.text, /SECRET|root:/, target);
    assert.equal(answer.fields.has('location'), false, target);
  }
});

test('what only looks odd is a file name', async () => {
  assert.equal((await get('/100%25.txt')).text, 'percent');
  assert.equal((await get('/%252e%252e')).text, 'not a folder');
  assert.equal((await get('/inside.txt')).text, 'a space');
  assert.match((await get('/.well-known/security.txt')).text, /^Contact/);
});

test('a pipe does not block', async (t) => {
  const made = spawnSync('mkfifo', [path.join(root, 'pipe')]);
  if (made.status !== 0) return t.skip('mkfifo is absent');
  assert.equal((await get('/pipe')).status, 404);
});

test('a link that goes in circles is an error of the site, without a word about the path', async () => {
  const answer = await get('/loop');
  assert.equal(answer.status, 500);
  assert.equal(answer.record.error, 'file-unreadable');
  assert.doesNotMatch(answer.text, /loop|ELOOP/);
});

test('a root that is a link follows it anew each time', async () => {
  const link = path.join(base, 'current');
  mkdirSync(path.join(base, 'v1'));
  mkdirSync(path.join(base, 'v2'));
  writeFileSync(path.join(base, 'v1', 'x.txt'), 'one');
  writeFileSync(path.join(base, 'v2', 'x.txt'), 'two');
  symlinkSync('v1', link);
  const handler = handlerOf({ root: { folder: link, index: [] } });
  const fetchText = async (): Promise<string> => {
    const downstream = new RecordingDownstream({ target: '/x.txt' });
    handler(downstream);
    await downstream.done;
    return downstream.text;
  };
  assert.equal(await fetchText(), 'one');
  symlinkSync('v2', `${link}.new`);
  renameSync(`${link}.new`, link);
  assert.equal(await fetchText(), 'two');
});

test('other methods are refused where there is no app', async () => {
  const downstream = new RecordingDownstream({ method: 'POST', target: '/', hasContent: true, contentLength: 3 });
  const responder = handlerOf()(downstream);
  responder.onContent(Buffer.from('abc'), 0, 3);
  responder.onContentEnd();
  assert.equal(downstream.status, 405);
  assert.equal(downstream.fields.get('allow'), 'GET, HEAD');
});

interface Asked {
  readonly target: string;
  readonly fields: string;
  readonly calls: string[];
}

/** A fallback that answers 200 with the fields that it saw, when the request is whole. */
function recordingFallback(asked: Asked[]): (downstream: Downstream) => Responder {
  return (downstream) => {
    const { head } = downstream;
    const calls: string[] = [];
    asked.push({
      target: head.target,
      fields: head.fields.toString('latin1', head.fieldsStart, head.fieldsEnd),
      calls,
    });
    return {
      onContent: (buffer, start, end) => calls.push(`content ${buffer.toString('latin1', start, end)}`),
      onContentEnd(trailers) {
        calls.push(`end ${trailers?.toString('latin1') ?? ''}`);
        const block = Buffer.from('Content-Length: 0\r\n');
        downstream.sendHead(200, block, 0, block.length, 0, false);
        downstream.end();
      },
      flush: () => calls.push('flush'),
      onDrain: () => calls.push('drain'),
      onAbort: (code) => calls.push(`abort ${code}`),
    };
  };
}

test('what is no file goes to the app with its fields, though the buffer of the engine has moved on', async () => {
  const asked: Asked[] = [];
  const handler = handlerOf({ fallback: recordingFallback(asked) });
  for (const target of ['/api/users', '/../x', '/empty', '/leak.txt']) {
    const downstream = new RecordingDownstream({ target }, { Cookie: 'a=b' });
    const engineBuffer = downstream.head.fields;
    const responder = handler(downstream);
    responder.onContentEnd();
    engineBuffer.fill(0);
    await downstream.done;
    assert.equal(downstream.status, 200);
    const last = asked.at(-1);
    assert.equal(last?.target, target);
    if (target !== '/../x') {
      assert.equal(last?.fields, 'Host: app.test\r\nCookie: a=b\r\n');
      assert.deepEqual(last?.calls, ['end ', 'flush']);
    }
  }
});

test('other methods and WebSockets go to the app at once', () => {
  const asked: Asked[] = [];
  const handler = handlerOf({ fallback: recordingFallback(asked) });
  handler(new RecordingDownstream({ method: 'POST', target: '/index.html' }));
  handler(new RecordingDownstream({ target: '/index.html', upgrade: 'websocket' }));
  assert.deepEqual(
    asked.map(({ target }) => target),
    ['/index.html', '/index.html'],
  );
});

test('content waits until it is decided that the app answers', async () => {
  const asked: Asked[] = [];
  const downstream = new RecordingDownstream({ target: '/search', hasContent: true, contentLength: 3 });
  let responder: Responder | undefined;
  const resumed = new Promise<void>((resolve) => {
    downstream.resumeContent = () => resolve();
  });
  responder = handlerOf({ fallback: recordingFallback(asked) })(downstream);
  assert.equal(downstream.paused, true);
  await resumed;
  responder.onContent(Buffer.from('abc'), 0, 3);
  responder.onContentEnd(Buffer.from('X: y\r\n'));
  assert.deepEqual(asked[0]?.calls, ['content abc', 'end X: y\r\n']);
});

test('a file is preferred to the app', async () => {
  const asked: Asked[] = [];
  const downstream = new RecordingDownstream({ target: '/index.html' });
  handlerOf({ fallback: recordingFallback(asked) })(downstream);
  await downstream.done;
  assert.equal(downstream.text, '<h1>home</h1>');
  assert.deepEqual(asked, []);
});

test('a slow reader holds the file back until it drains', async () => {
  const downstream = new RecordingDownstream({ target: '/big.bin' });
  let responder: Responder | undefined;
  let drains = 0;
  downstream.afterContent = () => {
    assert.equal(downstream.backedUp, false, 'nothing comes while backed up');
    downstream.backedUp = true;
    // Long enough for more to be read, if anything were still reading.
    setTimeout(() => {
      drains += 1;
      downstream.backedUp = false;
      if (!downstream.calls.includes('end')) responder?.onDrain();
    }, 5);
  };
  responder = handlerOf()(downstream);
  await downstream.done;
  assert.ok(drains > 3);
  assert.ok(downstream.content.equals(big));
});

test('a client that goes away frees the file at every stage', { timeout: 30_000 }, async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const downstream = new RecordingDownstream({ target: '/big.bin' });
    downstream.afterContent = () => (downstream.backedUp = true);
    const responder = handlerOf()(downstream);
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    responder.onAbort('client-gone');
    const calls = downstream.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(downstream.calls.length, calls, 'the exchange is not touched any more');
  }
  await descriptorsClosed();
});

test('a file that is cut short while it is sent cuts the response too', async () => {
  const file = path.join(root, 'shrinking.bin');
  writeFileSync(file, big);
  const downstream = new RecordingDownstream({ target: '/shrinking.bin' });
  let responder: Responder | undefined;
  downstream.afterContent = () => {
    downstream.afterContent = () => {};
    truncateSync(file, 10);
    downstream.backedUp = true;
    setImmediate(() => {
      downstream.backedUp = false;
      responder?.onDrain();
    });
  };
  responder = handlerOf()(downstream);
  await downstream.done;
  assert.equal(downstream.aborted, 'file-changed');
  assert.equal(downstream.record.error, 'file-changed');
});

test('a file that grows while it is sent ends where its length said', async () => {
  const file = path.join(root, 'growing.log');
  writeFileSync(file, big);
  const downstream = new RecordingDownstream({ target: '/growing.log' });
  downstream.afterContent = () => appendFileSync(file, 'more');
  handlerOf()(downstream);
  await downstream.done;
  assert.ok(downstream.content.equals(big));
});

test('a file and a link to the outside that change places never show the outside', { timeout: 60_000 }, async () => {
  const place = path.join(root, 'swapped.txt');
  const target = path.join(base, 'outside.txt');
  const swapping = { on: true };
  const swap = async (): Promise<void> => {
    for (let round = 0; swapping.on; round += 1) {
      const next = path.join(root, `next-${round}`);
      if (round % 2 === 0) writeFileSync(next, 'public');
      else symlinkSync(target, next);
      renameSync(next, place);
      // From every turn, which no request gets through unseen, to every 17th, which most do.
      for (let turn = 0; turn <= round % 17; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const running = swap();
  const seen = new Set<string>();
  for (let round = 0; round < 300 || seen.size < 2; round += 1) {
    const { status, text } = await get('/swapped.txt');
    seen.add(status === 200 ? `200 ${text}` : String(status));
    assert.doesNotMatch(text, /SECRET/);
  }
  swapping.on = false;
  await running;
  assert.ok(
    [...seen].every((answer) => ['200 public', '404', '500'].includes(answer)),
    [...seen].join(),
  );
});

test('no descriptor stays open', { timeout: 30_000 }, async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc');
  await descriptorsClosed();
});
