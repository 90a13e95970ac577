import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Responder } from '../../../src/gateway/exchange.ts';
import { createPlainPortHandler, hostOfAuthority } from '../../../src/gateway/answer/redirect.ts';
import { RecordingDownstream } from './recording-downstream.ts';

const token = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
const keyAuthorization = `${token}.nP1qzpXGymHBrUEepNY9HCsQk7K8KhOypzEt62jcerQ`;
const asked: string[] = [];
const challenges = {
  lookup(name: string): string | undefined {
    asked.push(name);
    return name === token ? keyAuthorization : undefined;
  },
};
const handler = createPlainPortHandler({
  isServed: (host) => host === 'app.test' || host === '[::1]',
  challenges,
  httpsPort: 443,
  language: 'en',
});

function request(method: string, authority: string, target: string): RecordingDownstream {
  const downstream = new RecordingDownstream({ method, authority, target });
  handler(downstream);
  return downstream;
}

test('a served host is redirected, path and query kept octet for octet', () => {
  for (const target of ['/', '/a%2Fb//c/..;x?q=1&r=%20', '//evil.test/', '/\\evil.test', '/?https://evil.test']) {
    const downstream = request('GET', 'app.test', target);
    assert.equal(downstream.status, 308);
    assert.equal(downstream.fields.get('location'), `https://app.test${target}`);
    assert.deepEqual(downstream.calls, ['head', 'end']);
  }
});

test('every method is redirected, and the port of the request gives way to that of HTTPS', () => {
  assert.equal(request('POST', 'app.test:80', '/x').fields.get('location'), 'https://app.test/x');
  assert.equal(request('GET', '[::1]:80', '/x').fields.get('location'), 'https://[::1]/x');
  assert.equal(request('OPTIONS', 'app.test', '*').fields.get('location'), 'https://app.test');
  const other = new RecordingDownstream({ authority: 'app.test:8080', target: '/x' });
  createPlainPortHandler({ isServed: () => true, challenges, httpsPort: 8443, language: 'en' })(other);
  assert.equal(other.fields.get('location'), 'https://app.test:8443/x');
});

test('an unknown host is never redirected to', () => {
  for (const authority of ['evil.test', 'evil.test:443', 'app.test.evil.test', '']) {
    const downstream = request('GET', authority, '/');
    assert.equal(downstream.status, authority === '' ? 400 : 404);
    assert.equal(downstream.fields.has('location'), false);
  }
});

test('an open challenge is answered whatever the host', () => {
  const downstream = request('GET', 'unknown.test', `/.well-known/acme-challenge/${token}`);
  assert.equal(downstream.status, 200);
  assert.equal(downstream.text, keyAuthorization);
  assert.equal(downstream.fields.get('content-type'), 'application/octet-stream');
  const head = request('HEAD', 'unknown.test', `/.well-known/acme-challenge/${token}`);
  assert.equal(head.contentLength, keyAuthorization.length);
  assert.deepEqual(head.calls, ['head', 'end']);
});

test('a token that is not ours goes the way of every request', () => {
  const other = request('GET', 'app.test', '/.well-known/acme-challenge/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
  assert.equal(other.status, 308);
  assert.equal(request('POST', 'app.test', `/.well-known/acme-challenge/${token}`).status, 308);
});

test('only base64url is looked up', () => {
  asked.length = 0;
  for (const odd of ['', '..%2F..%2Fetc', '../../../../etc/passwd', 'a'.repeat(300), `${token}/x`, `${token}?x`]) {
    assert.equal(request('GET', 'app.test', `/.well-known/acme-challenge/${odd}`).status, 308);
  }
  assert.deepEqual(asked, []);
});

test('the host of an authority', () => {
  assert.equal(hostOfAuthority('app.test'), 'app.test');
  assert.equal(hostOfAuthority('app.test:80'), 'app.test');
  assert.equal(hostOfAuthority('[2001:db8::1]:80'), '[2001:db8::1]');
  assert.equal(hostOfAuthority('[2001:db8::1]'), '[2001:db8::1]');
});

test('a token of another gateway is answered when it is found, and else redirected like every request', async () => {
  const found = new Map([[token, keyAuthorization]]);
  const shared = createPlainPortHandler({
    isServed: () => true,
    challenges: { lookup: () => undefined, lookElsewhere: async (name) => found.get(name) },
    httpsPort: 443,
    language: 'en',
  });
  const ask = (name: string): [RecordingDownstream, Responder] => {
    const downstream = new RecordingDownstream({ target: `/.well-known/acme-challenge/${name}` });
    return [downstream, shared(downstream)];
  };
  const [theirs] = ask(token);
  assert.deepEqual(theirs.calls, []);
  const [nobodys] = ask('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
  const [left, responder] = ask(token);
  responder.onAbort('client-gone');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(theirs.text, keyAuthorization);
  assert.equal(nobodys.status, 308);
  assert.deepEqual(left.calls, []);
});
