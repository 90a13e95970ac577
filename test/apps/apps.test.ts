import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { accepts, freeSocketPath, placeOf, type App } from './app.ts';
import { fastApiMissing, startFastApi } from './fastapi-app.ts';
import { startPlainApp } from './plain-app.ts';
import { startSseTicker } from './sse-ticker.ts';
import { startWebSocketEcho } from './websocket-echo.ts';

interface Answer {
  readonly status: number;
  readonly fields: IncomingMessage['headers'];
  readonly text: string;
}

function ask(app: App, path: string, method = 'GET', content = '', type = 'application/json'): Promise<Answer> {
  const place = placeOf(app);
  const where = 'path' in place ? { socketPath: place.path } : place;
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, path, method, headers: { 'Content-Type': type }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          fields: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(content);
  });
}

test('the FastAPI app answers on a port and on a unix socket, and ends', async (t) => {
  const missing = fastApiMissing();
  if (missing !== undefined) return t.skip(missing);
  const { socketPath, remove } = freeSocketPath();
  t.after(remove);
  for (const place of [{}, { socketPath }]) {
    const app = await startFastApi(place);
    t.after(() => app.close());
    assert.deepEqual(JSON.parse((await ask(app, '/')).text), { app: 'fastapi' });
    const item = await ask(app, '/items/7', 'POST', '{"name":"door","price":3.5}');
    assert.equal(item.status, 201);
    assert.equal((await ask(app, '/items/seven', 'POST', '{}')).status, 422);
    const content = 'm'.repeat(300_000);
    assert.deepEqual(JSON.parse((await ask(app, '/digest', 'POST', content, 'text/plain')).text), {
      length: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    assert.equal((await ask(app, '/stream/3')).text, '0\n1\n2\n');
    assert.equal((await ask(app, '/cookies')).fields['set-cookie']?.length, 2);
    assert.match((await ask(app, '/seen?a=%2F')).text, /"query":"a=%2F"/);
    await app.close();
    assert.equal(await accepts(app), false);
  }
});

test('the FastAPI app comes back on the same port', async (t) => {
  const missing = fastApiMissing();
  if (missing !== undefined) return t.skip(missing);
  const first = await startFastApi();
  await first.close();
  const second = await startFastApi({ port: first.port });
  t.after(() => second.close());
  assert.equal(second.port, first.port);
  assert.equal((await ask(second, '/')).status, 200);
});

test('the plain app tells what it saw, on a unix socket too', async (t) => {
  const { socketPath, remove } = freeSocketPath();
  const app = await startPlainApp({ socketPath }, 'unix');
  t.after(async () => {
    await app.close();
    remove();
  });
  const answer = await ask(app, '/x?y', 'PUT', 'z');
  assert.equal(answer.fields['x-app'], 'unix');
  const seen = JSON.parse(answer.text);
  assert.deepEqual([seen.method, seen.target, seen.content], ['PUT', '/x?y', 'z']);
});

test('the WebSocket app echoes, greets, pushes, closes and refuses', async (t) => {
  const app = await startWebSocketEcho();
  t.after(() => app.close());
  const base = `ws://127.0.0.1:${app.port}`;

  const echo = new WebSocket(`${base}/echo`, ['echo']);
  await once(echo, 'open');
  assert.equal(echo.protocol, 'echo');
  echo.send('你好');
  assert.equal(String((await once(echo, 'message'))[0]), '你好');
  assert.equal(app.open, 1);
  echo.close();
  await once(echo, 'close');

  const greeted = new WebSocket(`${base}/greet`);
  assert.equal(String((await once(greeted, 'message'))[0]), 'hello');
  greeted.terminate();

  const pushed = new WebSocket(`${base}/push?count=20&size=10000`);
  let octets = 0;
  pushed.on('message', (data: Buffer) => (octets += data.length));
  assert.equal((await once(pushed, 'close'))[0], 1000);
  assert.equal(octets, 200_000);

  const closed = new WebSocket(`${base}/close?code=4001`);
  assert.equal((await once(closed, 'close'))[0], 4001);

  const [error] = await once(new WebSocket(`${base}/refuse`), 'error');
  assert.match(String(error), /403/);
  assert.equal((await ask(app, '/echo')).status, 426);
});

test('the ticker streams events and notices when a client goes', async (t) => {
  const app = await startSseTicker();
  t.after(() => app.close());
  const counted = await ask(app, '/events?every=5&count=3');
  assert.equal(counted.fields['content-type'], 'text/event-stream');
  assert.equal(counted.text, [1, 2, 3].map((number) => `id: ${number}\ndata: tick ${number}\n\n`).join(''));

  const endless = request({ host: '127.0.0.1', port: app.port, path: '/events?every=5', agent: false }).end();
  const [response] = (await once(endless, 'response')) as [IncomingMessage];
  await once(response, 'data');
  assert.equal(app.open, 1);
  response.destroy();
  while (app.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});
