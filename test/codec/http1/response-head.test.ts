import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalog } from '../../../src/story/catalog/index.ts';
import { readResponse } from '../../conformance/response-case.ts';
import { readGrowing, readWhole, response } from './heads.ts';

const WHOLE =
  'HTTP/1.1 200 OK, fine\r\nContent-Length: 5\r\nConnection: x-hop\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\nUpgrade: h2c\r\n' +
  'Proxy-Authenticate: Basic\r\nX-Forwarded-For: kept\r\n\r\n';
const whole = {
  status: 'complete',
  line: '1 200',
  headEnd: WHOLE.length,
  block: 'Content-Length: 5\r\nSet-Cookie: a=b\r\nX-Forwarded-For: kept\r\n',
  framing: '5',
  flags: '',
} as const;

test('a head is read alike in one piece, with octets behind it, cut anywhere, and octet by octet', () => {
  assert.deepEqual(readWhole(response, `${WHOLE}hello`), whole);
  for (let cut = 0; cut < WHOLE.length; cut += 1) {
    assert.deepEqual(readWhole(response, WHOLE.slice(0, cut)), { status: 'incomplete' }, `truncated at ${cut}`);
    assert.deepEqual(readGrowing(response, WHOLE, [cut]), whole, `cut at ${cut}`);
  }
  assert.deepEqual(readGrowing(response, WHOLE, [...Array(WHOLE.length).keys()]), whole);
});

test('reasons may be empty, absent or 8-bit', () => {
  for (const line of ['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.0 200 caf\xe9', 'HTTP/1.1 200 \tOK']) {
    assert.equal(readWhole(response, `${line}\r\n\r\n`).status, 'complete', line);
  }
});

const refusals: Readonly<Record<string, readonly string[]>> = {
  'status-line-malformed': [
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 099 OK\r\n\r\n',
    'HTTP/1.1 600 OK\r\n\r\n',
    'HTTP/1.1 2x0 OK\r\n\r\n',
    'HTTP/1.1 200 O\0K\r\n\r\n',
    'HTTP/2.0 200 OK\r\n\r\n',
    'http/1.1 200 OK\r\n\r\n',
    '<html>\n',
    'OK\r\n',
    '\r\nHTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1\r\n',
  ],
  'version-unsupported': ['HTTP/1.2 200 OK\r\n\r\n'],
  'bare-cr-or-lf': ['HTTP/1.1 200 OK\n\n', 'HTTP/1.1 200 OK\rX\r\n\r\n', 'HTTP/1.1 200 OK\r\nX: 1\n\r\n'],
  'obs-fold': ['HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n'],
  'space-before-colon': ['HTTP/1.1 200 OK\r\nX : 1\r\n\r\n'],
  'content-length-invalid': ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n'],
  'framing-conflict': ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
  'transfer-encoding-unsupported': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'],
  'transfer-encoding-malformed': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n'],
  'transfer-encoding-in-http10': ['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  'head-too-large': [`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`],
  'too-many-fields': [`HTTP/1.1 200 OK\r\n${'X: 1\r\n'.repeat(129)}\r\n`],
};

test('each code is reached, and no cut changes it', () => {
  for (const [code, heads] of Object.entries(refusals)) {
    assert.ok(code in catalog, code);
    for (const text of heads) {
      assert.deepEqual(readWhole(response, text), { status: 'invalid', error: code }, text.slice(0, 80));
      assert.deepEqual(readGrowing(response, text, [...Array(text.length).keys()]), { status: 'invalid', error: code });
    }
  }
});

const pieces = fc.constantFrom(
  'HTTP/1.1 ',
  'HTTP/1.0 ',
  '200',
  '204',
  '304',
  '100',
  '101',
  ' OK',
  '\r\n',
  '\r\n\r\n',
  '\r',
  '\n',
  ':',
  ' ',
  '\t',
  '\0',
  '0',
  '5',

  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'X-A: 1\r\n',
  'hello',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
);
const nearly = fc
  .tuple(fc.boolean(), fc.array(fc.oneof(pieces, fc.string({ maxLength: 2 })), { maxLength: 20 }))
  .map(([begun, parts]) => (begun ? 'HTTP/1.1 200 OK\r\n' : '') + parts.join(''));

test('no octets make the reader throw, hang, or depend on how they are cut', () => {
  fc.assert(
    fc.property(nearly, fc.array(fc.nat(200), { maxLength: 5 }), (text, at) => {
      const outcome = readWhole(response, text);
      if (outcome.status === 'invalid') assert.ok(outcome.error in catalog, outcome.error);
      const cuts = at.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b);
      assert.deepEqual(readGrowing(response, text, cuts), outcome);
    }),
    { numRuns: 3000 },
  );
});

test('whole responses: content, trailers and what may follow do not depend on how octets are cut', () => {
  fc.assert(
    fc.property(
      nearly,
      fc.array(fc.nat(200), { maxLength: 6 }),
      fc.constantFrom('GET', 'HEAD'),
      fc.boolean(),
      (text, at, method, upgrade) => {
        const bytes = Buffer.from(text, 'latin1');
        const whole = readResponse([bytes], method, upgrade, true);
        const cuts = [0, ...at.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        const parts = cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
        const { clean, ...rest } = readResponse(
          parts.filter((part) => part.length > 0),
          method,
          upgrade,
          true,
        );
        const { clean: wholeClean, ...wholeRest } = whole;
        assert.deepEqual(rest, wholeRest);
        // Surplus octets in a later piece are seen later: the connection is idle by then, and ends for that.
        if (wholeClean) assert.ok(clean);
      },
    ),
    { numRuns: 3000 },
  );
});
