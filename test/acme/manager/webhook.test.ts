import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { createWebhook, type Post, type WebhookOptions } from '../../../src/acme/manager/webhook.ts';
import type { CertificateEvent } from '../../../src/acme/manager/wanted.ts';
import { finding, type Finding } from '../../../src/story/finding.ts';
import { VirtualTime } from './virtual-time.ts';

const START = Date.UTC(2026, 0, 1);
const event = (id: string): CertificateEvent => ({
  id,
  names: [id],
  atMs: START,
  type: 'failed',
  issuer: 'letsencrypt',
  failures: 1,
  retryAtMs: START + 60_000,
  finding: finding('renewal-timed-out', { issuer: 'letsencrypt', name: id, seconds: 900 }),
});

function stage(answers: (attempt: number) => number | Error, options: Partial<WebhookOptions> = {}) {
  const time = new VirtualTime(START);
  const sent: { readonly atMs: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }[] =
    [];
  const reports: Finding[] = [];
  const post: Post = async (_, { headers, body }) => {
    sent.push({ atMs: time.nowMs, headers, body });
    const answer = answers(sent.length);
    if (answer instanceof Error) throw answer;
    return { status: answer, body: null };
  };
  let ids = 0;
  const webhook = createWebhook({
    url: 'https://hooks.example/x',
    secret: 'secret',
    post,
    clock: time.clock,
    timers: time.timers,
    newId: () => `id ${ids++}`,
    report: (found) => reports.push(found),
    ...options,
  });
  return { time, sent, reports, webhook };
}

test('an event is posted with a signature that its receiver can compute, and with words', async () => {
  const { time, sent, webhook, reports } = stage(() => 204);
  webhook.send(event('a.example'));
  await time.runUntil(START + 1_000);
  await webhook.settled();
  assert.equal(sent.length, 1);
  const { headers, body } = sent[0] ?? assert.fail();
  const expected = createHmac('sha256', 'secret')
    .update(`${START / 1000}.${body}`)
    .digest('hex');
  assert.equal(headers['Menshen-Signature'], `t=${START / 1000},v1=${expected}`);
  const told = JSON.parse(body);
  assert.deepEqual([told.type, told.names, told.at], ['failed', ['a.example'], '2026-01-01T00:00:00.000Z']);
  assert.match(told.finding.cause, /did not finish the order for a\.example within 900 s/);
  assert.deepEqual(reports, []);
});

test('what is not taken is sent again under the same id, later each time, and in order', async () => {
  const { time, sent, webhook } = stage((attempt) => (attempt === 1 ? 500 : attempt === 2 ? new Error('reset') : 200));
  webhook.send(event('a.example'));
  webhook.send(event('b.example'));
  await time.runUntil(START + 60_000);
  assert.deepEqual(
    sent.map(({ atMs, headers, body }) => [atMs - START, headers['Menshen-Event-Id'], JSON.parse(body).id]),
    [
      [0, 'id 0', 'a.example'],
      [1_000, 'id 0', 'a.example'],
      [3_000, 'id 0', 'a.example'],
      [3_000, 'id 1', 'b.example'],
    ],
  );
});

test('a receiver that is never there is given up, and that is told', async () => {
  const { time, sent, webhook, reports } = stage(() => 503, { attempts: 3 });
  webhook.send(event('a.example'));
  await time.runUntil(START + 60_000);
  assert.equal(sent.length, 3);
  assert.deepEqual(
    reports.map(({ code, values }) => [code, values['attempts'], values['reason']]),
    [['webhook-undelivered', 3, 'status 503']],
  );
});

test('the line of waiting events is bounded', async () => {
  const { time, sent, webhook, reports } = stage(() => 200, { waiting: 2 });
  for (const id of ['a', 'b', 'c', 'd']) webhook.send(event(id));
  await time.runUntil(START + 1_000);
  assert.equal(sent.length, 2);
  assert.equal(reports.length, 2);
});
