import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { freePort } from '../free-port.ts';
import { freeSocketPath } from '../apps/app.ts';
import { fastApiMissing, startFastApi } from '../apps/fastapi-app.ts';
import { startPlainApp } from '../apps/plain-app.ts';
import { lacks, run, startServe } from './serve-process.ts';

const limit = { timeout: 120_000 };

test('a FastAPI app, a second app and an app on a unix socket stand behind their own domains', limit, async (t) => {
  const missing = fastApiMissing() ?? lacks('curl');
  if (missing !== undefined) return t.skip(missing);
  const { socketPath, remove } = freeSocketPath();
  const apps = [await startFastApi(), await startPlainApp({}, 'second'), await startPlainApp({ socketPath }, 'unix')];
  t.after(async () => {
    await Promise.all(apps.map((app) => app.close()));
    remove();
  });
  const gateway = await startServe(t, {
    sites: {
      'someapp.example.com': `http://${apps[0]!.target}`,
      'second.example.com': apps[1]!.target,
      '*.tenants.example.com': apps[2]!.target,
    },
  });
  const fastApi = await gateway.curl('-i', 'https://someapp.example.com/openapi.json');
  assert.equal(fastApi.status, 0, fastApi.stderr);
  assert.match(fastApi.stdout, /^HTTP\/\S+ 200/);
  assert.match(fastApi.stdout, /server: uvicorn/i);
  assert.match((await gateway.curl('-i', 'https://second.example.com/x')).stdout, /x-app: second/i);
  assert.match((await gateway.curl('-i', 'https://one.tenants.example.com/x')).stdout, /x-app: unix/i);
  const nobody = await gateway.curl('https://a.b.tenants.example.com/');
  assert.notEqual(nobody.status, 0);
  assert.match(nobody.stderr, /unrecognized name/);
  const refused = await gateway.line((line) => line['code'] === 'handshake-unknown-name');
  assert.equal(refused['serverName'], 'a.b.tenants.example.com');
  const access = await gateway.line((line) => line['site'] === 'someapp.example.com');
  assert.equal(access['status'], 200);
  assert.equal(access['upstream'], `http://${apps[0]!.target}`);
  assert.equal(await gateway.end(), 0);
});

test('the plain port sends people to HTTPS, and plain HTTP on the HTTPS port is told so', limit, async (t) => {
  const missing = lacks('curl');
  if (missing !== undefined) return t.skip(missing);
  const app = await startPlainApp();
  t.after(() => app.close());
  const gateway = await startServe(t, { sites: { 'app.localhost': app.target } });
  const plain = async (...args: string[]): Promise<string> => (await run('curl', '-sS', '-i', ...args)).stdout;
  const redirect = await plain('-H', 'Host: app.localhost', `http://127.0.0.1:${gateway.httpPort}/a%20b?c=d`);
  assert.match(redirect, /^HTTP\/1\.1 308 /);
  assert.ok(redirect.includes(`Location: https://app.localhost:${gateway.httpsPort}/a%20b?c=d\r\n`), redirect);
  assert.match(await plain('-H', 'Host: other.test', `http://127.0.0.1:${gateway.httpPort}/`), /^HTTP\/1\.1 404 /);
  assert.match(await plain(`http://127.0.0.1:${gateway.httpsPort}/`), /^HTTP\/1\.1 400 [^]*https:\/\//);
  await gateway.line((line) => line['code'] === 'handshake-plain-http');
});

test('files come first and the app answers the rest', limit, async (t) => {
  const missing = lacks('curl');
  if (missing !== undefined) return t.skip(missing);
  const app = await startPlainApp({}, 'behind the files');
  t.after(() => app.close());
  const folder = `${freeSocketPath().socketPath}.public`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>here</title>');
  const gateway = await startServe(t, { sites: { 'www.localhost': { root: folder, fallback: app.target } } });
  const page = (await gateway.curl('-i', 'https://www.localhost/')).stdout;
  assert.match(page, /text\/html/);
  const etag = /etag: (\S+)/i.exec(page)?.[1] ?? '';
  assert.match(
    (await gateway.curl('-i', '-H', `If-None-Match: ${etag}`, 'https://www.localhost/')).stdout,
    /^HTTP\/\S+ 304/,
  );
  assert.match(
    (await gateway.curl('-i', '-r', '0-8', 'https://www.localhost/index.html')).stdout,
    /^HTTP\/\S+ 206[^]*<!doctype$/,
  );
  assert.match((await gateway.curl('-i', 'https://www.localhost/not/a/file')).stdout, /x-app: behind the files/i);
  assert.match((await gateway.curl('-i', '-d', 'x=1', 'https://www.localhost/')).stdout, /x-app: behind the files/i);
});

test('a port that is taken is told with its holder and three ways out', limit, async (t) => {
  const app = await startPlainApp();
  t.after(() => app.close());
  const port = await freePort();
  const bin = path.resolve('bin', 'menshen.js');
  const flags = ['--host', '127.0.0.1', '--https-port', String(app.port), '--http-port', String(port)];
  flags.push('--admin-port', '0', '--state', freeSocketPath().socketPath, '--lang', 'en');
  const { status, stderr } = await run(process.execPath, bin, 'serve', `app.localhost=${app.port}`, ...flags);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`${app.port}[^]*${process.platform === 'linux' ? process.pid : ''}`));
  assert.match(stderr, /--https-port/);
});
