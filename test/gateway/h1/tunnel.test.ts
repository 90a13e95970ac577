import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { startWebSocketEcho } from '../../apps/websocket-echo.ts';
import { startHarness } from '../engine-harness.ts';
import { quiet, until } from '../quiet.ts';
import { GET, HELLO, setStage, type Stage } from '../stage.ts';
import type { RawClient } from '../raw-client.ts';
import { valuesOf, type AppConnection } from '../scripted-app.ts';

const UPGRADE =
  'GET /ws HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

async function openTunnel({ app, client }: Stage, index = 0): Promise<[RawClient, AppConnection]> {
  const one = await client();
  one.write(UPGRADE);
  const connection = await app.connection(index);
  await connection.head();
  connection.write(SWITCHED);
  await one.through('\r\n\r\n');
  return [one, connection];
}

test('an upgrade reaches the app as one, and octets glued to it or to the 101 are not lost', async (t) => {
  const { app, client, harness } = await setStage(t);
  const one = await client();
  one.write(`${UPGRADE}early from the client`);
  const connection = await app.connection(0);
  const head = await connection.head();
  assert.deepEqual(valuesOf(head, 'connection'), ['Upgrade']);
  assert.deepEqual(valuesOf(head, 'upgrade'), ['websocket']);
  assert.deepEqual(valuesOf(head, 'sec-websocket-key'), ['dGhlIHNhbXBsZSBub25jZQ==']);
  assert.equal(connection.rest, '', 'nothing is sent before the app has agreed');
  connection.write(`${SWITCHED}early from the app`);
  await one.through('early from the app');
  assert.match(one.received, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  assert.match(one.received, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
  assert.equal(one.received.match(/^Upgrade: websocket\r$/gim)?.length, 1);
  assert.equal(await connection.through('client'), 'early from the client');
  one.write(GET);
  assert.equal(await connection.through(GET), GET, 'whatever follows is raw');
  one.socket.end();
  await until(() => connection.ended, 'the end at the app');
  connection.socket.end();
  await until(() => harness.records.length === 1, 'the log line');
  assert.equal(harness.records[0]!.status, 101);
  assert.equal(harness.records[0]!.bytesReceived, 'early from the client'.length + GET.length);
  assert.equal(harness.records[0]!.bytesSent, 'early from the app'.length);
});

test('either side may end first, and the other goes on until it has said all', async (t) => {
  // With one connection allowed, an exchange that is counted for ever would make the next one a 503.
  const stage = await setStage(t, { limits: { upstreamConnections: 1 } });
  for (const [index, first] of (['client', 'app', 'client', 'app'] as const).entries()) {
    const [one, connection] = await openTunnel(stage, index);
    const [ender, other] = first === 'client' ? [one, connection] : [connection, one];
    ender.write('last words');
    ender.socket.end();
    await until(() => other.received.endsWith('last words') && other.ended, `the end of the ${first}`);
    other.write('and more');
    await until(() => ender.received.endsWith('and more'), 'what is said after the end');
    assert.ok(!ender.ended);
    other.socket.end();
    await until(() => ender.ended, 'the other end');
    await until(() => stage.harness.records.length === index + 1, 'the log line');
    await until(() => stage.harness.connections.size === 0, 'the end of the connection');
    assert.equal(stage.harness.records.at(-1)!.error, '');
  }
});

test('a side that breaks off takes the other along', async (t) => {
  const stage = await setStage(t, { limits: { upstreamConnections: 1 } });
  for (const [index, first] of (['client', 'app', 'client', 'app'] as const).entries()) {
    const [one, connection] = await openTunnel(stage, index);
    const [ender, other] = first === 'client' ? [one, connection] : [connection, one];
    // Over TLS there is no RST to send: what is missing is close_notify.
    if (ender.socket instanceof TLSSocket) ender.socket.destroy();
    else ender.socket.resetAndDestroy();
    await until(() => other.ended || other.closed, `the end after the ${first} broke off`);
    other.socket.destroy();
    await until(() => stage.harness.records.length === index + 1, 'the log line');
    await until(() => stage.harness.connections.size === 0, 'the end of the connection');
  }
});

test('an answer other than 101 is an ordinary answer, and what was glued to the request is the next one', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  one.write(UPGRADE + GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  assert.match(await connection.head(), /^GET \/ HTTP/);
  connection.write(HELLO);
  const responses = await one.responses(2);
  assert.deepEqual(
    responses.map(({ status, content }) => [status, content]),
    [
      [403, 'no'],
      [200, 'hello'],
    ],
  );
});

test('a 101 that does not fit what was asked for is a 502', async (t) => {
  const { app, client, harness } = await setStage(t);
  const wrong = [
    SWITCHED.replace('Upgrade: websocket', 'Upgrade: h2c'),
    SWITCHED.replace('Upgrade: websocket\r\n', ''),
    SWITCHED.replace('Connection: Upgrade\r\n', ''),
    SWITCHED.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\nhello'),
    SWITCHED.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  ];
  for (const [index, answer] of wrong.entries()) {
    const one = await client();
    one.write(UPGRADE);
    const connection = await app.connection(index);
    await connection.head();
    connection.write(answer);
    assert.equal((await one.responses(1))[0]!.status, 502, answer);
    await until(() => connection.ended || connection.closed, 'the end of the connection to the app');
  }
  assert.ok(harness.records.every(({ error }) => error.startsWith('upstream-')));
});

test('what is no request for a WebSocket is no upgrade', async (t) => {
  const { app, client } = await setStage(t);
  const requests = [
    UPGRADE.replace('keep-alive, Upgrade', 'keep-alive'),
    UPGRADE.replace('Upgrade: WebSocket', 'Upgrade: h2c'),
    UPGRADE.replace('Upgrade: WebSocket', 'Upgrade: websocket, h2c'),
    UPGRADE.replace('HTTP/1.1', 'HTTP/1.0'),
    UPGRADE.replace('GET', 'POST'),
    `${UPGRADE.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n')}hello`,
    `${UPGRADE.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n')}0\r\n\r\n`,
  ];
  for (const [index, request] of requests.entries()) {
    const one = await client();
    one.write(request);
    const connection = await app.connection(index);
    const head = await connection.head();
    assert.deepEqual(valuesOf(head, 'upgrade'), [], request);
    assert.deepEqual(valuesOf(head, 'connection'), [], request);
    connection.write(SWITCHED);
    assert.equal((await one.responses(1))[0]!.status, 502, 'a 101 that nobody asked for');
  }
});

test('a tunnel holds back a side that sends faster than the other takes', async (t) => {
  const stage = await setStage(t);
  const [one, connection] = await openTunnel(stage);
  const sides = [
    [one, connection],
    [connection, one],
  ] as const;
  for (const [sender, taker] of sides) {
    taker.socket.pause();
    const before = taker.received.length;
    const total = 60_000_000;
    const base = memoryUsed();
    for (let sent = 0; sent < total; sent += 1_000_000) sender.socket.write(Buffer.alloc(1_000_000, 'm'));
    await quiet(() => sender.socket.writableLength);
    assert.ok(sender.socket.writableLength > 20_000_000, 'the sender is made to wait');
    assert.ok(memoryUsed() - base - total < 40_000_000, 'no more is held than the sender itself holds');
    taker.socket.resume();
    await until(() => taker.received.length === before + total, 'all of it');
  }
  connection.socket.end();
});

function memoryUsed(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return Math.max(external, arrayBuffers);
}

test('the ws library at both ends: texts, subprotocol, early messages, refusal, closing codes', async (t) => {
  const app = await startWebSocketEcho();
  const harness = await startHarness({ upstreams: [app.port], secure: false });
  t.after(async () => {
    await harness.close();
    await app.close();
  });
  const base = `ws://127.0.0.1:${harness.port}`;
  const echo = new WebSocket(`${base}/echo`, ['echo'], { headers: { Host: 'app.test' } });
  const messages: string[] = [];
  echo.on('message', (data: Buffer) => messages.push(data.toString('utf8')));
  await new Promise((resolve) => echo.once('open', resolve));
  assert.equal(echo.protocol, 'echo');
  echo.send('你好');
  echo.send('');
  await until(() => messages.length === 2, 'the echoes');
  assert.deepEqual(messages, ['你好', '']);
  const closed = new Promise<number>((resolve) => echo.once('close', resolve));
  echo.close(4001);
  assert.equal(await closed, 4001);

  const greet = new WebSocket(`${base}/greet`);
  const first = await new Promise<Buffer>((resolve) => greet.once('message', (data: Buffer) => resolve(data)));
  assert.equal(first.toString(), 'hello');
  greet.terminate();

  const code = new WebSocket(`${base}/close?code=4002`);
  assert.equal(await new Promise<number>((resolve) => code.once('close', resolve)), 4002);

  const refused = new WebSocket(`${base}/refuse`);
  const status = await new Promise<number>((resolve) => {
    refused.once('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    refused.on('error', () => {});
  });
  assert.equal(status, 403);
  refused.terminate();
  await until(() => app.open === 0 && harness.connections.size === 0, 'the end of all connections');
});

test('a hundred megabytes echoed by the ws library, with bounded memory', async (t) => {
  const app = await startWebSocketEcho();
  const harness = await startHarness({ upstreams: [app.port], secure: false });
  t.after(async () => {
    await harness.close();
    await app.close();
  });
  const socket = new WebSocket(`ws://127.0.0.1:${harness.port}/echo`, { maxPayload: 2_000_000 });
  await new Promise((resolve) => socket.once('open', resolve));
  const message = Buffer.alloc(1_000_000, 'm');
  let received = 0;
  let highest = 0;
  const base = memoryUsed();
  socket.on('message', (data: Buffer) => {
    received += data.length;
    highest = Math.max(highest, memoryUsed() - base);
  });
  for (let sent = 0; sent < 100_000_000; sent += message.length) {
    socket.send(message);
    await until(() => socket.bufferedAmount < 4_000_000, 'room to send');
  }
  await until(() => received === 100_000_000, 'all of the echo', 60_000);
  assert.ok(highest < 150_000_000, `memory stays bounded: ${highest}`);
  socket.close();
  await until(() => harness.connections.size === 0, 'the end of the connection');
});
