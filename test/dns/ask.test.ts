import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage } from '../../src/codec/dns/encode-message.ts';
import { Rcode, RecordType } from '../../src/codec/dns/registry.ts';
import { askServer, type AskOptions, type Asked } from '../../src/dns/ask.ts';
import { classifyResponse, stepOutcomeOf } from '../../src/dns/classify.ts';
import type { DnsStep } from '../../src/dns/step.ts';
import { lines, script, type Script } from './scripted.ts';

const question = { name: 'www.example.', type: RecordType.A };
const answer = { authoritative: true, answers: lines('www.example. A 192.0.2.1') };

async function ask(
  { surroundings }: Script,
  options: Partial<AskOptions> = {},
): Promise<{ readonly asked: Asked; readonly steps: readonly DnsStep[] }> {
  const steps: DnsStep[] = [];
  const asked = await askServer(
    {
      server: { address: '192.0.2.53', port: 53 },
      serverName: 'ns.example.',
      zone: 'example.',
      question,
      recursionDesired: false,
      timeoutMs: 1_000,
      attempts: 2,
      depth: 0,
      onStep: (step) => steps.push(step),
      outcomeOf: (message) =>
        stepOutcomeOf(classifyResponse(message, question.name, question.type, 'example.'), message),
      maySend: () => true,
      ...options,
    },
    surroundings,
  );
  return { asked, steps };
}

const kinds = (steps: readonly DnsStep[]): string[] =>
  steps.map(({ protocol, outcome }) => `${protocol} ${outcome.kind}`);

test('one question, one answer: the step holds both messages and the time', async () => {
  const world = script(() => answer);
  const { asked, steps } = await ask(world);
  assert.ok(asked.ok && asked.outcome.kind === 'answer' && asked.outcome.authoritative);
  const [step] = steps;
  assert.equal(steps.length, 1);
  assert.equal(step!.durationMs, 1);
  assert.equal(step!.message!.answers.length, 1);
  assert.deepEqual(step!.received?.length, step!.message!.byteLength);
  const { query } = world.asked[0]!;
  assert.equal(query.edns?.udpPayloadSize, 1232);
  assert.equal(query.recursionDesired, false);
});

test('ids are not to be foretold, and an answer to another question is no answer', async () => {
  const world = script((query) => {
    const other = encodeMessage({ id: query.id, response: true, questions: [{ name: 'other.', type: 1 }], ...answer });
    const wrongId = encodeMessage({ id: query.id ^ 1, response: true, questions: query.questions, ...answer });
    const isQuery = encodeMessage({ id: query.id, questions: query.questions, ...answer });
    return [other, wrongId, isQuery][(world.asked.length - 1) % 3]!;
  });
  const { asked, steps } = await ask(world, { attempts: 3 });
  assert.ok(!asked.ok && asked.outcome?.kind === 'no-answer');
  assert.deepEqual(kinds(steps), ['udp no-answer', 'udp no-answer', 'udp no-answer']);
  assert.equal(new Set(world.asked.map(({ query }) => query.id)).size, 3);
});

test('a truncated answer is asked for over TCP, even where it ends in the middle of a record', async () => {
  const world = script((query, { protocol }) => {
    if (protocol === 'tcp') return answer;
    const octets = encodeMessage({
      id: query.id,
      response: true,
      truncated: true,
      questions: query.questions,
      ...answer,
    });
    return octets.slice(0, octets.length - 3);
  });
  const { asked, steps } = await ask(world);
  assert.ok(asked.ok);
  assert.deepEqual(kinds(steps), ['udp truncated', 'tcp answer']);
  const stubborn = script(() => ({ ...answer, truncated: true }));
  const again = await ask(stubborn);
  assert.ok(!again.asked.ok && again.asked.outcome?.kind === 'truncated');
  assert.deepEqual(kinds(again.steps), ['udp truncated', 'tcp truncated']);
});

test('a server without EDNS is asked again without it, once', async () => {
  for (const rcode of [Rcode.FORMERR, Rcode.NOTIMP]) {
    const world = script(({ edns }) => (edns === undefined ? answer : { rcode, questions: [] }));
    const { asked, steps } = await ask(world);
    assert.ok(asked.ok);
    assert.deepEqual(kinds(steps), ['udp edns-refused', 'udp answer']);
  }
  const always = await ask(script(() => ({ rcode: Rcode.FORMERR })));
  assert.deepEqual(kinds(always.steps), ['udp edns-refused', 'udp error']);
});

test('silence is tried again, a closed port is not', async () => {
  assert.equal(
    (
      await ask(
        script(() => 'timeout'),
        { attempts: 3 },
      )
    ).steps.length,
    3,
  );
  assert.equal(
    (
      await ask(
        script(() => 'refused'),
        { attempts: 3 },
      )
    ).steps.length,
    1,
  );
  assert.equal(
    (
      await ask(
        script(() => 'timeout'),
        { protocol: 'tcp' },
      )
    ).steps.length,
    1,
  );
  const spent = await ask(
    script(() => answer),
    { maySend: () => false },
  );
  assert.ok(!spent.asked.ok && spent.asked.spent);
});

test('with mixed case an answer in another case is not believed over UDP', async () => {
  const faithful = script(() => answer);
  assert.deepEqual(kinds((await ask(faithful, { randomCase: true })).steps), ['udp answer']);
  assert.match(faithful.asked[0]!.query.questions[0]!.name, /[A-Z]/);
  const careless = script(() => ({ ...answer, questions: [question] }));
  assert.deepEqual(kinds((await ask(careless, { randomCase: true })).steps), ['udp case-changed', 'tcp answer']);
});

test('an answer that is no message is told with its place', async () => {
  const world = script((query) => {
    const octets = encodeMessage({ id: query.id, response: true, questions: query.questions, ...answer });
    return octets.slice(0, octets.length - 1);
  });
  const { asked } = await ask(world);
  assert.ok(asked.outcome?.kind === 'malformed' && asked.outcome.error.problem === 'truncated');
});
