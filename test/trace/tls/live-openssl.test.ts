import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TlsConversation } from '../../../src/codec/tls/conversation/conversation.ts';
import type { MessageItem, Sender, TlsItem } from '../../../src/codec/tls/conversation/items.ts';
import { cipherSuiteName } from '../../../src/codec/tls/registry/cipher-suites.ts';
import { namedGroupName } from '../../../src/codec/tls/registry/named-groups.ts';
import { signatureSchemeName } from '../../../src/codec/tls/registry/signature-schemes.ts';
import { judgeTlsChecks } from '../../../src/story/rules/tls-checks.ts';
import { judgeTlsChoices } from '../../../src/story/rules/tls-choices.ts';
import type { TappedTls, TappedTlsOptions } from './tapped-connect.ts';
import { exchange, lacksOpenssl, OpensslLab, secured, type KeyKind } from './openssl-server.ts';

const REQUEST = 'GET / HTTP/1.0\r\n\r\n';
const PAGE_END = /<\/HTML>/i;
const anything = { ciphers: 'ALL:COMPLEMENTOFALL:eNULL:@SECLEVEL=0' } as const;

const messagesOf = (items: readonly TlsItem[], sender: Sender): string[] =>
  items
    .filter((item): item is MessageItem => item.kind === 'message' && item.sender === sender)
    .map(({ message }) => message.name);

const dataOf = (items: readonly TlsItem[], sender: Sender): string =>
  items
    .map((item) => (item.kind === 'data' && item.sender === sender ? Buffer.from(item.octets).toString('latin1') : ''))
    .join('');

/** Everything of a conversation was read, opened and found right; self-signed certificates are in no log. */
function assertRight({ items, handshake }: TlsConversation): void {
  for (const item of items) {
    assert.notEqual(item.known.how, 'undecryptable', JSON.stringify(item));
    assert.notEqual(item.kind, 'broken', JSON.stringify(item));
    if (item.kind === 'message') assert.equal(item.message.error, undefined, item.message.name);
    // Anonymous suites have nothing to check there.
    if (item.kind === 'check' && item.result.check !== 'sct' && item.result.why !== 'unsigned') {
      assert.ok(item.result.checked && item.result.ok, JSON.stringify(item.result));
    }
  }
  assert.deepEqual(handshake.isFinished, { client: true, server: true });
}

const checksOf = ({ handshake }: TlsConversation): string[] =>
  handshake.checks.map(({ check, sender }) => `${check} ${sender}`);
const codesOf = (tapped: TappedTls): string[] =>
  [...judgeTlsChoices(tapped.conversation.handshake), ...judgeTlsChecks(tapped.conversation.handshake.checks)].map(
    ({ code }) => code,
  );

describe('against openssl s_server', { skip: lacksOpenssl }, () => {
  let lab: OpensslLab;
  before(() => {
    lab = new OpensslLab();
  });
  after(() => lab.close());

  /** One page over one connection, with what OpenSSL itself says of it compared. */
  async function page(
    kind: KeyKind,
    server: readonly string[],
    options: Omit<TappedTlsOptions, 'socket'> = {},
  ): Promise<TappedTls> {
    const { port } = await lab.serve(kind, '-www', ...server);
    const tapped = await lab.tap(port, options);
    await secured(tapped);
    const { secure, conversation } = tapped;
    const cipher = secure.getCipher().standardName;
    const protocol = secure.getProtocol();
    const key = secure.getEphemeralKeyInfo() as { name?: string; size?: number; type?: string };
    const answer = await exchange(tapped, REQUEST, PAGE_END);
    assertRight(conversation);
    const { handshake, items } = conversation;
    assert.equal(dataOf(items, 'client'), REQUEST);
    assert.equal(dataOf(items, 'server'), answer);
    assert.match(answer, /HTTP\/1.0 200/);
    assert.equal(cipherSuiteName(handshake.cipherSuite!), cipher);
    assert.equal(
      handshake.version,
      { TLSv1: 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 }[protocol!],
    );
    if (key.type === 'ECDH' && handshake.group !== undefined) {
      assert.equal(
        namedGroupName(handshake.group).toLowerCase(),
        key.name!.replace('prime256v1', 'secp256r1').toLowerCase(),
      );
    }
    return tapped;
  }

  const suites13 = [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ];
  for (const suite of suites13) {
    test(`TLS 1.3 with ${suite}: every record opened, every check right`, async () => {
      const { conversation } = await page('ecdsa', ['-ciphersuites', suite], { ciphers: `${suite}:ALL:@SECLEVEL=0` });
      assert.deepEqual(messagesOf(conversation.items, 'server').slice(0, 5), [
        'server_hello',
        'encrypted_extensions',
        'certificate',
        'certificate_verify',
        'finished',
      ]);
      assert.deepEqual(checksOf(conversation).toSorted(), [
        'certificate-verify server',
        'finished client',
        'finished server',
        'negotiation server',
        'record-keys client',
        'record-keys client',
        'record-keys server',
        'record-keys server',
        'sct server',
      ]);
    });
  }

  const suites12: readonly (readonly [KeyKind, string, string])[] = [
    ['rsa', 'AES128-SHA', 'tls-key-exchange-static'],
    ['rsa', 'AES256-SHA256', 'tls-key-exchange-static'],
    ['rsa', 'AES128-GCM-SHA256', 'tls-key-exchange-static'],
    ['rsa', 'AES256-CCM', 'tls-key-exchange-static'],
    ['rsa', 'AES128-CCM8', 'tls-cipher-short-tag'],
    ['rsa', 'CAMELLIA128-SHA', 'tls-cipher-cbc-encrypt-then-mac'],
    ['rsa', 'ARIA128-GCM-SHA256', 'tls-cipher-sound'],
    ['rsa', 'NULL-SHA256', 'tls-cipher-broken'],
    ['rsa', 'DHE-RSA-AES256-SHA256', 'tls-cipher-cbc-encrypt-then-mac'],
    ['rsa', 'DHE-RSA-AES128-GCM-SHA256', 'tls-key-exchange-ephemeral'],
    ['rsa', 'DHE-RSA-CHACHA20-POLY1305', 'tls-key-exchange-ephemeral'],
    ['rsa', 'ADH-AES128-GCM-SHA256', 'tls-key-exchange-anonymous'],
    ['rsa', 'AECDH-AES128-SHA', 'tls-key-exchange-anonymous'],
    ['rsa', 'ECDHE-RSA-AES256-SHA384', 'tls-cipher-cbc-encrypt-then-mac'],
    ['rsa', 'ECDHE-RSA-AES128-SHA', 'tls-cipher-cbc-encrypt-then-mac'],
    ['rsa', 'ECDHE-RSA-AES256-GCM-SHA384', 'tls-cipher-sound'],
    ['rsa', 'ECDHE-RSA-CHACHA20-POLY1305', 'tls-cipher-sound'],
    ['ecdsa', 'ECDHE-ECDSA-AES128-CCM', 'tls-cipher-sound'],
    ['ecdsa', 'ECDHE-ECDSA-AES256-CCM8', 'tls-cipher-short-tag'],
    ['ecdsa', 'ECDHE-ECDSA-AES128-SHA256', 'tls-cipher-cbc-encrypt-then-mac'],
    ['ecdsa384', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'tls-cipher-sound'],
    ['ed25519', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'tls-cipher-sound'],
    ['rsa-pss', 'ECDHE-RSA-AES128-GCM-SHA256', 'tls-cipher-sound'],
  ];
  for (const [kind, suite, code] of suites12) {
    test(`TLS 1.2 with ${suite} and an ${kind} key: every record opened, every check right`, async () => {
      const tapped = await page(kind, ['-tls1_2', '-cipher', `${suite}:@SECLEVEL=0`], anything);
      const { handshake } = tapped.conversation;
      const isSigned = !/^(?:A[ER]|CAM|NULL|ADH|AECDH)/.test(suite);
      assert.equal(
        checksOf(tapped.conversation).includes('server-key-exchange server'),
        isSigned || /^A(?:DH|ECDH)/.test(suite),
      );
      assert.ok(checksOf(tapped.conversation).includes('derived-secret client'));
      assert.equal(handshake.serverSignature !== undefined, isSigned);
      assert.ok(codesOf(tapped).includes(code), codesOf(tapped).join(' '));
      assert.ok(codesOf(tapped).includes('tls-version-older'));
    });
  }

  test('CBC without encrypt_then_mac is opened too, and told to be what it is', async () => {
    const tapped = await page('rsa', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA256', '-no_etm'], anything);
    assert.ok(codesOf(tapped).includes('tls-cipher-cbc'));
  });

  for (const [flag, minVersion] of [
    ['-tls1', 'TLSv1'],
    ['-tls1_1', 'TLSv1.1'],
  ] as const) {
    test(`${minVersion} is read, checked and called obsolete`, async () => {
      const tapped = await page('rsa', [flag, '-cipher', 'ECDHE-RSA-AES128-SHA:@SECLEVEL=0'], {
        ...anything,
        minVersion,
      });
      assert.ok(codesOf(tapped).includes('tls-version-obsolete'));
      assert.ok(checksOf(tapped.conversation).includes('server-key-exchange server'));
    });
  }

  test('a small Diffie-Hellman prime is told with its bits', async () => {
    lab.openssl('genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:modp_1536', '-out', 'dh.pem');
    const server = ['-tls1_2', '-cipher', 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0', '-dhparam', 'dh.pem'];
    const tapped = await page('rsa', server, anything);
    const found = judgeTlsChoices(tapped.conversation.handshake).find(
      ({ code }) => code === 'tls-key-exchange-small-prime',
    );
    assert.equal(found?.values['bits'], 1_536);
  });

  test('a HelloRetryRequest is seen, and why it came', async () => {
    const tapped = await page('ecdsa', ['-groups', 'P-384'], { groups: 'X25519:P-384' });
    assert.deepEqual(messagesOf(tapped.conversation.items, 'client').slice(0, 2), ['client_hello', 'client_hello']);
    assert.equal(messagesOf(tapped.conversation.items, 'server')[0], 'hello_retry_request');
    const found = judgeTlsChoices(tapped.conversation.handshake).find(({ code }) => code === 'tls-hello-retry');
    assert.deepEqual(found?.values, { sent: 'x25519', wanted: 'secp384r1' });
  });

  for (const [version, options] of [
    ['-tls1_3', {}],
    ['-tls1_2', {}],
  ] as const) {
    test(`client authentication with ${version}: both sides' CertificateVerify are checked`, async () => {
      lab.certificate('ecdsa');
      const own = { cert: lab.read('ecdsa.pem'), key: lab.read('ecdsa.key') };
      const tapped = await page('rsa', [version, '-verify', '1'], { ...options, ...own });
      const { handshake } = tapped.conversation;
      assert.equal(handshake.clientCertificate?.entries.length, 1);
      assert.equal(signatureSchemeName(handshake.clientSignature!.scheme!), 'ecdsa_secp256r1_sha256');
      assert.ok(checksOf(tapped.conversation).includes('certificate-verify client'));
      assert.ok(codesOf(tapped).includes('tls-client-certificate-asked'));
    });
  }

  for (const version of ['-tls1_3', '-tls1_2']) {
    test(`a session of ${version} is resumed, and its secrets are checked`, async () => {
      const { port } = await lab.serve('rsa', '-www', version);
      const first = await lab.tap(port);
      await secured(first);
      await exchange(first, REQUEST, PAGE_END);
      assert.ok(first.sessions.length > 0);
      assert.ok(codesOf(first).includes('tls-session-saved'));
      const second = await lab.tap(port, { session: first.sessions.at(-1) });
      await secured(second);
      assert.equal(second.secure.isSessionReused(), true);
      await exchange(second, REQUEST, PAGE_END);
      assertRight(second.conversation);
      const { handshake } = second.conversation;
      assert.equal(handshake.isResumed, true);
      assert.equal(handshake.serverCertificate, undefined);
      assert.ok(codesOf(second).includes('tls-session-resumed'));
      const wanted = version === '-tls1_3' ? 'psk-binder client' : 'derived-secret client';
      assert.ok(checksOf(second.conversation).includes(wanted));
      assert.ok(second.conversation.streamLength('server') < first.conversation.streamLength('server'));
    });
  }

  test('keys are updated on the server’s wish, and all that follows is opened', async () => {
    const server = await lab.serve('rsa', '-tls1_3');
    const tapped = await lab.tap(server.port);
    await secured(tapped);
    const { secure, conversation } = tapped;
    let received = '';
    let wanted: { text: string; done: () => void } | undefined;
    secure.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (wanted !== undefined && received.includes(wanted.text)) wanted.done();
    });
    const receive = (text: string): Promise<void> =>
      new Promise((done) => {
        wanted = { text, done };
        if (received.includes(text)) done();
      });
    server.type('before\n');
    await receive('before\n');
    // s_server takes a command only at the start of what it reads: what follows must not come in the same piece.
    server.type('K\n');
    while (!messagesOf(conversation.items, 'server').includes('key_update')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    server.type('after\n');
    await receive('after\n');
    secure.write('answer\n');
    server.type('end\n');
    await receive('end\n');
    secure.end();
    await tapped.closed;
    assertRight(conversation);
    assert.equal(messagesOf(conversation.items, 'server').filter((name) => name === 'key_update').length, 1);
    assert.equal(messagesOf(conversation.items, 'client').filter((name) => name === 'key_update').length, 1);
    const secrets = new Set(conversation.items.map(({ known }) => (known.how === 'decrypted' ? known.secret : '')));
    assert.ok(secrets.has('SERVER_TRAFFIC_SECRET_1') && secrets.has('CLIENT_TRAFFIC_SECRET_1'), [...secrets].join(' '));
    assert.equal(dataOf(conversation.items, 'server'), received);
    assert.equal(dataOf(conversation.items, 'client'), 'answer\n');
  });
});
