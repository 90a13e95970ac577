import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readFieldList } from '../../../../src/codec/http2/field-list.ts';
import { HpackDecoder } from '../../../../src/codec/http2/hpack/decoder.ts';
import { encodedRoom, HpackEncoder } from '../../../../src/codec/http2/hpack/encoder.ts';

const scratch = Buffer.alloc(16_384);
const limits = { tableSize: 65_536, listSize: 1 << 20, fieldCount: 1000 };

class Pair {
  readonly encoder: HpackEncoder;
  readonly decoder = new HpackDecoder(limits, Buffer.alloc(70_000));
  readonly out = Buffer.alloc(100_000);

  constructor(capacity?: number) {
    this.encoder = new HpackEncoder(scratch, capacity);
  }

  decode(end: number): { told: string; kinds: string; length: number } {
    const list = readFieldList(this.decoder, this.out, 0, end);
    assert.equal(list.violation, null);
    assert.equal(this.decoder.tableSize, this.encoder.tableSize);
    assert.equal(this.decoder.maximumTableSize, this.encoder.maximumTableSize);
    return {
      told: list.fields.map((field) => `${field.name}: ${field.value}`).join('\n'),
      kinds: list.fields.map((field) => field.representation).join(' '),
      length: end,
    };
  }

  head(status: number, ...lines: string[]) {
    const block = Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
    const end = this.encoder.encodeResponseHead(status, block, 0, block.length, this.out, 0);
    assert.ok(end <= encodedRoom(block.length), `${end} octets for a block of ${block.length}`);
    return this.decode(end);
  }

  request(...lines: string[]) {
    const block = Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
    const { encoder, out } = this;
    const end = encoder.encodeRequestHead('GET', 'https', 'a.test', '/x', '', block, 0, block.length, out, 0);
    return this.decode(end);
  }
}

test('names go out in lower case, white space around values is taken off', () => {
  const pair = new Pair();
  assert.equal(
    pair.head(200, 'Content-Type:text/html', 'X-A: \t b c \t', 'Empty:', 'x_y:  1').told,
    ':status: 200\ncontent-type: text/html\nx-a: b c\nempty: \nx_y: 1',
  );
});

test('fields of the connection do not go out', () => {
  const pair = new Pair();
  assert.equal(
    pair.head(200, 'Connection: close', 'Keep-Alive: timeout=5', 'A: b', 'Transfer-Encoding: chunked', 'Upgrade: x')
      .told,
    ':status: 200\na: b',
  );
});

test('a request has :authority in place of Host', () => {
  assert.equal(
    new Pair().request('Host: a.test', 'Accept: */*', 'TE: trailers').told,
    ':method: GET\n:scheme: https\n:path: /x\n:authority: a.test\naccept: */*\nte: trailers',
  );
});

test('CONNECT has neither scheme nor path; extended CONNECT has both', () => {
  const pair = new Pair();
  const { encoder, out } = pair;
  const none = Buffer.alloc(0);
  assert.equal(
    pair.decode(encoder.encodeRequestHead('CONNECT', 'https', 'a:1', '', '', none, 0, 0, out, 0)).told,
    ':method: CONNECT\n:authority: a:1',
  );
  assert.equal(
    pair.decode(encoder.encodeRequestHead('CONNECT', 'https', 'a', '/c', 'websocket', none, 0, 0, out, 0)).told,
    ':method: CONNECT\n:scheme: https\n:path: /c\n:authority: a\n:protocol: websocket',
  );
});

test('every status survives', () => {
  const pair = new Pair();
  for (let status = 100; status < 600; status += 1) assert.equal(pair.head(status).told, `:status: ${status}`);
});

test('secrets are never indexed, and marked so', () => {
  for (const name of ['Authorization', 'Cookie', 'Proxy-Authorization', 'Set-Cookie']) {
    const pair = new Pair();
    for (let time = 0; time < 3; time += 1) {
      assert.equal(pair.head(200, `${name}: c2VjcmV0c2VjcmV0c2VjcmV0`).kinds, 'indexed literal-never-indexed');
    }
    assert.equal(pair.encoder.tableSize, 0);
  }
});

test('values that mostly differ go into the table when they come again', () => {
  const pair = new Pair();
  const kinds = [1, 2, 3].map(() => pair.head(200, 'ETag: "abc"').kinds.split(' ')[1]);
  assert.deepEqual(kinds, ['literal', 'literal-indexed', 'indexed']);
  for (let entity = 0; entity < 200; entity += 1)
    pair.head(200, `ETag: "${entity * 7919}"`, `Content-Length: ${entity}`);
  assert.ok(pair.encoder.tableSize < 500, 'the table is not filled with what comes once');
});

test('other fields go into the table at once', () => {
  const pair = new Pair();
  assert.equal(pair.head(200, 'Server: a', 'X-Powered-By: b').kinds, 'indexed literal-indexed literal-indexed');
  assert.equal(pair.head(404, 'X-Powered-By: b', 'SERVER: a').kinds, 'indexed indexed indexed');
});

test('a field that would fill most of the table stays out of it', () => {
  const pair = new Pair();
  const value = 'v'.repeat(3500);
  assert.equal(pair.head(200, `X-Big: ${value}`).kinds, 'indexed literal');
  assert.equal(pair.encoder.tableSize, 0);
});

test('a name beyond the scratch still goes out in lower case', () => {
  const name = 'N'.repeat(20_000);
  assert.equal(new Pair().head(200, `${name}: v`).told, `:status: 200\n${name.toLowerCase()}: v`);
});

test('a head that repeats costs an octet a field, and follows the table when others change it', () => {
  const pair = new Pair();
  const head = ['Server: uvicorn', 'Content-Type: text/html', 'Content-Length: 12', 'X-Frame-Options: DENY'];
  const told = `:status: 200\n${head.map((line) => line[0]!.toLowerCase() + line.slice(1)).join('\n')}`.toLowerCase();
  for (let time = 0; time < 6; time += 1) {
    const result = pair.head(200, ...head);
    assert.equal(result.told.toLowerCase(), told);
    if (time > 1) assert.equal(result.length, 5);
  }
  // Another head moves the indices; the same head under another status; then the first again.
  pair.head(200, 'X-New: 1');
  assert.equal(pair.head(200, ...head).told.toLowerCase(), told);
  assert.equal(pair.head(404, ...head).told.toLowerCase(), told.replace('200', '404'));
  assert.equal(pair.head(200, ...head).told.toLowerCase(), told);
  // The table is emptied in between.
  pair.encoder.setTableLimit(0);
  pair.decoder.setTableLimit(0);
  for (let time = 0; time < 3; time += 1) assert.equal(pair.head(200, ...head).told.toLowerCase(), told);
});

test('heads that differ in a line, have a line more or less, or are very long, decode to themselves', () => {
  const change = fc.record({
    line: fc.nat(7),
    value: fc.constantFrom('1', '2', '33', '', 'x'.repeat(700)),
    drop: fc.boolean(),
    limit: fc.option(fc.nat(600), { freq: 8 }),
    repeat: fc.integer({ min: 1, max: 4 }),
  });
  const names = ['Server', 'Date', 'ETag', 'X-A', 'Content-Length', 'X-B', 'Set-Cookie', 'Vary'];
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const pair = new Pair();
      const lines = names.map((name) => `${name}: 0`);
      for (const { line, value, drop, limit, repeat } of changes) {
        if (limit !== null) {
          pair.encoder.setTableLimit(limit);
          pair.decoder.setTableLimit(limit);
        }
        lines[line] = `${names[line]}: ${value}`;
        const sent = lines.filter((_, at) => !drop || at !== line);
        const expected = [':status: 200', ...sent.map((one) => one.replace(/^[^:]+/, (name) => name.toLowerCase()))];
        for (let time = 0; time < repeat; time += 1) assert.equal(pair.head(200, ...sent).told, expected.join('\n'));
      }
    }),
    { numRuns: 200 },
  );
});

test('a head of many lines repeats as a short one does', () => {
  for (const count of [31, 32, 33, 60]) {
    const pair = new Pair();
    const lines = Array.from({ length: count }, (_, at) => `x-${at}: ${at}`);
    for (let time = 0; time < 3; time += 1) {
      assert.equal(pair.head(200, ...lines).told, [':status: 200', ...lines].join('\n'));
    }
  }
});

test('table size updates: the smallest and the last limit, at the start of the next block', () => {
  const pair = new Pair();
  pair.head(200, 'a: b');
  pair.encoder.setTableLimit(100);
  pair.encoder.setTableLimit(2000);
  const end = pair.encoder.encodeResponseHead(200, Buffer.from('a: b\r\n'), 0, 6, pair.out, 0);
  // 001 100 (31 + 69), 001 2000 (31 + 1969), then :status 200, a: b.
  assert.equal(pair.out.subarray(0, end).toString('hex'), '3f453fb10f88be');
  assert.equal(pair.decode(end).told, ':status: 200\na: b');
  assert.equal(pair.encoder.maximumTableSize, 2000);
  // A limit beyond our own capacity changes it to that.
  pair.encoder.setTableLimit(1 << 20);
  pair.decoder.setTableLimit(65_536);
  pair.head(200);
  assert.equal(pair.encoder.maximumTableSize, 4096);
  // Nothing to say, nothing said.
  pair.encoder.setTableLimit(4096);
  assert.equal(pair.head(200).length, 1);
});

test('a smaller capacity is told to the peer in the first block', () => {
  const pair = new Pair(0);
  assert.equal(pair.head(200, 'a: b').kinds, 'indexed literal');
  assert.equal(pair.encoder.maximumTableSize, 0);
});

test('any field lines, limits changing on the way, decode to themselves', () => {
  const name = fc.constantFrom(
    'a',
    'accept-encoding',
    'Content-Length',
    'date',
    'ETag',
    'x-1',
    'x-2',
    'X_3',
    'vary',
    'cookie',
  );
  const value = fc.oneof(
    fc.constantFrom('', '1', '2', 'gzip, deflate', 'no-cache', 'x'.repeat(300)),
    fc.stringMatching(/^[!-~\u0080-\u00ff]{1,40}$/),
  );
  const block = fc.record({
    status: fc.integer({ min: 100, max: 599 }),
    lines: fc.array(fc.tuple(name, value), { maxLength: 8 }),
    limit: fc.option(fc.nat(5000), { freq: 6 }),
  });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 40 }), (blocks) => {
      const pair = new Pair();
      for (const { status, lines, limit } of blocks) {
        if (limit !== null) {
          pair.encoder.setTableLimit(limit);
          pair.decoder.setTableLimit(limit);
        }
        const told = pair.head(status, ...lines.map(([name, value]) => `${name}: ${value}`)).told;
        assert.equal(told, [`:status: ${status}`, ...lines.map(([n, v]) => `${n.toLowerCase()}: ${v}`)].join('\n'));
      }
    }),
    { numRuns: 150 },
  );
});
