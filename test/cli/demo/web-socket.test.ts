import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { listenAsApp } from '../../../src/cli/demo/app.ts';
import { startLiveApp } from '../../../src/cli/demo/live-app.ts';
import { acceptWebSocket, encodeFrame, readFrame } from '../../../src/cli/demo/web-socket.ts';

/** RFC 6455 section 5.7: a single-frame masked text message that contains "Hello". */
const HELLO = Buffer.from('818537fa213d7f9f4d5158', 'hex');

async function startEcho(t: TestContext): Promise<string> {
  const server = createServer();
  server.on('upgrade', (request, socket, rest) => acceptWebSocket(request, socket, rest, (text, send) => send(text)));
  const app = await listenAsApp(server);
  t.after(() => app.close());
  return `ws://${app.target}/`;
}

async function open(t: TestContext, url: string, origin = 'http://demo.localhost'): Promise<WebSocket> {
  const client = new WebSocket(url, { origin });
  t.after(() => client.terminate());
  await once(client, 'open');
  return client;
}

test("the RFC's example is read whole, and awaited at every cut", () => {
  const frame = readFrame(Buffer.concat([HELLO, Buffer.from('rest')]));
  assert.ok(typeof frame === 'object');
  assert.deepEqual([frame.opcode, String(frame.payload), frame.byteLength], [1, 'Hello', HELLO.length]);
  for (let end = 0; end < HELLO.length; end += 1) assert.equal(readFrame(HELLO.subarray(0, end)), undefined);
});

test('what must be refused has the close code of the RFC', () => {
  const refused = (hex: string) => readFrame(Buffer.from(hex, 'hex'));
  assert.equal(refused('810548656c6c6f'), 1002, 'not masked');
  assert.equal(refused('c18537fa213d7f9f4d5158'), 1002, 'reserved bit');
  assert.equal(refused('89fe0080'), 1002, 'long control frame');
  assert.equal(refused('018337fa213d7f9f4d'), 1003, 'fragment');
  assert.equal(refused('828137fa213d7f'), 1003, 'binary');
  assert.equal(refused('81ff'), 1009, 'eight-octet length');
});

test('no input makes the reader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const frame = readFrame(Buffer.from(bytes));
      assert.ok(frame === undefined || typeof frame === 'number' || frame.byteLength <= bytes.length);
    }),
  );
});

test('a frame is as long as its length says, short and long', () => {
  assert.equal(encodeFrame(1, Buffer.from('Hello')).toString('hex'), '810548656c6c6f');
  assert.equal(encodeFrame(1, Buffer.alloc(126)).subarray(0, 4).toString('hex'), '817e007e');
  assert.throws(() => encodeFrame(1, Buffer.alloc(65_536)), RangeError);
});

test('a WebSocket library talks with it: short, long, ping, close', async (t) => {
  const client = await open(t, await startEcho(t));
  for (const text of ['你好', 'x'.repeat(60_000), '']) {
    client.send(text);
    assert.equal(String((await once(client, 'message'))[0]), text);
  }
  client.ping('still there?');
  assert.equal(String((await once(client, 'pong'))[0]), 'still there?');
  client.close(1000);
  assert.equal((await once(client, 'close'))[0], 1000);
});

test('binary and too long messages end with a close code', async (t) => {
  const url = await startEcho(t);
  const binary = await open(t, url);
  binary.send(Buffer.from([1]));
  assert.equal((await once(binary, 'close'))[0], 1003);
  const long = await open(t, url);
  long.send('x'.repeat(70_000));
  assert.equal((await once(long, 'close'))[0], 1009);
});

test('the live app takes the demo page alone as origin, and one path', async (t) => {
  const app = await startLiveApp('');
  t.after(() => app.close());
  const echo = await open(t, `ws://${app.target}/echo`, 'https://demo.localhost:8443');
  echo.send('hello');
  assert.equal(String((await once(echo, 'message'))[0]), 'hello');
  const foreign = new WebSocket(`ws://${app.target}/echo`, { origin: 'https://demo.localhost.example' });
  assert.match(String((await once(foreign, 'error'))[0]), /403/);
  const astray = new WebSocket(`ws://${app.target}/other`, { origin: 'https://demo.localhost' });
  assert.match(String((await once(astray, 'error'))[0]), /404/);
});
