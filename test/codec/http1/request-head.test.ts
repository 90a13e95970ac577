import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { RequestHeadReader } from '../../../src/codec/http1/request-head.ts';
import { catalog } from '../../../src/story/catalog/index.ts';
import { readGrowing, readWhole, request } from './heads.ts';

const WHOLE =
  'POST /a/b?c=d&e=%20 HTTP/1.1\r\nHost: App.test:8443\r\nAccept:*/*\r\nX-Empty:\r\nX-Tab:\ta\tb \t\r\nX-Text: caf\xe9\r\n' +
  'Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nX-Last: 1\r\n\r\n';

const whole = {
  status: 'complete',
  line: 'POST /a/b?c=d&e=%20 1 App.test:8443',
  headEnd: WHOLE.length,
  block: 'Host: App.test:8443\r\nAccept:*/*\r\nX-Empty:\r\nX-Tab:\ta\tb \t\r\nX-Text: caf\xe9\r\nX-Last: 1\r\n',
  framing: 'chunked',
  flags: 'close',
} as const;

test('a head is read whole, with octets behind it left alone', () => {
  assert.deepEqual(readWhole(request, WHOLE), whole);
  assert.deepEqual(readWhole(request, `${WHOLE}5\r\nhello\r\n`), whole);
});

test('a head that stands in the middle of a buffer is read from there', () => {
  const bytes = Buffer.from(`garbage${WHOLE}garbage`, 'latin1');
  const reader = new RequestHeadReader({ headBytes: 65_536, targetBytes: 16_384, fieldCount: 128 });
  assert.equal(reader.read(bytes, 7, bytes.length), 1);
  assert.equal(reader.headEnd, 7 + WHOLE.length);
});

test('a head that comes in two pieces, cut at every octet, or octet by octet, is read alike', () => {
  for (let cut = 0; cut < WHOLE.length; cut += 1) {
    assert.deepEqual(readWhole(request, WHOLE.slice(0, cut)), { status: 'incomplete' }, `truncated at ${cut}`);
    assert.deepEqual(readGrowing(request, WHOLE, [cut]), whole, `cut at ${cut}`);
  }
  assert.deepEqual(readGrowing(request, WHOLE, [...Array(WHOLE.length).keys()]), whole);
});

test('a reader forgets what it read before', () => {
  const reader = new RequestHeadReader({ headBytes: 65_536, targetBytes: 16_384, fieldCount: 128 });
  const read = (text: string): number => {
    const bytes = Buffer.from(text, 'latin1');
    return reader.read(bytes, 0, bytes.length);
  };
  assert.equal(read(WHOLE), 1);
  assert.equal(read('GET / HTTP/1.1\r\nHost: b.test\r\n\r\n'), 1);
  assert.deepEqual(
    [reader.fields.chunked, reader.fields.close, reader.fields.cutCount, reader.fields.contentLength, reader.method],
    [false, false, 0, -1, 'GET'],
  );
  assert.equal(read('GET / HTTP/1.1\r\nHost: b.test\r\nContent-Length: 5\r\nX y: 1\r\n\r\n'), -1);
  assert.equal(read('GET / HTTP/1.1\r\nHost: b.test\r\n\r\n'), 1, 'after a head that was refused midway');
  assert.equal(reader.fields.contentLength, -1);
  assert.equal(read('GET / HTTP/1.1\r\nHost: b.test\r\nContent-Le'), 0);
  reader.reset();
  assert.equal(read('GET / HTTP/1.1\r\nHost: b.test\r\n\r\n'), 1, 'after a head that was given up');
});

const HOST = 'Host: a\r\n';
const field = (text: string): string => `GET / HTTP/1.1\r\n${HOST}${text}\r\n\r\n`;

/** One head for each code that a request head can be refused with. */
const refusals: Readonly<Record<string, string>> = {
  'request-line-malformed': 'GET  / HTTP/1.1\r\n\r\n',
  'method-invalid': 'G(T / HTTP/1.1\r\n\r\n',
  'target-invalid': 'GET /a#b HTTP/1.1\r\n\r\n',
  'target-too-long': `GET /${'a'.repeat(16_384)} HTTP/1.1\r\n\r\n`,
  'version-unsupported': 'GET / HTTP/2.0\r\n\r\n',
  'field-line-malformed': field('X-A'),
  'field-name-invalid': field('X(A): 1'),
  'space-before-colon': field('X-A : 1'),
  'obs-fold': field('X-A: 1\r\n 2'),
  'bare-cr-or-lf': field('X-A: 1\n'),
  'control-byte-in-value': field('X-A: \x01'),
  'too-many-fields': field('X: 1\r\n'.repeat(200).trimEnd()),
  'head-too-large': field(`X-A: ${'a'.repeat(70_000)}`),
  'host-missing': 'GET / HTTP/1.1\r\n\r\n',
  'host-repeated': field('Host: a'),
  'host-invalid': 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  'content-length-invalid': field('Content-Length: +1'),
  'framing-conflict': field('Content-Length: 1\r\nTransfer-Encoding: chunked'),
  'transfer-encoding-unsupported': field('Transfer-Encoding: gzip'),
  'transfer-encoding-malformed': field('Transfer-Encoding: gzip, chunked'),
  'transfer-encoding-in-http10': `GET / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`,
  'expectation-unknown': field('Expect: more'),
  'asterisk-target': `GET * HTTP/1.1\r\n${HOST}\r\n`,
  'connect-refused': `CONNECT a:443 HTTP/1.1\r\n${HOST}\r\n`,
};

test('each code is reached by a head of its own, in one piece or octet by octet, and stands in the catalogue', () => {
  for (const [code, text] of Object.entries(refusals)) {
    assert.ok(code in catalog, code);
    assert.deepEqual(readWhole(request, text), { status: 'invalid', error: code }, code);
    assert.deepEqual(readGrowing(request, text, [...Array(text.length).keys()]), { status: 'invalid', error: code });
  }
});

test('an error stands at the octet that makes it, and no later octet changes it', () => {
  for (const [code, text] of Object.entries(refusals)) {
    let first = 0;
    while (readWhole(request, text.slice(0, first)).status === 'incomplete') first += 1;
    for (let end = first; end <= text.length; end += 1 + Math.floor(text.length / 200)) {
      assert.deepEqual(readWhole(request, text.slice(0, end)), { status: 'invalid', error: code }, `${code} at ${end}`);
    }
  }
});

test('hosts: names, IPv4 and IPv6 with and without a port pass, everything else does not', () => {
  const read = (host: string): string => readWhole(request, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).status;
  for (const host of [
    'a',
    'a.b-c.test',
    'a_b.test',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:443',
    'a:',
    'a.',
    'xn--a',
    'A:65535',
  ]) {
    assert.equal(read(host), 'complete', host);
  }
  for (const host of [
    '',
    ':80',
    'a:b',
    'a:65536',
    'a:123456',
    'a,b',
    'a/b',
    'a@b',
    'a b',
    '[::1',
    '::1',
    '[]',
    '[::1]a',
    'a%41',
    'a=b',
    'a'.repeat(256),
  ]) {
    assert.equal(read(host), 'invalid', host);
  }
});

const octets = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
/** Heads that are nearly right: the interesting ones. */
const pieces = fc.constantFrom(
  'GET',
  'POST',
  ' ',
  '/',
  '*',
  'http://a',
  'HTTP/1.1',
  'HTTP/1.0',
  '\r\n',
  '\r',
  '\n',
  '\r\n\r\n',
  'Host: a\r\n',
  ':',
  ': ',
  '\t',
  '\0',

  'Content-Length',
  'Transfer-Encoding',
  'chunked',
  '5',
  ',',
  'Connection: ',
  'close',
  'X-A',
  'x',
  '#',
  '\xff',
  'Expect: 100-continue\r\n',
);
const nearly = fc
  .tuple(fc.boolean(), fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 30 }))
  .map(([begun, parts]) => (begun ? 'GET / HTTP/1.1\r\nHost: a\r\n' : '') + parts.join(''));

test('no octets make the reader throw, hang, or depend on how they are cut', () => {
  fc.assert(
    fc.property(fc.oneof(octets, nearly), fc.array(fc.nat(400), { maxLength: 5 }), (text, at) => {
      const outcome = readWhole(request, text);
      if (outcome.status === 'invalid') assert.ok(outcome.error in catalog, outcome.error);
      const cuts = at.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b);
      assert.deepEqual(readGrowing(request, text, cuts), outcome);
    }),
    { numRuns: 3000 },
  );
});

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const value = fc.stringMatching(/^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]{0,20}[!-~\x80-\xff])?)?$/);

test('every field line that passes is kept as it was sent, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(token, value), { maxLength: 20 }), (fields) => {
      const own = fields.map(([name, text]): [string, string] => [`x-q-${name}`, text]);
      const lines = own.map(([name, text]) => `${name}: ${text}\r\n`).join('');
      const outcome = readWhole(request, `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);
      assert.equal(outcome.status, 'complete');
      assert.equal(outcome.block, `Host: a\r\n${lines}`);
    }),
  );
});

test('whatever Connection names is cut out of its place, wherever it stands, and nothing else', () => {
  const name = fc.constantFrom(
    'x-a',
    'X-B',
    'x-c',
    'x-d',
    'X-E',
    'connection',
    'te',
    'keep-alive',
    'x-forwarded-for',
    'x-f',
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 12 }), fc.subarray(['x-a', 'x-b', 'x-c', 'x-d', 'x-e']), (names, hop) => {
      const lines = names.map((each, index) => `${each}: ${each === 'connection' ? hop.join(', ') : index}\r\n`);
      const outcome = readWhole(request, `GET / HTTP/1.1\r\nHost: a\r\n${lines.join('')}\r\n`);
      assert.equal(outcome.status, 'complete');
      const gone = new Set([
        'connection',
        'te',
        'keep-alive',
        'x-forwarded-for',
        ...(names.includes('connection') ? hop : []),
      ]);
      const kept = lines.filter((line) => !gone.has(line.slice(0, line.indexOf(':')).toLowerCase()));
      assert.equal(outcome.block, `Host: a\r\n${kept.join('')}`);
    }),
    { numRuns: 500 },
  );
});

test('what we accept, Node’s parser accepts and understands alike', async (t) => {
  const seen: { method: string; url: string; fields: string[] }[] = [];
  let refused = 0;
  const server = createServer((incoming, answer) => {
    seen.push({ method: incoming.method!, url: incoming.url!, fields: incoming.rawHeaders });
    answer.end();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code?.startsWith('HPE_')) refused += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  let compared = 0;
  for (const text of fc.sample(nearly, { numRuns: 4000, seed: 7 })) {
    const outcome = readWhole(request, text);
    if (outcome.status !== 'complete' || outcome.framing !== '-1') continue;
    const [method, target] = outcome.line.split(' ');
    // Node knows a fixed list of methods, and stops at upgrades.
    if (method !== 'GET' && method !== 'POST') continue;
    const before = seen.length;
    const socket = net.connect(port, '127.0.0.1');
    socket.write(text.slice(0, outcome.headEnd), 'latin1');
    socket.on('error', () => {});
    // An answer, or the end of a refused connection.
    await new Promise<void>((resolve) => {
      socket.once('data', () => resolve());
      socket.once('close', () => resolve());
    });
    socket.destroy();
    assert.equal(seen.length, before + 1, JSON.stringify(text));
    assert.deepEqual([seen.at(-1)!.method, seen.at(-1)!.url], [method, target]);
    const fields: string[] = [];
    for (const line of text.slice(0, outcome.headEnd).split('\r\n').slice(1, -2)) {
      const colon = line.indexOf(':');
      fields.push(line.slice(0, colon), line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, ''));
    }
    assert.deepEqual(seen.at(-1)!.fields, fields, JSON.stringify(text));
    compared += 1;
  }
  assert.equal(refused, 0);
  assert.ok(compared > 20, `${compared} heads compared`);
});
