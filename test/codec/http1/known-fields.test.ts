import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldFindings } from '../../../src/codec/http1/field-findings.ts';
import { COMPLETE } from '../../../src/codec/http1/field-section.ts';
import { KnownFields } from '../../../src/codec/http1/known-fields.ts';
import { RequestHeadReader } from '../../../src/codec/http1/request-head.ts';
import { limits, outcomeOf, readWhole, request } from './heads.ts';

const SECTION =
  'Host: app.test\r\nConnection: keep-alive, X-Hop\r\nAccept: */*\r\nX-Hop: 1\r\nUser-Agent: t/1 \r\nTE: trailers\r\n' +
  'Referer: /before\r\nX-Forwarded-For: 1.2.3.4\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n';

/** Reads a head and keeps its fields. */
function know(line: string, section: string): KnownFields {
  const bytes = Buffer.from(`${line}${section}`, 'latin1');
  const reader = new RequestHeadReader(limits);
  assert.equal(reader.read(bytes, 0, bytes.length), COMPLETE);
  const known = new KnownFields();
  known.keep(bytes, reader.fieldsStart, reader.fields);
  return known;
}

/** What is found in the same head at the same place, by recalling and by reading. */
function bothWays(known: KnownFields, before: string, text: string, behind: string): [boolean, unknown, unknown] {
  const found = [known, undefined].map((given) => {
    const bytes = Buffer.from(`${before}${text}${behind}`, 'latin1');
    const reader = new RequestHeadReader(limits);
    const status = reader.read(bytes, before.length, bytes.length, given);
    const { end, cutCount } = reader.fields;
    const findings: Record<string, unknown> = Object.fromEntries(
      Object.keys(new FieldFindings(0)).map((name) => [name, reader.fields[name as keyof FieldFindings]]),
    );
    // Ends of what is not there mean nothing.
    for (const name of ['host', 'userAgent', 'referer', 'keepAlive'])
      if (findings[`${name}Start`] === -1)
        for (const one of ['End', 'LineStart', 'LineEnd']) delete findings[name + one];
    findings.cuts = [...reader.fields.cuts.subarray(0, cutCount)];
    const outcome = outcomeOf(reader, status, bytes);
    return { recalled: reader.recalled, outcome, findings: status === COMPLETE ? { ...findings, end } : {} };
  });
  return [found[0]!.recalled, { ...found[0], recalled: false }, found[1]];
}

test('fields that come again, behind another line and at another place, are recalled as they were read', () => {
  const known = know('GET / HTTP/1.1\r\n', SECTION);
  assert.equal(
    known.block.toString('latin1'),
    (readWhole(request, `GET / HTTP/1.1\r\n${SECTION}`) as { block: string }).block,
  );
  for (const line of ['GET / HTTP/1.1\r\n', 'POST /longer?a=b HTTP/1.1\r\n', 'GET http://b.test/x HTTP/1.0\r\n']) {
    const [recalled, one, other] = bothWays(known, 'before', `${line}${SECTION}`, 'GET / HTTP/1.1\r\n');
    assert.equal(recalled, true, line);
    assert.deepEqual(one, other, line);
  }
});

test('fields that are longer, shorter, cut or changed in one octet are read', () => {
  const known = know('GET / HTTP/1.1\r\n', SECTION);
  const line = 'GET / HTTP/1.1\r\n';
  const others = [
    SECTION.slice(0, -2) + 'X-More: 1\r\n\r\n',
    SECTION.replace('Accept: */*\r\n', ''),
    ...Array.from(SECTION, (_, at) => SECTION.slice(0, at)),
    ...Array.from(SECTION, (_, at) => `${SECTION.slice(0, at)}\u0000${SECTION.slice(at + 1)}`),
    ...Array.from(SECTION, (_, at) => `${SECTION.slice(0, at)}x${SECTION.slice(at + 1)}`).filter(
      (one) => one !== SECTION,
    ),
  ];
  for (const other of others) {
    const [recalled, one, read] = bothWays(known, '', `${line}${other}`, '');
    assert.equal(recalled, false, other);
    assert.deepEqual(one, read, other);
  }
});

test('what the line and the fields say together is judged anew', () => {
  const chunked = know('POST / HTTP/1.1\r\n', 'Host: a.test\r\nTransfer-Encoding: chunked\r\n\r\n');
  const text = 'POST / HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n';
  const [recalled, one, other] = bothWays(chunked, '', text, '');
  assert.equal(recalled, true);
  assert.deepEqual(one, other);
  assert.deepEqual((one as { outcome: unknown }).outcome, { status: 'invalid', error: 'transfer-encoding-in-http10' });
});

test('a head that is too large with its line stays too large', () => {
  const known = know('GET / HTTP/1.1\r\n', SECTION);
  const small = new RequestHeadReader({ ...limits, headBytes: SECTION.length + 20 });
  const bytes = Buffer.from(`GET /${'a'.repeat(40)} HTTP/1.1\r\n${SECTION}`, 'latin1');
  assert.equal(small.read(bytes, 0, bytes.length, known), -1);
  assert.equal(small.error, 'head-too-large');
});

test('long sections and those with many cuts are not kept, and what was kept before is forgotten', () => {
  const long = `Host: a.test\r\nCookie: ${'c'.repeat(5_000)}\r\n\r\n`;
  const many = `Host: a.test\r\n${Array.from({ length: 12 }, (_, at) => `TE: trailers\r\nX-${at}: 1\r\n`).join('')}\r\n`;
  for (const section of [long, many]) {
    const known = know('GET / HTTP/1.1\r\n', SECTION);
    const bytes = Buffer.from(`GET / HTTP/1.1\r\n${section}`, 'latin1');
    const reader = new RequestHeadReader(limits);
    assert.equal(reader.read(bytes, 0, bytes.length, known), COMPLETE);
    known.keep(bytes, reader.fieldsStart, reader.fields);
    for (const again of [section, SECTION])
      assert.equal(bothWays(known, '', `GET / HTTP/1.1\r\n${again}`, '')[0], false);
  }
});

test('any section is recalled as it is read', () => {
  const lines = fc.constantFrom(
    ...SECTION.split('\r\n')
      .slice(1, -2)
      .map((line) => `${line}\r\n`),
    'Upgrade: websocket\r\n',
    'Connection: upgrade\r\n',
    'Keep-Alive: timeout=5\r\n',
    'Proxy: x\r\n',
    'Forwarded: for=1.2.3.4\r\n',
    'X-A: caf\u00e9\t \r\n',
    'Transfer_Encoding: chunked\r\n',
    'Sec-Fetch-Mode: navigate\r\n',
  );
  let recalls = 0;
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 16 }), fc.nat(9), fc.nat(40), (some, at, length) => {
      const section = `${[...some.slice(0, at), 'Host: app.test\r\n', ...some.slice(at)].join('')}\r\n`;
      const first = Buffer.from(`GET / HTTP/1.1\r\n${section}`, 'latin1');
      const reader = new RequestHeadReader(limits);
      if (reader.read(first, 0, first.length) !== COMPLETE) return;
      const known = new KnownFields();
      known.keep(first, reader.fieldsStart, reader.fields);
      const [recalled, one, other] = bothWays(
        known,
        'x'.repeat(at),
        `GET /${'y'.repeat(length)} HTTP/1.1\r\n${section}`,
        'z',
      );
      if (recalled) recalls += 1;
      assert.deepEqual(one, other);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(recalls > 300, `${recalls} sections were recalled`);
});

test('a section without a line is read each time', () => {
  const known = know('GET http://a.test/ HTTP/1.0\r\n', '\r\n');
  const [recalled, one, other] = bothWays(known, '', 'GET http://a.test/ HTTP/1.0\r\n\r\n', '');
  assert.equal(recalled, false);
  assert.deepEqual(one, other);
});
