import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import tls from 'node:tls';
import type { TlsSiteInput } from '../../../src/gateway/tls/site-input.ts';
import { readStaple } from '../../../src/gateway/tls/ocsp-staple.ts';
import { issue, ocspResponse } from './certificates.ts';
import { FrontHarness, site } from './front-harness.ts';

const DAY_MS = 86_400_000;
const root = issue({ name: 'test root', isCa: true });
const leaf = issue({ name: 'a.example', issuer: root });
const other = issue({ name: 'a.example', issuer: root, type: 'rsa' });

function stapled(response: Buffer, more: readonly TlsSiteInput['certificates'][number][] = []): TlsSiteInput {
  const { certPem, keyPem } = leaf;
  return { ...site('a.example', []), certificates: [{ certPem, keyPem, ocspStaple: response }, ...more] };
}

async function serving(t: TestContext, input: TlsSiteInput): Promise<FrontHarness> {
  const harness = new FrontHarness();
  return harness.start(t, { sites: [input], defaultSite: '' });
}

/** The response that comes with a handshake; null where none does. */
async function askedFor(harness: FrontHarness): Promise<Buffer | null> {
  const socket = tls.connect({
    port: harness.port,
    host: '127.0.0.1',
    servername: 'a.example',
    ca: root.certPem,
    requestOCSP: true,
  });
  let response: Buffer | null = null;
  socket.on('OCSPResponse', (octets: Buffer | null) => (response = octets));
  socket.resume();
  await once(socket, 'close');
  return response;
}

test('a client that asks for the status of the certificate gets the response', async (t) => {
  const response = ocspResponse(root, leaf);
  const harness = await serving(t, stapled(response));
  assert.deepEqual(await askedFor(harness), response);
});

test('a client that does not ask gets a handshake as ever', async (t) => {
  const harness = await serving(t, stapled(ocspResponse(root, leaf)));
  const { text } = await harness.connect({ servername: 'a.example' });
  assert.match(text, /"site":"a\.example"/);
});

test('a response that has run out is not sent any more', async (t) => {
  const harness = await serving(t, stapled(ocspResponse(root, leaf)));
  harness.aheadMs = 8 * DAY_MS;
  const response = await askedFor(harness);
  assert.equal(response?.length ?? 0, 0);
});

test('another response takes the place of the first without a change of ticket keys', async (t) => {
  const harness = await serving(t, stapled(ocspResponse(root, leaf)));
  const { session } = await harness.connect({ servername: 'a.example' });
  const next = ocspResponse(root, leaf, { nextUpdateDay: 6 });
  assert.equal(harness.front.apply({ sites: [stapled(next)], defaultSite: '' }).ok, true);
  assert.deepEqual(await askedFor(harness), next);
  const { text } = await harness.connect({ servername: 'a.example', ...(session && { session }) });
  assert.match(text, /"resumed":true/);
});

test('a response about another certificate, of a revoked one, or of no sense is refused with its reason', () => {
  const reasons = [
    [ocspResponse(root, other), 'about another certificate'],
    [ocspResponse(root, leaf, { revoked: true }), 'certificate revoked'],
    [Buffer.from([0x30, 0x03, 0x0a, 0x01, 0x03]), 'tryLater'],
    [Buffer.from('nonsense'), 'unexpected-tag in OCSPResponse'],
  ] as const;
  for (const [response, reason] of reasons) {
    const read = readStaple(stapled(response));
    assert.ok(read !== undefined && 'code' in read, reason);
    assert.deepEqual([read.code, read.values['reason']], ['tls-staple-unusable', reason]);
  }
});

test('a site with two certificates is not stapled', async (t) => {
  const { certPem, keyPem } = other;
  const harness = await serving(t, stapled(ocspResponse(root, leaf), [{ certPem, keyPem }]));
  assert.equal(await askedFor(harness), null);
});
