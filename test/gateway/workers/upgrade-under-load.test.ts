/** Workers are replaced under wrk, h2load, open WebSockets and downloads of a gigabyte: nothing else ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { startWebSocketEcho } from '../../apps/websocket-echo.ts';
import { lacks, run } from '../serve-process.ts';
import { bin, limit, runs, startSupervised, until } from './supervised.ts';

const GIGABYTE = 1_000_000_000;
const PIECE = 1_000_000;
const UPGRADES = 3;
const WEB_SOCKETS = 20;
/** What h2load sends on one connection before it makes a new one. */
const H2_REQUESTS = 2_000;

/** `/small-h2` is counted; of `/gigabyte` as many octets come as are released, with backpressure. */
async function startApp(t: TestContext) {
  const piece = Buffer.alloc(PIECE, 0x6d);
  const streams = new Set<() => void>();
  const seen = { small: 0 };
  let released = 0;
  const server = http.createServer((request, response) => {
    if (request.url !== '/gigabyte') {
      if (request.url === '/small-h2') seen.small += 1;
      response.end('small');
      return;
    }
    response.writeHead(200, { 'content-length': GIGABYTE });
    let sent = 0;
    const go = (): void => {
      while (sent < released && !response.writableNeedDrain) {
        sent += piece.length;
        response.write(piece);
      }
      if (sent < GIGABYTE) return;
      streams.delete(go);
      response.end();
    };
    response.on('drain', go);
    streams.add(go);
    go();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const release = (octets: number): void => {
    released = octets;
    for (const go of streams) go();
  };
  return { target: (server.address() as AddressInfo).port, seen, release, downloading: () => streams.size };
}

const missing = process.platform === 'linux' ? lacks('wrk', 'h2load', 'curl') : 'needs /proc';

test(
  `${UPGRADES} upgrades under load: requests, WebSockets and downloads of a gigabyte go on`,
  { ...limit, skip: missing ?? false },
  async (t) => {
    const app = await startApp(t);
    const echo = await startWebSocketEcho();
    t.after(() => echo.close());
    const sites = { 'app.localhost': app.target, 'ws.localhost': echo.port };
    const gateway = await startSupervised(t, { sites, defaultSite: 'app.localhost' });
    const { httpsPort, folder, configFile } = gateway.serve;
    const first = (await gateway.workers()).map(({ pid }) => pid);
    // wrk asks the system for names, which need not know those of localhost.
    const origin = `https://127.0.0.1:${httpsPort}`;

    const tunnels = await Promise.all(
      Array.from({ length: WEB_SOCKETS }, async () => {
        const options = { ca: gateway.ca, servername: 'ws.localhost', headers: { Host: 'ws.localhost' } };
        const tunnel = new WebSocket(`wss://127.0.0.1:${httpsPort}/echo`, options);
        await once(tunnel, 'open');
        return tunnel;
      }),
    );
    let fallen = 0;
    for (const tunnel of tunnels) tunnel.on('close', () => (fallen += 1));

    const downloads = ['--http1.1', '--http2'].map((version) => {
      const words = ['-sS', version, '--cacert', gateway.serve.rootFile];
      const to = ['--resolve', `app.localhost:${httpsPort}:127.0.0.1`, `https://app.localhost:${httpsPort}/gigabyte`];
      return run('curl', ...words, '-o', '/dev/null', '-w', '%{http_code} %{size_download}', ...to);
    });
    const wrk = spawn('wrk', ['-t1', '-c8', '-d100s', '--timeout', '30s', `${origin}/small`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const wrkEnded = once(wrk, 'close');
    t.after(() => wrk.kill('SIGKILL'));
    let wrkSaid = '';
    wrk.stdout.on('data', (octets: Buffer) => (wrkSaid += octets.toString()));
    const over = new AbortController();
    t.after(() => over.abort());
    const h2loadSaid = (async () => {
      const said: string[] = [];
      while (!over.signal.aborted) {
        const words = ['-n', String(H2_REQUESTS), '-c', '2', '-m', '8'];
        said.push((await run('h2load', ...words, `${origin}/small-h2`)).stdout);
      }
      return said;
    })();

    await until(() => app.downloading() === 2);
    for (let upgrade = 1; upgrade <= UPGRADES; upgrade += 1) {
      const words = ['upgrade', '--config', configFile, '--state', path.join(folder, 'state')];
      const { status, stderr } = await run(process.execPath, bin, ...words);
      assert.equal(status, 0, stderr);
      assert.equal(app.downloading(), 2, 'both downloads are under way');
      app.release((GIGABYTE / PIECE / UPGRADES) * upgrade * PIECE);
      for (const tunnel of tunnels) {
        const message = once(tunnel, 'message');
        tunnel.send(`after ${upgrade}`);
        assert.equal(String((await message)[0]), `after ${upgrade}`);
      }
    }

    over.abort();
    wrk.kill('SIGINT');
    await wrkEnded;
    assert.match(wrkSaid, /\d+ requests in/);
    assert.doesNotMatch(wrkSaid, /Socket errors|Non-2xx/, wrkSaid);
    let succeeded = 0;
    for (const said of await h2loadSaid) {
      // `errored` are those that h2load had not sent when it was told to go: it opens no other connection for them.
      const counts = /(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/.exec(said);
      assert.ok(counts, said);
      assert.equal(Number(counts[2]), Number(counts[3]), said);
      assert.equal(counts[4], '0', said);
      assert.match(said, / 0 3xx, 0 4xx, 0 5xx/, said);
      succeeded += Number(counts[1]);
    }
    assert.ok(succeeded > 0);
    assert.equal(app.seen.small, succeeded, 'whatever reached the app over HTTP/2 was answered');
    for (const { status, stdout, stderr } of await Promise.all(downloads)) {
      assert.deepEqual([status, stdout], [0, `200 ${GIGABYTE}`], stderr);
    }
    assert.equal(fallen, 0);
    for (const tunnel of tunnels) tunnel.close();
    await until(async () => (await Promise.all(first.map(runs))).every((alive) => !alive));
    assert.equal(await gateway.serve.end(), 0);
  },
);
