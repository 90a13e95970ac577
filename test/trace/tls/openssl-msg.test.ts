import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { TlsConversation } from '../../../src/codec/tls/conversation/conversation.ts';
import type { Sender, TlsItem } from '../../../src/codec/tls/conversation/items.ts';
import { nodeTlsCrypto } from '../../../src/pki/tls-crypto.ts';
import { exchange, lacksOpenssl, OpensslLab, secured } from './openssl-server.ts';

/** One line of what `openssl s_server -msg` shows: who sent it, what kind of content, its octets. */
interface ToldMessage {
  readonly sender: Sender;
  readonly kind: string;
  readonly hex: string;
}

/**
 * `>>> TLS 1.3, Handshake [length 007a], ServerHello`, then octets in hexadecimal, sixteen a line. Record headers and
 * inner content types are told as messages of their own.
 */
function readMsg(said: string): ToldMessage[] {
  const told: ToldMessage[] = [];
  const pattern = /^(<<<|>>>) ([^\n]*?) \[length ([0-9a-f]{4})\]([^\n]*)\n((?:    [0-9a-f ]+\n)*)/gm;
  for (const [, arrow, what = '', length = '', , dump = ''] of said.matchAll(pattern)) {
    const hex = dump.replaceAll(/\s/g, '');
    assert.equal(hex.length, 2 * Number.parseInt(length, 16), what);
    told.push({ sender: arrow === '<<<' ? 'client' : 'server', kind: what.replace(/^.*, /, ''), hex });
  }
  return told;
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

const handshakes = (items: readonly TlsItem[], sender: Sender): string[] =>
  items.flatMap((item) => (item.kind === 'message' && item.sender === sender ? [hex(item.message.octets)] : []));

const alerts = (items: readonly TlsItem[], sender: Sender): string[] =>
  items.flatMap((item) =>
    item.kind === 'alert' && item.sender === sender ? [hex(Uint8Array.of(item.level, item.description))] : [],
  );

const headers = (items: readonly TlsItem[], sender: Sender): string[] =>
  items.flatMap((item) =>
    item.kind === 'record' && item.sender === sender
      ? [
          hex(
            Uint8Array.of(
              item.contentType,
              item.version >> 8,
              item.version & 0xff,
              item.fragment.length >> 8,
              item.fragment.length & 0xff,
            ),
          ),
        ]
      : [],
  );

describe('message by message with what OpenSSL itself shows', { skip: lacksOpenssl }, () => {
  let lab: OpensslLab;
  before(() => {
    lab = new OpensslLab();
  });
  after(() => lab.close());

  const cases: readonly (readonly [name: string, server: readonly string[], groups: string])[] = [
    ['TLS 1.3', ['-tls1_3'], 'X25519'],
    ['TLS 1.3 with a retry', ['-tls1_3', '-groups', 'P-256'], 'X25519:P-256'],
    ['TLS 1.3 that asks for a client certificate', ['-tls1_3', '-verify', '1'], 'X25519'],
    ['TLS 1.2', ['-tls1_2'], 'X25519:P-256'],
    ['TLS 1.2 with RSA key exchange', ['-tls1_2', '-cipher', 'AES256-SHA'], 'X25519'],
    [
      'TLS 1.2 with DHE and a client certificate',
      ['-tls1_2', '-cipher', 'DHE-RSA-AES128-SHA256', '-verify', '1'],
      'X25519',
    ],
  ];
  for (const [name, more, groups] of cases) {
    test(`${name}: handshake messages, alerts and record headers are octet for octet the same`, async () => {
      const server = await lab.serve('rsa', '-www', '-msg', ...more);
      const tapped = await lab.tap(server.port, {
        groups,
        ciphers: 'ALL',
        cert: lab.read('rsa.pem'),
        key: lab.read('rsa.key'),
      });
      await secured(tapped);
      await exchange(tapped, 'GET / HTTP/1.0\r\n\r\n', /<\/HTML>/i);
      const { items } = tapped.conversation;
      // The server tells a message when it has handled it: wait for the last one.
      const isWhole = (): boolean => {
        const told = readMsg(server.said());
        return (
          told.filter(({ kind }) => kind === 'Handshake').length >=
          handshakes(items, 'client').length + handshakes(items, 'server').length
        );
      };
      for (let tries = 0; tries < 100 && !isWhole(); tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const told = readMsg(server.said());
      const of = (sender: Sender, kind: string): string[] =>
        told.filter((line) => line.sender === sender && line.kind === kind).map((line) => line.hex);
      for (const sender of ['client', 'server'] as const) {
        assert.deepEqual(handshakes(items, sender), of(sender, 'Handshake'), `${sender} handshake`);
        const toldAlerts = of(sender, 'Alert');
        assert.deepEqual(alerts(items, sender).slice(0, toldAlerts.length), toldAlerts, `${sender} alerts`);
        const toldHeaders = of(sender, 'RecordHeader').concat(of(sender, 'RecordHeader [length 0005]'));
        assert.ok(toldHeaders.length > 2);
        assert.deepEqual(headers(items, sender).slice(0, toldHeaders.length), toldHeaders, `${sender} record headers`);
      }
    });
  }

  test('with the server’s RSA key the master secret is derived and is the one of the key log', async () => {
    const server = await lab.serve('rsa', '-www', '-tls1_2', '-cipher', 'AES128-GCM-SHA256');
    const passed: { sender: Sender; octets: Uint8Array; atMs: number }[] = [];
    const tapped = await lab.tap(server.port, {
      ciphers: 'ALL',
      onOctets: (sender, octets, atMs) => passed.push({ sender, octets, atMs }),
    });
    await secured(tapped);
    await exchange(tapped, 'GET / HTTP/1.0\r\n\r\n', /<\/HTML>/i);
    const { clientKeyExchange, clientHello } = tapped.conversation.handshake;
    // Node no longer decrypts PKCS #1 v1.5 itself.
    writeFileSync(lab.place('encrypted.bin'), clientKeyExchange!.publicValue);
    lab.openssl('pkeyutl', '-decrypt', '-inkey', 'rsa.key', '-in', 'encrypted.bin', '-out', 'premaster.bin');
    const preMasterSecret = readFileSync(lab.place('premaster.bin'));
    assert.equal(preMasterSecret.length, 48);
    const derived = new TlsConversation({ crypto: nodeTlsCrypto, known: { preMasterSecret } });
    for (const { sender, octets, atMs } of passed) derived.feed(sender, octets, atMs);
    assert.ok(derived.items.some(({ known }) => known.how === 'decrypted' && known.from === 'derived'));
    assert.ok(derived.handshake.checks.every(({ checked, ok, check }) => check === 'sct' || (checked && ok)));
    const logged = tapped.conversation.keyLog.secret('CLIENT_RANDOM', clientHello!.random);
    const both = new TlsConversation({ crypto: nodeTlsCrypto, known: { preMasterSecret } });
    both.addKeyLog(`CLIENT_RANDOM ${hex(clientHello!.random)} ${hex(logged!)}`);
    for (const { sender, octets, atMs } of passed) both.feed(sender, octets, atMs);
    assert.ok(both.handshake.checks.some(({ check, ok }) => check === 'derived-secret' && ok));
  });
});
