import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type tls from 'node:tls';
import { freePort } from '../../free-port.ts';
import type { UserSite, UserTarget } from '../../../src/config/user-config.ts';
import { tellFinding } from '../../../src/story/finding.ts';
import { lacks } from '../serve-process.ts';
import { issue, type Issued, type Wish } from '../tls/certificates.ts';
import { ask, connection } from './ask.ts';
import { serveSite, testFolder, type WholeGateway } from './whole-gateway.ts';

const limit = { timeout: 60_000 };

interface App {
  readonly url: string;
  readonly folder: string;
  readonly ca: Issued;
  readonly caFile: string;
  /** What was asked of it: `1.1 GET /`. */
  readonly requests: string[];
  /** Handshakes, each with whether it resumed a session. */
  readonly handshakes: boolean[];
}

/** An app for `app.internal` over TLS; by ALPN it speaks HTTP/2 too, unless `http1`. */
async function startApp(
  t: TestContext,
  wish: Partial<Wish> & { readonly selfSigned?: boolean } = {},
  options: tls.TlsOptions & { readonly http1?: boolean } = {},
): Promise<App> {
  const folder = testFolder(t);
  const ca = issue({ name: 'Inner authority', isCa: true });
  const { selfSigned, ...rest } = wish;
  const leaf = issue({ name: 'app.internal', ...(selfSigned === true ? {} : { issuer: ca }), ...rest });
  const caFile = path.join(folder, 'inner.pem');
  writeFileSync(caFile, ca.certPem);
  const requests: string[] = [];
  const handshakes: boolean[] = [];
  const answer = (request: http.IncomingMessage | http2.Http2ServerRequest, response: unknown) => {
    requests.push(`${request.httpVersion} ${request.method} ${request.url}`);
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => (response as http.ServerResponse).end(`got ${Buffer.concat(pieces).length}`));
  };
  const material = { cert: leaf.certPem, key: leaf.keyPem, ...options };
  const server =
    options.http1 === true
      ? https.createServer(material, answer)
      : http2.createSecureServer({ ...material, allowHTTP1: true }, answer);
  server.on('secureConnection', (socket: tls.TLSSocket) => handshakes.push(socket.isSessionReused()));
  server.on('upgrade', (request: http.IncomingMessage, socket: net.Socket) => {
    requests.push(`${request.httpVersion} upgrade`);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello');
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  return { url: `https://127.0.0.1:${port}`, folder, ca, caFile, requests, handshakes };
}

/** `openssl s_server` with certificate and key of `pem`; returns how it is written as a target. */
async function startOpenSsl(t: TestContext, pem: string, ...more: string[]): Promise<string> {
  const port = await freePort();
  const args = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', pem, '-key', pem, ...more];
  const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill());
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('openssl ended')));
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('ACCEPT')) resolve();
    });
  });
  return `https://127.0.0.1:${port}`;
}

function serve(t: TestContext, app: App, target: Partial<UserTarget>, site: UserSite = {}): Promise<WholeGateway> {
  return serveSite(
    t,
    { to: { url: app.url, serverName: 'app.internal', ca: app.caFile, ...target }, ...site },
    app.folder,
  );
}

test('an app that chooses HTTP/2 gets all requests over one connection', limit, async (t) => {
  const app = await startApp(t);
  const gateway = await serve(t, app, {});
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, k) =>
      ask(gateway, { method: 'POST', path: `/${k}`, content: 'x'.repeat(k * 1000) }),
    ),
  );
  assert.deepEqual(
    answers.map(({ status, content }) => `${status} ${content}`),
    Array.from({ length: 20 }, (_, k) => `200 got ${k * 1000}`),
  );
  assert.deepEqual(app.handshakes, [false]);
  assert.ok(app.requests.every((request) => request.startsWith('2.0 ')));
});

test('an app that knows HTTP/1.1 only is spoken to in it, and connections are kept', limit, async (t) => {
  const app = await startApp(t, {}, { http1: true });
  const gateway = await serve(t, app, {});
  for (let k = 0; k < 5; k += 1) {
    const { status, content } = await ask(gateway, { method: 'POST', content: 'abc' });
    assert.deepEqual([status, content], [200, 'got 3']);
  }
  assert.equal(app.handshakes.length, 1);
  const burst = await Promise.all(Array.from({ length: 8 }, () => ask(gateway, { path: '/burst' })));
  assert.ok(burst.every(({ status }) => status === 200));
  assert.ok(app.requests.every((request) => request.startsWith('1.1 ')));
  assert.ok(app.handshakes.length <= 9);
});

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`sessions of ${maxVersion} are resumed where connections are not kept`, limit, async (t) => {
    const app = await startApp(t, {}, { http1: true, maxVersion });
    const gateway = await serve(t, app, {}, { timeouts: { upstreamPoolIdle: 0 } });
    for (let k = 0; k < 3; k += 1) assert.equal((await ask(gateway)).status, 200);
    assert.deepEqual(app.handshakes, [false, true, true]);
  });

  test(`a certificate for another name is refused over ${maxVersion}, however often one tries`, limit, async (t) => {
    const app = await startApp(t, {}, { maxVersion });
    const gateway = await serve(t, app, { serverName: 'other.internal' });
    for (let k = 0; k < 3; k += 1) {
      const { status, headers } = await ask(gateway);
      assert.equal(status, 502);
      assert.equal(headers['proxy-status'], 'menshen; error=tls_certificate_error');
    }
    assert.deepEqual(app.requests, []);
    assert.deepEqual(
      new Set(gateway.records.map(({ error }) => error)),
      new Set(['upstream-certificate-name-mismatch']),
    );
    const told = gateway.findings.map((found) => tellFinding(found, 'en').cause);
    assert.equal(told.length, 1, 'the same reason is told once in a while');
    assert.match(told[0]!, /for other names than other\.internal: DNS:app\.internal/);
  });
}

const refused: readonly (readonly [
  string,
  Partial<Wish> & { selfSigned?: boolean },
  Partial<UserTarget>,
  string,
  RegExp,
])[] = [
  [
    'that has run out',
    { fromDay: -9, toDay: -2 },
    {},
    'upstream-certificate-expired',
    /ran out on .*\d{4}.*app\.internal/,
  ],
  ['that is not valid yet', { fromDay: 2, toDay: 9 }, {}, 'upstream-certificate-not-yet-valid', /only from .*\d{4}/],
  ['that signs itself', { selfSigned: true }, {}, 'upstream-certificate-self-signed', /self-signed.*app\.internal/],
  ['for clients', { purpose: 'client' }, {}, 'upstream-certificate-refused', /purpose/],
];
for (const [what, wish, target, code, sentence] of refused) {
  test(`a certificate ${what} is refused with the reason, and no request is sent`, limit, async (t) => {
    const app = await startApp(t, wish);
    const gateway = await serve(t, app, target);
    const { status, headers, content } = await ask(gateway, { method: 'POST', content: 'secret' });
    assert.equal(status, 502);
    assert.equal(headers['proxy-status'], 'menshen; error=tls_certificate_error');
    assert.doesNotMatch(content, /internal|127\.0\.0\.1/);
    assert.deepEqual(app.requests, []);
    assert.equal(gateway.records[0]?.error, code);
    assert.equal(gateway.findings[0]?.code, code);
    for (const language of ['en', 'zh'] as const) {
      const { cause, mend } = tellFinding(gateway.findings[0], language);
      assert.doesNotMatch(cause + mend, /\{\w+\}/, 'nothing is left to fill in');
    }
    assert.match(tellFinding(gateway.findings[0], 'en').cause, sentence);
  });
}

test('without a ca of its own, an app is held against the authorities of the system', limit, async (t) => {
  const app = await startApp(t);
  const to = { url: app.url, serverName: 'app.internal' };
  const gateway = await serveSite(t, { to });
  assert.equal((await ask(gateway)).status, 502);
  assert.equal(gateway.records[0]?.error, 'upstream-certificate-untrusted');
  assert.match(tellFinding(gateway.findings[0]!, 'en').cause, /issued by Inner authority\. Trusted were: /);
  // The system's bundle is named by SSL_CERT_FILE, as for OpenSSL.
  const before = process.env['SSL_CERT_FILE'];
  process.env['SSL_CERT_FILE'] = app.caFile;
  t.after(() => {
    if (before === undefined) delete process.env['SSL_CERT_FILE'];
    else process.env['SSL_CERT_FILE'] = before;
  });
  const trusting = await serveSite(t, { to });
  assert.equal((await ask(trusting)).status, 200);
});

test('verify: false believes anybody, and is warned of', limit, async (t) => {
  const app = await startApp(t, { selfSigned: true });
  const gateway = await serve(t, app, { serverName: 'other.internal', verify: false });
  assert.equal((await ask(gateway)).status, 200);
  assert.deepEqual(
    gateway.warnings.map(({ code, severity }) => [code, severity]),
    [['config-upstream-unverified', 'warning']],
  );
});

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`client certificates over ${maxVersion}: shown, missing, refused`, limit, async (t) => {
    const gatewayCa = issue({ name: 'Gateways', isCa: true });
    const app = await startApp(
      t,
      {},
      { maxVersion, requestCert: true, rejectUnauthorized: true, ca: gatewayCa.certPem },
    );
    const write = (name: string, issued: Issued) => {
      const cert = path.join(app.folder, `${name}.pem`);
      const key = path.join(app.folder, `${name}.key`);
      writeFileSync(cert, issued.certPem);
      writeFileSync(key, issued.keyPem);
      return { cert, key };
    };
    const good = write('good', issue({ name: 'gateway', issuer: gatewayCa, purpose: 'client' }));
    const stranger = write('stranger', issue({ name: 'stranger', purpose: 'client' }));
    const shown = await serve(t, app, { clientCertificate: good });
    assert.equal((await ask(shown)).status, 200);
    assert.equal(app.requests.length, 1);
    // Node's servers close without an alert where they refuse one: no reason is known, and nothing may pass.
    for (const target of [{}, { clientCertificate: stranger }]) {
      const gateway = await serve(t, app, target);
      assert.equal((await ask(gateway)).status, 502);
      assert.notEqual(gateway.records[0]?.error, '');
    }
    assert.equal(app.requests.length, 1);
  });

  test(`an app of OpenSSL says over ${maxVersion} what it thinks of a client certificate`, limit, async (t) => {
    const missing = lacks('openssl');
    if (missing !== undefined) return t.skip(missing);
    const app = issue({ name: 'app.internal' });
    const gatewayCa = issue({ name: 'Gateways', isCa: true });
    const stranger = issue({ name: 'stranger', purpose: 'client' });
    const folder = testFolder(t);
    const write = (name: string, text: string) => {
      writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    };
    const pem = write('app.pem', app.certPem + app.keyPem);
    const authorities = write('gateways.pem', gatewayCa.certPem);
    const clientCertificate = { cert: write('s.pem', stranger.certPem), key: write('s.key', stranger.keyPem) };
    const version = maxVersion === 'TLSv1.3' ? '-tls1_3' : '-tls1_2';
    const to = await startOpenSsl(t, pem, version, '-Verify', '2', '-verify_return_error', '-CAfile', authorities);
    const target = { url: to, serverName: 'app.internal', ca: pem };
    const without = await serveSite(t, { to: target });
    assert.equal((await ask(without)).status, 502);
    const wrong = await serveSite(t, { to: { ...target, clientCertificate } });
    assert.equal((await ask(wrong)).headers['proxy-status'], 'menshen; error=tls_alert_received');
    const codes = [without, wrong].map((gateway) => [gateway.records[0]?.error, gateway.findings[0]?.code]);
    // TLS 1.2 has no alert for a certificate that is missing, only the general one.
    const first = maxVersion === 'TLSv1.3' ? 'upstream-wants-client-certificate' : 'upstream-tls-failed';
    const second = 'upstream-refused-client-certificate';
    assert.deepEqual(codes, [
      [first, first],
      [second, second],
    ]);
  });
}

test('plain HTTP behind https://, HTTP/1.1 behind h2c://, and a port that is shut are told apart', limit, async (t) => {
  const plain = http.createServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  t.after(() => plain.close());
  const { port } = plain.address() as net.AddressInfo;
  const cases = [
    [`https://127.0.0.1:${port}`, 'upstream-speaks-no-tls'],
    [`h2c://127.0.0.1:${port}`, 'upstream-not-http2'],
    ['https://127.0.0.1:1', 'upstream-refused'],
    ['h2c://127.0.0.1:1', 'upstream-refused'],
  ] as const;
  for (const [to, code] of cases) {
    const gateway = await serveSite(t, { to, timeouts: { upstreamConnectRetry: 0 } });
    assert.equal((await ask(gateway)).status, 502, to);
    assert.equal(gateway.records[0]?.error, code, to);
  }
});

test('an app that never shakes hands ends in 504', limit, async (t) => {
  const silent = net.createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => silent.close());
  const { port } = silent.address() as net.AddressInfo;
  for (const to of [`https://127.0.0.1:${port}`, `h2c://127.0.0.1:${port}`]) {
    const gateway = await serveSite(t, { to, timeouts: { upstreamConnect: 200, upstreamConnectRetry: 0 } });
    assert.equal((await ask(gateway)).status, 504, to);
    assert.equal(gateway.records[0]?.error, 'upstream-connect-timeout', to);
  }
});

test('a WebSocket to an app that prefers HTTP/2 goes over HTTP/1.1', limit, async (t) => {
  const app = await startApp(t);
  const gateway = await serve(t, app, {});
  assert.equal((await ask(gateway)).status, 200);
  const upgraded = await new Promise<string>((resolve, reject) => {
    const request = https.request({
      ...connection(gateway),
      headers: {
        host: 'app.test',
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    });
    request.on('error', reject);
    request.on('upgrade', (_response, socket, head) => {
      let text = head.toString();
      socket.on('data', (piece: Buffer) => (text += piece.toString()));
      socket.on('end', () => {
        socket.destroy();
        resolve(text);
      });
    });
    request.end();
  });
  assert.equal(upgraded, 'hello');
  assert.deepEqual(app.requests, ['2.0 GET /', '1.1 upgrade']);
});

test('an app that asks for HTTP/1.1 in HTTP/2 gets the same request again in HTTP/1.1', limit, async (t) => {
  const ca = issue({ name: 'Inner authority', isCa: true });
  const leaf = issue({ name: 'app.internal', issuer: ca });
  const seen: string[] = [];
  const server = http2.createSecureServer({ cert: leaf.certPem, key: leaf.keyPem, allowHTTP1: true });
  server.on('stream', (stream) => {
    seen.push('2.0');
    stream.on('error', () => {});
    stream.close(http2.constants.NGHTTP2_HTTP_1_1_REQUIRED);
  });
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (request.httpVersion !== '1.1') return;
    seen.push('1.1');
    response.end('old ways');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const folder = testFolder(t);
  writeFileSync(path.join(folder, 'inner.pem'), ca.certPem);
  const { port } = server.address() as net.AddressInfo;
  const url = `https://127.0.0.1:${port}`;
  const gateway = await serveSite(
    t,
    { to: { url, serverName: 'app.internal', ca: path.join(folder, 'inner.pem') } },
    folder,
  );
  for (let k = 0; k < 2; k += 1) {
    const { status, content } = await ask(gateway);
    assert.deepEqual([status, content], [200, 'old ways']);
  }
  assert.deepEqual(seen, ['2.0', '1.1', '1.1']);
});

test('an app of OpenSSL that has no site by our name refuses the handshake, and we say so', limit, async (t) => {
  const missing = lacks('openssl');
  if (missing !== undefined) return t.skip(missing);
  const folder = testFolder(t);
  const leaf = issue({ name: 'app.internal' });
  const pem = path.join(folder, 'leaf.pem');
  writeFileSync(pem, leaf.certPem + leaf.keyPem);
  const names = ['-cert2', pem, '-key2', pem, '-servername', 'app.internal', '-servername_fatal'];
  const url = await startOpenSsl(t, pem, ...names);
  const gateway = await serveSite(t, { to: { url, serverName: 'other.internal' } });
  assert.equal((await ask(gateway)).status, 502);
  assert.equal(gateway.records[0]?.error, 'upstream-knows-no-such-name');
});
