import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { test } from 'node:test';
import { freeSocketPath, placeOf, type App } from './app.ts';
import { behaviours, startHostileApp } from './hostile-app.ts';
import type { Step } from './hostile-behaviours.ts';

interface Answer {
  readonly text: string;
  readonly end: 'ended' | 'reset' | 'open';
}

/**
 * Sends `sent` and collects the answer until the connection ends; where it is to stay open, until `length` octets have
 * come and a moment has passed in which a surplus could.
 */
function ask(app: App, sent: string, length: number, staysOpen: boolean): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = createConnection(placeOf(app), () => {
      socket.write(sent);
      if (staysOpen && length === 0) setTimeout(() => finish('open'), 50);
    });
    let text = '';
    const finish = (end: Answer['end']) => {
      socket.destroy();
      resolve({ text, end });
    };
    socket.on('data', (chunk: Buffer) => {
      const before = text.length;
      text += chunk.toString('latin1');
      if (staysOpen && before < length && text.length >= length) setTimeout(() => finish('open'), 50);
    });
    socket.on('end', () => finish('ended'));
    socket.on('error', () => finish('reset'));
  });
}

/** What a step puts on the wire. */
function textOf(step: Step): string {
  if (typeof step === 'string') return step;
  if ('drip' in step) return step.drip;
  return 'repeat' in step ? step.repeat.repeat(step.times) : '';
}

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: app\r\n\r\n`;

test('each path sends exactly what its steps say', async (t) => {
  const app = await startHostileApp();
  t.after(() => app.close());
  await Promise.all(
    Object.entries(behaviours).map(async ([target, { steps }]) => {
      const sent = steps.map(textOf).join('');
      const actions = new Set(steps.map((step) => (typeof step === 'object' && 'action' in step ? step.action : '')));
      const closes = actions.has('close') || actions.has('half-close');
      const expected = actions.has('reset') ? 'reset' : closes ? 'ended' : 'open';
      const answer = await ask(app, get(target), sent.length, expected === 'open');
      assert.ok(answer.text === sent, `${target}: ${answer.text.length} of ${sent.length} octets`);
      assert.equal(answer.end, expected, target);
    }),
  );
});

test('a well-behaved path keeps the connection, content and all, and records it', async (t) => {
  const { socketPath, remove } = freeSocketPath();
  const app = await startHostileApp({ socketPath });
  t.after(async () => {
    await app.close();
    remove();
  });
  const chunked =
    'POST /reads-content HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
  const counted = 'POST /ok HTTP/1.1\r\nHost: app\r\nContent-Length: 3\r\n\r\nabc';
  const notFound = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';
  const expected = ['/reads-content', '/ok', '/drip'].flatMap((target) => behaviours[target]?.steps ?? []).map(textOf);
  const whole = expected.join('') + notFound;
  const answer = await ask(app, chunked + counted + get('/drip') + get('/absent'), whole.length, true);
  assert.deepEqual(answer, { text: whole, end: 'open' });
  assert.deepEqual(app.connections[0]?.targets, ['/reads-content', '/ok', '/drip', '/absent']);
  assert.ok(app.connections[0]?.received.startsWith(chunked + counted));
});
