import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import { until } from '../quiet.ts';
import { valuesOf, type AppConnection } from '../scripted-app.ts';
import { data, reset, type FrameClient } from './frame-client.ts';
import { setH2Stage, type H2Stage } from './h2-stage.ts';

const connect = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' };

const acceptFor = (head: string): string =>
  createHash('sha1')
    .update(`${valuesOf(head, 'sec-websocket-key')[0]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');

const switching = (accept: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
  'Sec-WebSocket-Protocol: chat\r\n\r\n';

async function openSocket(stage: H2Stage): Promise<{ client: FrameClient; app: AppConnection }> {
  const client = await stage.client();
  client.send(client.headers(1, { ...connect, 'sec-websocket-protocol': 'chat' }, false));
  const app = await stage.app.connection(0);
  app.write(switching(acceptFor(await app.head())));
  await until(() => client.answer(1).status !== 0, 'the answer');
  return { client, app };
}

const textOf = (client: FrameClient): string => String(Buffer.concat(client.answer(1).content));

test('an extended CONNECT becomes the handshake of HTTP/1.1, and the 101 a 200', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(
    client.headers(1, { ...connect, origin: 'http://app.test', 'sec-websocket-key': 'of-the-client' }, false),
  );
  const app = await stage.app.connection(0);
  const head = await app.head();
  assert.match(head, /^GET \/chat HTTP\/1\.1\r\nhost: app\.test\r\norigin: http:\/\/app\.test\r\n/);
  assert.deepEqual(valuesOf(head, 'connection'), ['Upgrade']);
  assert.deepEqual(valuesOf(head, 'upgrade'), ['websocket']);
  assert.deepEqual(valuesOf(head, 'sec-websocket-version'), ['13']);
  assert.equal(Buffer.from(valuesOf(head, 'sec-websocket-key').join(), 'base64').length, 16, 'a key of our own');
  app.write(`${switching(acceptFor(head))}glued`);
  await until(() => textOf(client) === 'glued', 'octets behind the 101');
  assert.equal(client.answer(1).status, 200);
  assert.deepEqual(client.answer(1).fields, [['sec-websocket-protocol', 'chat']]);
});

test('octets go both ways, each side ends for itself', async (t) => {
  const stage = await setH2Stage(t);
  const { client, app } = await openSocket(stage);
  client.send(data(1, 'from the client'));
  await app.through('from the client');
  app.write('from the app');
  await until(() => textOf(client) === 'from the app', 'the octets of the app');
  client.send(data(1, ', last', true));
  await app.through(', last');
  await until(() => app.ended, 'the end of the client at the app');
  app.write(', and more');
  await until(() => textOf(client) === 'from the app, and more', 'the octets behind the end of the client');
  app.socket.end();
  assert.equal((await client.answered(1)).ended, true);
  await until(() => stage.harness.records.length === 1, 'the record');
  const [record] = stage.harness.records;
  assert.equal(record?.status, 200);
  assert.equal(record?.bytesReceived, 'from the client, last'.length);
  assert.equal(record?.bytesSent, 'from the app, and more'.length);
  assert.equal(record?.error, '');
});

test('an app that ends first leaves the client its direction', async (t) => {
  const stage = await setH2Stage(t);
  const { client, app } = await openSocket(stage);
  app.socket.end('bye');
  assert.equal((await client.answered(1)).ended, true);
  client.send(data(1, 'still here'));
  await app.through('still here');
  client.send(data(1, '', true));
  await until(() => app.ended, 'the end at the app');
  await client.ping();
  assert.equal(client.answer(1).reset, -1);
});

test('octets that come before the app has accepted wait for it', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1, connect, false), data(1, 'early'), data(1, '', true));
  const app = await stage.app.connection(0);
  const head = await app.head();
  await stage.settled();
  assert.equal(app.rest, '');
  app.write(switching(acceptFor(head)));
  await app.through('early');
  await until(() => app.ended, 'the end of the client at the app');
  app.socket.end();
  await client.answered(1);
});

test('an app that has not understood the handshake is told as 502, and gets nothing more', async (t) => {
  for (const accept of ['wrong', '']) {
    const stage = await setH2Stage(t);
    const client = await stage.client();
    client.send(client.headers(1, connect, false), data(1, 'early'));
    const app = await stage.app.connection(0);
    await app.head();
    app.write(switching(accept));
    assert.equal((await client.answered(1)).status, 502);
    await until(() => app.ended || app.closed, 'the end of the connection to the app');
    assert.equal(app.rest, '');
    assert.equal(stage.harness.records[0]?.error, 'upstream-upgrade-malformed');
  }
});

test('an app that says no is passed on; another protocol than WebSocket is refused here', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1, connect, false));
  const app = await stage.app.connection(0);
  await app.head();
  app.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  assert.equal((await client.answered(1)).status, 403);
  assert.equal(await client.resetOf(1), ErrorCode.NO_ERROR);
  client.send(client.headers(3, { ...connect, ':protocol': 'connect-udp' }, false));
  assert.equal((await client.answered(3)).status, 400);
});

test('a client that resets or goes takes the WebSocket of the app with it; a silent one is ended', async (t) => {
  const stage = await setH2Stage(t, { timeouts: { tunnelIdleMs: 5000 } });
  const first = await openSocket(stage);
  first.client.send(reset(1));
  await until(() => first.app.ended || first.app.closed, 'the end at the app');

  const second = await stage.client();
  second.send(second.headers(1, connect, false));
  const app = await stage.app.connection(1);
  app.write(switching(acceptFor(await app.head())));
  await until(() => second.answer(1).status === 200, 'the answer');
  stage.harness.advance(4000);
  second.send(data(1, 'alive'));
  await app.through('alive');
  stage.harness.advance(4000);
  await second.ping();
  assert.equal(second.answer(1).reset, -1);
  stage.harness.advance(2000);
  assert.equal(await second.resetOf(1), ErrorCode.CANCEL);
  await until(() => app.ended || app.closed, 'the end at the app');
  assert.equal(stage.harness.records.at(-1)?.error, 'tunnel-idle');
});
