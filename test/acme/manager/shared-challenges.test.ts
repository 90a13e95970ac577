import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Challenge, ChallengeSolver } from '../../../src/acme/issuer.ts';
import { shareChallenges } from '../../../src/acme/manager/shared-challenges.ts';
import { FindingError } from '../../../src/story/finding-error.ts';
import { finding } from '../../../src/story/finding.ts';
import { createMemoryStore } from './memory-store.ts';

const challenge: Challenge = {
  type: 'http-01',
  identifier: { type: 'dns', value: 'a.example' },
  token: 'token',
  keyAuthorization: 'token.print',
  digest: Uint8Array.of(1),
};
const { signal } = new AbortController();

test('what one node presents every node finds, until it is withdrawn; a store that fails is the reason', async () => {
  const store = createMemoryStore(() => 0);
  const seen: number[] = [];
  const solver: ChallengeSolver = {
    type: 'http-01',
    covers: ({ type }) => type === 'dns',
    async present() {
      seen.push((await store.challenges('http-01', 'token')).length);
      return undefined;
    },
    async withdraw() {
      seen.push((await store.challenges('http-01', 'token')).length);
    },
  };
  const shared = shareChallenges(solver, store);
  assert.equal(shared.covers(challenge.identifier), true);
  assert.equal(await shared.present(challenge, signal), undefined);
  await shared.withdraw(challenge);
  assert.deepEqual(seen, [1, 1], 'in the store before it is presented, and until it is withdrawn');
  assert.deepEqual(await store.challenges('http-01', 'token'), []);

  const fail = () => Promise.reject(new FindingError(finding('state-folder-full', { path: '/state' })));
  const full = shareChallenges(solver, { ...store, putChallenge: fail, removeChallenge: fail });
  assert.equal((await full.present(challenge, signal))?.code, 'state-folder-full');
  await full.withdraw(challenge);
});
