import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test } from 'node:test';
import tls from 'node:tls';
import type { TlsSiteInput } from '../../../src/gateway/tls/site-input.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import { issue, type Issued } from './certificates.ts';
import { defaultSettings, FrontHarness, site } from './front-harness.ts';

let root: Issued;
let certA: Issued;
let certA2: Issued;
let certB: Issued;

before(() => {
  root = issue({ name: 'test root', isCa: true });
  certA = issue({ name: 'a.example', issuer: root });
  certA2 = issue({ name: 'a2.example', issuer: root });
  certB = issue({ name: 'b.example', issuer: root, type: 'rsa' });
});

test('a new certificate is served at once and open connections go on', async (t) => {
  const harness = await new FrontHarness().start(t, { sites: [site('a.example', [certA])], defaultSite: '' });
  harness.answers = false;
  const open = tls.connect({ port: harness.port, servername: 'a.example', rejectUnauthorized: false });
  await harness.info();
  assert.ok(harness.front.apply({ sites: [site('a.example', [certA2])], defaultSite: '' }).ok);
  harness.answers = true;
  assert.equal((await harness.connect({ servername: 'a.example' })).subject, 'a2.example');
  const [socket] = harness.sockets;
  socket!.on('data', (chunk: Buffer) => socket!.end(chunk));
  open.write('still here');
  const [echo] = (await once(open, 'data')) as [Buffer];
  assert.equal(echo.toString(), 'still here');
  open.destroy();
});

test('a handshake that began before a reload ends under the old policy', async (t) => {
  const harness = await new FrontHarness().start(t, { sites: [site('a.example', [certA])], defaultSite: '' });
  const pending = harness.connect({ servername: 'a.example' });
  while (harness.front.handshakesInFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(harness.front.apply({ sites: [site('a.example', [certA2])], defaultSite: '' }).ok);
  assert.ok(['a.example', 'a2.example'].includes(String((await pending).subject)));
  assert.deepEqual(harness.failures, []);
});

test('sites that go away are refused, and unchanged ones keep their tickets', async (t) => {
  const sites = [site('a.example', [certA]), site('b.example', [certB])];
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  const { session } = await harness.connect({ servername: 'a.example' });
  assert.ok(harness.front.apply({ sites: [site('a.example', [certA])], defaultSite: '' }).ok);
  await harness.connect({ servername: 'a.example', session });
  assert.equal(harness.secured.at(-1)!.resumed, true);
  assert.equal((await harness.connect({ servername: 'b.example' })).error?.code, 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
});

test('every mistake is named with its site, and the old sites stay', async (t) => {
  const harness = await new FrontHarness().start(t, { sites: [site('a.example', [certA])], defaultSite: '' });
  const pair = (certPem: string, keyPem: string) => [{ certPem, keyPem }];
  const auth = (caPem: string, crl?: string) => ({ clientAuth: { mode: 'require' as const, caPem, crl } });
  const settings = (more: Partial<TlsSiteInput['tls']>) => ({ tls: { ...defaultSettings, ...more } });
  const damaged = certA.certPem.replace(/[A-Za-z0-9+/]{8}/, 'AAAAAAAA');
  const sites: TlsSiteInput[] = [
    { ...site('none.example', []) },
    { ...site('text.example', []), certificates: pair('not PEM', certA.keyPem) },
    { ...site('damaged.example', []), certificates: pair(damaged, certA.keyPem) },
    { ...site('key.example', []), certificates: pair(certA.certPem, 'not PEM') },
    { ...site('mismatch.example', []), certificates: pair(certA.certPem, certB.keyPem) },
    site('twice.example', [certA, certA2]),
    site('ca.example', [certA], auth('no certificates')),
    site('crl.example', [certA], auth(root.certPem, 'no list')),
    site('badcrl.example', [certA], auth(root.certPem, '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----')),
    site('groups.example', [certA], settings({ groups: 'nonsense' })),
    site('ciphers.example', [certA], settings({ ciphers: 'NONSENSE' })),
  ];
  const result = harness.front.apply({ sites, defaultSite: '' });
  assert.ok(!result.ok);
  assert.deepEqual(
    result.findings.map(({ code, values }) => [values.site, code]),
    [
      ['none.example', 'tls-no-certificate'],
      ['text.example', 'tls-certificate-unreadable'],
      ['damaged.example', 'tls-certificate-unreadable'],
      ['key.example', 'tls-key-unreadable'],
      ['mismatch.example', 'tls-key-mismatch'],
      ['twice.example', 'tls-key-type-twice'],
      ['ca.example', 'tls-client-ca-unreadable'],
      ['crl.example', 'tls-crl-unreadable'],
      ['badcrl.example', 'tls-crl-unreadable'],
      ['groups.example', 'tls-groups-unknown'],
      ['ciphers.example', 'tls-settings-refused'],
    ],
  );
  for (const found of result.findings) {
    assert.equal(found.fault, 'config');
    for (const language of ['en', 'zh'] as const) {
      const { cause, mend } = tellFinding(found, language);
      assert.doesNotMatch(cause + mend, /[{}]|PRIVATE KEY/);
    }
  }
  assert.equal((await harness.connect({ servername: 'a.example' })).subject, 'a.example');
});

test('two hundred swaps under handshakes fail none of them', async (t) => {
  const harness = await new FrontHarness().start(t, { sites: [site('a.example', [certA])], defaultSite: '' });
  const state = { running: true };
  const clients = Promise.all(
    [1, 2].map(async () => {
      let done = 0;
      while (state.running) {
        const { error } = await harness.connect({ servername: 'a.example' });
        assert.equal(error, undefined);
        done += 1;
      }
      return done;
    }),
  );
  for (let swap = 0; swap < 200; swap += 1) {
    const certificate = swap % 2 === 0 ? certA2 : certA;
    assert.ok(harness.front.apply({ sites: [site('a.example', [certificate])], defaultSite: '' }).ok);
    await new Promise((resolve) => setImmediate(resolve));
  }
  state.running = false;
  const counts = await clients;
  assert.ok(counts.every((count) => count > 0));
  assert.deepEqual(harness.failures, []);
});
