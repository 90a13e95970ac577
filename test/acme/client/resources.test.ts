import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readResource, type ResourceName } from '../../../src/acme/client/resources.ts';

const order = {
  status: 'pending',
  expires: '2026-12-01T00:00:00Z',
  identifiers: [{ type: 'dns', value: 'example.test' }],
  authorizations: ['https://ca.test/authz/1'],
  finalize: 'https://ca.test/finalize/1',
};
const samples: Record<ResourceName, object> = {
  problem: {
    type: 'urn:ietf:params:acme:error:dns',
    detail: 'no',
    subproblems: [{ type: 'x', identifier: { type: 'dns', value: 'a' } }],
  },
  directory: {
    newNonce: 'https://ca.test/n',
    newAccount: 'https://ca.test/a',
    newOrder: 'https://ca.test/o',
    meta: { profiles: { a: 'b' } },
  },
  account: { status: 'valid', contact: [], orders: 'https://ca.test/orders/1' },
  ordersPage: { orders: ['https://ca.test/order/1'] },
  order,
  challenge: { type: 'http-01', url: 'https://ca.test/c', status: 'pending', token: 'abc_-' },
  authorization: {
    identifier: { type: 'dns', value: 'example.test' },
    status: 'pending',
    challenges: [{ type: 'dns-persist-01', url: 'https://ca.test/c', status: 'pending', 'issuer-domain-names': [] }],
  },
  renewalInfo: { suggestedWindow: { start: '2026-12-01T00:00:00Z', end: '2026-12-02T00:00:00.5+08:00' } },
};
const resources = Object.keys(samples) as ResourceName[];

test('every resource is read, members that nobody knows are passed over', () => {
  for (const name of resources) {
    const read = readResource(name, JSON.stringify({ ...samples[name], 'x-unknown': [1] }));
    assert.ok(read.ok, `${name}: ${read.ok || read.problem}`);
  }
});

test('what is wrong is told by its place', () => {
  const wrong = [
    ['order', { ...order, finalize: 'http://ca.test/finalize/1' }, 'finalize: not an https URL'],
    ['order', { ...order, authorizations: ['/authz/1'] }, 'authorizations.0: not an https URL'],
    ['order', { ...order, authorizations: Array.from({ length: 257 }, () => 'https://ca.test/1') }, 'authorizations'],
    ['order', { ...order, status: 'perhaps' }, 'status'],
    ['renewalInfo', { suggestedWindow: { start: 'soon', end: '2026-12-02T00:00:00Z' } }, 'suggestedWindow.start'],
    [
      'authorization',
      { ...samples.authorization, challenges: [{ ...samples.challenge, token: 'a/../b' }] },
      'challenges.0.token',
    ],
    ['directory', { newNonce: `https://ca.test/${'n'.repeat(3000)}` }, 'newNonce'],
  ] as const;
  for (const [name, value, place] of wrong) {
    const read = readResource(name, JSON.stringify(value));
    assert.ok(!read.ok && read.problem.startsWith(place), `${name}: ${JSON.stringify(read)}`);
  }
});

test('null, and an empty URL, are nothing', () => {
  const read = readResource('order', JSON.stringify({ ...order, certificate: '', error: null, profile: null }));
  assert.ok(read.ok);
  assert.deepEqual([read.value.certificate, read.value.error, read.value.profile], [undefined, undefined, undefined]);
  assert.ok(!readResource('order', JSON.stringify({ ...order, finalize: null })).ok);
  assert.ok(!readResource('order', JSON.stringify({ ...order, finalize: '' })).ok);
  assert.ok(!readResource('order', 'null').ok);
  const problem = readResource('problem', '{"type":null,"detail":null,"subproblems":null}');
  assert.deepEqual(problem, { ok: true, value: { type: 'about:blank', detail: '', subproblems: [] } });
});

test('a text cut anywhere is never a resource, and never throws', () => {
  for (const name of resources) {
    const text = JSON.stringify(samples[name]);
    for (let length = 0; length < text.length; length++) assert.ok(!readResource(name, text.slice(0, length)).ok);
    assert.ok(!readResource(name, `${text}x`).ok);
  }
});

test('no JSON makes it throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(...resources), fc.jsonValue(), fc.string(), (name, value, member) => {
      assert.equal(typeof readResource(name, JSON.stringify(value)).ok, 'boolean');
      assert.equal(typeof readResource(name, JSON.stringify({ ...samples[name], [member]: value })).ok, 'boolean');
      const members = Object.keys(samples[name]);
      for (const key of members) readResource(name, JSON.stringify({ ...samples[name], [key]: value }));
    }),
    { numRuns: 200 },
  );
});
