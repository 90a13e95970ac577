import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import tls from 'node:tls';
import { WebSocket, type ClientOptions } from 'ws';
import { systemContext } from '../../src/config/files.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { Config } from '../../src/config/config.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/gateway/observe/log.ts';
import { startPlainApp } from '../apps/plain-app.ts';
import { startWebSocketEcho } from '../apps/websocket-echo.ts';
import { until } from './quiet.ts';
import { lacks } from './serve-process.ts';
import { issue, type Issued } from './tls/certificates.ts';

const RELOADS = 2000;
const SWAPS = 200;
const WEB_SOCKETS = 20;

/** Certificates of one CA for the same name, so that a client that trusts the CA takes both. */
function certificates(): { readonly ca: Issued; readonly both: readonly Issued[] } {
  const ca = issue({ name: 'Test CA', isCa: true });
  return { ca, both: ['localhost', 'localhost'].map((name) => issue({ name, issuer: ca, purpose: 'server' })) };
}

test(
  `${RELOADS} reloads and ${SWAPS} certificate swaps under load fail no request and drop no WebSocket`,
  { timeout: 280_000 },
  async (t) => {
    const missing = lacks('wrk');
    if (missing !== undefined) return t.skip(missing);
    const [app, echo] = await Promise.all([startPlainApp(), startWebSocketEcho()]);
    const folder = mkdtempSync(path.join(tmpdir(), 'menshen-reload-'));
    const { both } = certificates();
    for (const [index, { certPem, keyPem }] of both.entries()) {
      writeFileSync(path.join(folder, `${index}.pem`), certPem);
      writeFileSync(path.join(folder, `${index}.key`), keyPem);
    }
    /** `turn` changes a site beside those that are under load; `swap` is the certificate that is to be live. */
    const configuration = (turn: number, swap: number): Config => {
      const certificate = { cert: path.join(folder, `${swap % 2}.pem`), key: path.join(folder, `${swap % 2}.key`) };
      const { config, findings } = readConfig(
        {
          state: path.join(folder, 'state'),
          listen: { https: 0, http: 0, host: '127.0.0.1' },
          admin: { port: 0 },
          sites: {
            localhost: { to: app.target, certificate },
            'ws.localhost': {
              to: echo.target,
              certificate: { cert: path.join(folder, '0.pem'), key: path.join(folder, '0.key') },
            },
            'other.localhost': { to: app.target, timeouts: { keepAliveIdle: 10_000 + turn }, certificate },
          },
        },
        systemContext(folder),
      );
      assert.ok(config, JSON.stringify(findings));
      return config;
    };
    const log = createLog({ format: 'json', language: 'en', output: '/dev/null' });
    const gateway = await createGateway(configuration(0, 0), { log });
    await gateway.start();
    const port = gateway.httpsPort;
    t.after(async () => {
      await gateway.drain();
      await log.close();
      await Promise.all([app.close(), echo.close()]);
      rmSync(folder, { recursive: true, force: true });
    });

    const sockets = await Promise.all(
      Array.from({ length: WEB_SOCKETS }, async () => {
        // `servername` goes through to tls.connect.
        const options: ClientOptions & tls.ConnectionOptions = {
          servername: 'ws.localhost',
          headers: { Host: 'ws.localhost' },
          rejectUnauthorized: false,
        };
        const socket = new WebSocket(`wss://127.0.0.1:${port}/`, options);
        await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
        return socket;
      }),
    );
    let dropped = 0;
    let echoes = 0;
    for (const socket of sockets) {
      socket.on('close', () => (dropped += 1));
      socket.on('message', () => (echoes += 1));
    }

    const load = spawn('wrk', ['-t1', '-c16', '-d600', `https://localhost:${port}/x`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let report = '';
    load.stdout.on('data', (chunk: Buffer) => (report += chunk.toString()));
    const loaded = new Promise((resolve) => load.once('exit', resolve));
    t.after(() => load.kill('SIGKILL'));

    const memory: number[] = [];
    let swap = 0;
    for (let turn = 1; turn <= RELOADS; turn += 1) {
      if (turn % (RELOADS / SWAPS) === 0) swap += 1;
      const findings = await gateway.reload(configuration(turn, swap));
      assert.deepEqual(
        findings.filter((found) => found.severity === 'error'),
        [],
      );
      if (turn % 50 === 0) for (const socket of sockets) socket.send(`turn ${turn}`);
      if (turn % (RELOADS / 10) === 0) {
        globalThis.gc?.();
        memory.push(process.memoryUsage().rss);
      }
    }
    // The last certificate is the one that is served now.
    const served = await new Promise<string>((resolve, reject) => {
      const socket = tls.connect(
        { port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false },
        () => {
          resolve(socket.getPeerX509Certificate()?.toString() ?? '');
          socket.destroy();
        },
      );
      socket.once('error', reject);
    });
    assert.equal(served.replaceAll(/\s/g, ''), both[swap % 2]!.certPem.replaceAll(/\s/g, ''));

    // wrk says what it counted when it is interrupted.
    load.kill('SIGINT');
    await loaded;
    assert.match(report, /requests in/);
    assert.doesNotMatch(report, /Non-2xx|Socket errors/, report);
    const wanted = WEB_SOCKETS * Math.floor(RELOADS / 50);
    await until(() => echoes >= wanted || dropped > 0, 'every echo');
    assert.equal(dropped, 0, 'no WebSocket is dropped');
    assert.equal(echoes, wanted);
    for (const socket of sockets) socket.removeAllListeners('close').terminate();
    // Flat: what the second half of the reloads adds is little beside what the process needs anyway.
    const [middle, last] = [memory[4]!, memory.at(-1)!];
    t.diagnostic(`resident memory, MB: ${memory.map((bytes) => Math.round(bytes / 1e6)).join(' ')}`);
    t.diagnostic(
      report
        .split('\n')
        .find((line) => line.includes('requests in'))
        ?.trim() ?? '',
    );
    assert.ok(last < middle * 1.25, `${middle} grew to ${last}`);
  },
);
