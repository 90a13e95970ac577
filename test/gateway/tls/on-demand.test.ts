import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import tls from 'node:tls';
import type { CertificateFor } from '../../../src/gateway/tls/on-demand.ts';
import type { Finding } from '../../../src/story/finding.ts';
import { issue } from './certificates.ts';
import { closed, FrontHarness, site, until } from './front-harness.ts';

const root = issue({ name: 'test root', isCa: true });
const known = issue({ name: 'known.example', issuer: root });
const fallback = issue({ name: 'fallback.example', issuer: root });

async function serving(t: TestContext, certificateFor: CertificateFor, handshakeTimeoutMs = 10_000) {
  const told: Finding[] = [];
  const harness = new FrontHarness({
    certificateFor,
    report: (found) => told.push(found),
    bounds: { handshakeTimeoutMs, clientHelloBytes: 16_384 },
  });
  const sites = [site('known.example', [known]), site('fallback.example', [fallback])];
  await harness.start(t, { sites, defaultSite: 'fallback.example' });
  return { harness, told };
}

test('a name that no site has waits for its certificate and is served by the default site', async (t) => {
  const asked: string[][] = [];
  const made = issue({ name: 'made.example', issuer: root });
  const { harness } = await serving(t, async (...question) => {
    asked.push(question);
    return made;
  });
  const first = await harness.connect({ servername: 'made.example' });
  assert.equal(first.subject, 'made.example');
  assert.equal(JSON.parse(first.text).site, 'fallback.example');
  assert.notEqual(harness.secured[0]?.policyId, harness.front.policyIds.get('fallback.example'));
  const { session } = first;
  const second = await harness.connect({ servername: 'made.example', ...(session && { session }) });
  assert.equal(JSON.parse(second.text).resumed, true);
  assert.deepEqual(asked, [['made.example', '127.0.0.1']]);
});

test('a name of a site, an address and no name at all are not asked for', async (t) => {
  const { harness } = await serving(t, () => Promise.reject(new Error('not to be asked')));
  assert.equal((await harness.connect({ servername: 'known.example' })).subject, 'known.example');
  assert.equal((await harness.connect({ servername: '' })).subject, 'fallback.example');
});

test('without a certificate, or with a failure, the default site shows its own', async (t) => {
  let asked = 0;
  const { harness } = await serving(t, async () => {
    asked += 1;
    if (asked === 2) throw new Error('the store is down');
    return undefined;
  });
  for (const servername of ['one.example', 'two.example', 'one.example']) {
    assert.equal((await harness.connect({ servername })).subject, 'fallback.example');
  }
  assert.equal(asked, 2);
  harness.aheadMs = 60_000;
  await harness.connect({ servername: 'one.example' });
  assert.equal(asked, 3);
});

test('a certificate that is renewed is shown soon after', async (t) => {
  const certificates = ['first', 'second'].map((name) => issue({ name, issuer: root }));
  let asked = 0;
  const { harness } = await serving(t, async () => certificates[asked++]);
  assert.equal((await harness.connect({ servername: 'made.example' })).subject, 'first');
  harness.aheadMs = 60_000;
  // The known one at once, and a question behind it.
  assert.equal((await harness.connect({ servername: 'made.example' })).subject, 'first');
  assert.equal((await harness.connect({ servername: 'made.example' })).subject, 'second');
});

test('many clients that wait for one name cause one question', async (t) => {
  let give: (certificate: typeof known) => void = () => {};
  let asked = 0;
  const { harness } = await serving(t, () => {
    asked += 1;
    return new Promise((resolve) => (give = resolve));
  });
  const clients = Array.from({ length: 8 }, () => harness.connect({ servername: 'made.example' }));
  await until(() => harness.front.handshakesInFlight === 8 && asked > 0);
  give(issue({ name: 'made.example', issuer: root }));
  for (const client of clients) assert.equal((await client).subject, 'made.example');
  assert.equal(asked, 1);
});

test('waiting ends with the time of the handshake, and with the client', async (t) => {
  const { harness } = await serving(t, () => new Promise(() => {}), 200);
  const { error } = await harness.connect({ servername: 'made.example' });
  assert.ok(error !== undefined);
  assert.match((await harness.failure()).finding.code, /timed-out/);
  const socket = tls.connect({ port: harness.port, host: '127.0.0.1', servername: 'gone.example' });
  const over = closed(socket);
  await until(() => harness.front.handshakesInFlight === 1);
  socket.destroy();
  await over;
  await until(() => harness.front.handshakesInFlight === 0);
});

test('a certificate that cannot be used is told of, and the default site shows its own', async (t) => {
  const { harness, told } = await serving(t, async () => ({ certPem: known.certPem, keyPem: fallback.keyPem }));
  assert.equal((await harness.connect({ servername: 'made.example' })).subject, 'fallback.example');
  assert.deepEqual(
    told.map(({ code }) => code),
    ['tls-key-mismatch'],
  );
});
