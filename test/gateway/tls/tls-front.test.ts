import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { before, test } from 'node:test';
import tls from 'node:tls';
import { HelloAccumulator } from '../../../src/codec/tls/hello-accumulator.ts';
import type { TlsSiteInput } from '../../../src/gateway/tls/site-input.ts';
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
let certA: Issued;
let certARsa: Issued;
let certB: Issued;
let sites: TlsSiteInput[];

before(() => {
  root = issue({ name: 'test root', isCa: true });
  certA = issue({ name: 'a.example', issuer: root });
  certARsa = issue({ name: 'a.example', issuer: root, type: 'rsa' });
  certB = issue({ name: '*.b.example', issuer: root });
  sites = [site('a.example', [certA, certARsa]), site('*.b.example', [certB])];
});

const noOpenssl = hasCommand('openssl') ? false : 'openssl is not here';
const noCurl = hasCommand('curl') ? false : 'curl is not here';

for (const pauseOnConnect of [true, false]) {
  test(`each name gets its own certificate (pauseOnConnect ${pauseOnConnect})`, async (t) => {
    const harness = await new FrontHarness({}, pauseOnConnect).start(t, { sites, defaultSite: '' });
    const a = await harness.connect({ servername: 'A.Example' });
    assert.deepEqual([a.subject, JSON.parse(a.text)], ['a.example', { site: 'a.example', resumed: false }]);
    const b = await harness.connect({ servername: 'any.b.example', ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(b.subject, '*.b.example');
    const [infoA, infoB] = harness.secured;
    assert.equal(infoA!.serverName, 'a.example');
    assert.equal(infoA!.tlsVersion, 'TLSv1.3');
    assert.match(infoA!.cipherSuite, /^TLS_AES_/);
    assert.equal(infoA!.peer, '127.0.0.1');
    assert.ok(infoA!.peerPort > 0);
    assert.ok(infoA!.handshakeMs >= 0);
    assert.deepEqual(infoA!.clientCertificate, { status: 'none' });
    assert.equal(infoA!.alpn, '');
    assert.equal(infoB!.alpn, 'http/1.1');
    assert.equal(infoB!.site, '*.b.example');
    assert.notEqual(infoA!.policyId, infoB!.policyId);
    assert.equal(harness.front.handshakesInFlight, 0);
    assert.deepEqual(harness.failures, []);
  });
}

test('an unknown name ends with the unrecognized_name alert and no certificate', async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  for (const servername of ['c.example', 'b.example', 'x.y.b.example']) {
    const client = await harness.connect({ servername });
    assert.equal(client.error?.code, 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
    assert.equal(client.subject, undefined);
  }
  const failure = harness.failures[0]!;
  assert.equal(failure.finding.code, 'handshake-unknown-name');
  assert.equal(failure.serverName, 'c.example');
  assert.equal(failure.alert, 'unrecognized_name');
  assert.equal(failure.site, '');
  assert.deepEqual(failure.offeredVersions, ['TLSv1.3', 'TLSv1.2']);
  assert.ok(failure.offeredCiphers.includes('TLS_AES_128_GCM_SHA256'));
  assert.match(failure.peer, /^127\.0\.0\.1:\d+$/);
});

test('a client without SNI is refused, unless there is a default site', async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  assert.equal((await harness.connect()).error?.code, 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
  assert.equal((await harness.failure()).finding.code, 'handshake-no-name');
  harness.front.apply({ sites, defaultSite: 'a.example' });
  assert.equal((await harness.connect()).subject, 'a.example');
  assert.equal((await harness.connect({ servername: 'unknown.example' })).subject, 'a.example');
  assert.equal(harness.secured.at(-1)!.serverName, 'unknown.example');
});

test('a client without SNI gets the site of the address that it came to', async (t) => {
  const onAddress = site('127.0.0.1', [issue({ name: 'by address', issuer: root })]);
  const harness = await new FrontHarness().start(t, { sites: [...sites, onAddress], defaultSite: 'a.example' });
  assert.equal((await harness.connect()).subject, 'by address');
});

test('ECDSA and RSA certificates stand side by side', async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  const options = { servername: 'a.example', maxVersion: 'TLSv1.2' } as const;
  await harness.connect({ ...options, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
  await harness.connect({ ...options, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  assert.deepEqual(
    harness.secured.map(({ cipherSuite }) => cipherSuite),
    ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  );
});

test('the chain of each certificate is sent, and nothing from a trust store', async (t) => {
  const intermediate = issue({ name: 'test intermediate', isCa: true, issuer: root });
  const leafC = issue({ name: 'c.example', issuer: intermediate });
  const leafD = issue({ name: 'd.example', issuer: intermediate });
  const whole = { ...leafC, certPem: leafC.certPem + intermediate.certPem };
  const harness = await new FrontHarness().start(t, {
    sites: [site('c.example', [whole]), site('d.example', [leafD])],
    defaultSite: '',
  });
  const verified = { ca: root.certPem, rejectUnauthorized: true };
  assert.equal((await harness.connect({ servername: 'c.example', ...verified })).error, undefined);
  const { error } = await harness.connect({ servername: 'd.example', ...verified });
  assert.equal(error?.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('sites of equal certificates and client authentication share a policy id', async (t) => {
  const sameCertificate = [site('a.example', [certA]), site('a2.example', [certA]), site('a3.example', [certARsa])];
  const withAuth = site('a4.example', [certA], { clientAuth: { mode: 'optional', caPem: root.certPem } });
  const harness = await new FrontHarness().start(t, { sites: [...sameCertificate, withAuth], defaultSite: '' });
  for (const servername of ['a.example', 'a2.example', 'a3.example', 'a4.example'])
    await harness.connect({ servername });
  const [a, a2, a3, a4] = harness.secured.map(({ policyId }) => policyId);
  assert.equal(a, a2);
  assert.equal(new Set([a, a3, a4]).size, 3);
});

test('a hello in tiny segments is served, and early octets behind it are not lost', async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  harness.answers = false;
  // A relay that passes on the client's octets seven at a time.
  const relay = net.createServer((downstream) => {
    const upstream = net.connect({ port: harness.port, host: '127.0.0.1', noDelay: true });
    upstream.pipe(downstream);
    downstream.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += 7) upstream.write(chunk.subarray(at, at + 7));
    });
    for (const socket of [upstream, downstream]) socket.on('error', () => socket.destroy());
    upstream.on('close', () => downstream.destroy());
    downstream.on('close', () => upstream.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  t.after(() => relay.close());
  const { port } = relay.address() as net.AddressInfo;
  const client = tls.connect({ port, servername: 'a.example', rejectUnauthorized: false });
  client.end('x'.repeat(3_000));
  await harness.info();
  let text = '';
  for await (const chunk of harness.sockets[0]!) text += String(chunk);
  assert.equal(text.length, 3_000);
  client.destroy();
});

test('a post-quantum hello of more than one segment is served where OpenSSL has the group', async (t) => {
  try {
    tls.createSecureContext({ ecdhCurve: 'X25519MLKEM768' });
  } catch {
    t.skip(`OpenSSL ${process.versions.openssl} has no X25519MLKEM768`);
    return;
  }
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  const { subject } = await harness.connect({ servername: 'a.example', ecdhCurve: 'X25519MLKEM768' });
  assert.equal(subject, 'a.example');
});

test('groups that this OpenSSL lacks are left out, and names of no group are a mistake', async (t) => {
  const withGroups = (groups: string) => [site('a.example', [certA], { tls: { ...defaultSettings, groups } })];
  const harness = new FrontHarness();
  await harness.start(t, { sites: withGroups('SecP384r1MLKEM1024:GC512C:X25519'), defaultSite: '' });
  assert.equal((await harness.connect({ servername: 'a.example' })).subject, 'a.example');
  const result = harness.front.apply({ sites: withGroups('X25519:X2551'), defaultSite: '' });
  assert.ok(!result.ok);
  assert.deepEqual([result.findings[0]!.code, result.findings[0]!.values.groups], ['tls-groups-unknown', 'X2551']);
});

test('openssl s_client is served with TLS 1.2 and 1.3', { skip: noOpenssl }, async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  for (const flag of ['-tls1_2', '-tls1_3']) {
    const args = ['s_client', '-connect', `127.0.0.1:${harness.port}`, '-servername', 'a.example', flag];
    const { out } = await run('openssl', args);
    assert.match(out, /subject=CN = a\.example|subject=CN=a\.example/);
  }
  assert.deepEqual(
    harness.secured.map(({ tlsVersion }) => tlsVersion),
    ['TLSv1.2', 'TLSv1.3'],
  );
});

test('a client cannot renegotiate', async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  harness.answers = false;
  const options = { port: harness.port, servername: 'a.example', rejectUnauthorized: false } as const;
  const client = tls.connect({ ...options, maxVersion: 'TLSv1.2' });
  await once(client, 'secureConnect');
  const error = await new Promise<Error | null>((resolve) => {
    client.on('error', resolve);
    client.renegotiate({}, resolve);
  });
  assert.match(String(error), /no renegotiation/);
  client.destroy();
});

test('curl trusts the chain', { skip: noCurl }, async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  const ca = path.join(temporaryFolder(t), 'root.pem');
  writeFileSync(ca, root.certPem);
  const { code, out } = await run('curl', [
    '--silent',
    '--http0.9',
    '--cacert',
    ca,
    '--resolve',
    `x.b.example:${harness.port}:127.0.0.1`,
    `https://x.b.example:${harness.port}/`,
  ]);
  assert.equal(code, 0, out);
  assert.deepEqual(JSON.parse(out), { site: '*.b.example', resumed: false });
});

test('the hellos of real clients are read whole', { skip: noOpenssl }, async (t) => {
  const hellos: Buffer[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (chunk: Buffer) => {
      hellos.push(chunk);
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  await run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'captured.example', '-alpn', 'h2']);
  if (noCurl === false) {
    const url = `https://captured.example:${port}/`;
    await run('curl', ['--silent', '--resolve', `captured.example:${port}:127.0.0.1`, url]);
  }
  const node = tls.connect({ port, servername: 'captured.example', ALPNProtocols: ['h2'] });
  await closed(node);
  assert.ok(hellos.length >= 2);
  for (const bytes of hellos) {
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const accumulator = new HelloAccumulator();
      assert.equal(accumulator.feed(bytes.subarray(0, cut)).kind, 'need-more');
      const progress = accumulator.feed(bytes.subarray(cut));
      assert.ok(progress.kind === 'hello', JSON.stringify(progress));
      assert.deepEqual(progress.hello.serverName, { kind: 'name', name: 'captured.example' });
      assert.ok(progress.hello.alpn!.includes('h2'));
      assert.ok(progress.hello.supportedVersions!.includes(0x0304));
    }
  }
});

test('handshakes in flight are counted, and end with the front', async (t) => {
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  const silent = net.connect(harness.port, '127.0.0.1');
  const hello = net.connect(harness.port, '127.0.0.1');
  hello.write(Buffer.of(22, 3, 1));
  await until(() => harness.front.handshakesInFlight === 2);
  const ended = Promise.all([closed(silent), closed(hello)]);
  harness.front.close();
  await ended;
  assert.equal(harness.front.handshakesInFlight, 0);
  assert.deepEqual(
    harness.failures.map(({ finding }) => finding.code),
    ['handshake-gateway-stopped', 'handshake-gateway-stopped'],
  );
  const late = net.connect(harness.port, '127.0.0.1');
  await closed(late);
});
