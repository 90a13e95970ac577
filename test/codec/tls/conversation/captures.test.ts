import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TlsConversation } from '../../../../src/codec/tls/conversation/conversation.ts';
import type { CheckResult } from '../../../../src/codec/tls/conversation/check-result.ts';
import { cipherSuiteName } from '../../../../src/codec/tls/registry/cipher-suites.ts';
import { versionName } from '../../../../src/codec/tls/registry/versions.ts';
import { nodeTlsCrypto } from '../../../../src/pki/tls-crypto.ts';
import { judgeTlsChecks } from '../../../../src/story/rules/tls-checks.ts';
import { judgeTlsChoices } from '../../../../src/story/rules/tls-choices.ts';
import { readCapture, type CapturedPiece } from '../capture-streams.ts';

const folder = path.resolve('../shared/corpora/captures/zeek/Traces/tls');
const more = path.resolve('../shared/corpora/captures/suricata-verify');
const skip = existsSync(folder) && existsSync(more) ? false : 'the captures are not here';
const files = skip
  ? []
  : [
      ...readdirSync(folder).filter((name) => name.endsWith('.pcap')),
      ...readdirSync(more)
        .map((name) => path.join(more, name, 'input.pcap'))
        .filter((file) => existsSync(file)),
    ];

function read(pieces: readonly CapturedPiece[]): TlsConversation {
  const conversation = new TlsConversation({ crypto: nodeTlsCrypto });
  for (const { sender, octets, atMs } of pieces) conversation.feed(sender, octets, atMs);
  conversation.finish();
  return conversation;
}

const conversationsOf = (file: string): TlsConversation[] =>
  readCapture(readFileSync(path.resolve(folder, file)))
    .filter((pieces) => pieces.length > 0)
    .map(read);

const checks = (conversations: readonly TlsConversation[]): CheckResult[] =>
  conversations.flatMap(({ handshake }) => handshake.checks);

test('every capture is read without a throw, its octets accounted for, its choices told', { skip }, () => {
  let messages = 0;
  for (const file of files) {
    for (const conversation of conversationsOf(file)) {
      const { items, handshake } = conversation;
      for (const item of items) {
        assert.ok(item.start <= item.end && item.end <= conversation.streamLength(item.sender), file);
        if (item.kind === 'message') messages += 1;
      }
      judgeTlsChoices(handshake);
      judgeTlsChecks(handshake.checks);
    }
  }
  assert.ok(messages > 200, `${messages} messages`);
});

test('signatures over the key exchange of captured handshakes are right', { skip }, () => {
  const results = files
    .flatMap((file) => checks(conversationsOf(file)))
    .filter(({ check }) => check === 'server-key-exchange');
  const checked = results.filter((result) => result.checked);
  assert.ok(checked.length >= 10, `${checked.length} of ${results.length}`);
  for (const { ok, detail } of checked) assert.ok(ok, detail);
});

test('a signature with one octet changed is not', { skip }, () => {
  const file = files.find((name) =>
    checks(conversationsOf(name)).some(({ check, checked }) => check === 'server-key-exchange' && checked),
  )!;
  for (const pieces of readCapture(readFileSync(path.resolve(folder, file)))) {
    const item = read(pieces).items.find(
      (one) => one.kind === 'message' && one.message.body.kind === 'server-key-exchange',
    );
    if (item === undefined) continue;
    const conversation = new TlsConversation({ crypto: nodeTlsCrypto });
    let at = 0;
    for (const { sender, octets, atMs } of pieces) {
      const changed = Uint8Array.from(octets);
      const place = item.end - 1 - at;
      if (sender === 'server') {
        if (place >= 0 && place < octets.length) changed[place]! ^= 1;
        at += octets.length;
      }
      conversation.feed(sender, changed, atMs);
    }
    const result = checks([conversation]).find(({ check }) => check === 'server-key-exchange');
    assert.deepEqual([result?.checked, result?.ok], [true, false]);
  }
});

const settled = (file: string): string[] =>
  conversationsOf(file).map(
    ({ handshake }) => `${versionName(handshake.version ?? 0)} ${cipherSuiteName(handshake.cipherSuite ?? 0)}`,
  );

test('what the captures’ names promise is found', { skip }, () => {
  const kinds = (file: string): string[] => conversationsOf(file).flatMap(({ items }) => items.map(({ kind }) => kind));
  assert.ok(
    settled('dhe.pcap').some((text) => text.includes('_DHE_')),
    settled('dhe.pcap').join(),
  );
  assert.ok(kinds('https-to-http.pcap').includes('foreign') || kinds('ssl-to-http-server.pcap').includes('foreign'));
  assert.ok(kinds('heartbleed-encrypted.pcap').includes('record'));
  const hybrid = conversationsOf('chrome-1250-tls-x25519-kyber.pcap').map(({ handshake }) => handshake.group);
  assert.ok(hybrid.includes(0x6399) || hybrid.includes(0x11ec), hybrid.join());
  const scts = conversationsOf('signed_certificate_timestamp.pcap').flatMap(({ handshake }) => handshake.checks);
  assert.ok(scts.some(({ check, ok }) => check === 'sct' && ok));
  const stapled = conversationsOf('ocsp-stapling-twimg.pcap').some(
    ({ handshake }) => handshake.ocspResponse !== undefined,
  );
  assert.ok(stapled);
  const foreign = conversationsOf('ssl-v2.pcap').flatMap(({ items }) =>
    items.flatMap((item) => (item.kind === 'foreign' ? [item.protocol] : [])),
  );
  assert.ok(foreign.includes('sslv2-hello'), foreign.join());
});
