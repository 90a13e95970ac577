import assert from 'node:assert/strict';
import type http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createAcmeHttp, type AcmeHttpClient, type AcmeHttpOutcome } from '../../../src/acme/client/http.ts';
import { openLocalCa } from '../../../src/pki/local-ca.ts';
import { openFolder } from '../../../src/store/folder.ts';

describe('HTTPS towards a CA', () => {
  let server: https.Server;
  let root: string;
  let port: number;
  let answer: http.RequestListener = (_, response) => response.end('hello');
  const clients: AcmeHttpClient[] = [];

  before(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'menshen-acme-http-'));
    try {
      const state = await openFolder(folder);
      const options = { folder: state, clock: Date.now, random: randomBytes, machine: 'test' };
      const ca = await openLocalCa(options, ['localhost']);
      const { certPem: cert, keyPem: key } = await ca.issue('localhost');
      root = ca.rootPem;
      server = https.createServer({ cert, key }, (request, response) => answer(request, response));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ({ port } = server.address() as AddressInfo);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  after(async () => {
    for (const client of clients) client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function client(timeoutMs = 10_000, roots: string | undefined = root): AcmeHttpClient {
    const made = createAcmeHttp({ issuer: 'test', userAgent: 'menshen-test', timeoutMs, ...(roots && { roots }) });
    clients.push(made);
    return made;
  }
  const get = (
    by: AcmeHttpClient,
    url = `https://localhost:${port}/`,
    signal?: AbortSignal,
  ): Promise<AcmeHttpOutcome> =>
    by.send({ method: 'GET', url, headers: {}, maxBytes: 1000, ...(signal && { signal }) });

  function assertFailed(outcome: AcmeHttpOutcome, code: string, sent: boolean): void {
    assert.ok(!outcome.ok);
    assert.equal(outcome.finding.code, code, JSON.stringify(outcome.finding));
    assert.equal(outcome.sent, sent, code);
  }

  test('an answer comes with status, fields and content; the request says who asks', async () => {
    let agent: string | undefined;
    answer = (request, response) => {
      agent = request.headers['user-agent'];
      response.writeHead(
        201,
        [
          ['Link', '<a>;rel=x'],
          ['Link', '<b>;rel=y'],
          ['Replay-Nonce', 'abc'],
        ].flat(),
      );
      response.end('made');
    };
    const outcome = await get(client());
    assert.ok(outcome.ok);
    const { status, headers, content } = outcome.response;
    assert.deepEqual(
      [status, headers['link'], headers['replay-nonce'], content],
      [201, '<a>;rel=x, <b>;rel=y', 'abc', 'made'],
    );
    assert.equal(agent, 'menshen-test');
  });

  test('connections are kept from request to request', async () => {
    const ports = new Set<number | undefined>();
    answer = (request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    };
    const one = client();
    for (let count = 0; count < 3; count++) assert.ok((await get(one)).ok);
    assert.equal(ports.size, 1);
  });

  test('roots of the settings alone decide whom to trust', async () => {
    assertFailed(await get(client(10_000, '')), 'acme-server-untrusted', false);
    const elsewhere = await get(client(), `https://127.0.0.1:${port}/`);
    // The certificate is for localhost and no other name.
    assertFailed(elsewhere, 'acme-server-untrusted', false);
  });

  test('nobody there, and nobody by that name, is told; the request was not sent', async () => {
    const closed = net.createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const free = (closed.address() as AddressInfo).port;
    await new Promise((resolve) => closed.close(resolve));
    assertFailed(await get(client(), `https://localhost:${free}/`), 'acme-unreachable', false);
    const unknown = createAcmeHttp({
      issuer: 'test',
      userAgent: 'x',
      timeoutMs: 1000,
      lookup: (_, __, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), ''),
    });
    clients.push(unknown);
    assertFailed(await get(unknown, 'https://ca.test/'), 'acme-name-unresolved', false);
  });

  test('an answer that is lost on the way was perhaps acted upon', async () => {
    answer = (request) => request.socket.destroy();
    assertFailed(await get(client()), 'acme-connection-lost', true);
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => request.socket.destroy());
    };
    assertFailed(await get(client()), 'acme-connection-lost', true);
  });

  test('an answer without end, and one that does not come, are given up', async () => {
    answer = (_, response) => response.end('x'.repeat(1001));
    assertFailed(await get(client()), 'acme-answer-too-large', true);
    // On a kept connection the request is on its way at once, however slow the machine is.
    const impatient = client(1000);
    answer = (_, response) => response.end();
    assert.ok((await get(impatient)).ok);
    answer = () => undefined;
    assertFailed(await get(impatient), 'acme-timeout', true);
    const abort = new AbortController();
    const stopped = get(client(), `https://localhost:${port}/`, abort.signal);
    setTimeout(() => abort.abort(), 50);
    const outcome = await stopped;
    assert.equal(!outcome.ok && outcome.finding.code, 'acme-stopped');
  });

  test('redirections are not followed', async () => {
    answer = (_, response) => response.writeHead(302, { location: 'https://localhost:1/' }).end();
    const outcome = await get(client());
    assert.ok(outcome.ok);
    assert.equal(outcome.response.status, 302);
  });
});
