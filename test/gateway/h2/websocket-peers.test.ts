/** WebSockets through the gateway to real apps that speak HTTP/2: node:http2 with `ws`, HAProxy, Hypercorn. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { accepts } from '../../apps/app.ts';
import { speakWebSocket, startH2WebSocketEcho } from '../../apps/websocket-h2-echo.ts';
import { startWebSocketEcho } from '../../apps/websocket-echo.ts';
import { freePort } from '../../free-port.ts';
import { until } from '../quiet.ts';
import { lacks, startServe } from '../serve-process.ts';
import { issue } from '../tls/certificates.ts';
import { ask } from '../upstream/ask.ts';
import { openSession } from './h2-session.ts';
import { serveSite, testFolder, type WholeGateway } from '../upstream/whole-gateway.ts';

const limit = { timeout: 120_000 };
/** Around the steps of WebSocket's length fields, HTTP/2's frames and the windows, and none of them even. */
const SIZES = [1, 3, 125, 126, 127, 16_383, 16_385, 65_535, 65_537, 262_143, 262_147, 1_000_003];

const way = (gateway: WholeGateway) => ({ ca: gateway.ca, servername: 'app.test', headers: { Host: 'app.test' } });

/** A client of HTTP/1.1. */
async function open(
  t: TestContext,
  gateway: WholeGateway,
  target: string,
  protocols: string[] = [],
): Promise<WebSocket> {
  const webSocket = new WebSocket(`wss://127.0.0.1:${gateway.port}${target}`, protocols, way(gateway));
  t.after(() => webSocket.terminate());
  await once(webSocket, 'open');
  return webSocket;
}

/** A client of HTTP/2. */
async function openOverH2(t: TestContext, gateway: WholeGateway, target: string): Promise<WebSocket> {
  const session = await openSession(t, gateway);
  const stream = session.request(
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': target, ':authority': 'app.test' },
    { endStream: false },
  );
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  assert.equal(headers[':status'], 200);
  return speakWebSocket(stream, 'client');
}

/** Sends messages of all sizes, one behind the other without waiting, and compares what comes back. */
async function echoAll(webSocket: WebSocket, rounds: number): Promise<void> {
  const sent = createHash('sha256');
  const back = createHash('sha256');
  let left = rounds * SIZES.length;
  const done = new Promise<void>((resolve) => {
    const take = (content: Buffer) => {
      back.update(content);
      left -= 1;
      if (left > 0) return;
      webSocket.off('message', take);
      resolve();
    };
    webSocket.on('message', take);
  });
  for (let round = 0; round < rounds; round += 1) {
    for (const size of SIZES) {
      const content = Buffer.alloc(size, `${round}.${size}.`);
      sent.update(content);
      webSocket.send(content);
    }
  }
  await done;
  assert.equal(back.digest('hex'), sent.digest('hex'));
}

async function closeWell(webSocket: WebSocket): Promise<void> {
  const closed = once(webSocket, 'close') as Promise<[number]>;
  webSocket.close(1000, 'done');
  assert.equal((await closed)[0], 1000);
}

test(
  'node:http2 over h2c: messages of odd sizes, many tunnels on one connection, a close in order',
  limit,
  async (t) => {
    const app = await startH2WebSocketEcho();
    t.after(() => app.close());
    const gateway = await serveSite(t, { to: `h2c://${app.target}` });
    const sockets = await Promise.all([
      open(t, gateway, '/echo?1', ['chat']),
      open(t, gateway, '/echo?2'),
      openOverH2(t, gateway, '/echo?3'),
      openOverH2(t, gateway, '/echo?4'),
    ]);
    assert.equal(sockets[0]?.protocol, 'chat');
    await Promise.all(sockets.map((each) => echoAll(each, 2)));
    assert.equal((await ask(gateway)).status, 200);
    assert.deepEqual([app.streams.length, app.requests], [4, ['2.0 GET /']]);
    const connectionsBefore = app.connections;
    for (const each of sockets) await closeWell(each);
    await until(() => app.streams.every(({ closed }) => closed), 'the end of all streams');
    assert.ok(app.streams.every(({ rstCode }) => rstCode === http2.constants.NGHTTP2_NO_ERROR));
    await closeWell(await open(t, gateway, '/echo'));
    assert.equal(app.connections, connectionsBefore, 'the connection outlives its tunnels');
    await until(() => gateway.records.length === 6, 'the records');
    assert.deepEqual(new Set(gateway.records.map(({ error }) => error)), new Set(['']));

    const refused = new WebSocket(`wss://127.0.0.1:${gateway.port}/refuse`, way(gateway));
    const [error] = (await once(refused, 'error')) as [Error];
    assert.match(error.message, /403/);
  },
);

test(
  '100 MB come back whole; a client that stops reading holds it all up, one that is gone only its own',
  limit,
  async (t) => {
    const app = await startH2WebSocketEcho();
    t.after(() => app.close());
    const gateway = await serveSite(t, { to: `h2c://${app.target}` });
    const other = await open(t, gateway, '/echo?other');
    const webSocket = await open(t, gateway, '/echo');
    const size = 999_983;
    const count = Math.ceil(100_000_000 / size);
    const sent = createHash('sha256');
    const back = createHash('sha256');
    let arrived = 0;
    webSocket.on('message', (content: Buffer) => {
      back.update(content);
      arrived += 1;
    });
    let gone = 0;
    webSocket.pause();
    for (let number = 0; number < count; number += 1) {
      const content = Buffer.alloc(size, `${number},`);
      sent.update(content);
      webSocket.send(content, () => (gone += 1));
    }
    // Until nothing has left for a second. On a slow machine less has left by then, never more.
    for (let before = -1; before < gone;) {
      before = gone;
      await sleep(1000);
    }
    assert.equal(arrived, 0);
    assert.ok(gone * size < 48_000_000, `${gone} messages have left a client that reads nothing`);
    const waiting = new Promise<void>((resolve) => other.once('message', () => resolve()));
    other.send('still here');
    await waiting;
    webSocket.resume();
    await until(() => arrived === count, 'all messages', 90_000);
    assert.equal(back.copy().digest('hex'), sent.digest('hex'));

    // Gone in the middle of more.
    for (let number = 0; number < 20; number += 1) webSocket.send(Buffer.alloc(size));
    await until(() => arrived > count, 'the first of them');
    const stream = app.streams[1]!;
    webSocket.terminate();
    await until(() => stream.closed, 'the end of the stream at the app');
    await echoAll(other, 1);
    await closeWell(other);
    assert.equal(app.connections, 1);
  },
);

test('an https:// app is asked over HTTP/2 where it offers that, over HTTP/1.1 where not', limit, async (t) => {
  const folder = testFolder(t);
  const ca = issue({ name: 'Inner authority', isCa: true });
  const leaf = issue({ name: 'app.internal', issuer: ca });
  const caFile = path.join(folder, 'inner.pem');
  writeFileSync(caFile, ca.certPem);
  const material = { cert: leaf.certPem, key: leaf.keyPem };
  const to = (target: string) => ({ to: { url: `https://${target}`, serverName: 'app.internal', ca: caFile } });

  const offering = await startH2WebSocketEcho({ ...material, allowHTTP1: true });
  t.after(() => offering.close());
  const first = await serveSite(t, to(offering.target), testFolder(t));
  const webSocket = await open(t, first, '/echo');
  await echoAll(webSocket, 1);
  await closeWell(webSocket);
  assert.deepEqual([offering.streams.length, offering.connections], [1, 1]);

  // Neither WebSockets in HTTP/2 nor HTTP/1.1.
  const bare = await startH2WebSocketEcho(material, false);
  t.after(() => bare.close());
  const second = await serveSite(t, to(bare.target), testFolder(t));
  for (let round = 0; round < 2; round += 1) {
    const refused = new WebSocket(`wss://127.0.0.1:${second.port}/echo`, way(second));
    const [error] = (await once(refused, 'error')) as [Error];
    assert.match(error.message, /502/);
    assert.equal((await ask(second)).status, 200);
  }
  assert.deepEqual(
    second.records.map(({ error }) => error),
    ['upstream-upgrade-unsupported', '', 'upstream-upgrade-unsupported', ''],
  );
  assert.equal(second.findings.filter(({ code }) => code === 'upstream-upgrade-unsupported').length, 1);
});

function endWith(t: TestContext, child: ChildProcess): void {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
}

async function listens(child: ChildProcess, port: number): Promise<void> {
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  while (!(await accepts({ port, socketPath: '' }))) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}: ${said}`);
    await sleep(20);
  }
}

test('HAProxy over h2c before an HTTP/1.1 app, compression included', limit, async (t) => {
  const missing = lacks('haproxy');
  if (missing !== undefined) return t.skip(missing);
  const echo = await startWebSocketEcho({}, true);
  t.after(() => echo.close());
  const port = await freePort();
  const file = path.join(testFolder(t), 'haproxy.cfg');
  writeFileSync(
    file,
    [
      'defaults',
      '  mode http',
      '  timeout connect 10s',
      '  timeout client 60s',
      '  timeout server 60s',
      '  timeout tunnel 60s',
      'frontend h2c',
      `  bind 127.0.0.1:${port} proto h2`,
      '  default_backend echo',
      'backend echo',
      `  server one 127.0.0.1:${echo.port}`,
      '',
    ].join('\n'),
  );
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  endWith(t, child);
  await listens(child, port);
  const gateway = await serveSite(t, { to: `h2c://127.0.0.1:${port}` });
  const webSocket = await open(t, gateway, '/echo', ['echo']);
  assert.equal(webSocket.protocol, 'echo');
  assert.match(webSocket.extensions, /permessage-deflate/);
  const overH2 = await openOverH2(t, gateway, '/echo');
  await Promise.all([echoAll(webSocket, 3), echoAll(overH2, 3)]);
  assert.equal(echo.upgrades.length, 2);
  await closeWell(webSocket);
  await closeWell(overH2);
  const vanishing = await open(t, gateway, '/echo');
  vanishing.terminate();
  await until(() => echo.open === 0, 'the end at the app');
  assert.equal((await ask(gateway)).status, 426);
});

const PYTHON = '/usr/bin/python3';

test('Hypercorn over h2c, with the FastAPI app', limit, async (t) => {
  if (spawnSync(PYTHON, ['-c', 'import fastapi, hypercorn']).status !== 0) {
    return t.skip('needs FastAPI and Hypercorn (Debian packages python3-fastapi python3-hypercorn)');
  }
  const port = await freePort();
  const child = spawn(PYTHON, ['-B', '-m', 'hypercorn', '--bind', `127.0.0.1:${port}`, 'fastapi_app:app'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: path.join(process.cwd(), 'test', 'apps'),
  });
  endWith(t, child);
  await listens(child, port);
  const gateway = await serveSite(t, { to: `h2c://127.0.0.1:${port}` });
  const webSocket = await open(t, gateway, '/ws');
  await echoAll(webSocket, 1);
  const overH2 = await openOverH2(t, gateway, '/ws');
  await echoAll(overH2, 1);
  await closeWell(webSocket);
  // Hypercorn sends RST_STREAM (CANCEL) behind its Close frame. That is passed on, and Node's client then gives up what it
  // has not read; so there is no close in order to be seen here.
  const closed = once(overH2, 'close');
  overH2.close(1000);
  await closed;
});

test('two workers share the tunnels of an h2c:// app', limit, async (t) => {
  const app = await startH2WebSocketEcho();
  t.after(() => app.close());
  const serve = await startServe(t, { workers: 2, sites: { 'ws.localhost': { to: `h2c://${app.target}` } } });
  const options = {
    ca: readFileSync(serve.rootFile, 'latin1'),
    servername: 'ws.localhost',
    headers: { Host: 'ws.localhost' },
  };
  const sockets = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const webSocket = new WebSocket(`wss://127.0.0.1:${serve.httpsPort}/echo`, options);
      t.after(() => webSocket.terminate());
      await once(webSocket, 'open');
      return webSocket;
    }),
  );
  assert.equal(app.streams.length, 16);
  assert.ok(app.connections <= 4, `${app.connections} connections for two workers`);
  sockets[0]?.terminate();
  await until(() => app.streams.some(({ closed }) => closed), 'the end of that stream');
  await Promise.all(sockets.slice(1).map((each) => echoAll(each, 1)));
  await Promise.all(sockets.slice(1).map((each) => closeWell(each)));
});
