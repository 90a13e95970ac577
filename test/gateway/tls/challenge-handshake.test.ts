import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { challengedIdentifier, challengeServerName } from '../../../src/acme/challenges/server-name.ts';
import { OpenChallenges, type ChallengeAnswer } from '../../../src/gateway/challenge-board.ts';
import type { Finding } from '../../../src/story/finding.ts';
import { issue } from './certificates.ts';
import { closed, FrontHarness, hasCommand, run, site } from './front-harness.ts';

const root = issue({ name: 'test root', isCa: true });
const leaf = issue({ name: 'a.example', issuer: root });
const challenge = issue({ name: 'challenge for a.example' });
const noOpenssl = hasCommand('openssl') ? false : 'openssl is not here';

const forA: ChallengeAnswer = {
  type: 'tls-alpn-01',
  identifier: { type: 'dns', value: 'a.example' },
  certificate: challenge,
};

async function serving(t: TestContext, answers: readonly ChallengeAnswer[]) {
  const told: Finding[] = [];
  const harness = new FrontHarness({ report: (found) => told.push(found) });
  await harness.start(t, { sites: [site('a.example', [leaf])], defaultSite: 'a.example' });
  const challenges = new OpenChallenges((certificates) => harness.front.answerChallenges(certificates));
  assert.equal(challenges.replace(answers), undefined);
  return { harness, challenges, told };
}

test('a hello for acme-tls/1 alone gets the certificate of the challenge, and the connection ends', async (t) => {
  const { harness, told } = await serving(t, [forA]);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = tls.connect({
      port: harness.port,
      host: '127.0.0.1',
      servername: 'a.example',
      ALPNProtocols: ['acme-tls/1'],
      maxVersion,
      rejectUnauthorized: false,
    });
    let text = '';
    let seen: unknown;
    socket.on('data', (octets: Buffer) => (text += octets.toString()));
    socket.on('secureConnect', () => {
      seen = [socket.getPeerCertificate().subject.CN, socket.alpnProtocol];
      // Nothing is to be had here, whatever is asked for.
      socket.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');
    });
    await closed(socket);
    assert.deepEqual(seen, ['challenge for a.example', 'acme-tls/1']);
    assert.equal(text, '');
  }
  assert.deepEqual(harness.secured, []);
  assert.deepEqual(
    told.map(({ code, values }) => [code, values['name'], values['peer']]),
    [
      ['challenge-handshake', 'a.example', '127.0.0.1'],
      ['challenge-handshake', 'a.example', '127.0.0.1'],
    ],
  );
});

test('everybody else gets the certificate of the site while the challenge is open', async (t) => {
  const { harness } = await serving(t, [forA]);
  const usual = await harness.connect({ servername: 'a.example' });
  assert.equal(usual.subject, 'a.example');
  // RFC 8737 section 3: a CA offers acme-tls/1 and nothing else.
  const mixed = await harness.connect({ servername: 'a.example', ALPNProtocols: ['acme-tls/1', 'http/1.1'] });
  assert.equal(mixed.subject, 'a.example');
});

test('a hello for acme-tls/1 without an open challenge is refused', async (t) => {
  const { harness, challenges } = await serving(t, [forA]);
  const otherName = await harness.connect({ servername: 'b.example', ALPNProtocols: ['acme-tls/1'] });
  assert.equal(otherName.error?.code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
  challenges.replace([]);
  const taken = await harness.connect({ servername: 'a.example', ALPNProtocols: ['acme-tls/1'] });
  assert.equal(taken.error?.code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
});

test('openssl s_client sees the answer for an address under its reverse name', { skip: noOpenssl }, async (t) => {
  const identifier = { type: 'ip', value: '192.0.2.1' } as const;
  const { harness } = await serving(t, [{ type: 'tls-alpn-01', identifier, certificate: challenge }]);
  const lead = ['s_client', '-connect', `127.0.0.1:${harness.port}`, '-servername', '1.2.0.192.in-addr.arpa'];
  const { out } = await run('openssl', [...lead, '-alpn', 'acme-tls/1']);
  assert.match(out, /subject=CN = challenge for a\.example/);
  assert.match(out, /ALPN protocol: acme-tls\/1/);
});

test('names in the hello of a CA', () => {
  const names = [
    ['dns', 'A.Example', 'a.example'],
    ['ip', '192.0.2.1', '1.2.0.192.in-addr.arpa'],
    ['ip', '2001:db8::1', '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
  ] as const;
  for (const [type, value, name] of names) {
    assert.equal(challengeServerName({ type, value }), name);
    assert.deepEqual(challengedIdentifier(name), { type, value: value.toLowerCase() });
  }
  for (const odd of ['1.2.0.in-addr.arpa', '1.2.0.256.in-addr.arpa', 'in-addr.arpa', '1.0.ip6.arpa', 'arpa', '']) {
    assert.deepEqual(challengedIdentifier(odd), { type: 'dns', value: odd });
  }
});

test('a certificate that OpenSSL does not take is told of, and the former answers stay', async (t) => {
  const { harness, challenges } = await serving(t, [forA]);
  const identifier = { type: 'dns', value: 'b.example' } as const;
  const bad = { certPem: challenge.certPem, keyPem: leaf.keyPem };
  const refused = challenges.replace([
    { type: 'tls-alpn-01', identifier, certificate: bad },
    { type: 'http-01', token: 'a-token-of-some-length', keyAuthorization: 'x' },
  ]);
  assert.equal(refused?.code, 'challenge-certificate-unusable');
  assert.equal(challenges.lookup('a-token-of-some-length'), undefined);
  const { subject } = await harness.connect({ servername: 'a.example', ALPNProtocols: ['acme-tls/1'] });
  assert.equal(subject, 'challenge for a.example');
});

test('a challenge that another gateway has put up is answered; a hello for any other name is refused as ever', async (t) => {
  const told: Finding[] = [];
  const asked: string[] = [];
  const harness = new FrontHarness({
    report: (found) => told.push(found),
    challengeElsewhere: async (serverName) => {
      asked.push(serverName);
      return serverName === 'b.example' ? challenge : undefined;
    },
  });
  await harness.start(t, { sites: [site('a.example', [leaf])], defaultSite: 'a.example' });
  const found = await harness.connect({ servername: 'b.example', ALPNProtocols: ['acme-tls/1'] });
  assert.equal(found.subject, 'challenge for a.example');
  const other = await harness.connect({ servername: 'c.example', ALPNProtocols: ['acme-tls/1'] });
  assert.equal(other.error?.code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
  const usual = await harness.connect({ servername: 'c.example' });
  assert.equal(usual.subject, 'a.example');
  assert.deepEqual(asked, ['b.example', 'c.example']);
  assert.deepEqual(
    told.map(({ code, values }) => [code, values['name']]),
    [['challenge-handshake', 'b.example']],
  );
});

test('who goes away while its challenge is looked for elsewhere is told of, and nothing else happens', async (t) => {
  let answer = (): void => undefined;
  let asked = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const harness = new FrontHarness({
    challengeElsewhere: () => {
      asked();
      return new Promise((resolve) => (answer = () => resolve(undefined)));
    },
  });
  await harness.start(t, { sites: [site('a.example', [leaf])], defaultSite: 'a.example' });
  const to = { port: harness.port, host: '127.0.0.1', servername: 'b.example', ALPNProtocols: ['acme-tls/1'] };
  const socket = tls.connect(to).on('error', () => undefined);
  await isAsked;
  const gone = closed(socket);
  socket.destroy();
  await gone;
  answer();
  const failure = await harness.failure();
  assert.equal(failure.serverName, 'b.example');
  assert.equal(harness.failures.length, 1);
  assert.equal(harness.front.handshakesInFlight, 0);
});
