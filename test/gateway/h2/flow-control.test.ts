import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { ErrorCode } from '../../../src/codec/http2/error-codes.ts';
import { FrameType, readUint32 } from '../../../src/codec/http2/frames.ts';
import { h2Limits } from '../../../src/gateway/h2/defences.ts';
import { quiet, until } from '../quiet.ts';
import type { AppConnection } from '../scripted-app.ts';
import { data, settings, windowUpdate, type FrameClient } from './frame-client.ts';
import { setH2Stage } from './h2-stage.ts';

const MiB = 1 << 20;
const KiB = 1 << 10;
const FRAME = 16_384;
const streamWindow = h2Limits.streamWindow.value;
const connectionWindow = h2Limits.connectionWindow.value;

/** Octets of content that have come on a stream. */
const received = (client: FrameClient, id: number): number =>
  client.answer(id).content.reduce((sum, each) => sum + each.length, 0);

/** What the gateway has granted for a stream (0: the connection) in WINDOW_UPDATE frames. */
const granted = (client: FrameClient, id: number): number =>
  client.frames
    .filter(({ type, streamId }) => type === FrameType.WINDOW_UPDATE && streamId === id)
    .reduce((sum, { payload }) => sum + readUint32(payload, 0), 0);

/** Sends `length` octets on a stream without looking at any window. */
function upload(client: FrameClient, id: number, length: number): void {
  for (let sent = 0; sent < length; sent += FRAME) {
    client.send(data(id, Buffer.alloc(Math.min(FRAME, length - sent), 0x61)));
  }
}

/** Counts what an app gets behind the head, without keeping it. */
function count(app: AppConnection): { octets: number } {
  const counted = { octets: 0 };
  app.socket.removeAllListeners('data');
  app.socket.on('data', (chunk: Buffer) => (counted.octets += chunk.length));
  return counted;
}

test('an app that stands still holds back its upload at one window, and the others go on', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  client.send(client.headers(1, { ':method': 'POST', 'content-length': String(100 * MiB) }, false));
  const slow = await stage.app.connection(0);
  await slow.head();
  slow.socket.pause();
  // As much as windows allow: what the gateway grants again is sent again, until nothing more comes.
  let sent = 0;
  const pump = (): void => {
    const room =
      Math.min(streamWindow + granted(client, 1), connectionWindow + granted(client, 0) - (connectionWindow - 65_535)) -
      sent;
    if (room <= 0) return;
    upload(client, 1, room);
    sent += room;
  };
  for (let still = 0; still < 3;) {
    const before = sent;
    pump();
    await stage.settled();
    await client.ping();
    still = sent === before ? still + 1 : 0;
  }
  const kept = sent - granted(client, 1);
  assert.ok(kept <= streamWindow, `${kept} octets are held at most`);
  // What the kernel took for the app is no concern; the rest is one window of this stream.
  assert.equal(client.answer(1).reset, -1);

  client.send(client.headers(3, { ':method': 'POST', 'content-length': '5' }, false), data(3, 'hello', true));
  const other = await stage.app.connection(1);
  await other.through('hello');
  other.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  assert.equal((await client.answered(3)).status, 200);

  const counted = count(slow);
  slow.socket.resume();
  await until(() => counted.octets >= sent, 'everything at the app');
  await client.ping();
  assert.ok(granted(client, 1) > kept, 'windows are open again');
});

test('more than the window of a stream ends the stream, more than that of the connection the connection', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client();
  // Octets of a WebSocket are held until the app has accepted it, and this app does not answer.
  const open = (id: number): void =>
    client.send(client.headers(id, { ':method': 'CONNECT', ':protocol': 'websocket' }, false));
  open(1);
  upload(client, 1, streamWindow);
  await client.ping();
  assert.equal(client.answer(1).reset, -1, 'a full window is allowed');
  assert.equal(granted(client, 1), 0);
  client.send(data(1, 'x'));
  assert.equal(await client.resetOf(1), ErrorCode.FLOW_CONTROL_ERROR);
  await client.ping();
  assert.equal(granted(client, 0) >= streamWindow, true, 'what the stream held is given back');
  for (const id of [3, 5]) {
    open(id);
    upload(client, id, streamWindow);
  }
  open(7);
  await client.ping();
  client.send(data(7, 'x'.repeat(FRAME)));
  assert.equal(await client.goaway(), ErrorCode.FLOW_CONTROL_ERROR);
  await client.over();
});

test('a client that takes nothing stops its download at the app, and gets every octet once it does', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client([4, 0]);
  client.send(client.headers(1));
  const app = await stage.app.connection(0);
  await app.head();
  const length = 24 * MiB;
  const content = Buffer.alloc(length);
  for (let k = 0; k < length; k += 4) content.writeUInt32BE(k, k);
  app.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
  app.socket.write(content);
  await stage.settled();
  await client.ping();
  assert.equal(client.answer(1).status, 200);
  assert.equal(received(client, 1), 0);
  // Kernel buffers take some MiB on loopback; the gateway itself one read of 64 KiB.
  assert.ok(app.socket.writableLength > length / 2, `${app.socket.writableLength} octets wait at the app`);

  client.send(windowUpdate(1, 5), settings([4, 100]));
  await until(() => received(client, 1) >= 105, 'as much as the window allows');
  await client.ping();
  assert.equal(received(client, 1), 105);
  client.send(windowUpdate(1, 2 ** 30), windowUpdate(0, 2 ** 30));
  const answer = await client.answered(1);
  assert.ok(Buffer.concat(answer.content).equals(content), 'octet for octet');
  assert.ok(answer.content.every((each) => each.length <= FRAME));
});

test('the window of the connection holds for all streams together', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client([4, MiB]);
  const ids = [1, 3, 5];
  client.send(...ids.map((id) => client.headers(id)));
  for (const index of ids.keys()) {
    const app = await stage.app.connection(index);
    await app.head();
    app.write(`HTTP/1.1 200 OK\r\nContent-Length: ${200 * KiB}\r\n\r\n${'x'.repeat(200 * KiB)}`);
  }
  const sum = (): number => ids.reduce((all, id) => all + received(client, id), 0);
  await until(() => sum() >= 65_535, 'the first window');
  await stage.settled();
  assert.equal(sum(), 65_535);
  client.send(windowUpdate(0, 600 * KiB));
  for (const id of ids)
    assert.equal(
      (await client.answered(id)).content.reduce((all, each) => all + each.length, 0),
      200 * KiB,
    );
});

test('streams take turns; a more urgent one goes first', async (t) => {
  const stage = await setH2Stage(t);
  const client = await stage.client([4, 0]);
  // Less than one read of the app: all of it waits in the gateway.
  const length = 3 * FRAME;
  const begin = async (id: number, fields: Readonly<Record<string, string>>): Promise<void> => {
    client.send(client.headers(id, fields));
    const app = await stage.app.connection(0);
    await app.head();
    app.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`);
    await until(() => client.answer(id).status === 200, 'the head');
  };
  await begin(1, {});
  await begin(3, {});
  await begin(5, { priority: 'u=1' });
  await stage.settled();
  client.send(windowUpdate(0, MiB), settings([4, length]));
  for (const id of [1, 3, 5]) await client.answered(id);
  const order = client.frames
    .filter(({ type, payload }) => type === FrameType.DATA && payload.length > 0)
    .map(({ streamId }) => streamId);
  assert.equal(order.join(' '), '5 5 5 1 3 1 3 1 3');
});

test('a client that asks and asks and reads nothing is not read any more', async (t) => {
  // Heads are under no window: large ones that compress badly are what such a client can make the gateway hold.
  let asked = 0;
  const app = http.createServer((_, response) => {
    asked += 1;
    response.setHeader('x-random', randomBytes(12_000).toString('base64')).end();
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  t.after(() => app.close());
  const stage = await setH2Stage(t, { upstreams: [(app.address() as AddressInfo).port] });
  const client = await stage.client();
  await client.ping();
  client.socket.pause();
  const limit = 10_000;
  let id = 1;
  const requests = (): number => (id - 1) / 2;
  for (let before = -1; requests() < limit && before !== asked;) {
    before = asked;
    client.send(...Array.from({ length: 50 }, () => client.headers((id += 2) - 2, { ':method': 'HEAD' })));
    await quiet(() => asked);
  }
  assert.ok(requests() < limit, 'the gateway stopped reading');
  assert.ok(asked < requests(), 'some are not read');
  client.socket.resume();
  await until(() => asked === requests(), 'all are read, once the client reads');
});
