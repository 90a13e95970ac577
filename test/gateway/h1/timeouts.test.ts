import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quiet, until } from '../quiet.ts';
import type { RawClient } from '../raw-client.ts';
import { GET, HELLO, setStage } from '../stage.ts';

const timeouts = {
  requestHeadMs: 15_000,
  requestContentIdleMs: 60_000,
  keepAliveIdleMs: 75_000,
  responseWriteStallMs: 60_000,
  upstreamConnectMs: 5000,
  upstreamResponseHeadMs: 120_000,
  upstreamContentIdleMs: 300_000,
  upstreamPoolIdleMs: 4000,
  tunnelIdleMs: 3_600_000,
};

test('a head that drips in is answered 408, however steadily it drips', async (t) => {
  const { client, settled, harness } = await setStage(t, { timeouts });
  const one = await client();
  one.write('GET / HTTP/1.1\r\n');
  for (let seconds = 0; seconds < 14; seconds += 2) {
    await settled();
    harness.advance(2000);
    one.write('X-A: 1\r\n');
  }
  await settled();
  assert.equal(one.received, '');
  harness.advance(2000);
  await one.over();
  assert.equal((await one.responses(1))[0]!.status, 408);
  assert.equal(harness.records[0]!.error, 'head-timeout');
});

test('a connection that says nothing is closed without a word, the first time soon', async (t) => {
  const { app, client, harness } = await setStage(t, { timeouts });
  const silent = await client();
  await until(() => harness.connections.size === 1, 'the connection');
  harness.advance(15_001);
  assert.equal(await silent.over(), '');
  const one = await client();
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.write(HELLO);
  await one.responses(1);
  harness.advance(74_000);
  await quiet(() => Number(one.ended));
  assert.ok(!one.ended);
  harness.advance(2000);
  await one.over();
  assert.equal((await one.responses(1)).length, 1);
  assert.equal(harness.records.length, 1, 'an idle connection is no failed request');
});

test('empty lines do not keep a connection open', async (t) => {
  const { client, settled, harness } = await setStage(t, { timeouts });
  const one = await client();
  for (let seconds = 0; seconds < 20; seconds += 2) {
    one.write('\r');
    await settled();
    harness.advance(1000);
    one.write('\n');
    await settled();
    harness.advance(1000);
  }
  assert.equal(await one.over(), '');
});

test('content that stops or drips is answered 408; content that moves may take for ever', async (t) => {
  const { app, client, settled, harness } = await setStage(t, { timeouts });
  for (const [index, [perMinute, status]] of (
    [
      [2000, 200],
      [100, 408],
      [0, 408],
    ] as const
  ).entries()) {
    const one = await client();
    one.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 20000\r\n\r\n');
    // The second request takes the connection of the first, which went well.
    const connection = await app.connection(Math.max(0, index - 1));
    await connection.head();
    let sent = 0;
    for (let minutes = 0; minutes < 10 && !one.ended; minutes += 1) {
      one.write('m'.repeat(perMinute));
      sent += perMinute;
      await settled();
      harness.advance(60_001);
      await settled();
    }
    if (status === 200) {
      assert.equal(sent, 20_000);
      connection.write(HELLO);
    }
    assert.equal((await one.responses(1))[0]!.status, status, `${perMinute} octets a minute`);
    if (status === 408) assert.equal(harness.records.at(-1)!.error, 'content-timeout');
    one.destroy();
  }
});

const BIG = 20_000_000;
const bigAnswer = `HTTP/1.1 200 OK\r\nContent-Length: ${BIG}\r\n\r\n${'m'.repeat(BIG)}`;

test('a client that stops reading is cut after a while', async (t) => {
  const { app, client, harness } = await setStage(t, { timeouts });
  const one = await client();
  one.socket.pause();
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.write(bigAnswer);
  for (let seconds = 0; seconds < 60; seconds += 10) {
    await quiet(() => connection.socket.writableLength);
    assert.equal(harness.records.length, 0, `still there after ${seconds} s`);
    harness.advance(10_000);
  }
  harness.advance(10_000);
  harness.advance(1000);
  await until(() => harness.records.length === 1, 'the cut');
  assert.equal(harness.records[0]!.error, 'response-write-stalled');
  one.socket.resume();
  await one.over();
  assert.ok(one.received.length < BIG, 'the client can tell');
});

test('a client that reads slowly is served however long it takes', async (t) => {
  const { app, client, harness } = await setStage(t, { timeouts });
  const one = await client();
  one.socket.pause();
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.write(bigAnswer);
  await readSlowly(
    one,
    () => connection.socket.writableLength,
    () => harness.advance(50_000),
  );
  assert.equal((await one.responses(1))[0]?.content.length, BIG);
  assert.equal(harness.records[0]!.error, '');
});

/** Takes some octets, then none for as long as `pass` lets the clock run, until all of them have come. */
async function readSlowly(one: RawClient, activity: () => number, pass: () => void): Promise<void> {
  while (one.received.length < BIG && !one.closed && !one.ended) {
    const before = one.received.length;
    one.socket.resume();
    const enough = Math.min(BIG, before + 1_000_000);
    await until(() => one.received.length > enough || one.closed || one.ended, 'more of the answer');
    one.socket.pause();
    await quiet(activity);
    pass();
  }
  one.socket.resume();
}

test('the end of an answer reaches a slow reader although the connection closes behind it', async (t) => {
  const { app, client, harness } = await setStage(t, { timeouts });
  const one = await client();
  one.socket.pause();
  one.write('GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n');
  const connection = await app.connection(0);
  await connection.head();
  connection.write(bigAnswer);
  await readSlowly(
    one,
    () => connection.socket.writableLength,
    () => harness.advance(3000),
  );
  await one.over();
  assert.equal((await one.responses(1))[0]?.content.length, BIG);
});

test('an app that does not answer in time is 504, one that falls silent is a visible cut', async (t) => {
  const { app, client, harness, settled } = await setStage(t, { timeouts });
  const one = await client();
  one.write(GET);
  const silent = await app.connection(0);
  await silent.head();
  harness.advance(119_000);
  silent.write('HTTP/1.1 200 OK\r\nX-A');
  await settled();
  assert.equal(one.received, '');
  harness.advance(2000);
  assert.equal((await one.responses(1))[0]!.status, 504);
  assert.equal(harness.records[0]!.error, 'upstream-response-timeout');
  await settled();
  assert.ok(silent.closed || silent.ended);

  one.write(GET);
  const stuck = await app.connection(1);
  await stuck.head();
  stuck.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
  for (let k = 0; k < 3; k += 1) {
    stuck.write('m');
    await settled();
    harness.advance(299_000);
  }
  assert.ok(!one.closed && !one.ended, 'every octet starts the wait anew');
  harness.advance(2000);
  await one.over();
  assert.equal(harness.records[1]!.error, 'upstream-content-timeout');
});

test('an app that does not read what is sent is 504, and the client is not blamed', async (t) => {
  const { app, client, harness, settled } = await setStage(t, { timeouts });
  const one = await client();
  one.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100000000\r\n\r\n');
  const connection = await app.connection(0);
  await connection.head();
  connection.socket.pause();
  for (let k = 0; k < 30; k += 1) one.write('m'.repeat(1_000_000));
  await quiet(() => one.socket.writableLength + harness.records.length);
  for (let minutes = 0; minutes < 4 && !one.ended; minutes += 1) {
    harness.advance(60_000);
    await settled();
  }
  assert.equal(harness.records[0]?.error, 'upstream-response-timeout');
  assert.equal((await one.responses(1))[0]!.status, 504);
});

test('idle connections to apps are let go, and sooner where the app says so', async (t) => {
  const { app, client, harness, settled } = await setStage(t, { timeouts });
  const one = await client();
  for (const [index, [hint, idleMs]] of (
    [
      ['', 4000],
      ['Keep-Alive: timeout=3\r\n', 2000],
      ['Keep-Alive: timeout=100, max=5\r\n', 4000],
    ] as const
  ).entries()) {
    one.write(GET);
    const connection = await app.connection(index);
    await connection.head();
    connection.write(`HTTP/1.1 200 OK\r\n${hint}Content-Length: 0\r\n\r\n`);
    await one.responses(index + 1);
    harness.advance(idleMs - 500);
    await settled();
    assert.ok(!connection.ended && !connection.closed, `${hint} still there`);
    harness.advance(1000);
    await settled();
    assert.ok(connection.ended || connection.closed, `${hint} gone`);
  }
});

test('a tunnel in which nothing moves ends, whoever was silent', async (t) => {
  const { app, client, harness, settled } = await setStage(t, { timeouts });
  const one = await client();
  one.write('GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const connection = await app.connection(0);
  await connection.head();
  connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await one.through('\r\n\r\n');
  for (const side of [one, connection, one]) {
    harness.advance(3_500_000);
    side.write('m');
    await settled();
    assert.ok(!one.closed && !connection.closed);
  }
  harness.advance(3_600_001);
  await one.over();
  await until(() => connection.closed || connection.ended, 'the end of the tunnel');
  assert.equal(harness.records[0]!.error, 'tunnel-idle');
});
