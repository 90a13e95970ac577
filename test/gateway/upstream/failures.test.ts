import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { freeSocketPath } from '../../apps/app.ts';
import { startPlainApp } from '../../apps/plain-app.ts';
import type { Resolution } from '../../../src/gateway/upstream/resolver.ts';
import { startHarness } from '../engine-harness.ts';
import { quiet, until } from '../quiet.ts';
import { RawClient } from '../raw-client.ts';
import { startScriptedApp } from '../scripted-app.ts';
import { GET, HELLO, setStage } from '../stage.ts';

const POST = 'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello';

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const app = await startScriptedApp();
  await app.close();
  return app.port;
}

test('a connection with surplus octets, or that was not answered cleanly, is not used again', async (t) => {
  const { app, client, settled } = await setStage(t);
  const answers = [
    `${HELLO}surplus`,
    `${HELLO}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`,
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
    'HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nsurplus',
  ];
  const one = await client();
  for (const [index, answer] of answers.entries()) {
    one.write(GET);
    const connection = await app.connection(index);
    await connection.head();
    connection.write(answer);
    const responses = await one.responses(index + 1);
    assert.equal(responses[index]!.content, 'hello', answer);
    await settled();
    assert.ok(connection.ended || connection.closed, answer);
  }
});

test('octets that come while a connection is idle end it, and are nobody’s answer', async (t) => {
  const { app, client, settled } = await setStage(t);
  const one = await client();
  one.write(GET);
  const first = await app.connection(0);
  await first.head();
  first.write(HELLO);
  await one.responses(1);
  first.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
  await settled();
  assert.ok(first.ended || first.closed);
  one.write(GET);
  const second = await app.connection(1);
  await second.head();
  second.write(HELLO);
  assert.equal((await one.responses(2))[1]!.content, 'hello');
});

test('an app that closes an idle connection costs no request', async (t) => {
  const { app, client, settled } = await setStage(t);
  const one = await client();
  for (let index = 0; index < 4; index += 1) {
    one.write(index % 2 === 0 ? GET : POST);
    const connection = await app.connection(index);
    await connection.head();
    connection.write(HELLO);
    await one.responses(index + 1);
    connection.socket.end();
    await settled();
  }
  assert.ok((await one.responses(4)).every(({ status }) => status === 200));
});

test('a request that crosses the end of a kept connection: GET again, POST never twice', async (t) => {
  const { app, client, harness, settled } = await setStage(t);
  for (const [request, status] of [
    [GET, 200],
    [GET.replace('GET', 'HEAD'), 200],
    [POST, 502],
    [GET.replace('GET', 'DELETE'), 502],
  ] as const) {
    const one = await client();
    const method = request.slice(0, request.indexOf(' '));
    const index = app.connections.length;
    one.write(GET);
    const connection = await app.connection(index);
    await connection.head();
    connection.write(HELLO);
    await one.responses(1);
    // The app reads the next request and goes away without a word.
    one.write(request);
    await connection.head();
    connection.socket.destroy();
    if (status === 200) {
      const again = await app.connection(index + 1);
      assert.ok((await again.head()).startsWith(`${method} `));
      again.write(method === 'HEAD' ? HELLO.slice(0, -5) : HELLO);
    }
    const responses = await one.responses(2, ['GET', method]);
    assert.equal(responses[1]!.status, status, method);
    await settled();
    assert.equal(app.connections.length, index + (status === 200 ? 2 : 1), `${method} was not sent twice`);
    harness.advance(10_000);
    await settled();
  }
});

test('a new connection that closes without an answer is not tried again', async (t) => {
  const { app, client, settled } = await setStage(t);
  const one = await client();
  one.write(GET);
  const connection = await app.connection(0);
  await connection.head();
  connection.socket.end();
  assert.equal((await one.responses(1))[0]!.status, 502);
  await settled();
  assert.equal(app.connections.length, 1);
});

test('a response that breaks off is a visible cut: the client sees fewer octets, or no last chunk', async (t) => {
  const { app, client, harness } = await setStage(t);
  const cuts = [
    ['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello', /Content-Length: 100\r\n\r\nhello$/],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', /\r\n5\r\nhello\r\n$/],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n', /\r\n5\r\nhello\r\n$/],
  ] as const;
  for (const [index, [answer, seen]] of cuts.entries()) {
    const one = await client();
    one.write(GET);
    const connection = await app.connection(index);
    await connection.head();
    connection.write(answer);
    connection.socket.end();
    await one.over();
    // A cut by RST may take octets along that were on their way.
    if (one.received !== '') assert.match(one.received, seen);
    await until(() => harness.records.length === index + 1, 'the log line');
    assert.match(harness.records[index]!.error, /^upstream-response-(?:truncated|malformed)$/);
  }
});

test('an answer that is given before the request is read reaches the client, whatever the app does then', async (t) => {
  const { app, client, settled } = await setStage(t);
  const early = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig';
  for (const [index, leave] of (['stay', 'end', 'destroy'] as const).entries()) {
    const one = await client();
    one.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 50000000\r\n\r\n');
    const connection = await app.connection(index);
    await connection.head();
    one.write('m'.repeat(100_000));
    connection.write(early);
    if (leave === 'end') connection.socket.end();
    if (leave === 'destroy') connection.socket.destroy();
    for (let k = 0; k < 20 && !one.ended && !one.closed; k += 1) one.write('m'.repeat(100_000));
    await settled();
    const responses = await one.responses(1);
    if (leave === 'destroy' && responses[0]?.status !== 413) {
      // A RST can overtake the answer in the kernel: then nobody has it.
      assert.equal(responses[0]?.status, 502);
    } else assert.equal(responses[0]?.content, 'big', leave);
    assert.ok(connection.ended || connection.closed, 'the connection is not used again');
    one.destroy();
  }
});

test('an app that restarts costs no request: refused connections are tried again for a while', async (t) => {
  const app = await startPlainApp();
  const { port } = app;
  const harness = await startHarness({ upstreams: [port] });
  t.after(() => harness.close());
  const [get, post] = [new RawClient(await harness.connect()), new RawClient(await harness.connect())];
  get.write(GET);
  assert.equal((await get.responses(1))[0]!.status, 200);
  await app.close();
  await quiet(() => harness.tally.open);
  get.write(GET);
  post.write(POST);
  await until(() => harness.tally.retries >= 4, 'some attempts');
  assert.equal((await get.responses(1)).length, 1, 'no error meanwhile');
  const again = await startPlainApp({ port });
  t.after(() => again.close());
  assert.equal((await get.responses(2))[1]!.status, 200);
  assert.match((await post.responses(1))[0]!.content, /"content":"hello"/);
  assert.ok(harness.records.every(({ error }) => error === ''));
});

test('an app that does not come back is 502 after the budget, and a client that leaves before ends the attempts', async (t) => {
  const harness = await startHarness({ upstreams: [await deadPort()], timeouts: { upstreamConnectRetryMs: 10_000 } });
  t.after(() => harness.close());
  const [staying, leaving] = [new RawClient(await harness.connect()), new RawClient(await harness.connect())];
  staying.write('GET / HTTP/1.1\r\nHost: app.test\r\nAccept: application/json\r\n\r\n');
  leaving.write(GET);
  await until(() => harness.tally.retries >= 4, 'some attempts');
  assert.equal(staying.received, '');
  leaving.destroy();
  await until(() => harness.records.length === 1, 'the end of the client');
  assert.equal(harness.records[0]!.error, 'client-gone');
  harness.advance(10_000);
  const [response] = await staying.responses(1);
  assert.equal(response!.status, 502);
  assert.match(
    response!.head,
    /Content-Type: application\/(?:problem\+)?json/,
    'in the form that this client asked for',
  );
  assert.equal(harness.records[1]!.error, 'upstream-refused');
  const attempts = harness.tally.connectFailures;
  await quiet(() => harness.tally.connectFailures);
  assert.equal(harness.tally.connectFailures, attempts, 'nobody tries any more');
});

test('several apps take turns; one that is down is passed over without an error', async (t) => {
  const apps = [await startPlainApp({}, 'a'), await startPlainApp({}, 'b')];
  const harness = await startHarness({ upstreams: [apps[0]!.port, await deadPort(), apps[1]!.port] });
  t.after(async () => {
    await harness.close();
    for (const app of apps) await app.close();
  });
  const seen: string[] = [];
  const one = new RawClient(await harness.connect());
  for (let k = 1; k <= 12; k += 1) {
    one.write(GET);
    const responses = await one.responses(k);
    assert.equal(responses[k - 1]!.status, 200);
    seen.push(/X-App: (\w)/.exec(responses[k - 1]!.head)![1]!);
  }
  assert.ok(seen.filter((name) => name === 'a').length >= 4, seen.join(''));
  assert.ok(seen.filter((name) => name === 'b').length >= 4, seen.join(''));
  assert.ok(harness.tally.connectFailures >= 1);
});

test('a name is looked up anew when its time is over, and its old address is left', async (t) => {
  const [old, young] = [await startScriptedApp(), await startScriptedApp()];
  // One port for both, on two addresses of the loopback network.
  await young.close();
  const asked: string[] = [];
  let resolution: Resolution | undefined = { addresses: ['127.0.0.1'], ttlMs: 5000 };
  const harness = await startHarness({
    upstreams: [{ host: 'app.internal', port: old.port }],
    resolver: {
      resolve(host) {
        asked.push(host);
        return resolution === undefined ? Promise.reject(new Error('no resolver')) : Promise.resolve(resolution);
      },
    },
  });
  t.after(async () => {
    await harness.close();
    await old.close();
  });
  const one = new RawClient(await harness.connect());
  const exchange = async (count: number): Promise<void> => {
    one.write(GET);
    const connection = await old.connection(0);
    await connection.head();
    connection.write(HELLO);
    await one.responses(count);
  };
  await exchange(1);
  await exchange(2);
  assert.deepEqual(asked, ['app.internal'], 'known while its time lasts');
  resolution = undefined;
  harness.advance(5000);
  // The pool's idle time is over, too: the connection is new, the address is the known one.
  one.write(GET);
  const second = await old.connection(1);
  await second.head();
  second.write(HELLO);
  await one.responses(3);
  assert.equal(asked.length, 2, 'a resolver that fails takes no app along');
  resolution = { addresses: ['127.0.0.2'], ttlMs: 5000 };
  harness.advance(1001);
  one.write(GET);
  // This request still takes what is known; the next one goes to the new address, where nobody listens.
  await second.head();
  second.write(HELLO);
  await one.responses(4);
  await until(() => second.ended || second.closed, 'the end of connections to the old address');
  one.write(GET);
  await until(() => harness.tally.connectFailures > 0, 'an attempt at the new address');
  one.destroy();
});

test('a name that nobody knows is 502, and is asked for again by the next request', async (t) => {
  let known = false;
  const app = await startPlainApp();
  const harness = await startHarness({
    upstreams: [{ host: 'app.internal', port: app.port }],
    resolver: {
      resolve: () =>
        known ? Promise.resolve({ addresses: ['127.0.0.1'], ttlMs: 1000 }) : Promise.reject(new Error('NXDOMAIN')),
    },
  });
  t.after(async () => {
    await harness.close();
    await app.close();
  });
  const one = new RawClient(await harness.connect());
  one.write(GET);
  assert.equal((await one.responses(1))[0]!.status, 502);
  assert.equal(harness.records[0]!.error, 'upstream-name-not-resolved');
  known = true;
  one.write(POST);
  assert.match((await one.responses(2))[1]!.content, /"content":"hello"/);
});

test('an app on a unix socket, also one that comes later', async (t) => {
  const { socketPath, remove } = freeSocketPath();
  const harness = await startHarness({ upstreams: [socketPath] });
  t.after(async () => {
    await harness.close();
    remove();
  });
  const one = new RawClient(await harness.connect());
  one.write(POST);
  await until(() => harness.tally.retries >= 2, 'some attempts');
  const app = await startPlainApp({ socketPath });
  assert.match((await one.responses(1))[0]!.content, /"content":"hello"/);
  one.write(GET);
  assert.equal((await one.responses(2))[1]!.status, 200);
  assert.equal(harness.tally.reused, 1);
  await app.close();
  rmSync(socketPath, { force: true });
});

test('counts of connections stay right and never go below zero', async (t) => {
  const { app, client, harness, settled } = await setStage(t, { limits: { upstreamPoolSize: 1 } });
  const [one, two] = [await client(), await client()];
  one.write(GET);
  const first = await app.connection(0);
  await first.head();
  two.write(GET);
  const second = await app.connection(1);
  await second.head();
  assert.deepEqual([harness.tally.open, harness.tally.idle], [2, 0]);
  first.write(HELLO);
  await one.responses(1);
  assert.deepEqual([harness.tally.open, harness.tally.idle], [2, 1]);
  second.write(HELLO);
  await two.responses(1);
  await settled();
  assert.deepEqual([harness.tally.open, harness.tally.idle], [1, 1], 'one is kept');
  first.socket.end();
  await settled();
  assert.deepEqual([harness.tally.open, harness.tally.idle], [0, 0]);
});
