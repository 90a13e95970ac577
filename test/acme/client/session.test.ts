import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { finding } from '../../../src/story/finding.ts';
import type { AcmeHttpOutcome, AcmeHttpRequest } from '../../../src/acme/client/http.ts';
import { signingKey } from '../../../src/acme/client/jws.ts';
import { AcmeSession } from '../../../src/acme/client/session.ts';

const key = signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) ?? assert.fail();
const directory = {
  newNonce: 'https://ca.test/nonce',
  newAccount: 'https://ca.test/account',
  newOrder: 'https://ca.test/order',
};

const answer = (status: number, content: unknown = '', headers: Record<string, string> = {}): AcmeHttpOutcome => ({
  ok: true,
  response: {
    status,
    headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json', ...headers },
    content: typeof content === 'string' ? content : JSON.stringify(content),
  },
});
const problem = (type: string, status = 400, headers: Record<string, string> = {}): AcmeHttpOutcome =>
  answer(status, { type: `urn:ietf:params:acme:error:${type}`, detail: 'so it is' }, headers);

interface Scene {
  readonly session: AcmeSession;
  readonly requests: AcmeHttpRequest[];
  readonly pauses: number[];
  /** Nonces as the requests to the CA's other pages used them. */
  readonly nonces: (string | undefined)[];
}

/** A CA whose answers to signed requests are these, the last one for ever; nonces are n1, n2, … */
function scene(...answers: readonly AcmeHttpOutcome[]): Scene {
  const requests: AcmeHttpRequest[] = [];
  const pauses: number[] = [];
  const nonces: (string | undefined)[] = [];
  let now = Date.UTC(2026, 10, 22);
  let issued = 0;
  let told = 0;
  const http = async (request: AcmeHttpRequest): Promise<AcmeHttpOutcome> => {
    requests.push(request);
    if (request.url.endsWith('/dir')) return answer(200, directory);
    if (request.method === 'HEAD') return answer(200, '', { 'replay-nonce': `n${++issued}` });
    const jws = JSON.parse(request.content ?? '{}') as { protected: string };
    nonces.push((JSON.parse(Buffer.from(jws.protected, 'base64url').toString()) as { nonce?: string }).nonce);
    return answers[Math.min(told++, answers.length - 1)] ?? assert.fail('no answer');
  };
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
    now += ms;
  };
  const settings = { issuer: 'test', directoryUrl: 'https://ca.test/dir', patienceMs: 30_000 };
  return { session: new AcmeSession(settings, { clock: () => now, sleep, http }), requests, pauses, nonces };
}
const post = ({ session }: Scene, repeatable = false) =>
  session.post({ url: 'https://ca.test/order', payload: {}, signer: { key }, repeatable });

test('a nonce is fetched once, and then taken from the answers', async () => {
  const ca = scene(
    answer(200, '', { 'replay-nonce': 'fromAnswer1' }),
    answer(200, '', { 'replay-nonce': 'fromAnswer2' }),
  );
  for (let count = 0; count < 3; count++) assert.ok((await post(ca)).ok);
  assert.deepEqual(ca.nonces, ['n1', 'fromAnswer1', 'fromAnswer2']);
  assert.equal(ca.requests.filter(({ method }) => method === 'HEAD').length, 1);
  assert.equal(ca.requests.filter(({ url }) => url.endsWith('/dir')).length, 1);
});

test('a refused nonce is exchanged for the one of the refusal, many times if need be, but not for ever', async () => {
  const refused = problem('badNonce', 400, { 'replay-nonce': 'fresh' });
  const ca = scene(refused, refused, refused, answer(201));
  assert.ok((await post(ca)).ok);
  assert.deepEqual(ca.nonces, ['n1', 'fresh', 'fresh', 'fresh']);
  const never = scene(refused);
  const outcome = await post(never);
  assert.equal(!outcome.ok && outcome.failure.finding.code, 'acme-nonce-refused');
  assert.equal(never.nonces.length, 24);
});

test('a nonce that is not base64url is not used', async () => {
  const ca = scene(answer(200, '', { 'replay-nonce': 'not+valid' }), answer(200));
  await post(ca);
  await post(ca);
  assert.deepEqual(ca.nonces, ['n1', 'n2']);
});

test('a busy CA is waited for as long as it says, and no longer than patience allows', async () => {
  const soon = scene(problem('rateLimited', 429, { 'retry-after': '7' }), answer(200));
  assert.ok((await post(soon)).ok);
  assert.deepEqual(soon.pauses, [7000]);
  const late = scene(problem('rateLimited', 429, { 'retry-after': '3600' }), answer(200));
  const outcome = await post(late);
  assert.ok(!outcome.ok);
  assert.equal(outcome.failure.retryAtMs, Date.UTC(2026, 10, 22, 1));
  assert.deepEqual(late.pauses, []);
  const silent = scene(problem('rateLimited', 429), answer(200));
  assert.equal((await post(silent)).ok, false);
  const down = scene(answer(503, 'down', { 'content-type': 'text/html' }));
  const failed = await post(down);
  assert.ok(!failed.ok);
  assert.equal(failed.failure.finding.code, 'acme-server-error');
  assert.deepEqual(down.pauses, [1000, 2000, 4000]);
});

test('a request that may have been acted upon is repeated only where that does no harm', async () => {
  const lost: AcmeHttpOutcome = {
    ok: false,
    finding: finding('acme-connection-lost', { issuer: 'test', host: 'ca.test', reason: 'ECONNRESET' }),
    sent: true,
  };
  for (const trouble of [lost, answer(502, ''), problem('serverInternal', 500)]) {
    const harmless = scene(trouble, answer(200));
    assert.ok((await post(harmless, true)).ok);
    const acting = scene(trouble, answer(200));
    const outcome = await post(acting, false);
    assert.ok(!outcome.ok);
    assert.equal(outcome.failure.lost, true);
    assert.equal(acting.nonces.length, 1);
  }
  const unsent = scene({ ...lost, sent: false }, answer(200));
  assert.ok((await post(unsent, false)).ok);
});

test('untrusted servers and oversized answers are not asked again', async () => {
  for (const code of ['acme-server-untrusted', 'acme-answer-too-large'] as const) {
    const ca = scene({ ok: false, finding: finding(code), sent: false }, answer(200));
    const outcome = await post(ca, true);
    assert.equal(!outcome.ok && outcome.failure.finding.code, code);
  }
});

test('a page that is no directory says that the URL is wrong', async () => {
  const pages = [
    answer(200, '<html>', { 'content-type': 'text/html' }),
    answer(404, 'not found', { 'content-type': 'text/html' }),
    answer(301, '', { location: 'https://elsewhere.test/' }),
    answer(200, { newNonce: 'http://ca.test/nonce' }),
  ];
  for (const page of pages) {
    const settings = { issuer: 'test', directoryUrl: 'https://ca.test/dir', patienceMs: 0 };
    const session = new AcmeSession(settings, { clock: () => 0, sleep: async () => {}, http: async () => page });
    const outcome = await session.directory();
    assert.ok(!outcome.ok);
    assert.equal(outcome.failure.finding.code, 'acme-directory-wrong');
    assert.equal(outcome.failure.permanent, true);
  }
});

test('a CA without nonces, or without an https Location, is told as malformed', async () => {
  const http = async ({ url }: AcmeHttpRequest): Promise<AcmeHttpOutcome> =>
    url.endsWith('/dir') ? answer(200, directory) : answer(200);
  const settings = { issuer: 'test', directoryUrl: 'https://ca.test/dir', patienceMs: 0 };
  const session = new AcmeSession(settings, { clock: () => 0, sleep: async () => {}, http });
  const outcome = await session.post({ url: 'https://ca.test/order', payload: {}, signer: { key } });
  assert.equal(!outcome.ok && outcome.failure.finding.code, 'acme-answer-malformed');
  for (const location of ['', 'http://ca.test/1', 'ftp://x', `https://ca.test/${'x'.repeat(3000)}`]) {
    const response = { status: 201, headers: { location }, content: '' };
    assert.equal(session.location(response, 'https://ca.test/', 'order').ok, false);
  }
  const relative = { status: 201, headers: { location: '/order/1' }, content: '' };
  assert.deepEqual(session.location(relative, 'https://ca.test/new', 'order'), {
    ok: true,
    value: 'https://ca.test/order/1',
  });
});

test('a directory is read again after an hour; where that fails, the old one serves', async () => {
  let now = 0;
  let reads = 0;
  let away = false;
  const http = async (): Promise<AcmeHttpOutcome> => {
    reads += 1;
    const values = { issuer: 'test', host: 'ca.test', reason: 'ECONNREFUSED' };
    return away ? { ok: false, finding: finding('acme-unreachable', values), sent: false } : answer(200, directory);
  };
  const settings = { issuer: 'test', directoryUrl: 'https://ca.test/dir', patienceMs: 0 };
  const session = new AcmeSession(settings, { clock: () => now, sleep: async () => {}, http });
  for (const [minutes, expected] of [
    [0, 1],
    [59, 1],
    [61, 2],
  ] as const) {
    now = minutes * 60_000;
    assert.ok((await session.directory()).ok);
    assert.equal(reads, expected);
  }
  now *= 3;
  away = true;
  assert.ok((await session.directory()).ok);
  const stranger = new AcmeSession(settings, { clock: () => now, sleep: async () => {}, http });
  assert.equal((await stranger.directory()).ok, false);
});
