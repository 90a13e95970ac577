import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeAlertRecord } from '../../../../src/codec/tls/alert.ts';
import { TlsConversation } from '../../../../src/codec/tls/conversation/conversation.ts';
import type { TlsItem } from '../../../../src/codec/tls/conversation/items.ts';
import { encodeRecord } from '../../../../src/codec/tls/record.ts';
import { nodeTlsCrypto } from '../../../../src/pki/tls-crypto.ts';
import { fullHello, handshakeRecords } from '../hello-bytes.ts';
import { samples } from '../message/handshake-octets.ts';

const create = (): TlsConversation => new TlsConversation({ crypto: nodeTlsCrypto });
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

function answered(answer: Uint8Array, step = Infinity): TlsItem[] {
  const conversation = create();
  conversation.feed('client', handshakeRecords(fullHello(40)), 0);
  for (let at = 0; at < answer.length; at += step)
    conversation.feed('server', answer.subarray(at, Math.min(answer.length, at + step)), 1);
  conversation.end('server', 2);
  conversation.finish();
  return conversation.items.filter(({ sender }) => sender === 'server');
}

test('an answer in HTTP, SSH or SMTP is named, whatever pieces it comes in', () => {
  const answers: readonly (readonly [text: string, protocol: string, sample: string])[] = [
    ['HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n', 'http', 'HTTP/1.1 400 Bad Request'],
    ['<html><body>no</body></html>', 'http', '<html><body>no</body></html>'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'ssh', 'SSH-2.0-OpenSSH_9.2'],
    ['220 mail.example.com ESMTP ready\r\n', 'smtp', '220 mail.example.com ESMTP ready'],
    ['220 Welcome\r\n', 'ftp', '220 Welcome'],
    ['\u0000\u0001\u0002', 'unknown', '00 01 02'],
  ];
  for (const [text, protocol, sample] of answers) {
    for (const step of [1, 7, Infinity]) {
      const items = answered(latin1(text), step);
      const foreign = items.filter((item) => item.kind === 'foreign');
      assert.equal(foreign.at(-1)?.protocol, protocol, text);
      assert.equal(foreign.at(-1)?.sample, sample);
      assert.equal(Buffer.concat(foreign.map(({ octets }) => octets)).toString('latin1'), text);
      assert.equal(items.at(-1)?.kind, 'end');
    }
  }
});

test('an alert, a record that never ends, and garbage behind a good record are told as such', () => {
  const refused = answered(encodeAlertRecord(112));
  assert.deepEqual(
    refused.map(({ kind }) => kind),
    ['record', 'alert', 'end'],
  );
  const [, alert] = refused;
  assert.ok(alert?.kind === 'alert' && alert.name === 'unrecognized_name' && alert.level === 2);
  const cut = answered(encodeRecord(22, 0x0303, new Uint8Array(100)).subarray(0, 50));
  assert.deepEqual(
    cut.map(({ kind }) => kind),
    ['end'],
  );
  assert.ok(cut[0]?.kind === 'end' && cut[0].pendingLength === 50 && !cut[0].afterCloseNotify);
  const mixed = answered(Uint8Array.from([...encodeAlertRecord(0, 1), ...latin1('garbage')]));
  assert.deepEqual(
    mixed.map(({ kind }) => kind),
    ['record', 'alert', 'broken', 'foreign', 'end'],
  );
  assert.ok(mixed[4]?.kind === 'end' && mixed[4].afterCloseNotify);
  const long = answered(Uint8Array.of(22, 3, 3, 0xff, 0xff, 1, 2, 3));
  assert.deepEqual(
    long.map(({ kind }) => kind),
    ['broken', 'foreign', 'end'],
  );
});

test('an alert of another length and a certificate bomb are broken, not thrown', () => {
  assert.deepEqual(
    answered(encodeRecord(21, 0x0303, Uint8Array.of(2))).map(({ kind }) => kind),
    ['record', 'broken', 'end'],
  );
  const bomb = answered(encodeRecord(22, 0x0303, Uint8Array.of(11, 0xff, 0xff, 0xff)));
  assert.deepEqual(
    bomb.map(({ kind }) => kind),
    ['record', 'broken', 'end'],
  );
  assert.ok(bomb[1]?.kind === 'broken' && bomb[1].error.code === 'too-large');
});

test('Heartbleed’s request is told, a good heartbeat is not', () => {
  const [, bleeding] = answered(encodeRecord(24, 0x0303, Uint8Array.of(1, 0x40, 0)));
  assert.ok(bleeding?.kind === 'heartbeat' && bleeding.isOverlong && bleeding.payloadLength === 0x4000);
  const [, good] = answered(encodeRecord(24, 0x0303, new Uint8Array(3 + 16 + 16).fill(1, 0, 1)));
  assert.ok(good?.kind === 'heartbeat' && !good.isOverlong);
});

test('a long message in records of one octet is joined, and the items are bounded', () => {
  const body = new Uint8Array(1 << 18);
  const whole = Uint8Array.from([11, 4, 0, 0, ...body]);
  const conversation = new TlsConversation({ crypto: nodeTlsCrypto, maxKeptOctets: 1 << 16 });
  conversation.feed('server', handshakeRecords(whole, 1), 0);
  assert.ok(conversation.items.length < 1_000);
  assert.equal(conversation.droppedItems > 200_000, true);
});

test('a message tells the records that carried it, and where they stand', () => {
  const conversation = create();
  const hello = fullHello(40);
  const wire = handshakeRecords(hello, Math.ceil(hello.length / 3));
  conversation.feed('client', wire, 7);
  const message = conversation.items.find(({ kind }) => kind === 'message');
  assert.ok(message?.kind === 'message');
  assert.deepEqual(message.records, [0, 1, 2]);
  assert.deepEqual([message.start, message.end, message.atMs], [0, wire.length, 7]);
  assert.deepEqual(message.message.octets, hello);
});

test('items that are not kept are still told', () => {
  const told: TlsItem[] = [];
  const conversation = new TlsConversation({
    crypto: nodeTlsCrypto,
    maxKeptOctets: 1_000,
    onItem: (item) => void told.push(item),
  });
  for (let n = 0; n < 50; n += 1) conversation.feed('server', encodeAlertRecord(90, 1), n);
  assert.equal(told.length, 100);
  assert.ok(conversation.items.length < 20);
  assert.equal(conversation.droppedItems, 100 - conversation.items.length);
  assert.deepEqual(
    told.map(({ index }) => index),
    told.map((_, index) => index),
  );
});

const fed = fc.array(
  fc.tuple(
    fc.constantFrom('client' as const, 'server' as const),
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(fc.integer({ min: 20, max: 25 }), fc.uint8Array({ maxLength: 60 }))
        .map(([type, body]) => encodeRecord(type, 0x0303, body)),
      fc.constantFrom(...samples).map(({ octets }) => handshakeRecords(octets)),
    ),
  ),
  { maxLength: 12 },
);

test('no octets in any order make it throw, with or without keys to come', () => {
  fc.assert(
    fc.property(fed, fc.boolean(), (pieces, keysMayCome) => {
      const conversation = new TlsConversation({ crypto: nodeTlsCrypto, keysMayCome });
      for (const [sender, octets] of pieces) conversation.feed(sender, octets, 0);
      conversation.end('client', 1, 'reset');
      conversation.finish();
      const end = conversation.items.at(-1);
      assert.ok(end?.kind === 'end' && end.how === 'reset');
    }),
    { numRuns: 300 },
  );
});
