/** The small parts of the engine, each for itself. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Budget } from '../../../src/gateway/h2/budget.ts';
import { ClosedStreams } from '../../../src/gateway/h2/closed-streams.ts';
import { ContentQueue } from '../../../src/gateway/h2/content-queue.ts';
import { SendOrder } from '../../../src/gateway/h2/send-order.ts';
import { readHandshakeAnswer, writeHandshakeFields } from '../../../src/gateway/h2/websocket-connect.ts';
import { WorkInFlight } from '../../../src/gateway/h2/work-in-flight.ts';

test('a content queue gives out what was put in, in order, and keeps no memory when it is empty', () => {
  const steps = fc.array(fc.oneof(fc.uint8Array({ maxLength: 9000 }), fc.integer({ min: 1, max: 20_000 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const queue = new ContentQueue();
      let model = Buffer.alloc(0);
      for (const step of all) {
        if (typeof step === 'number') {
          const length = Math.min(step, queue.length);
          if (length === 0) continue;
          assert.ok(queue.buffer.subarray(queue.start, queue.start + length).equals(model.subarray(0, length)));
          queue.drop(length);
          model = model.subarray(length);
        } else {
          queue.append(Buffer.from(step), 0, step.length);
          model = Buffer.concat([model, step]);
        }
        assert.equal(queue.length, model.length);
        if (queue.length > 0) assert.ok(queue.buffer.length <= Math.max(4096, model.length * 4 + 40_000));
        else assert.equal(queue.buffer, undefined);
      }
    }),
  );
});

test('a budget gives its burst, refills with time up to it, and what is earned counts too', () => {
  const budget = new Budget({ burst: 3, perSecond: 2 });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => budget.take()),
    [true, true, true, false],
  );
  budget.refill(1000);
  assert.deepEqual(
    [1, 2].map(() => budget.take()),
    [true, false],
  );
  budget.refill(3_600_000);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => budget.take()),
    [true, true, true, false],
  );
  const earning = new Budget({ burst: 1, perSecond: 0 });
  assert.equal(earning.take(), true);
  earning.earn(2);
  assert.deepEqual(
    [1, 2, 3].map(() => earning.take()),
    [true, true, false],
  );
});

test('closed streams: those reset are known for a while, those passed over for good reason', () => {
  const closed = new ClosedStreams();
  for (const id of [1, 3, 9, 11]) closed.open(id);
  assert.equal(closed.lastId, 11);
  assert.deepEqual(
    [1, 3, 5, 7, 9, 11].map((id) => closed.wasSkipped(id)),
    [false, false, true, true, false, false],
  );
  closed.noteReset(3);
  assert.deepEqual(
    [1, 3, 9].map((id) => closed.wasReset(id)),
    [false, true, false],
  );
  for (let id = 101; id < 101 + 2 * 256; id += 2) closed.noteReset(id);
  assert.equal(closed.wasReset(3), false);
  assert.equal(closed.wasReset(101), true);
});

test('the order of sending: urgency first, turns among equals, shut windows passed over', () => {
  const order = new SendOrder<{ name: string; sendWindow: number; urgency: number; incremental: boolean }>();
  const stream = (name: string, urgency: number, incremental = true, sendWindow = 1) => ({
    name,
    sendWindow,
    urgency,
    incremental,
  });
  const [a, b, urgent, shut] = [stream('a', 3), stream('b', 3), stream('urgent', 1), stream('shut', 0, true, 0)];
  for (const each of [a, b, urgent, shut]) order.add(each);
  assert.equal(order.next(), urgent);
  order.delete(urgent);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => order.next()?.name),
    ['a', 'b', 'a', 'b'],
  );
  const whole = stream('whole', 2, false);
  order.add(whole);
  assert.deepEqual(
    [1, 2].map(() => order.next()?.name),
    ['whole', 'whole'],
  );
  for (const each of [a, b, whole]) order.delete(each);
  assert.equal(order.next(), undefined);
  assert.equal(order.length, 1);
});

test('work in flight: what was cancelled counts for a second and at most two', () => {
  const work = new WorkInFlight(3);
  for (let k = 0; k < 3; k += 1) work.start();
  assert.equal(work.full, true);
  work.end(false);
  assert.equal(work.count, 2);
  work.end(true);
  assert.equal(work.count, 2);
  work.forget(1000);
  assert.equal(work.count, 2);
  work.forget(1500);
  assert.equal(work.count, 2);
  work.forget(2000);
  assert.equal(work.count, 1);
});

test('the WebSocket handshake: the key of RFC 6455 section 1.3, and only its answer', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const fields = Buffer.from('host: a.test\r\nsec-websocket-key: theirs\r\ncontent-length: 3\r\norigin: x\r\n');
  assert.equal(
    String(writeHandshakeFields(fields, 0, fields.length, key)),
    `host: a.test\r\norigin: x\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n`,
  );
  const answer = (lines: string): string | undefined => {
    const block = Buffer.from(lines);
    return readHandshakeAnswer(block, 0, block.length, key)?.toString();
  };
  const accept = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n';
  assert.equal(answer(`${accept}Sec-WebSocket-Protocol: chat\r\n`), 'Sec-WebSocket-Protocol: chat\r\n');
  assert.equal(answer(''), undefined);
  assert.equal(answer(`${accept}${accept}`), undefined);
  assert.equal(answer(accept.toLowerCase()), undefined);
});
