import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { CloudflareDns, type CloudflareSettings } from '../../../src/acme/challenges/cloudflare-dns.ts';
import { challengeFor } from '../../../src/acme/client/key-authorization.ts';
import type { Challenge } from '../../../src/acme/issuer.ts';
import { GOOD_TOKEN, startCloudflareApi, type CloudflareApi } from './cloudflare-api.ts';
import { ecSigningKey } from './keys.ts';

const never = new AbortController().signal;
const challenge = (value: string): Challenge => challengeFor('dns-01', { type: 'dns', value }, 'token', ecSigningKey());
const valueOf = ({ digest }: Challenge): string => Buffer.from(digest).toString('base64url');

async function stage(t: TestContext, settings: Partial<CloudflareSettings> = {}) {
  const api: CloudflareApi = await startCloudflareApi({ 'example.test': 'zone1', 'sub.example.test': 'zone2' });
  t.after(() => api.stop());
  return { api, solver: new CloudflareDns({ token: GOOD_TOKEN, baseUrl: api.baseUrl, ...settings }) };
}

test('a record is added to the nearest zone and taken away again, and nothing else is', async (t) => {
  const { api, solver } = await stage(t);
  const one = challenge('a.b.example.test');
  const two = challenge('sub.example.test');
  assert.equal(await solver.present(one, never), undefined);
  assert.equal(await solver.present(two, never), undefined);
  assert.deepEqual(
    api.records.map(({ zone, type, name, content }) => [zone, type, name, content]),
    [
      ['zone1', 'TXT', '_acme-challenge.a.b.example.test', `"${valueOf(one)}"`],
      ['zone2', 'TXT', '_acme-challenge.sub.example.test', `"${valueOf(two)}"`],
    ],
  );
  await solver.withdraw(one);
  assert.deepEqual(
    api.records.map(({ name }) => name),
    ['_acme-challenge.sub.example.test'],
  );
  await solver.withdraw(one);
  await solver.withdraw(challenge('never.example.test'));
  await solver.withdraw(two);
  assert.deepEqual(api.records, []);
});

test('a name and its wildcard have two records side by side', async (t) => {
  const { api, solver } = await stage(t);
  const [one, two] = [challenge('example.test'), challenge('example.test')];
  await Promise.all([solver.present(one, never), solver.present(two, never)]);
  assert.equal(api.records.length, 2);
  await solver.withdraw(one);
  assert.equal(api.records[0]?.content, `"${valueOf(two)}"`);
});

test('a record that a process left that died is taken over and taken away', async (t) => {
  const { api, solver } = await stage(t);
  const one = challenge('example.test');
  await new CloudflareDns({ token: GOOD_TOKEN, baseUrl: api.baseUrl }).present(one, never);
  assert.equal(await solver.present(one, never), undefined);
  await solver.withdraw(one);
  assert.deepEqual(api.records, []);
});

test('a wrong token, a zone of somebody else, and an API that is down are told apart', async (t) => {
  const { api, solver } = await stage(t);
  const wrong = new CloudflareDns({ token: 'wrong', baseUrl: api.baseUrl });
  assert.equal((await wrong.present(challenge('example.test'), never))?.code, 'acme-cloudflare-token-refused');
  const foreign = await solver.present(challenge('www.other.test'), never);
  assert.equal(foreign?.code, 'acme-cloudflare-zone-unknown');
  assert.equal(foreign.values['record'], '_acme-challenge.www.other.test');
  api.broken = { status: 200, text: JSON.stringify({ success: false, errors: [{ code: 9005, message: 'Too long' }] }) };
  const failed = await solver.present(challenge('example.test'), never);
  assert.equal(failed?.code, 'acme-cloudflare-failed');
  assert.equal(failed.values['detail'], 'Too long (9005)');
  for (const text of ['', '<html>', '[]', '{"success":"yes"}', `"${'x'.repeat(2_000_000)}"`]) {
    api.broken = { status: 502, text };
    const found = await solver.present(challenge('example.test'), never);
    assert.equal(found?.code, 'acme-cloudflare-unreachable');
    assert.equal(found.values['reason'], 'status 502');
  }
  await api.stop();
  const gone = await solver.present(challenge('example.test'), never);
  assert.equal(gone?.code, 'acme-cloudflare-unreachable');
  assert.match(String(gone.values['reason']), /^(?:ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)$/);
});

test('an API that does not answer is not waited for without end', async (t) => {
  const { solver } = await stage(t, { fetch: (_, init) => hang(init?.signal), timeoutMs: 50 });
  const found = await solver.present(challenge('example.test'), never);
  assert.equal(found?.values['reason'], 'nothing within 0.05 seconds');
});

function hang(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    // A timer of its own, since one of AbortSignal.timeout does not keep a process running.
    const alive = setTimeout(() => undefined, 10_000);
    signal?.addEventListener('abort', () => {
      clearTimeout(alive);
      reject(new Error('aborted'));
    });
  });
}
