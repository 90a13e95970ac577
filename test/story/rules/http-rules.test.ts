import test from 'node:test';
import assert from 'node:assert/strict';
import { judgeAnswer, type AnswerFacts } from '../../../src/story/rules/http-answer.ts';
import { readCacheControl } from '../../../src/story/rules/http-caching.ts';
import { judgeCookie, readSetCookie } from '../../../src/story/rules/http-cookies.ts';
import { readHsts } from '../../../src/story/rules/http-hsts.ts';
import { tellFields } from '../../../src/story/rules/http-field-notes.ts';
import { judgeAttempts, type AttemptFacts } from '../../../src/story/rules/tcp-connect.ts';
import { judgeClose } from '../../../src/story/rules/close-end.ts';
import { judgeHandshakeFailure } from '../../../src/story/rules/tls-end.ts';

const answer: AnswerFacts = {
  isSecure: true,
  status: 200,
  meaning: 'OK',
  fields: [
    { name: 'Strict-Transport-Security', value: 'max-age=31536000' },
    { name: 'Content-Security-Policy', value: "default-src 'self'" },
  ],
  mediaType: 'text/html',
  isText: true,
  coded: true,
  contentBytes: 9_000,
  charset: { name: 'utf-8', from: 'content-type', valid: true },
  condition: '',
  failOnStatus: false,
};
const codes = (change: Partial<AnswerFacts>): string[] => judgeAnswer({ ...answer, ...change }).map(({ code }) => code);

test('an answer with nothing to mend brings no finding, each lack its own', () => {
  assert.deepEqual(codes({}), []);
  assert.deepEqual(codes({ fields: [] }), ['trace-hsts-missing', 'trace-csp-missing']);
  assert.deepEqual(codes({ fields: [], isSecure: false }), ['trace-csp-missing']);
  assert.deepEqual(codes({ coded: false }), ['trace-uncompressed']);
  assert.deepEqual(codes({ coded: false, contentBytes: 100 }), []);
  assert.deepEqual(codes({ charset: undefined }), ['trace-charset-missing']);
  assert.deepEqual(codes({ charset: { name: 'utf-8', from: 'meta', valid: false } }), ['trace-charset-wrong']);
  assert.deepEqual(codes({ status: 304, condition: 'If-None-Match' }), ['trace-not-modified']);
  assert.deepEqual(codes({ condition: 'If-None-Match' }), ['trace-not-revalidated']);
  assert.deepEqual(codes({ fields: [...answer.fields, { name: 'Server', value: 'nginx/1.25.3' }] }), [
    'trace-version-told',
  ]);
  assert.equal(judgeAnswer({ ...answer, status: 500, failOnStatus: true })[0]?.severity, 'error');
});

test('cookies: flags are read, what is missing is told', () => {
  assert.deepEqual(readSetCookie('a=b=c; Path=/; secure ; SameSite=Lax'), {
    name: 'a',
    attributes: ['Path=/', 'secure', 'SameSite=Lax'],
    secure: true,
    httpOnly: false,
    sameSite: 'Lax',
  });
  assert.deepEqual(judgeCookie('session=1; Secure; HttpOnly', true), []);
  assert.equal(judgeCookie('session=1', true)[0]?.values['missing'], 'Secure, HttpOnly');
  assert.deepEqual(judgeCookie('theme=dark; Secure', true), []);
  assert.deepEqual(judgeCookie('theme=dark', false), []);
});

test('HSTS and Cache-Control as browsers read them', () => {
  assert.deepEqual(readHsts('max-age="31536000"; includeSubDomains; preload'), {
    maxAgeSeconds: 31_536_000,
    includeSubDomains: true,
    preload: true,
  });
  assert.equal(readHsts('includeSubDomains'), undefined);
  assert.deepEqual(readCacheControl('Public, max-age=60, s-maxage="7"'), {
    noStore: false,
    noCache: false,
    freshSeconds: 60,
    shared: true,
  });
  assert.equal(readCacheControl('private, no-store').noStore, true);
});

test('fields are explained; secrets keep their name and scheme only', () => {
  const field = (name: string, value: string) => ({ name, value, range: [0, 0] as const });
  const told = tellFields(
    [
      field('Authorization', 'Basic dXNlcjpwYXNz'),
      field('Cookie', 'a=1; b=2'),
      field('Set-Cookie', 'a=1; Secure'),
      field('ETag', '"x"'),
      field('X-Unheard-Of', '1'),
    ],
    false,
  );
  assert.deepEqual(
    told.map(({ value }) => value),
    ['Basic …', 'a=…; b=…', 'a=…; Secure', '"x"', '1'],
  );
  assert.deepEqual(
    told.map(({ note }) => note?.key),
    ['hidden-secret', 'cookie-request', 'cookie-flags', 'field:etag', undefined],
  );
});

test('attempts to connect: what decides, and whose fault it is', () => {
  const attempt = (change: Partial<AttemptFacts>): AttemptFacts => ({
    address: '192.0.2.1',
    port: 443,
    outcome: 'failed',
    reason: '',
    startMs: 0,
    ...change,
  });
  const code = (...attempts: readonly AttemptFacts[]): string | undefined => judgeAttempts(attempts, 5_000)[0]?.code;
  assert.equal(code(attempt({ outcome: 'connected' })), undefined);
  assert.equal(code(attempt({ reason: 'ENETUNREACH' }), attempt({ reason: 'ECONNREFUSED' })), 'trace-refused');
  assert.equal(code(attempt({ reason: 'EHOSTUNREACH' })), 'trace-unreachable');
  assert.equal(code(attempt({ outcome: 'timed-out' })), 'trace-connect-timeout');
  assert.equal(
    code(attempt({ reason: 'ENETUNREACH' }), attempt({ outcome: 'connected', startMs: 5 })),
    'trace-address-fallback',
  );
});

test('an end without close_notify is told where it could hide something', () => {
  const facts = {
    isTls: true,
    notifyReceived: false,
    finReceived: true,
    resetReceived: false,
    weClosedFirst: false,
    untilClose: false,
  };
  assert.equal(judgeClose(facts)[0]?.code, 'trace-no-close-notify');
  assert.deepEqual(judgeClose({ ...facts, notifyReceived: true }), []);
  assert.deepEqual(judgeClose({ ...facts, weClosedFirst: true }), []);
  assert.equal(judgeClose({ ...facts, weClosedFirst: true, untilClose: true }).length, 1);
  assert.deepEqual(judgeClose({ ...facts, isTls: false }), []);
});

test('alerts of a handshake: what they mean to a client', () => {
  const facts = {
    kind: 'alert',
    code: '',
    reason: '',
    address: '192.0.2.1',
    port: 443,
    serverName: 'a.example',
    answer: '',
    answeredHttp: false,
    offeredVersions: 'TLSv1.2',
    offeredProtocols: 'h2',
    timeoutSeconds: 1,
    asksClient: false,
    gaveCertificate: false,
  } as const;
  const code = (alert: string, change = {}): string => judgeHandshakeFailure({ ...facts, alert, ...change }).code;
  assert.equal(code('protocol version'), 'trace-old-version');
  assert.equal(code('unrecognized name'), 'trace-unknown-name');
  assert.equal(code('no application protocol'), 'trace-alpn-mismatch');
  assert.equal(code('handshake failure'), 'trace-no-shared-suite');
  assert.equal(code('handshake failure', { asksClient: true }), 'trace-client-certificate-required');
  assert.equal(
    code('bad certificate', { asksClient: true, gaveCertificate: true }),
    'trace-client-certificate-refused',
  );
  assert.equal(code('decode error'), 'trace-handshake-refused');
});
