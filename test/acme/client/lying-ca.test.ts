import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAcmeIssuer } from '../../../src/acme/client/acme-issuer.ts';
import type { AcmeHttpOutcome, AcmeHttpRequest } from '../../../src/acme/client/http.ts';
import { encodeChain } from '../../../src/acme/client/issued-chain.ts';
import type { Challenge, ChallengeSolver } from '../../../src/acme/issuer.ts';
import { finding, tellFinding } from '../../../src/story/finding.ts';
import { chain, intermediateKey, issue, leafExtensions, leafKey, NOW } from '../../pki/issue.ts';
import { MemoryAccount } from '../pebble.ts';

const base = 'https://ca.test';
const names = ['a.test', 'b.test'];
const leaf = issue({
  subject: {},
  issuer: { CN: 'Test Intermediate' },
  key: leafKey(),
  signer: intermediateKey(),
  extensions: leafExtensions(intermediateKey(), ['dns:a.test', 'dns:b.test']),
});
const certificatePem = encodeChain([leaf, chain().intermediate]);
const privateKeyPem = leafKey().privateKey.export({ type: 'pkcs8', format: 'pem' });

/** A CA that does everything right, as far as one order needs it. */
class HonestCa {
  #nonce = 0;
  readonly #proven = new Set<number>();
  #finalized = 0;

  answer({ method, url, content }: AcmeHttpRequest): AcmeHttpOutcome {
    const page = url.slice(base.length);
    const give = (status: number, value: unknown, headers: Record<string, string> = {}): AcmeHttpOutcome => ({
      ok: true,
      response: {
        status,
        headers: { 'content-type': 'application/json', 'replay-nonce': `n${this.#nonce++}`, ...headers },
        content: typeof value === 'string' ? value : JSON.stringify(value),
      },
    });
    const payload = content === undefined ? '' : (JSON.parse(content) as { payload: string }).payload;
    const number = Number(/\d+$/.exec(page)?.[0] ?? 0);
    if (page === '/dir') {
      return give(200, { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/new-order` });
    }
    if (method === 'HEAD') return give(200, '');
    if (page === '/account') return give(201, { status: 'valid' }, { location: `${base}/account/1` });
    if (page === '/account/1') return give(200, { status: 'valid', orders: `${base}/orders` });
    if (page === '/orders') return give(200, { orders: [`${base}/order/1`] });
    if (page === '/new-order') return give(201, this.#order(), { location: `${base}/order/1` });
    if (page === '/order/1') return give(200, this.#order());
    if (page.startsWith('/authz/')) return give(200, this.#authorization(number));
    if (page.startsWith('/challenge/')) {
      if (payload !== '') this.#proven.add(number);
      return give(200, { type: 'http-01', url, status: 'processing', token: 'token' });
    }
    if (page === '/finalize') {
      this.#finalized = 1;
      return give(200, this.#order());
    }
    if (page === '/certificate') return give(200, certificatePem, { link: `<${base}/certificate>;rel="alternate"` });
    return give(404, { type: 'urn:ietf:params:acme:error:malformed', detail: 'no such page' });
  }

  #order(): object {
    const ready = this.#proven.size === names.length;
    // Two looks pass before the certificate is there.
    const status = this.#finalized > 2 ? 'valid' : this.#finalized > 0 ? 'processing' : ready ? 'ready' : 'pending';
    if (this.#finalized > 0) this.#finalized += 1;
    return {
      status,
      identifiers: names.map((value) => ({ type: 'dns', value })),
      authorizations: names.map((_, index) => `${base}/authz/${index}`),
      finalize: `${base}/finalize`,
      ...(status === 'valid' && { certificate: `${base}/certificate` }),
    };
  }

  #authorization(number: number): object {
    const challenge = {
      type: 'http-01',
      url: `${base}/challenge/${number}`,
      status: 'pending',
      token: `token${number}`,
    };
    return {
      identifier: { type: 'dns', value: names[number] ?? 'none.test' },
      status: this.#proven.has(number) ? 'valid' : 'pending',
      challenges: [challenge],
    };
  }
}

type Lie =
  | { readonly kind: 'status'; readonly status: number; readonly type: string }
  | { readonly kind: 'lost'; readonly sent: boolean }
  | { readonly kind: 'member'; readonly member: string; readonly value: unknown }
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'text'; readonly text: string };

const states = ['pending', 'ready', 'processing', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'];
const types = [
  'badNonce',
  'rateLimited',
  'serverInternal',
  'unauthorized',
  'malformed',
  'orderNotReady',
  'accountDoesNotExist',
];
const lie: fc.Arbitrary<Lie> = fc.oneof(
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(200, 301, 400, 403, 404, 409, 429, 500, 502, 503),
    type: fc.constantFrom(...types),
  }),
  fc.record({ kind: fc.constant('lost' as const), sent: fc.boolean() }),
  fc.record({
    kind: fc.constant('member' as const),
    member: fc.constantFrom(
      'status',
      'identifiers',
      'authorizations',
      'finalize',
      'certificate',
      'identifier',
      'challenges',
      'orders',
      'error',
    ),
    value: fc.oneof(
      fc.constantFrom(...states),
      fc.constantFrom(`${base}/order/1`, `${base}/authz/0`, 'http://ca.test/', [`${base}/authz/9`], [], null, {}),
      fc.jsonValue(),
    ),
  }),
  fc.record({
    kind: fc.constant('header' as const),
    name: fc.constantFrom('retry-after', 'location', 'replay-nonce', 'link', 'content-type'),
    value: fc.oneof(
      fc.constantFrom('0', '1', '99999999', '', `<${base}/orders>;rel="next"`),
      fc.string({ maxLength: 20 }),
    ),
  }),
  fc.record({ kind: fc.constant('text' as const), text: fc.string() }),
);

function tell(truth: AcmeHttpOutcome, told: Lie): AcmeHttpOutcome {
  if (told.kind === 'lost') {
    const values = { issuer: 'test', host: 'ca.test', reason: 'ECONNRESET' };
    return { ok: false, finding: finding('acme-connection-lost', values), sent: told.sent };
  }
  assert.ok(truth.ok);
  const { status, headers, content } = truth.response;
  if (told.kind === 'status') {
    const problem = { type: `urn:ietf:params:acme:error:${told.type}`, detail: 'a lie' };
    return { ok: true, response: { status: told.status, headers, content: JSON.stringify(problem) } };
  }
  if (told.kind === 'header') {
    return { ok: true, response: { status, headers: { ...headers, [told.name]: told.value }, content } };
  }
  if (told.kind === 'text') return { ok: true, response: { status, headers, content: told.text } };
  const changed = content.startsWith('{') ? { ...JSON.parse(content), [told.member]: told.value } : told.value;
  return { ok: true, response: { status, headers, content: JSON.stringify(changed) } };
}

/** One issuance with a CA that tells these lies at these requests; `always` at every one from there on. */
async function issueFrom(lies: ReadonlyMap<number, Lie>, always: { from: number; lie: Lie } | undefined) {
  const ca = new HonestCa();
  let requests = 0;
  let now = NOW;
  const open = new Set<Challenge>();
  const solver: ChallengeSolver = {
    type: 'http-01',
    covers: () => true,
    present: async (challenge) => void open.add(challenge),
    withdraw: async (challenge) => void open.delete(challenge),
  };
  const issuer = createAcmeIssuer({
    name: 'test',
    directoryUrl: `${base}/dir`,
    accounts: new MemoryAccount(),
    surroundings: {
      clock: () => now,
      sleep: async (ms) => void (now += ms),
      http: async (request) => {
        const number = requests++;
        assert.ok(requests < 5000, 'no end in sight');
        const truth = ca.answer(request);
        const told = lies.get(number) ?? (always !== undefined && number >= always.from ? always.lie : undefined);
        return told === undefined ? truth : tell(truth, told);
      },
    },
  });
  const identifiers = names.map((value) => ({ type: 'dns' as const, value }));
  const result = await issuer.issue({ identifiers, privateKeyPem, solvers: [solver] });
  return { result, requests, open, hours: (now - NOW) / 3_600_000 };
}

test('an honest CA gives the certificate', async () => {
  const { result, requests, open } = await issueFrom(new Map(), undefined);
  assert.ok(result.ok && result.certificate.chainPem === certificatePem);
  assert.ok(requests > 10 && requests < 25, `${requests} requests`);
  assert.equal(open.size, 0);
});

test('a CA that lies or stalls ends in a certificate that is sound or in a sentence, within bounds', async () => {
  let obtained = 0;
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(24), lie), { maxLength: 5 }),
      fc.option(fc.record({ from: fc.nat(20), lie }), { nil: undefined, freq: 3 }),
      async (lies, always) => {
        const { result, open, hours } = await issueFrom(new Map(lies), always);
        assert.equal(open.size, 0, 'a challenge was left open');
        assert.ok(hours < 2, `${hours} hours`);
        if (result.ok) {
          obtained += 1;
          assert.equal(result.certificate.chainPem, certificatePem);
          return;
        }
        const { finding: found } = result.failure;
        seen.set(found.code, (seen.get(found.code) ?? 0) + 1);
        for (const language of ['en', 'zh'] as const) {
          const { cause, mend } = tellFinding(found, language);
          assert.doesNotMatch(cause + mend, /\{\w+\}/, found.code);
        }
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(obtained > 20 && seen.size > 8, `${obtained} certificates, ${seen.size} kinds of failure`);
});
