/** Attacks and injections of the shared corpora, run as they are against the whole gateway over TLS. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { startGatewayUnderTest, startObservingApp, type GatewayUnderTest } from './gateway-under-test.ts';

const folder = path.join('..', 'shared', 'corpora', 'http', 'h2');
const isThere = (name: string): boolean => existsSync(path.join(folder, name));
const run = promisify(execFile);

async function lines(name: string, ...args: readonly string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, [path.join(folder, name), ...args], { timeout: 120_000 });
  return stdout.split('\n').filter((line) => line.trim() !== '');
}

async function gatewayFor(t: TestContext, port: number): Promise<GatewayUnderTest> {
  const gateway = await startGatewayUnderTest(`127.0.0.1:${port}`);
  t.after(() => gateway.close());
  return gateway;
}

/** What may pass: each is allowed by RFC 9113, and what an app sees of it was checked by the app of this test. */
const PASSES = new Map([
  ['baseline', '200 OK'],
  ['host only', '200 OK'],
  ['te: trailers', '200 OK'],
  ['expect: 100-continue', '200 hello'],
  // Answered by the gateway: CONNECT with 405, the WebSocket with what the app says.
  ['CONNECT', '200 405 Method Not Allowed'],
  ['ext CONNECT ws', '200 OK'],
  // Content-Length in trailers means nothing and is left out (RFC 9110 section 6.5.1).
  ['trailers w/ CL', '200 hi'],
  ['cookie split', '200 OK'],
  ['8bit value', '200 OK'],
]);

test('every injection of the corpus is refused, and none reaches the app', async (t) => {
  if (!isThere('inject.mjs')) return t.skip('needs ../shared/corpora');
  const app = await startObservingApp();
  t.after(() => app.close());
  const gateway = await gatewayFor(t, app.port);
  const results = await lines('inject.mjs', String(gateway.port));
  const verdicts = results.flatMap((line) => {
    const found = /^(.{28}) (RST \d+|200 .*|closed|nothing|GOAWAY.*)$/.exec(line);
    return found === null ? [] : [[found[1]!.trim(), found[2]!] as const];
  });
  assert.ok(verdicts.length >= 50);
  let passed = 0;
  for (const [name, verdict] of verdicts) {
    const expected = PASSES.get(name);
    assert.equal(verdict, expected ?? 'RST 1', name);
    if (expected !== undefined && name !== 'CONNECT') passed += 1;
  }
  assert.equal(app.requests, passed);
  assert.deepEqual(app.objections, []);
});

test('every attack of the corpus is contained: the connection ends, the app is busy with little', async (t) => {
  if (!isThere('attack.mjs')) return t.skip('needs ../shared/corpora');
  let active = 0;
  let most = 0;
  const app = http.createServer((request, response) => {
    if (request.url === '/stat' || request.url === '/reset') {
      response.end(JSON.stringify({ most }));
      if (request.url === '/reset') most = active;
      return;
    }
    active += 1;
    most = Math.max(most, active);
    response.once('close', () => (active -= 1));
    setTimeout(() => response.end('late'), 1000);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    app.closeAllConnections();
    app.close();
  });
  const gateway = await gatewayFor(t, (app.address() as AddressInfo).port);
  const attacks = [
    'rapidreset',
    'madeyoureset',
    'madeyoureset_overflow',
    'madeyoureset_dataafterclose',
    'madeyoureset_prio',
    'continuation',
    'ping',
    'settings',
    'hpackbomb',
    'hpackbomb120',
  ];
  const results = await lines('attack.mjs', attacks.join(','), String(gateway.port));
  assert.deepEqual(
    results.map((line) => line.split(' ')[0]),
    attacks,
  );
  for (const line of results) {
    t.diagnostic(line.replaceAll(/ +/g, ' '));
    assert.match(line, /closed=true GOAWAY err=11 h2-/);
    assert.ok(Number(/"most":(\d+)/.exec(line)?.[1]) <= 256, line);
  }
  t.diagnostic(`${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident, gateway, app and test together`);
});
