import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { listenAdmin, type AdminListener, type GatewayStatus } from '../../../src/gateway/observe/admin.ts';
import { Metrics } from '../../../src/gateway/observe/metrics.ts';
import type { Finding } from '../../../src/story/finding.ts';

const status: GatewayStatus = {
  version: '1.2.3',
  state: 'ready',
  startedAt: '2026-11-22T00:58:03.120Z',
  uptimeSeconds: 12,
  configGeneration: 3,
  addresses: ['https://0.0.0.0:443'],
  connections: { open: 2 },
  sites: [
    {
      name: 'app.example.com',
      upstreams: ['http://127.0.0.1:8000'],
      certificates: [
        {
          names: ['app.example.com'],
          keyType: 'ecdsa',
          issuer: 'CN=A',
          notAfter: '2027-01-01T00:00:00.000Z',
          daysLeft: 40,
        },
      ],
    },
  ],
};

async function start(t: TestContext, read: () => GatewayStatus = () => status): Promise<AdminListener> {
  const metrics = new Metrics({ version: '1.2.3', processMetrics: false });
  const admin = await listenAdmin({ port: 0, metrics, status: read });
  assert.ok('address' in admin);
  t.after(() => admin.close());
  return admin;
}

interface Answer {
  readonly status: number;
  readonly fields: IncomingMessage['headers'];
  readonly content: string;
}

async function ask(address: string, target: string, method = 'GET', host?: string): Promise<Answer> {
  const outgoing = request(`${address}${target}`, {
    method,
    agent: false,
    ...(host ? { headers: { host } } : {}),
  }).end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: incoming.statusCode ?? 0, fields: incoming.headers, content: await text(incoming) };
}

test('/metrics is the text of Prometheus', async (t) => {
  const { address } = await start(t);
  const answer = await ask(address, '/metrics');
  assert.equal(answer.status, 200);
  assert.equal(answer.fields['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(answer.content, /^# TYPE menshen_requests_total counter$/m);
});

test('/status is the status as JSON', async (t) => {
  const { address } = await start(t);
  const answer = await ask(address, '/status?pretty');
  assert.equal(answer.fields['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(answer.content), status);
});

test('/healthz is 200 when ready, 503 before and while draining', async (t) => {
  let state: GatewayStatus['state'] = 'starting';
  const { address } = await start(t, () => ({ ...status, state }));
  assert.equal((await ask(address, '/healthz')).status, 503);
  state = 'ready';
  assert.deepEqual((({ status, content }) => [status, content])(await ask(address, '/healthz')), [200, 'ready\n']);
  state = 'draining';
  assert.equal((await ask(address, '/healthz')).status, 503);
});

test('HEAD has the length and no content; other methods are refused; other paths are not found', async (t) => {
  const { address } = await start(t);
  const head = await ask(address, '/status', 'HEAD');
  assert.deepEqual([head.status, head.content], [200, '']);
  assert.ok(Number(head.fields['content-length']) > 100);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const answer = await ask(address, '/metrics', method);
    assert.deepEqual([answer.status, answer.fields.allow], [405, 'GET, HEAD'], method);
  }
  for (const target of ['/', '/metrics/', '/status/x', '//metrics']) {
    assert.equal((await ask(address, target)).status, 404, target);
  }
});

test('only a Host that names loopback is answered', async (t) => {
  const { address } = await start(t);
  for (const host of ['localhost', 'LOCALHOST:9090', '127.0.0.1', '127.0.0.1:80', '127.1.2.3', '[::1]', '[::1]:9090']) {
    assert.equal((await ask(address, '/healthz', 'GET', host)).status, 200, host);
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'x127.0.0.1',
    '192.0.2.1',
    '[::2]',
    'localhost:80:80',
    'localhost@evil.example',
    '0.0.0.0',
    '::1',
  ]) {
    const answer = await ask(address, '/status', 'GET', host);
    assert.equal(answer.status, 421, host);
    assert.ok(!answer.content.includes('app.example.com'));
  }
});

test('a request without Host is refused', async (t) => {
  const { address } = await start(t);
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.end('GET /status HTTP/1.0\r\n\r\n');
  assert.match(await text(socket), /^HTTP\/1\.1 421 /);
});

test('a status that cannot be made ends the connection and not the process', async (t) => {
  const { address } = await start(t, () => {
    throw new Error('a defect');
  });
  await assert.rejects(ask(address, '/status'), { code: 'ECONNRESET' });
  assert.equal((await ask(address, '/metrics')).status, 200);
});

async function refusal(host: string, port: number): Promise<Finding> {
  const metrics = new Metrics({ version: '1', processMetrics: false });
  const admin = await listenAdmin({ port, host, metrics, status: () => status });
  if ('address' in admin) {
    await admin.close();
    assert.fail(`listens on ${host}`);
  }
  return admin;
}

test('an address that is not loopback is refused', async () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', '2001:db8::1', 'localhost', 'example.com', '', '128.0.0.1']) {
    assert.equal((await refusal(host, 0)).code, 'admin-not-loopback', host);
  }
});

test('a port that is taken is said to be taken', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const found = await refusal('127.0.0.1', port);
  assert.equal(found.code, 'admin-port-taken');
  assert.deepEqual(found.values, { host: '127.0.0.1', port });
});

test('closing ends open connections', async (t) => {
  const admin = await start(t);
  const socket = connect(Number(new URL(admin.address).port), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.resume();
  await admin.close();
  await closed;
});
