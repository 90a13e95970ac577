import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startSseTicker } from '../../apps/sse-ticker.ts';
import { startHarness } from '../engine-harness.ts';
import { quiet, until } from '../quiet.ts';
import { GET, HELLO, setStage } from '../stage.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Octets that living buffers hold outside of the heap. The client's and the app's own are part of it. */
function held(): number {
  collect();
  const { external, arrayBuffers } = process.memoryUsage();
  return Math.max(external, arrayBuffers);
}

test('an event reaches the client before the next one is made, and the app learns when the client leaves', async (t) => {
  const app = await startSseTicker();
  const harness = await startHarness({ upstreams: [app.port], secure: false });
  t.after(async () => {
    await harness.close();
    await app.close();
  });
  const events = request({ port: harness.port, host: '127.0.0.1', path: '/events?every=3600000' });
  let text = '';
  events.on('response', (response) => response.on('data', (chunk: Buffer) => (text += chunk.toString())));
  events.on('error', () => {});
  events.end();
  await until(() => text.includes('tick 1\n\n'), 'the first event, an hour before the second');
  assert.equal(app.open, 1);
  events.destroy();
  await until(() => app.open === 0, 'the end at the app');
  const silent = request({ port: harness.port, host: '127.0.0.1', path: '/silent' });
  silent.on('error', () => {});
  const head = new Promise<number | undefined>((resolve) => {
    silent.on('response', ({ statusCode }) => resolve(statusCode));
  });
  silent.end();
  assert.equal(await head, 200, 'a head alone is not held back');
  silent.destroy();
});

for (const [what, head] of [
  ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n'],
  ['until the end of the connection', 'HTTP/1.1 200 OK\r\n\r\n'],
] as const) {
  test(`a large answer ${what} is held back by a slow reader, in little memory, and comes whole`, async (t) => {
    const { app, client } = await setStage(t);
    const one = await client();
    const chunk = Buffer.alloc(100_000, 'm');
    let received = 0;
    one.socket.removeAllListeners('data');
    one.socket.on('data', (octets: Buffer) => (received += octets.length));
    one.socket.pause();
    one.write(GET);
    const connection = await app.connection(0);
    await connection.head();
    connection.write(head);
    const base = held();
    let sent = 0;
    const send = (): void => {
      while (sent < 200_000_000 && connection.socket.writableLength < 1_000_000) {
        connection.socket.write(chunk);
        sent += chunk.length;
      }
      if (sent === 200_000_000) connection.socket.end();
    };
    connection.socket.on('drain', send);
    send();
    await quiet(() => sent);
    assert.ok(sent < 50_000_000, `the app is made to wait: ${sent}`);
    assert.ok(held() - base < 20_000_000, `little is held: ${held() - base}`);
    let highest = 0;
    let looked = 0;
    one.socket.on('data', () => {
      if (received - looked < 10_000_000) return;
      looked = received;
      highest = Math.max(highest, held() - base);
    });
    one.socket.resume();
    await until(() => received >= 200_000_000, 'all of it', 60_000);
    // What was just let go is still being swept.
    assert.ok(highest < 60_000_000, `little is held while it flows: ${highest}`);
  });
}

test('an upload to an app that reads slowly is held back, and comes whole', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  one.write('POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n');
  const connection = await app.connection(0);
  await connection.head();
  connection.socket.removeAllListeners('data');
  connection.socket.pause();
  const content = Buffer.alloc(100_000, 'm');
  const chunk = Buffer.concat([Buffer.from('186a0\r\n'), content, Buffer.from('\r\n')]);
  let sent = 0;
  const send = (): void => {
    while (sent < 1000 && one.socket.writableLength < 1_000_000) {
      one.socket.write(chunk);
      sent += 1;
    }
    if (sent === 1000) {
      one.write('0\r\n\r\n');
      sent += 1;
    }
  };
  const base = held();
  one.socket.on('drain', send);
  send();
  await quiet(() => sent);
  assert.ok(sent < 500, `the client is made to wait: ${sent}`);
  assert.ok(held() - base < 20_000_000, `little is held: ${held() - base}`);
  let letters = 0;
  let last = '';
  connection.socket.on('data', (octets: Buffer) => {
    for (const octet of octets) if (octet === 0x6d) letters += 1;
    last = (last + octets.toString('latin1')).slice(-20);
  });
  connection.socket.resume();
  await until(() => last.endsWith('\r\n0\r\n\r\n'), 'the last chunk', 60_000);
  assert.equal(letters, 100_000_000);
  connection.write(HELLO);
  assert.equal((await one.responses(1))[0]!.content, 'hello');
});

test('an answer that begins before the request has ended flows beside it', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  one.write('POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n');
  const connection = await app.connection(0);
  await connection.head();
  connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (const word of ['one', 'two', 'three']) {
    one.write(`${word.length}\r\n${word}\r\n`);
    await connection.through(word);
    connection.write(`${word.length}\r\n${word}\r\n`);
    await one.through(`${word}\r\n`);
  }
  one.write('0\r\n\r\n');
  await connection.through('0\r\n\r\n');
  connection.write('0\r\n\r\n');
  assert.equal((await one.responses(1))[0]!.content, 'onetwothree');
  one.write(GET);
  await connection.head();
  connection.write(HELLO);
  await one.responses(2);
  assert.equal(app.connections.length, 1, 'both connections go on');
});

test('a client that leaves in the middle of its content takes the request along', async (t) => {
  const { app, client, harness } = await setStage(t);
  const one = await client();
  one.write('POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  const connection = await app.connection(0);
  await connection.through('hello');
  one.destroy();
  await until(() => connection.ended || connection.closed, 'the end at the app');
  assert.doesNotMatch(connection.received, /\r\n0\r\n/, 'what was cut does not look whole');
  await until(() => harness.records.length === 1, 'the log line');
  assert.deepEqual([harness.records[0]!.error, harness.records[0]!.status], ['client-gone', 0]);
});

test('pieces of every size pass the buffers on the way, both ways', async (t) => {
  const { app, client } = await setStage(t);
  const one = await client();
  let count = 0;
  for (const size of [
    1, 31, 32, 4096, 8191, 8193, 16_384, 40_961, 65_535, 65_536, 81_919, 81_921, 131_072, 131_073, 300_000,
  ]) {
    const content = Buffer.alloc(size, `${size}.`).toString('latin1');
    for (const chunked of [false, true]) {
      const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`;
      const body = chunked ? `${size.toString(16)}\r\n${content}\r\n0\r\n\r\n` : content;
      one.write(`PUT / HTTP/1.1\r\nHost: app.test\r\n${framing}\r\n\r\n${body}`);
      const connection = await app.connection(0);
      await connection.head();
      if (chunked) {
        const received = await connection.through('\r\n0\r\n\r\n');
        let text = '';
        for (let at = 0; ;) {
          const lineEnd = received.indexOf('\r\n', at);
          const length = Number.parseInt(received.slice(at, lineEnd), 16);
          if (length === 0) break;
          text += received.slice(lineEnd + 2, lineEnd + 2 + length);
          at = lineEnd + 2 + length + 2;
        }
        assert.ok(text === content, `${size} octets, chunked`);
      } else {
        await until(() => connection.rest.length === size, `${size} octets`);
        assert.ok((await connection.through(content)) === content, `${size} octets`);
      }
      connection.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${body}`);
      count += 1;
      const responses = await one.responses(count);
      assert.ok(responses[count - 1]!.content === content, `${size} octets back`);
    }
  }
  assert.equal(app.connections.length, 1);
});

test('a head larger than every buffer passes, both ways', async (t) => {
  const { app, client } = await setStage(t, { limits: { requestHeadBytes: 500_000, responseHeadBytes: 500_000 } });
  const one = await client();
  const long = `X-Long: ${'m'.repeat(200_000)}\r\n`;
  for (let count = 1; count <= 3; count += 1) {
    one.write(`GET / HTTP/1.1\r\nHost: app.test\r\n${long}\r\n`);
    const connection = await app.connection(0);
    assert.ok((await connection.head()).includes(long));
    connection.write(`HTTP/1.1 200 OK\r\n${long}Content-Length: 5\r\n\r\nhello`);
    const responses = await one.responses(count);
    assert.ok(responses[count - 1]!.head.includes(long));
    assert.equal(responses[count - 1]!.content, 'hello');
  }
});
