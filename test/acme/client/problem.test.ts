import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainChallenge, explainProblem } from '../../../src/acme/client/problem.ts';
import type { ChallengeType } from '../../../src/acme/issuer.ts';
import type { Problem } from '../../../src/acme/client/resources.ts';
import { tellFinding, type Finding } from '../../../src/story/finding.ts';

const problem = (type: string, detail = 'the reason', more: Partial<Problem> = {}): Problem => ({
  type: type.includes(':') ? type : `urn:ietf:params:acme:error:${type}`,
  detail,
  subproblems: [],
  ...more,
});
const context = { issuer: 'letsencrypt', name: 'example.test' };

/** Every error type of RFC 8555 section 6.7, RFC 9773 section 7.4 and the profiles draft, with its code. */
const expected: Record<string, readonly [code: string, permanent: boolean]> = {
  accountDoesNotExist: ['acme-account-unknown', false],
  alreadyReplaced: ['acme-already-replaced', false],
  alreadyRevoked: ['acme-already-revoked', false],
  badCSR: ['acme-csr-refused', true],
  badNonce: ['acme-nonce-refused', false],
  badPublicKey: ['acme-key-refused', true],
  badRevocationReason: ['acme-revocation-reason-refused', false],
  badSignatureAlgorithm: ['acme-signature-algorithm-refused', true],
  caa: ['acme-caa-forbids', true],
  compound: ['acme-refused', false],
  connection: ['acme-validation-unreachable', false],
  dns: ['acme-validation-dns', false],
  externalAccountRequired: ['acme-external-account-required', true],
  incorrectResponse: ['acme-validation-wrong', false],
  invalidContact: ['acme-contact-refused', true],
  invalidProfile: ['acme-profile-refused', true],
  malformed: ['acme-request-refused', false],
  orderNotReady: ['acme-order-not-ready', false],
  rateLimited: ['acme-rate-limited', false],
  rejectedIdentifier: ['acme-name-refused', true],
  serverInternal: ['acme-server-error', false],
  tls: ['acme-validation-tls', false],
  unauthorized: ['acme-unauthorized', false],
  unsupportedContact: ['acme-contact-refused', true],
  unsupportedIdentifier: ['acme-name-unsupported', true],
  userActionRequired: ['acme-user-action-required', true],
};

function assertWhole(found: Finding): void {
  for (const language of ['en', 'zh'] as const) {
    const { cause, mend } = tellFinding(found, language);
    assert.doesNotMatch(cause + mend, /\{\w+\}/, `${found.code} leaves something to fill in: ${cause} ${mend}`);
  }
}

test('every error type has its sentence, whole in both languages', () => {
  for (const [type, [code, permanent]] of Object.entries(expected)) {
    const failure = explainProblem(problem(type), { ...context, status: 400 });
    assert.equal(failure.finding.code, code, type);
    assert.equal(failure.permanent, permanent, type);
    assert.equal(failure.countedByAuthority, false);
    assertWhole(failure.finding);
  }
});

test('types of nobody are told as they are, failures of the server by their status', () => {
  const foreign = explainProblem(problem('urn:example:quota', 'no more'), { ...context, status: 403 });
  assert.equal(foreign.finding.code, 'acme-refused');
  assert.equal(foreign.finding.values['type'], 'urn:example:quota');
  assert.equal(
    explainProblem(problem('about:blank', ''), { ...context, status: 502 }).finding.code,
    'acme-server-error',
  );
  assert.equal(
    explainProblem(problem('about:blank', ''), { ...context, status: 429 }).finding.code,
    'acme-rate-limited',
  );
  assertWhole(foreign.finding);
});

test('a limit is told with the time that the header or the sentence names', () => {
  const retryAtMs = Date.UTC(2026, 10, 22, 5);
  const headed = explainProblem(problem('rateLimited'), { ...context, retryAtMs });
  assert.equal(headed.retryAtMs, retryAtMs);
  assert.equal(headed.finding.values['until'], '2026-11-22T05:00:00Z');
  const spoken = explainProblem(problem('rateLimited', 'too many, retry after 2026-11-22 06:00:00 UTC'), context);
  assert.equal(spoken.retryAtMs, Date.UTC(2026, 10, 22, 6));
  assert.equal(spoken.finding.code, 'acme-rate-limited-until');
  assertWhole(headed.finding);
});

test('subproblems are told one by one, each with its name', () => {
  const subproblems = ['a.test', 'b.test'].map((value) => ({
    type: 'urn:ietf:params:acme:error:rejectedIdentifier',
    detail: `${value} is forbidden`,
    identifier: { type: 'dns', value },
  }));
  const failure = explainProblem(problem('compound', 'several', { subproblems }), context);
  assert.equal(failure.finding.code, 'acme-name-refused');
  assert.equal(failure.finding.values['name'], 'a.test');
  assert.deepEqual(
    failure.also?.map(({ values }) => values['name']),
    ['b.test'],
  );
  assert.equal(failure.permanent, true);
});

test('an ended account and an action that a person has to take are told apart from other refusals', () => {
  const ended = explainProblem(problem('unauthorized', 'Account is not valid, has status "deactivated"'), context);
  assert.equal(ended.finding.code, 'acme-account-deactivated');
  assert.equal(ended.permanent, true);
  const action = explainProblem(problem('userActionRequired', 'agree', { instance: 'https://ca.test/agree' }), context);
  assert.equal(action.finding.values['url'], 'https://ca.test/agree');
});

test('a failed challenge says what the CA saw, for each way of proof', () => {
  const cases: readonly (readonly [ChallengeType, string, string])[] = [
    ['http-01', 'connection', 'acme-validation-unreachable'],
    ['http-01', 'dns', 'acme-validation-dns'],
    ['http-01', 'unauthorized', 'acme-answer-wrong'],
    ['http-01', 'incorrectResponse', 'acme-answer-wrong'],
    ['http-01', 'malformed', 'acme-validation-wrong'],
    ['tls-alpn-01', 'tls', 'acme-validation-tls'],
    ['tls-alpn-01', 'connection', 'acme-validation-unreachable'],
    ['tls-alpn-01', 'unauthorized', 'acme-validation-certificate-wrong'],
    ['dns-01', 'dns', 'acme-record-lookup-failed'],
    ['dns-01', 'connection', 'acme-record-lookup-failed'],
    ['dns-01', 'unauthorized', 'acme-record-wrong'],
    ['dns-01', 'caa', 'acme-caa-forbids'],
    ['http-01', 'rateLimited', 'acme-rate-limited'],
  ];
  for (const [way, type, code] of cases) {
    const failure = explainChallenge({ error: problem(type) }, way, context);
    assert.equal(failure.finding.code, code, `${way} ${type}`);
    assert.equal(failure.countedByAuthority, true);
    assertWhole(failure.finding);
  }
  assert.equal(explainChallenge({}, 'dns-01', context).finding.values['record'], '_acme-challenge.example.test');
});

test('the address is the one of the last attempt, of the record or of the sentence', () => {
  const validationRecord = [
    { hostname: 'example.test', port: '80', addressUsed: '192.0.2.1' },
    { hostname: 'example.test', port: '443', addressUsed: '2001:db8::2' },
  ];
  const told = explainChallenge({ error: problem('connection'), validationRecord }, 'http-01', context);
  assert.equal(told.finding.values['address'], '2001:db8::2');
  assert.equal(told.finding.values['port'], '443');
  const details = {
    '203.0.113.5: Fetching http://example.test/.well-known/acme-challenge/x: Timeout during connect': '203.0.113.5',
    'During secondary validation: 2001:db8::7: Connection refused': '2001:db8::7',
    'Get "http://example.test/": dial tcp 127.0.0.98:80: connect: connection refused': '127.0.0.98',
    'Get "http://example.test/": dial tcp [2001:db8::9]:80: connect: no route': '2001:db8::9',
    'error while resolving: dial tcp 127.0.0.1:53: connect: refused': '?',
    'it is 10 past 12: nothing': '?',
  };
  for (const [detail, address] of Object.entries(details)) {
    const found = explainChallenge({ error: problem('connection', detail) }, 'http-01', context).finding;
    assert.equal(found.values['address'], address, detail);
  }
});

test('what a CA writes cannot redraw a terminal, forge a line, or fill a log', () => {
  const detail = `one\r\n\u001b[31mtwo\u202e\u2028${'x'.repeat(5000)}`;
  const { finding } = explainProblem(problem('malformed', detail), context);
  const text = String(finding.values['detail']);
  assert.match(text, /^one \[31mtwo x+…$/);
  assert.equal(text.length, 501);
});
