import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBoardSolvers, type AnswerBoard, type BoardAnswer } from '../../../src/acme/challenges/board-solvers.ts';
import { challengeFor } from '../../../src/acme/client/key-authorization.ts';
import { finding } from '../../../src/story/finding.ts';
import { ecSigningKey } from './keys.ts';

const never = new AbortController().signal;
const key = ecSigningKey();
const identifier = { type: 'dns', value: 'example.test' } as const;
const challenge = (type: 'http-01' | 'tls-alpn-01', token: string) => challengeFor(type, identifier, token, key);

function board(): AnswerBoard & { readonly up: Set<BoardAnswer> } {
  const up = new Set<BoardAnswer>();
  return {
    up,
    set: async (answer) => void up.add(answer),
    remove: async (answer) => void up.delete(answer),
  };
}

test('answers are put up and taken away', async () => {
  const shown = board();
  const [http, alpn] = createBoardSolvers(shown);
  const one = challenge('http-01', 'a');
  const two = challenge('tls-alpn-01', 'b');
  assert.equal(await http.present(one, never), undefined);
  assert.equal(await alpn.present(two, never), undefined);
  const [first, second] = shown.up;
  assert.deepEqual(first, { type: 'http-01', token: 'a', keyAuthorization: one.keyAuthorization });
  assert.ok(second?.type === 'tls-alpn-01' && second.certificate.certPem.includes('BEGIN CERTIFICATE'));
  await http.withdraw(one);
  await alpn.withdraw(two);
  await alpn.withdraw(two);
  assert.equal(shown.up.size, 0);
});

test('a later challenge for the same name is not taken away with an earlier one', async () => {
  const shown = board();
  const [, alpn] = createBoardSolvers(shown);
  const [one, two] = [challenge('tls-alpn-01', 'one'), challenge('tls-alpn-01', 'two')];
  await alpn.present(one, never);
  await alpn.present(two, never);
  shown.up.delete([...shown.up][0] ?? assert.fail());
  await alpn.withdraw(one);
  assert.equal(shown.up.size, 1);
  await alpn.withdraw(two);
  assert.equal(shown.up.size, 0);
});

test('a board that cannot show an answer is told; one that cannot take it away harms nothing', async () => {
  const refusal = finding('acme-stopped', { issuer: 'board' });
  const [http] = createBoardSolvers({
    set: async () => refusal,
    remove: () => Promise.reject(new Error('the workers are gone')),
  });
  const one = challenge('http-01', 'a');
  assert.equal(await http.present(one, never), refusal);
  await http.withdraw(one);
  assert.ok(!http.covers({ type: 'dns', value: '*.example.test' }));
});
