import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeAlertRecord, parseAlert } from '../../../src/codec/tls/alert.ts';
import { HandshakeReader, isMessage } from '../../../src/codec/tls/handshake.ts';
import { encodeRecord, isRecord, RecordReader, type TlsRecord } from '../../../src/codec/tls/record.ts';
import { clientHello, handshakeRecords } from './hello-bytes.ts';

function take(reader: RecordReader): TlsRecord[] {
  const records: TlsRecord[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) {
    assert.ok(isRecord(next), JSON.stringify(next));
    records.push(next);
  }
  return records;
}

test('an unrecognized_name alert is seven octets', () => {
  assert.equal(Buffer.from(encodeAlertRecord(112)).toString('hex'), '15030300020270');
  assert.deepEqual(parseAlert(Uint8Array.of(2, 112)), { ok: true, value: { level: 2, description: 112 } });
});

test('alerts of another length or level are refused', () => {
  assert.ok(!parseAlert(Uint8Array.of(2)).ok);
  assert.ok(!parseAlert(Uint8Array.of(2, 40, 0)).ok);
  assert.ok(!parseAlert(Uint8Array.of(3, 40)).ok);
  assert.ok(!parseAlert(new Uint8Array(0)).ok);
});

const fragments = fc.array(fc.uint8Array({ minLength: 0, maxLength: 60 }), { minLength: 1, maxLength: 8 });

test('records are cut the same way whatever segments they come in', () => {
  fc.assert(
    fc.property(fragments, fc.integer({ min: 1, max: 30 }), (contents, step) => {
      const wire = Buffer.concat(contents.map((content) => encodeRecord(23, 0x0303, content)));
      const reader = new RecordReader();
      const records: TlsRecord[] = [];
      for (let at = 0; at < wire.length; at += step) {
        reader.feed(wire.subarray(at, at + step));
        records.push(...take(reader));
      }
      assert.deepEqual(
        records.map(({ fragment }) => [...fragment]),
        contents.map((content) => [...content]),
      );
      let offset = 0;
      for (const record of records) {
        assert.equal(record.offset, offset);
        offset += 5 + record.fragment.length;
      }
      assert.equal(reader.pendingLength, 0);
    }),
  );
});

test('a record cut short waits for its rest', () => {
  const wire = encodeRecord(22, 0x0301, Uint8Array.of(1, 2, 3));
  for (let length = 0; length < wire.length; length += 1) {
    const reader = new RecordReader();
    reader.feed(wire.subarray(0, length));
    assert.equal(reader.next(), undefined);
    assert.equal(reader.pendingLength, length);
  }
});

test('a stream that is not TLS, or a record beyond the limit, is a final error', () => {
  const reader = new RecordReader();
  reader.feed(Uint8Array.from([...encodeRecord(23, 0x0303, Uint8Array.of(1)), 71, 69, 84]));
  assert.ok(isRecord(reader.next()!));
  const error = { code: 'illegal-value', field: 'TLSPlaintext.type', offset: 6 };
  assert.deepEqual(reader.next(), error);
  reader.feed(encodeRecord(23, 0x0303, Uint8Array.of(1)));
  assert.deepEqual(reader.next(), error);
  const large = new RecordReader();
  large.feed(Uint8Array.of(23, 3, 3, 0x48, 0x01));
  assert.deepEqual(large.next(), { code: 'too-large', field: 'TLSPlaintext.length', offset: 0 });
});

test('messages are joined over records and told apart within one', () => {
  const hello = clientHello({ extensions: [] });
  const done = Uint8Array.of(14, 0, 0, 0);
  const joined = Uint8Array.from([...hello, ...done, ...hello]);
  for (const fragmentLength of [1, 3, 50, joined.length]) {
    const records = new RecordReader();
    records.feed(handshakeRecords(joined, fragmentLength));
    const reader = new HandshakeReader();
    const types: number[] = [];
    for (const { fragment } of take(records)) {
      reader.feed(fragment);
      for (let next = reader.next(); next !== undefined; next = reader.next()) {
        assert.ok(isMessage(next));
        types.push(next.type);
        assert.deepEqual(Buffer.from(next.bytes), Buffer.from(next.type === 1 ? hello : done));
      }
    }
    assert.deepEqual(types, [1, 14, 1]);
    assert.equal(reader.pendingLength, 0);
  }
});

test('a message longer than the limit is a final error', () => {
  const reader = new HandshakeReader(100);
  reader.feed(Uint8Array.of(11, 0, 0, 97));
  assert.deepEqual(reader.next(), { code: 'too-large', field: 'Handshake.length', offset: 0 });
  reader.feed(new Uint8Array(97));
  assert.deepEqual(reader.next(), { code: 'too-large', field: 'Handshake.length', offset: 0 });
});
