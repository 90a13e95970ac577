import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { before, test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { lateHandshakeFailure } from '../../../src/gateway/tls/failed-handshake.ts';
import type { TlsSiteInput } from '../../../src/gateway/tls/site-input.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import {
  clientHello,
  extension,
  fullHello,
  handshakeRecords,
  serverNameExtension,
  vector16,
} from '../../codec/tls/hello-bytes.ts';
import { issue, type Issued } from './certificates.ts';
import {
  closed,
  defaultSettings,
  FrontHarness,
  hasCommand,
  run,
  site,
  temporaryFolder,
  until,
} from './front-harness.ts';

let root: Issued;
let ecdsa: Issued;

before(() => {
  root = issue({ name: 'test root', isCa: true });
  ecdsa = issue({ name: 'a.example', issuer: root });
});

const noOpenssl = hasCommand('openssl') ? false : 'openssl is not here';
const noCurl = hasCommand('curl') ? false : 'curl is not here';

/** A TLS 1.2 hello that gets a whole first flight as its answer. */
const answerableHello = handshakeRecords(
  clientHello({
    suites: [0xc02b],
    extensions: [serverNameExtension('a.example'), extension(10, vector16([0, 0x17])), extension(13, vector16([4, 3]))],
  }),
);

function start(t: TestContext, more: Partial<TlsSiteInput> = {}) {
  return new FrontHarness().start(t, { sites: [site('a.example', [ecdsa], more)], defaultSite: '' });
}

/** Every sentence must come out without a placeholder left in it. */
function checkWords(harness: FrontHarness): void {
  for (const { finding } of harness.failures) {
    for (const language of ['en', 'zh'] as const) {
      const { cause, mend } = tellFinding(finding, language);
      assert.doesNotMatch(cause + mend, /[{}]|undefined/, finding.code);
    }
  }
}

test('plain HTTP is reported, then handed over with its octets', async (t) => {
  const harness = await start(t);
  const request = 'GET /index.html HTTP/1.1\r\nHost: a.example\r\n\r\n';
  const answer = await harness.raw(request);
  assert.equal(answer.toString(), `HTTP/1.1 400 Bad Request\r\n\r\n${request.length}`);
  const failure = await harness.failure();
  assert.deepEqual([failure.finding.code, failure.finding.values.sample], ['handshake-plain-http', 'GET']);
  assert.equal(failure.finding.fault, 'client');
  checkWords(harness);
});

const foreign: readonly [string, Buffer, string, string][] = [
  ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n'), 'handshake-ssh', ''],
  ['a PROXY header', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'), 'handshake-proxy-protocol', ''],
  ['an SSLv2 hello', Buffer.from('802e010002001500000010', 'hex'), 'handshake-sslv2-hello', '15030300020246'],
  ['an alert first', Buffer.from('15030100020228', 'hex'), 'handshake-without-hello', ''],
  ['remote desktop', Buffer.from('0300002f2ae00000', 'hex'), 'handshake-not-tls', ''],
  ['a ServerHello', Buffer.from('160303000402000000', 'hex'), 'handshake-malformed-hello', '15030300020232'],
  [
    'a hello with an extension twice',
    Buffer.from(handshakeRecords(clientHello({ extensions: [serverNameExtension('a'), serverNameExtension('b')] }))),
    'handshake-malformed-hello',
    '15030300020232',
  ],
  [
    'a hello beyond the bound',
    Buffer.from(handshakeRecords(fullHello(20_000))),
    'handshake-hello-too-large',
    '15030300020228',
  ],
];
for (const [what, octets, code, answer] of foreign) {
  test(`${what} is named and the connection closed`, async (t) => {
    const harness = await start(t);
    assert.equal((await harness.raw(octets)).toString('hex'), answer);
    const failure = await harness.failure();
    assert.equal(failure.finding.code, code);
    assert.equal(harness.front.handshakesInFlight, 0);
    checkWords(harness);
  });
}

test('a client that closes without a word, or within its hello, is told apart', async (t) => {
  const harness = await start(t);
  await harness.raw('', true);
  assert.equal((await harness.failure(1)).finding.code, 'handshake-closed-before-hello');
  assert.equal((await harness.failure(1)).finding.severity, 'info');
  await harness.raw(handshakeRecords(fullHello()).subarray(0, 60), true);
  const cut = await harness.failure(2);
  assert.deepEqual([cut.finding.code, cut.finding.values.byteLength], ['handshake-hello-cut-short', 60]);
  const socket = net.connect(harness.port, '127.0.0.1');
  socket.write(answerableHello);
  socket.once('data', () => socket.resetAndDestroy());
  const gone = await harness.failure(3);
  assert.deepEqual([gone.finding.code, gone.site], ['handshake-client-closed', 'a.example']);
  checkWords(harness);
});

test('a client that closes in the moment in which its handshake is complete is not waited for', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const harness = await start(t);
    const socket = tls.connect({
      port: harness.port,
      host: '127.0.0.1',
      servername: 'a.example',
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
    });
    socket.on('secureConnect', () => socket.destroy());
    await once(socket, 'close');
    // Its Finished may have come before its end, or not at all.
    await until(() => harness.secured.length + harness.failures.length > 0);
    assert.equal(harness.front.handshakesInFlight, 0);
    for (const { finding } of harness.failures) assert.equal(finding.code, 'handshake-client-closed', version);
  }
});

test('handshakes that do not go on are ended in time', async (t) => {
  const harness = new FrontHarness({ bounds: { handshakeTimeoutMs: 60, clientHelloBytes: 16_384 } });
  await harness.start(t, { sites: [site('a.example', [ecdsa])], defaultSite: '' });
  await harness.raw('');
  await harness.raw(handshakeRecords(fullHello()).subarray(0, 7));
  await harness.raw(answerableHello);
  await harness.failure(3);
  assert.deepEqual(
    harness.failures.map(({ finding, site: name }) => [finding.code, finding.values.byteLength ?? '', name]),
    [
      ['handshake-timed-out-before-hello', 0, ''],
      ['handshake-timed-out-before-hello', 7, ''],
      ['handshake-timed-out', '', 'a.example'],
    ],
  );
  assert.equal(harness.front.handshakesInFlight, 0);
  checkWords(harness);
});

test('what openssl s_client lacks is named', { skip: noOpenssl }, async (t) => {
  const harness = await start(t);
  const cases: readonly [string[], string, string][] = [
    [['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], 'handshake-old-version', 'protocol_version'],
    [['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES256-SHA'], 'handshake-no-shared-cipher', 'handshake_failure'],
    [['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256'], 'handshake-certificate-type', 'handshake_failure'],
    [['-tls1_2', '-curves', 'X448:secp521r1'], 'handshake-no-shared-group', 'handshake_failure'],
    [['-tls1_3', '-curves', 'X448:secp521r1'], 'handshake-no-shared-group', 'handshake_failure'],
    [['-tls1_3', '-sigalgs', 'RSA-PSS+SHA256'], 'handshake-certificate-type', 'handshake_failure'],
    [['-alpn', 'imap'], 'handshake-no-shared-protocol', 'no_application_protocol'],
  ];
  for (const [index, [flags, code, alert]] of cases.entries()) {
    await run('openssl', ['s_client', '-connect', `127.0.0.1:${harness.port}`, '-servername', 'a.example', ...flags]);
    const failure = await harness.failure(index + 1);
    assert.deepEqual([failure.finding.code, failure.alert], [code, alert], flags.join(' '));
    assert.equal(failure.site, 'a.example');
    assert.match(failure.opensslError, /^ERR_SSL_/);
  }
  assert.deepEqual(harness.failures[0]!.offeredVersions, ['TLSv1.1']);
  assert.deepEqual(harness.failures[6]!.offeredAlpn, ['imap']);
  assert.match(tellFinding(harness.failures[0]!.finding, 'en').cause, /only TLSv1\.1.*TLSv1\.2 or newer/);
  checkWords(harness);
});

test('a site for TLS 1.3 only names the setting to a client of TLS 1.2', async (t) => {
  const harness = await start(t, { tls: { ...defaultSettings, minVersion: 'TLSv1.3' } });
  await harness.connect({ servername: 'a.example', maxVersion: 'TLSv1.2' });
  const { finding } = await harness.failure();
  assert.deepEqual([finding.code, finding.fault], ['handshake-version-not-enabled', 'config']);
  checkWords(harness);
});

for (const version of ['1.2', '1.3']) {
  test(`curl's distrust is told, with its mend for the local CA (TLS ${version})`, { skip: noCurl }, async (t) => {
    for (const [localCa, code] of [
      [false, 'handshake-unknown-ca'],
      [true, 'handshake-local-ca-untrusted'],
    ] as const) {
      const harness = await start(t, { localCa });
      const { code: exit } = await run('curl', [
        '--silent',
        '--tls-max',
        version,
        '--resolve',
        `a.example:${harness.port}:127.0.0.1`,
        `https://a.example:${harness.port}/`,
      ]);
      assert.equal(exit, 60);
      const failure = await harness.failure();
      assert.deepEqual([failure.finding.code, failure.alert], [code, 'unknown_ca']);
      if (localCa) assert.match(tellFinding(failure.finding, 'zh').mend, /menshen trust/);
      checkWords(harness);
    }
  });
}

test('openssl says that a certificate has expired', { skip: noOpenssl }, async (t) => {
  const expired = issue({ name: 'a.example', issuer: root, fromDay: -9, toDay: -1 });
  const harness = new FrontHarness();
  await harness.start(t, { sites: [site('a.example', [expired])], defaultSite: '' });
  const ca = path.join(temporaryFolder(t), 'root.pem');
  writeFileSync(ca, root.certPem);
  const args = ['-servername', 'a.example', '-CAfile', ca, '-verify_return_error'];
  await run('openssl', ['s_client', '-connect', `127.0.0.1:${harness.port}`, ...args]);
  const failure = await harness.failure();
  assert.deepEqual([failure.finding.code, failure.alert], ['handshake-certificate-expired', 'certificate_expired']);
  checkWords(harness);
});

test('an alert that comes after the handshake is recorded as its failure', async (t) => {
  const harness = await start(t, { localCa: true });
  await harness.connect({ servername: 'a.example', ALPNProtocols: ['http/1.1'] });
  const info = await harness.info();
  const error = Object.assign(
    new Error('80:error:0A000416:SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown:'),
    {
      code: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
    },
  );
  const failure = lateHandshakeFailure(error, info, 1_000);
  assert.deepEqual(failure, {
    timeMs: 1_000,
    peer: `127.0.0.1:${info.peerPort}`,
    serverName: 'a.example',
    site: 'a.example',
    offeredVersions: ['TLSv1.3'],
    offeredCiphers: [info.cipherSuite],
    offeredAlpn: ['http/1.1'],
    alert: 'certificate_unknown',
    opensslError: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: sslv3 alert certificate unknown',
    finding: failure?.finding,
  });
  assert.equal(failure?.finding.code, 'handshake-local-ca-untrusted');
  assert.equal(lateHandshakeFailure(new Error('read ECONNRESET'), info, 1_000), undefined);
});

test('a refused handshake leaves no connection behind', async (t) => {
  const harness = await start(t);
  const sockets = Array.from({ length: 50 }, (_, index) =>
    tls.connect({ port: harness.port, servername: index % 2 ? 'a.example' : 'nobody.example', ca: [] }),
  );
  await Promise.all(sockets.map(closed));
  await until(() => harness.front.handshakesInFlight === 0);
  assert.equal(harness.failures.length + harness.secured.length, 50);
});
