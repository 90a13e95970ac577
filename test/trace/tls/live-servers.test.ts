import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { after, before, describe, test, type TestContext } from 'node:test';
import { handshakeCost } from '../../../src/codec/tls/conversation/handshake-cost.ts';
import type { TlsItem } from '../../../src/codec/tls/conversation/items.ts';
import { judgeTlsChoices } from '../../../src/story/rules/tls-choices.ts';
import { judgeResumption } from '../../../src/story/rules/tls-resumption.ts';
import { freePort } from '../../free-port.ts';
import { listening } from '../../listening.ts';
import { tappedTlsConnect, type TappedTls } from './tapped-connect.ts';
import { issue } from '../../gateway/tls/certificates.ts';
import { FrontHarness, site } from '../../gateway/tls/front-harness.ts';
import { closed, exchange, lacksOpenssl, OpensslLab, secured } from './openssl-server.ts';

const lacksNginx = lacksOpenssl || (spawnSync('nginx', ['-v']).status === 0 ? false : 'nginx is absent');

/** Everything was opened and found right; certificates of tests are in no log. */
function assertRight({ conversation }: TappedTls): void {
  for (const item of conversation.items) {
    assert.notEqual(item.known.how, 'undecryptable', item.kind);
    if (item.kind === 'message') assert.equal(item.message.error, undefined, item.message.name);
    if (item.kind === 'check' && item.result.check !== 'sct') assert.ok(item.result.ok, JSON.stringify(item.result));
  }
  assert.ok(conversation.isHandshakeDone);
}

const kindsOf = (items: readonly TlsItem[], sender: 'client' | 'server'): string[] =>
  items.filter((item) => item.sender === sender && item.kind !== 'record').map(({ kind }) => kind);

describe('against nginx', { skip: lacksNginx }, () => {
  let lab: OpensslLab;
  let nginx: ChildProcess;
  let port = 0;
  before(async () => {
    lab = new OpensslLab();
    lab.certificate('ecdsa');
    port = await freePort();
    for (const name of ['t1', 't2', 't3', 't4', 't5']) mkdirSync(lab.place(name));
    const config = `daemon off; master_process off; pid nginx.pid; error_log stderr crit; events {}
http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
server { listen 127.0.0.1:${port} ssl http2; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate ${lab.place('ecdsa.pem')}; ssl_certificate_key ${lab.place('ecdsa.key')};
location / { return 200 "hello from nginx\\n"; } } }`;
    writeFileSync(lab.place('nginx.conf'), config);
    nginx = spawn('nginx', ['-p', lab.folder, '-c', lab.place('nginx.conf'), '-e', 'stderr'], { stdio: 'ignore' });
    await listening(port);
  });
  after(async () => {
    const gone = once(nginx, 'exit');
    nginx.kill('SIGKILL');
    await gone;
    await lab.close();
  });

  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    test(`${maxVersion}: a request is read in the clear, and a resumed session costs less`, async () => {
      const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
      const options = { alpn: ['http/1.1'], maxVersion } as const;
      const first = await lab.tap(port, options);
      await secured(first);
      const answer = await exchange(first, request, /hello from nginx/);
      assertRight(first);
      assert.match(answer, /hello from nginx/);
      const seen = first.conversation.items.flatMap((item) =>
        item.kind === 'data' && item.sender === 'server' ? [Buffer.from(item.octets)] : [],
      );
      assert.equal(Buffer.concat(seen).toString(), answer);
      assert.equal(first.conversation.handshake.alpn, 'http/1.1');
      const second = await lab.tap(port, { ...options, session: first.sessions.at(-1) });
      await secured(second);
      await exchange(second, request, /hello from nginx/);
      assertRight(second);
      assert.ok(second.conversation.handshake.isResumed);
      const [full, resumed] = [handshakeCost(first.conversation.items)!, handshakeCost(second.conversation.items)!];
      assert.equal(full.roundTrips, maxVersion === 'TLSv1.3' ? 1 : 2);
      assert.equal(resumed.roundTrips, 1);
      assert.deepEqual([full.signatures, resumed.signatures], [1, 0]);
      assert.equal(judgeResumption(full, resumed)?.code, 'tls-session-cheaper');
      assert.equal(judgeResumption(resumed, full), undefined);
    });
  }
});

test('our own gateway is read like any other', { skip: lacksOpenssl }, async (t: TestContext) => {
  const sites = [site('localhost', [issue({ name: 'localhost' })])];
  const harness = await new FrontHarness().start(t, { sites, defaultSite: '' });
  const socket = net.connect(harness.port, '127.0.0.1');
  await once(socket, 'connect');
  const tapped = tappedTlsConnect({ socket, servername: 'localhost', alpn: ['http/1.1'] });
  await secured(tapped);
  await closed(tapped);
  assertRight(tapped);
  assert.equal(tapped.conversation.handshake.alpn, 'http/1.1');
});

test('a hybrid group that withstands quantum computers is read, where OpenSSL has one', async (t: TestContext) => {
  const { certPem, keyPem } = issue({ name: 'localhost' });
  const groups = 'X25519MLKEM768';
  let server: tls.Server;
  try {
    server = tls.createServer({ cert: certPem, key: keyPem, ecdhCurve: groups }, (socket) => socket.end('hello\n'));
  } catch {
    t.skip(`this OpenSSL has no ${groups}`);
    return;
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const tapped = tappedTlsConnect({ socket, servername: 'localhost', groups });
  await secured(tapped);
  await closed(tapped);
  assertRight(tapped);
  const { handshake } = tapped.conversation;
  assert.equal(handshake.group, 0x11ec);
  assert.ok(judgeTlsChoices(handshake).some(({ code }) => code === 'tls-key-exchange-post-quantum'));
});

/** A TCP server that does this to every connection. */
async function broken(t: TestContext, act: (socket: net.Socket) => void): Promise<TappedTls> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    act(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const tapped = tappedTlsConnect({ socket, servername: 'localhost' });
  tapped.secure.on('error', () => undefined);
  await tapped.closed;
  return tapped;
}

test('a server that answers in plain HTTP is told to', async (t) => {
  const { conversation } = await broken(t, (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  const foreign = conversation.items.find((item) => item.kind === 'foreign');
  assert.ok(foreign?.kind === 'foreign' && foreign.protocol === 'http');
  assert.deepEqual(kindsOf(conversation.items, 'client').slice(0, 1), ['message']);
});

test('a reset in the handshake is an end by reset', async (t) => {
  const { conversation } = await broken(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const end = conversation.items.find((item) => item.kind === 'end' && item.sender === 'server');
  assert.ok(end?.kind === 'end' && end.how === 'reset' && !end.afterCloseNotify);
});

test('a server that closes without a word has an end and nothing else', async (t) => {
  const { conversation } = await broken(t, (socket) => socket.once('data', () => socket.end()));
  assert.deepEqual(kindsOf(conversation.items, 'server'), ['end']);
});

test('a record that is cut off is told with how much of it came', async (t) => {
  const { conversation } = await broken(t, (socket) =>
    socket.once('data', () => socket.end(Buffer.from('160303010002', 'hex'))),
  );
  const end = conversation.items.find((item) => item.kind === 'end' && item.sender === 'server');
  assert.ok(end?.kind === 'end' && end.how === 'fin' && end.pendingLength === 6);
});
