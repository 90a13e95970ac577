import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { findCommand } from '../../../bench/commands.ts';
import { until } from '../quiet.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../../conformance/gateway-under-test.ts';

const CHROMIUM = findCommand('chromium');
const MISSING = 'needs Chromium (Debian package chromium)';
const IMAGES = 100;
/** Runs in the page: how many images it shows. */
const SHOWN = '[...document.images].filter((image) => image.naturalWidth === 8).length';

interface Opened {
  readonly page: Page;
  readonly gateway: GatewayUnderTest;
  readonly origin: string;
}

/** A real browser at a page of the app behind the whole gateway. */
async function open(t: TestContext, app: http.Server): Promise<Opened> {
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const gateway = await startGatewayUnderTest(`127.0.0.1:${(app.address() as AddressInfo).port}`);
  const browser = await chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: ['--no-sandbox', '--disable-quic', '--host-resolver-rules=MAP probe.test 127.0.0.1'],
  });
  t.after(async () => {
    await browser.close();
    app.closeAllConnections();
    await gateway.close();
    await new Promise((resolve) => app.close(resolve));
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  return { page: await context.newPage(), gateway, origin: `https://probe.test:${gateway.port}` };
}

/** How an app treats its images. */
interface ImageTreatment {
  /** Images are asked for and not answered, so that a reload finds them under way. */
  holds: boolean;
  /** Images that were asked for. */
  asked: number;
}

/** A page of many images. */
function imageApp(treatment: ImageTreatment = { holds: false, asked: 0 }): http.Server {
  return http.createServer((request, response) => {
    if (request.url?.startsWith('/image') === true) {
      treatment.asked += 1;
      if (treatment.holds) return;
      response.writeHead(200, { 'content-type': 'image/svg+xml', 'cache-control': 'no-store' });
      response.end('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>');
      return;
    }
    const images = Array.from({ length: IMAGES }, (_, index) => `<img src="/image?${index}" alt="">`);
    response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' });
    response.end(`<!doctype html><title>images</title>${images.join('')}`);
  });
}

test('Chromium loads a page of 100 images over one connection', async (t) => {
  if (CHROMIUM === undefined) return t.skip(MISSING);
  const { page, gateway, origin } = await open(t, imageApp());
  const failed: string[] = [];
  page.on('requestfailed', (request) => failed.push(`${request.url()} ${request.failure()?.errorText}`));
  await page.goto(origin, { waitUntil: 'load' });
  assert.deepEqual(failed, []);
  const shown = await page.evaluate(SHOWN);
  assert.equal(shown, IMAGES);
  const images = gateway.records.filter(({ target }) => target.startsWith('/image'));
  assert.equal(images.length, IMAGES);
  assert.ok(images.every(({ protocol, status }) => protocol === 'HTTP/2.0' && status === 200));
  const handshakes = gateway.records.filter(({ tlsMs }) => tlsMs >= 0);
  assert.ok(handshakes.length <= 2, 'one connection, and at most one that was opened in advance');
});

test('Chromium that reloads such a page over and over, cancelling most of it, is not cut off', async (t) => {
  if (CHROMIUM === undefined) return t.skip(MISSING);
  const images = { holds: true, asked: 0 };
  const { page, gateway, origin } = await open(t, imageApp(images));
  for (let reload = 0; reload < 12; reload += 1) {
    const before = images.asked;
    await page.goto(`${origin}/?${reload}`, { waitUntil: 'commit' });
    await until(() => images.asked >= before + 20, 'some images of this page at the app');
  }
  images.holds = false;
  const failed: string[] = [];
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // What the browser cancelled itself is told late on a busy machine; what the gateway cuts has another name.
    if (reason !== 'net::ERR_ABORTED') failed.push(`${request.url()} ${reason}`);
  });
  await page.goto(`${origin}/?last`, { waitUntil: 'load' });
  assert.deepEqual(failed, []);
  const shown = await page.evaluate(SHOWN);
  assert.equal(shown, IMAGES);
  const cancelled = gateway.records.filter(({ error }) => error === 'client-gone');
  assert.ok(cancelled.length > 100, `${cancelled.length} requests were cancelled`);
  const others = gateway.records.filter(({ error }) => error !== '' && error !== 'client-gone');
  assert.deepEqual(
    others.map(({ error }) => error),
    [],
  );
  const handshakes = gateway.records.filter(({ tlsMs }) => tlsMs >= 0);
  assert.ok(handshakes.length <= 2, `${handshakes.length} connections for all of it`);
});

test('Chromium opens a WebSocket on the HTTP/2 connection that it has', async (t) => {
  if (CHROMIUM === undefined) return t.skip(MISSING);
  const app = imageApp();
  const vias: (string | undefined)[] = [];
  const sockets = new WebSocketServer({ server: app });
  sockets.on('connection', (socket, request) => {
    vias.push(request.headers.via);
    socket.on('message', (message: Buffer, isBinary) => socket.send(message, { binary: isBinary }));
  });
  const { page, gateway, origin } = await open(t, app);
  await page.goto(origin, { waitUntil: 'load' });
  const echoed = await page.evaluate(`(async () => {
    const socket = new WebSocket('${origin.replace('https:', 'wss:')}');
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error('the WebSocket failed'));
    });
    const answers = [];
    for (const text of ['one', '二', 'x'.repeat(200_000)]) {
      const answer = new Promise((resolve) => (socket.onmessage = resolve));
      socket.send(text);
      answers.push((await answer).data.length);
    }
    socket.close(1000);
    await new Promise((resolve) => (socket.onclose = resolve));
    return answers;
  })()`);
  assert.deepEqual(echoed, [3, 1, 200_000]);
  assert.deepEqual(vias, ['2.0 menshen']);
  const record = gateway.records.find(({ bytesReceived }) => bytesReceived > 200_000);
  assert.equal(record?.protocol, 'HTTP/2.0');
});
