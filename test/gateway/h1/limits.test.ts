import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../quiet.ts';
import { GET, HELLO, setStage } from '../stage.ts';

test('limits of the head: size 431, number of fields 431, target 414, and not one octet less', async (t) => {
  const { app, client } = await setStage(t, {
    limits: { requestHeadBytes: 2048, requestTargetBytes: 512, requestFieldCount: 10 },
  });
  const filled = (length: number): string => {
    const bare = 'GET / HTTP/1.1\r\nHost: app.test\r\nX-A: \r\n\r\n';
    return bare.replace('X-A: ', `X-A: ${'a'.repeat(length - bare.length)}`);
  };
  const many = (count: number): string => `GET / HTTP/1.1\r\nHost: app.test\r\n${'X-A: 1\r\n'.repeat(count - 1)}\r\n`;
  const long = (length: number): string => `GET /${'a'.repeat(length - 1)} HTTP/1.1\r\nHost: app.test\r\n\r\n`;
  for (const [what, good, bad, status] of [
    ['head', filled(2048), filled(2049), 431],
    ['fields', many(10), many(11), 431],
    ['target', long(512), long(513), 414],
  ] as const) {
    const one = await client();
    one.write(good);
    const connection = await app.connection(0);
    await connection.head();
    connection.write(HELLO);
    assert.equal((await one.responses(1))[0]!.status, 200, what);
    one.write(bad);
    await one.over();
    assert.equal((await one.responses(2))[1]!.status, status, what);
    assert.equal(connection.rest, '', what);
  }
});

test('a head without end is cut off where it is too large', async (t) => {
  const { client, settled } = await setStage(t, { limits: { requestHeadBytes: 2048 } });
  for (const piece of ['a', 'X-A: 1\r\n', 'GET ', '\x80']) {
    const one = await client();
    one.write('GET / HTTP/1.1\r\n');
    for (let sent = 0; sent < 4096 && !one.ended && !one.closed; sent += piece.length * 64) {
      one.write(piece.repeat(64));
      await settled();
    }
    await one.over();
    assert.match(one.received, /^HTTP\/1\.1 4(?:31|00) /);
  }
});

test('content over the limit is 413: said in front when the length tells, in the middle when it does not', async (t) => {
  const { app, client, harness, settled } = await setStage(t, { limits: { requestContentBytes: 10 } });
  const told = await client();
  told.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 11\r\n\r\nhello world');
  await told.over();
  assert.equal((await told.responses(1))[0]!.status, 413);
  assert.equal(app.connections.length, 0);
  const untold = await client();
  untold.write('POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n');
  const connection = await app.connection(0);
  await connection.through('0123456789');
  untold.write('1\r\nX\r\n0\r\n\r\n');
  await untold.over();
  await settled();
  assert.equal((await untold.responses(1))[0]!.status, 413);
  assert.ok(connection.closed || connection.ended);
  assert.doesNotMatch(connection.received, /X\r\n|\r\n0\r\n/);
  const enough = await client();
  enough.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 10\r\n\r\n0123456789');
  const next = await app.connection(1);
  await next.through('0123456789');
  next.write(HELLO);
  assert.equal((await enough.responses(1))[0]!.status, 200);
  assert.deepEqual(
    harness.records.map(({ error }) => error),
    ['content-too-large', 'content-too-large', ''],
  );
});

test('an app that sends interim answers without end gets a 502 for its client', async (t) => {
  const { app, client } = await setStage(t, { limits: { interimResponses: 3 } });
  const hints = 'HTTP/1.1 103 Early Hints\r\n\r\n';
  const one = await client();
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.write(hints.repeat(3) + HELLO);
  assert.equal((await one.responses(1))[0]!.status, 200);
  one.write(GET);
  await connection.head();
  connection.write(hints.repeat(4) + HELLO);
  assert.equal((await one.responses(2))[1]!.status, 502);
});

test('pipelined requests are held up to a limit; beyond it the client waits, and nothing is lost', async (t) => {
  const { app, client, settled } = await setStage(t, { limits: { pipelinedBytes: 4096 } });
  const one = await client();
  const count = 5000;
  const request = GET.replace('\r\n\r\n', `\r\nX-Pad: ${'m'.repeat(4000)}\r\n\r\n`);
  one.write(request.repeat(count));
  const connection = await app.connection(0);
  await connection.head();
  await settled();
  assert.ok(one.socket.writableLength > 0, 'the client is made to wait');
  // From here on the app answers by itself.
  let answered = 0;
  const answer = (): void => {
    const whole = Math.floor(connection.received.length / firstHead);
    connection.write(HELLO.repeat(whole - answered));
    answered = whole;
  };
  const firstHead = connection.received.length;
  connection.socket.on('data', answer);
  answer();
  // 20 MB of requests: a slow machine takes its time.
  await until(() => answered === count, 'all requests at the app', 100_000);
  const responses = await one.responses(count);
  assert.equal(responses.length, count);
});

test('more requests in flight than connections are allowed get 503 and a time to come back', async (t) => {
  const { app, client, harness } = await setStage(t, { limits: { upstreamConnections: 2 } });
  const [first, second, third] = [await client(), await client(), await client()];
  first.write(GET);
  second.write(GET);
  await (await app.connection(1)).head();
  third.write(GET);
  const [refused] = await third.responses(1);
  assert.equal(refused!.status, 503);
  assert.match(refused!.head, /Retry-After: \d+\r\n/);
  assert.equal(harness.records[0]!.error, 'upstream-too-many-connections');
  (await app.connection(0)).write(HELLO);
  await first.responses(1);
  third.write(GET);
  const reused = await app.connection(0);
  await reused.head();
  await reused.head();
  reused.write(HELLO);
  assert.equal((await third.responses(2))[1]!.status, 200);
});

test('limits of zero mean what they say', async (t) => {
  const { app, client } = await setStage(t, {
    limits: { trailerBytes: 0, chunkExtensionBytes: 0, interimResponses: 0 },
    timeouts: { upstreamPoolIdleMs: 0 },
  });
  const chunked = (content: string): string =>
    `POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n${content}`;
  for (const [content, status] of [
    ['5\r\nhello\r\n0\r\n\r\n', 200],
    ['5\r\nhello\r\n0\r\nX-A: 1\r\n\r\n', 400],
    ['5;a\r\nhello\r\n0\r\n\r\n', 400],
  ] as const) {
    const one = await client();
    const index = app.connections.length;
    one.write(chunked(content));
    if (status === 200) {
      const connection = await app.connection(index);
      await connection.through('0\r\n\r\n');
      connection.write(HELLO);
    }
    assert.equal((await one.responses(1))[0]!.status, status);
  }
  const one = await client();
  for (const answer of ['HTTP/1.1 103 Early Hints\r\n\r\n', HELLO]) {
    const index = app.connections.length;
    one.write(GET);
    const connection = await app.connection(index);
    await connection.head();
    connection.write(answer);
    await one.responses(index - app.connections.length + 2);
  }
});
