import assert from 'node:assert/strict';
import test from 'node:test';
import { StoryLog } from '../../../src/story/stages.ts';
import { parseSs, type TcpFacts } from '../../../src/trace/tcp/kernel-facts.ts';
import { KernelTelling } from '../../../src/trace/tcp/kernel-telling.ts';

const ends = { localAddress: '192.0.2.2', localPort: 5_001, remoteAddress: '192.0.2.1', remotePort: 443 };

/** A connection of which the kernel says in turn that so many segments were sent again. */
function connection(...retransmitted: number[]) {
  let nowMs = 0;
  const answers = retransmitted.map((count) =>
    parseSs(`ESTAB 0 0 192.0.2.2:5001 192.0.2.1:443 cubic rtt:1/0.5 mss:1448 retrans:0/${count}`),
  );
  const log = new StoryLog('https://a.test/', 0, () => nowMs);
  const stage = log.open('tcp', 0, 1, 'a.test:443');
  const pending: Promise<unknown>[] = [];
  const ask = (): TcpFacts | undefined => answers.shift();
  const telling = new KernelTelling({ stage, ends, mayStandStill: false, nowMs: () => nowMs, pending, ask });
  return {
    telling,
    left: () => answers.length,
    later: (ms: number) => (nowMs += ms),
    told: () => [stage.observations.map(({ label }) => label), stage.findings.map(({ code }) => code)],
  };
}

test('segments that were lost before the connection stood are told also where it soon ends', async () => {
  const one = connection(3, 9);
  await one.telling.tellStanding();
  one.later(50);
  await one.telling.tellEnd(true);
  assert.deepEqual(one.told(), [['tcp.kernel'], ['trace-retransmitted']]);
  assert.equal(one.left(), 1, 'the kernel has nothing new to say so soon');
});

test('after a while the kernel is asked again, and its last word counts', async () => {
  const one = connection(0, 2);
  await one.telling.tellStanding();
  one.later(300);
  await one.telling.tellEnd(true);
  assert.deepEqual(one.told(), [['tcp.kernel', 'tcp.kernel-after'], ['trace-retransmitted']]);
});

test('who has been told while the handshake took long is not told again when it is done', async () => {
  const one = connection(1, 1);
  one.telling.tellWaiting();
  await one.telling.tellStanding();
  await one.telling.tellEnd(true);
  assert.deepEqual(one.told(), [['tcp.kernel'], []]);
  assert.equal(one.left(), 1);
});

test('a kernel that tells nothing is no finding', async () => {
  const one = connection();
  await one.telling.tellStanding();
  one.later(1_000);
  await one.telling.tellEnd(true);
  assert.deepEqual(one.told(), [[], []]);
});

test('of a connection that the server closed, what was told is concluded from, and nothing more asked', async () => {
  const one = connection(3, 9);
  await one.telling.tellStanding();
  one.later(300);
  await one.telling.tellEnd(false);
  assert.deepEqual(one.told(), [['tcp.kernel'], ['trace-retransmitted']]);
  assert.equal(one.left(), 1);
});
