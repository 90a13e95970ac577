import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HelloAccumulator, type HelloProgress } from '../../../src/codec/tls/hello-accumulator.ts';
import { ascii, clientHello, extension, fullHello, handshakeRecords } from './hello-bytes.ts';

function feedAll(chunks: readonly Uint8Array[], limit?: number) {
  const accumulator = new HelloAccumulator(limit);
  let progress: HelloProgress = { kind: 'need-more' };
  for (const chunk of chunks) progress = accumulator.feed(chunk);
  return { accumulator, progress };
}

function progressOf(octets: readonly number[] | Uint8Array): HelloProgress {
  return feedAll([Uint8Array.from(octets)]).progress;
}

function foreignOf(octets: readonly number[]) {
  const progress = progressOf(octets);
  assert.ok(progress.kind === 'foreign', JSON.stringify(progress));
  return [progress.foreign.protocol, progress.foreign.sample];
}

test('a hello split in two at every octet is read, and no octet is lost', () => {
  const wire = handshakeRecords(fullHello(), 700);
  for (let cut = 1; cut < wire.length; cut += 1) {
    const accumulator = new HelloAccumulator();
    assert.equal(accumulator.feed(wire.subarray(0, cut)).kind, 'need-more', `after ${cut} octets`);
    assert.equal(accumulator.feed(wire.subarray(cut)).kind, 'hello');
    assert.deepEqual(accumulator.bytes, wire);
  }
});

test('a hello that comes octet by octet, in records of any size, is read', () => {
  const message = fullHello();
  for (const fragmentLength of [11, 100, 1_000, 16_384]) {
    const wire = handshakeRecords(message, fragmentLength);
    const accumulator = new HelloAccumulator();
    for (const [at, octet] of wire.entries()) {
      const { kind } = accumulator.feed(Uint8Array.of(octet));
      assert.equal(kind, at === wire.length - 1 ? 'hello' : 'need-more');
    }
    assert.deepEqual(accumulator.bytes, wire);
    const last = accumulator.feed(new Uint8Array(0));
    assert.ok(last.kind === 'hello');
    assert.deepEqual(last.hello.serverName, { kind: 'name', name: 'app.example.com' });
  }
});

test('pieces may be overwritten by their owner once they are fed and followed by others', () => {
  const wire = handshakeRecords(clientHello({ extensions: [extension(9_999, ascii('kept'))] }), 20);
  const accumulator = new HelloAccumulator();
  const shared = new Uint8Array(7);
  let progress: HelloProgress = { kind: 'need-more' };
  accumulator.feed(wire.slice(0, 1));
  for (let at = 1; at < wire.length; at += 7) {
    const piece = wire.subarray(at, at + 7);
    shared.set(piece);
    progress = accumulator.feed(shared.subarray(0, piece.length));
  }
  assert.ok(progress.kind === 'hello');
  assert.equal(Buffer.from(progress.hello.extensions[0]!.bytes).toString(), 'kept');
  assert.deepEqual(accumulator.bytes, wire);
});

test('what follows the hello in the same segment is kept', () => {
  const wire = handshakeRecords(fullHello());
  const more = Uint8Array.from([...wire, 20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 2, 9, 9]);
  const { accumulator, progress } = feedAll([more]);
  assert.equal(progress.kind, 'hello');
  assert.deepEqual(accumulator.bytes, more);
});

test('other protocols are named', () => {
  assert.deepEqual(foreignOf(ascii('GET / HTTP/1.1\r\nHost: a\r\n\r\n')), ['http', 'GET']);
  assert.deepEqual(foreignOf(ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')), ['http', 'PRI']);
  assert.deepEqual(foreignOf(ascii('VERSION-CONTROL /')), ['http', 'VERSION-CONTROL']);
  assert.deepEqual(foreignOf(ascii('SSH-2.0-OpenSSH_9.2\r\n')), ['ssh', 'SSH-2.0-OpenSSH_']);
  assert.deepEqual(foreignOf(ascii('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n')), ['proxy-protocol', 'PROXY']);
  const proxyV2 = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21];
  assert.deepEqual(foreignOf(proxyV2), ['proxy-protocol', 'PROXY v2']);
  assert.deepEqual(foreignOf([0x15, 3, 1, 0, 2, 2, 40]), ['tls-without-hello', '15 03 01 00 02 02 28']);
  assert.deepEqual(foreignOf([0x17, 3, 3, 0, 1, 0]), ['tls-without-hello', '17 03 03 00 01 00']);
  assert.deepEqual(foreignOf([3, 0, 0, 0x2f, 0x2a]), ['unknown', '03 00 00 2f 2a']);
  assert.deepEqual(foreignOf(ascii('hello\r\n')), ['unknown', 'hello']);
  assert.deepEqual(foreignOf([22, 2, 0, 0, 5, 1]), ['unknown', '16 02 00 00 05 01']);
});

test('an SSLv2 hello is named with the version that it offers', () => {
  const progress = progressOf([0x80, 0x2e, 1, 3, 1, 0, 0x15]);
  assert.ok(progress.kind === 'foreign');
  assert.deepEqual([progress.foreign.protocol, progress.foreign.version], ['sslv2-hello', 0x0301]);
  assert.equal(foreignOf([0x80, 0x2e, 1, 9, 9])[0], 'unknown');
  assert.equal(foreignOf([0x80, 0x2e, 4])[0], 'unknown');
});

test('other protocols are named in whatever pieces they come', () => {
  for (const text of ['OPTIONS * HTTP/1.0\r\n', 'SSH-2.0-x', 'PROXY TCP6 ']) {
    const whole = foreignOf(ascii(text))[0];
    const accumulator = new HelloAccumulator();
    let progress: HelloProgress = { kind: 'need-more' };
    for (const octet of ascii(text)) progress = accumulator.feed(Uint8Array.of(octet));
    assert.ok(progress.kind === 'foreign');
    assert.equal(progress.foreign.protocol, whole);
    assert.equal(Buffer.from(accumulator.bytes).toString(), text);
  }
});

test('a handshake record that holds no hello is malformed at once', () => {
  const progress = progressOf([22, 3, 1, 0, 9, 2]);
  assert.deepEqual(progress, { kind: 'malformed', error: { code: 'unexpected-type', field: 'msg_type', offset: 5 } });
});

test('records that RFC 8446 forbids around a hello are malformed', () => {
  assert.equal(progressOf([22, 3, 1, 0, 0]).kind, 'malformed');
  assert.equal(progressOf([22, 3, 1, 0x40, 1, 1]).kind, 'malformed');
  const first = handshakeRecords(fullHello(), 100).subarray(0, 105);
  assert.equal(progressOf([...first, 23, 3, 3, 0, 1, 0]).kind, 'malformed');
  assert.equal(progressOf([...first, 22, 3, 3, 0, 0]).kind, 'malformed');
  assert.equal(progressOf([...first, 22, 2, 3, 0, 1]).kind, 'malformed');
});

test('a hello that says it is longer than the limit is refused before it arrives', () => {
  const records = handshakeRecords(fullHello(3_000), 500);
  const { progress } = feedAll([records.subarray(0, 505)], 2_000);
  assert.deepEqual(progress, { kind: 'too-large', limitBytes: 2_000 });
});

test('a hello in endless tiny records is refused at the limit', () => {
  const records = handshakeRecords(fullHello(3_000), 1);
  const accumulator = new HelloAccumulator(4_000);
  let fed = 0;
  let progress: HelloProgress = { kind: 'need-more' };
  while (progress.kind === 'need-more' && fed < records.length) {
    progress = accumulator.feed(records.slice(fed, fed + 600));
    fed += 600;
  }
  assert.equal(progress.kind, 'too-large');
  assert.ok(accumulator.byteLength <= 4_000 + 1_024 + 600);
});

test('a record that cannot fit within the limit is refused when its header is read', () => {
  assert.equal(feedAll([Uint8Array.of(22, 3, 1, 0x40, 0, 1)], 1_000).progress.kind, 'too-large');
});

test('no octets in any pieces make it throw, and all are kept', () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 20 });
  const prefixed = fc.tuple(fc.constantFrom([22, 3, 1], [0x80], [71, 69, 84], [22, 3, 1, 0, 50, 1, 0, 0, 46]), chunks);
  fc.assert(
    fc.property(prefixed, ([prefix, rest]) => {
      const all = [Uint8Array.from(prefix), ...rest];
      const { accumulator, progress } = feedAll(all);
      assert.ok(['need-more', 'hello', 'foreign', 'malformed', 'too-large'].includes(progress.kind));
      assert.deepEqual(Buffer.from(accumulator.bytes), Buffer.concat(all));
    }),
    { numRuns: 1_000 },
  );
});
