import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TlsConversation } from '../../../../src/codec/tls/conversation/conversation.ts';
import type { MessageItem, Sender, TlsItem } from '../../../../src/codec/tls/conversation/items.ts';
import type { KnownSecrets } from '../../../../src/codec/tls/conversation/secrets.ts';
import { nodeTlsCrypto } from '../../../../src/pki/tls-crypto.ts';
import { sections, stepsOf, valueOf, vectorsAbsent } from '../rfc8448-vectors.ts';

const skip = vectorsAbsent;
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

interface SentRecord {
  readonly sender: Sender;
  readonly payload: Uint8Array;
  readonly record: Uint8Array;
}

function sentRecords(section: string): SentRecord[] {
  return stepsOf(section)
    .filter(({ values }) => values.has('complete record'))
    .map(({ op, values }) => ({
      sender: op.startsWith('client') ? 'client' : 'server',
      payload: values.get('payload')!,
      record: values.get('complete record')!,
    }));
}

const logged: readonly (readonly [op: RegExp, label: string])[] = [
  [/"tls13 c e traffic"/, 'CLIENT_EARLY_TRAFFIC_SECRET'],
  [/"tls13 e exp master"/, 'EARLY_EXPORTER_SECRET'],
  [/"tls13 c hs traffic"/, 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'],
  [/"tls13 s hs traffic"/, 'SERVER_HANDSHAKE_TRAFFIC_SECRET'],
  [/"tls13 c ap traffic"/, 'CLIENT_TRAFFIC_SECRET_0'],
  [/"tls13 s ap traffic"/, 'SERVER_TRAFFIC_SECRET_0'],
  [/"tls13 exp master"/, 'EXPORTER_SECRET'],
];

/** The key log that a client of this trace would have written. */
function keyLogOf(section: string): string {
  const hello = sentRecords(section)[0]!.payload;
  const random = hex(hello.subarray(6, 38));
  let text = '';
  for (const [op, label] of logged) {
    const secret = valueOf(section, op, 'expanded');
    if (secret !== undefined) text += `${label} ${random} ${hex(secret)}\n`;
  }
  return text;
}

/** What only the two ends know: the shared secret, and in section 4 the key of section 3's ticket. */
function knownOf(section: string): KnownSecrets {
  const sharedSecret = valueOf(section, /extract secret "handshake"/, 'IKM');
  const psk = section.startsWith('4.') ? valueOf(sections[0]!, /generate resumption secret/, 'expanded') : undefined;
  return { sharedSecret, psk };
}

function play(section: string, conversation: TlsConversation, step = Infinity): void {
  let atMs = 0;
  for (const { sender, record } of sentRecords(section)) {
    for (let at = 0; at < record.length; at += step) {
      conversation.feed(sender, record.subarray(at, Math.min(record.length, at + step)), atMs);
    }
    atMs += 1;
  }
  conversation.end('client', atMs);
  conversation.end('server', atMs);
  conversation.finish();
}

const contentOf = (items: readonly TlsItem[], sender: Sender): string =>
  items
    .filter((item) => item.sender === sender)
    .map((item) => {
      if (item.kind === 'message') return hex(item.message.octets);
      if (item.kind === 'data') return hex(item.octets);
      if (item.kind === 'alert') return hex(Uint8Array.of(item.level, item.description));
      return item.kind === 'change-cipher-spec' ? '01' : '';
    })
    .join('');

const sentBy = (section: string, sender: Sender): string =>
  sentRecords(section)
    .filter((sent) => sent.sender === sender)
    .map(({ payload }) => hex(payload))
    .join('');

for (const section of sections) {
  for (const source of ['key log', 'derived', 'both'] as const) {
    test(`${section} is read to its last octet, secrets from ${source}`, { skip }, () => {
      const known = source === 'key log' ? {} : knownOf(section);
      const conversation = new TlsConversation({ crypto: nodeTlsCrypto, known });
      if (source !== 'derived') conversation.addKeyLog(keyLogOf(section));
      play(section, conversation);
      const { items, handshake } = conversation;
      for (const sender of ['client', 'server'] as const) {
        assert.equal(contentOf(items, sender), sentBy(section, sender));
        assert.ok(conversation.hasCloseNotify(sender));
      }
      for (const item of items) assert.notEqual(item.known.how, 'undecryptable');
      const checks = handshake.checks.map(
        ({ check, sender, ok, why, detail }) => `${check} ${sender} ${ok} ${why} ${detail}`,
      );
      assert.ok(checks.includes('finished client true matches '), checks.join('\n'));
      assert.ok(checks.includes('finished server true matches '));
      for (const { check, ok, checked, why } of handshake.checks) {
        // RFC 8448's certificate is in no log, and a binder needs the ticket's key.
        if (check === 'sct') assert.equal(why, 'absent');
        else if (check === 'psk-binder' && source === 'key log') assert.equal(why, 'no-secret');
        else assert.ok(checked && ok, `${check}: ${why}`);
      }
      if (source === 'both') {
        const compared = handshake.checks.filter(({ check }) => check === 'derived-secret').map(({ detail }) => detail);
        const told = keyLogOf(section).match(/^\w+/gm) ?? [];
        assert.deepEqual(compared.toSorted(), told.toSorted());
      }
    });
  }

  test(`${section} gives the same items whatever pieces it comes in`, { skip }, () => {
    const whole = new TlsConversation({ crypto: nodeTlsCrypto, known: knownOf(section) });
    play(section, whole);
    for (const step of [1, 7, 100]) {
      const cut = new TlsConversation({ crypto: nodeTlsCrypto, known: knownOf(section) });
      play(section, cut, step);
      assert.deepEqual(cut.items, whole.items);
    }
  });

  test(`${section}: every message equals the RFC's, field by field, with no octet left over`, { skip }, () => {
    const conversation = new TlsConversation({ crypto: nodeTlsCrypto, known: knownOf(section) });
    play(section, conversation);
    const messages = conversation.items.filter((item): item is MessageItem => item.kind === 'message');
    const constructed = stepsOf(section).filter(({ op }) => op.includes('construct a'));
    for (const { op, values } of constructed) {
      const [name, wanted] = [...values][0]!;
      const sender = op.startsWith('client') ? 'client' : 'server';
      const isPrefix = (message: MessageItem): boolean =>
        message.sender === sender && hex(message.message.octets).startsWith(hex(wanted));
      assert.ok(messages.some(isPrefix), `${op} ${name}`);
    }
    for (const { message } of messages) {
      assert.equal(message.error, undefined);
      // Every octet is a length or belongs to one field of the lowest level, and to one only.
      const { fields, octets } = message;
      const covered = new Uint8Array(octets.length);
      for (const [index, field] of fields.entries()) {
        const isLeaf = (fields[index + 1]?.depth ?? 0) <= field.depth;
        for (let at = field.start; at < (isLeaf ? field.end : field.start + field.prefix); at += 1) covered[at]! += 1;
      }
      assert.ok(
        covered.every((times) => times === 1),
        `${message.name}: ${covered.findIndex((times) => times !== 1)}`,
      );
    }
  });
}

test('without any secret the rest of section 3 is told to be sealed, and how much of it', { skip }, () => {
  const conversation = new TlsConversation({ crypto: nodeTlsCrypto });
  play(sections[0]!, conversation);
  const sealed = conversation.items.filter(({ known }) => known.how === 'undecryptable');
  assert.equal(sealed.length, 7);
  for (const { kind, known } of sealed) {
    assert.equal(kind, 'record');
    assert.deepEqual(known, { how: 'undecryptable', why: 'no-key' });
  }
  assert.equal(conversation.handshake.version, 0x0304);
  assert.equal(conversation.handshake.group, 0x001d);
});

test('secrets that come late open what waited for them, in order', { skip }, () => {
  const section = sections[0]!;
  const early = new TlsConversation({ crypto: nodeTlsCrypto });
  early.addKeyLog(keyLogOf(section));
  play(section, early);
  const late = new TlsConversation({ crypto: nodeTlsCrypto, keysMayCome: true });
  for (const { sender, record } of sentRecords(section)) late.feed(sender, record, 0);
  assert.equal(
    late.items.some(({ known }) => known.how === 'decrypted'),
    false,
  );
  for (const line of keyLogOf(section).trimEnd().split('\n')) late.addKeyLog(line);
  late.finish();
  const kinds = ({ items }: TlsConversation): string[] =>
    items.filter(({ kind }) => kind !== 'end').map(({ kind }) => kind);
  assert.deepEqual(kinds(late), kinds(early));
});

test('an octet changed anywhere in the server’s flight is noticed', { skip }, () => {
  const section = sections[0]!;
  const sent = sentRecords(section);
  const hello = sent.findIndex(({ sender }) => sender === 'server');
  for (const at of [5 + 40, 5 + 60]) {
    const conversation = new TlsConversation({ crypto: nodeTlsCrypto });
    conversation.addKeyLog(keyLogOf(section));
    for (const [index, { sender, record }] of sent.entries()) {
      const changed = Uint8Array.from(record);
      if (index === hello) changed[at]! ^= 1;
      conversation.feed(sender, changed, 0);
    }
    conversation.finish();
    const bad = conversation.handshake.checks.filter(({ checked, ok, check }) => checked && !ok && check !== 'sct');
    assert.ok(bad.length > 0, `octet ${at}`);
  }
});
