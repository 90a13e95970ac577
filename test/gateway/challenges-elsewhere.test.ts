import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChallengeAnswer, ChallengeQuestion } from '../../src/gateway/challenge-board.ts';
import { ChallengesElsewhere } from '../../src/gateway/challenges-elsewhere.ts';

const token = 'evaGxfADs6pSRb2LAv9IZ';
const open: ChallengeAnswer = { type: 'http-01', token, keyAuthorization: `${token}.thumbprint` };
const forName: ChallengeAnswer = {
  type: 'tls-alpn-01',
  identifier: { type: 'ip', value: '192.0.2.1' },
  certificate: { certPem: 'certificate', keyPem: 'key' },
};

function asking(answer: (question: ChallengeQuestion) => Promise<ChallengeAnswer | undefined>) {
  const asked: ChallengeQuestion[] = [];
  const clock = { nowMs: 0 };
  const elsewhere = new ChallengesElsewhere(
    (question) => {
      asked.push(question);
      return answer(question);
    },
    () => clock.nowMs,
  );
  return { elsewhere, asked, clock };
}

test('a token is looked for once a second, whether it is found or not', async () => {
  const { elsewhere, asked, clock } = asking(async (question) =>
    question.type === 'http-01' && question.token === token ? open : undefined,
  );
  assert.equal(await elsewhere.keyAuthorization(token), `${token}.thumbprint`);
  assert.equal(await elsewhere.keyAuthorization(token), `${token}.thumbprint`);
  assert.equal(await elsewhere.keyAuthorization('nobody-has-this-one'), undefined);
  // Known to be nowhere: who asks goes on at once.
  assert.equal(elsewhere.keyAuthorization('nobody-has-this-one'), undefined);
  assert.equal(asked.length, 2);
  clock.nowMs = 1_000;
  await elsewhere.keyAuthorization('nobody-has-this-one');
  assert.equal(asked.length, 3);
});

test('a name is looked for every time, and by all that ask meanwhile together', async () => {
  const { elsewhere, asked } = asking(async () => forName);
  const name = '1.2.0.192.in-addr.arpa';
  const both = await Promise.all([elsewhere.certificate(name), elsewhere.certificate(name)]);
  assert.deepEqual(both, [forName.certificate, forName.certificate]);
  assert.equal(asked.length, 1);
  await elsewhere.certificate(name);
  assert.equal(asked.length, 2);
});

test('what does not fit the question, and a store that fails, are as if nothing was found', async () => {
  const { elsewhere } = asking(async () => forName);
  assert.equal(await elsewhere.certificate('other.example'), undefined);
  assert.equal(await elsewhere.keyAuthorization(token), undefined);
  const failing = asking(() => Promise.reject(new Error('gone')));
  assert.equal(await failing.elsewhere.certificate('a.example'), undefined);
  const throwing = asking(() => {
    throw new Error('at once');
  });
  assert.equal(await throwing.elsewhere.certificate('a.example'), undefined);
});

test('questions have a rate, and only so many are open', async () => {
  const { elsewhere, asked, clock } = asking(async () => undefined);
  for (let at = 0; at < 600; at++) await elsewhere.keyAuthorization(`token-number-${at}-of-many`);
  assert.equal(asked.length, 500);
  clock.nowMs = 20;
  for (let at = 0; at < 600; at++) await elsewhere.keyAuthorization(`other-number-${at}-of-many`);
  assert.equal(asked.length, 510);

  const hanging = asking(() => new Promise(() => undefined));
  const waiting = Array.from({ length: 100 }, (_, at) => hanging.elsewhere.certificate(`n${at}.example`));
  assert.equal(hanging.asked.length, 64);
  assert.equal(waiting.filter((one) => one === undefined).length, 36);
  // Nobody waits for ever: the patience is over after seconds.
  assert.equal(await waiting[0], undefined);
  assert.notEqual(hanging.elsewhere.certificate('after.example'), undefined);
});
