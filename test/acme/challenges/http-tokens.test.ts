import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpTokens } from '../../../src/acme/challenges/http-tokens.ts';
import { challengeFor } from '../../../src/acme/client/key-authorization.ts';
import { ecSigningKey } from './keys.ts';

test('a token is answered while its challenge is open, and no other is', async () => {
  const tokens = new HttpTokens();
  const challenge = challengeFor('http-01', { type: 'dns', value: 'example.test' }, 'token-1', ecSigningKey());
  assert.equal(await tokens.present(challenge), undefined);
  assert.equal(tokens.lookup('token-1'), challenge.keyAuthorization);
  assert.match(challenge.keyAuthorization, /^token-1\.[\w-]{43}$/);
  for (const other of ['token', 'token-11', '', '__proto__', 'constructor'])
    assert.equal(tokens.lookup(other), undefined);
  await tokens.withdraw(challenge);
  await tokens.withdraw(challenge);
  assert.equal(tokens.lookup('token-1'), undefined);
});

test('it answers for names and addresses, but for no wildcard', () => {
  const tokens = new HttpTokens();
  assert.ok(tokens.covers({ type: 'dns', value: 'example.test' }));
  assert.ok(tokens.covers({ type: 'ip', value: '192.0.2.1' }));
  assert.ok(!tokens.covers({ type: 'dns', value: '*.example.test' }));
});
