/** A hundred certificates are renewed while wrk, h2load and open WebSockets use the gateway: nobody notices. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type tls from 'node:tls';
import { WebSocket, type ClientOptions } from 'ws';
import { askGateway } from '../../../src/gateway/certificates/control.ts';
import { certificateIdOf } from '../../../src/store/entry-name.ts';
import { createFolderStore } from '../../../src/store/folder-store.ts';
import { openFolder } from '../../../src/store/folder.ts';
import { startPlainApp } from '../../apps/plain-app.ts';
import { startWebSocketEcho } from '../../apps/websocket-echo.ts';
import { until } from '../../gateway/quiet.ts';
import { lacks, run } from '../../gateway/serve-process.ts';
import { issue } from '../../gateway/tls/certificates.ts';
import { pebblePrograms, startPebble } from '../pebble.ts';
import { certificateShown, freePorts, startLive, testFolder } from './live-gateway.ts';

const CERTIFICATES = 100;
const WEB_SOCKETS = 20;
const SERVED_WITHIN_MS = 1_000;

interface Load {
  /** What it printed. */
  end(): Promise<string>;
}

/** wrk, until it is told to end. */
function wrkOn(url: string): Load {
  const child = spawn('wrk', ['-t1', '-c16', '-d110s', '--timeout', '20s', url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async end() {
      child.kill('SIGINT');
      await ended;
      return printed;
    },
  };
}

/** h2load round after round, since it says nothing when it is ended: new connections each time. */
function h2loadOn(url: string): Load {
  const over = new AbortController();
  const rounds = (async () => {
    let printed = '';
    while (!over.signal.aborted) printed += (await run('h2load', '-n', '500', '-c', '4', '-m', '8', url)).stdout;
    return printed;
  })();
  return {
    end() {
      over.abort();
      return rounds;
    },
  };
}

test(
  `${CERTIFICATES} renewals under load: no request fails, no WebSocket falls, new ones are served at once`,
  { timeout: 120_000 },
  async (t) => {
    const [program] = pebblePrograms;
    const missing = program === undefined ? 'pebble and pebble-challtestsrv are not installed' : lacks('wrk', 'h2load');
    if (program === undefined || missing !== undefined) return t.skip(missing);
    const [app, echo] = await Promise.all([startPlainApp(), startWebSocketEcho()]);
    t.after(() => Promise.all([app.close(), echo.close()]));
    const [folder, ports] = [testFolder(), await freePorts()];
    const pebble = await startPebble(program, { config: { httpPort: ports.httpPort, tlsPort: ports.httpsPort } });
    t.after(() => pebble.stop());
    writeFileSync(path.join(folder, 'pebble-root.pem'), pebble.serverRoot);

    // What is to be renewed is in the store already, so that the load sees renewals and nothing else.
    const names = Array.from({ length: CERTIFICATES }, (_, index) => `site${index}.menshen.test`);
    const store = createFolderStore({ folder: await openFolder(path.join(folder, 'state')), clock: Date.now });
    const before = new Map<string, string>();
    for (const name of names) {
      const { certPem, keyPem } = issue({ name, purpose: 'server' });
      const identifiers = [{ type: 'dns', value: name }] as const;
      const id = certificateIdOf(identifiers, 'ecdsa');
      const lease = await store.acquire(id, 'test', 60_000);
      const leaf = new X509Certificate(certPem);
      before.set(name, leaf.serialNumber);
      await store.publish(lease!, {
        identifiers,
        keyType: 'ecdsa',
        issuer: 'imported',
        chainPem: certPem,
        privateKeyPem: keyPem,
        obtainedAtMs: Date.now(),
        notBeforeMs: Date.parse(leaf.validFrom),
        notAfterMs: Date.parse(leaf.validTo),
      });
      await store.release(lease!);
    }
    const issuers = { directory: pebble.directoryUrl, name: 'pebble', ca: 'pebble-root.pem', internal: true };
    const sites = { ...Object.fromEntries(names.map((name) => [name, app.target])), [names[1]!]: echo.target };
    const gateway = await startLive(t, { issuers, sites, defaultSite: names[0] }, { folder, ports });
    assert.equal(
      (await gateway.shown(names[2]!)).serialNumber,
      before.get(names[2]!),
      'the store is served from the start',
    );

    const url = `https://127.0.0.1:${gateway.httpsPort}/`;
    const loads = [wrkOn(url), h2loadOn(url)];
    let echoed = 0;
    let fallen = 0;
    const sockets = await Promise.all(
      Array.from({ length: WEB_SOCKETS }, async () => {
        const options: ClientOptions & tls.ConnectionOptions = { servername: names[1]!, rejectUnauthorized: false };
        const headers = { host: names[1]! };
        const socket = new WebSocket(`wss://127.0.0.1:${gateway.httpsPort}/echo`, { ...options, headers });
        await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
        socket.on('close', () => (fallen += 1));
        socket.on('message', () => (echoed += 1));
        return socket;
      }),
    );
    let sent = 0;
    const talking = setInterval(() => {
      for (const socket of sockets) socket.send(`${(sent += 1)}`);
    }, 100);
    t.after(() => clearInterval(talking));

    const folderOfState = await openFolder(gateway.state);
    const startedMs = performance.now();
    let slowest = 0;
    await Promise.all(
      names.map(async (name) => {
        const id = certificateIdOf([{ type: 'dns', value: name }], 'ecdsa');
        const asked = await askGateway(folderOfState, { kind: 'renew', id }, 100_000);
        const answeredMs = performance.now();
        assert.ok(asked.ok, `${name} was not renewed in time`);
        assert.deepEqual(
          asked.findings.map(({ code }) => code),
          ['certs-renewed'],
          JSON.stringify(asked.findings),
        );
        const shown = await certificateShown(gateway.httpsPort, name);
        assert.notEqual(shown.serialNumber, before.get(name), `${name} is served anew`);
        slowest = Math.max(slowest, performance.now() - answeredMs);
      }),
    );
    const seconds = (performance.now() - startedMs) / 1000;
    clearInterval(talking);
    const [wrk = '', h2load = ''] = await Promise.all(loads.map((one) => one.end()));
    await until(() => echoed >= sent, 'every message comes back');
    t.diagnostic(
      `${CERTIFICATES} renewals in ${seconds.toFixed(1)} s; new serial seen within ${slowest.toFixed(0)} ms`,
    );
    t.diagnostic(
      wrk
        .split('\n')
        .filter((line) => /requests in|Socket|Non-2xx/.test(line))
        .join(' '),
    );
    const http2 = [...h2load.matchAll(/^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/gm)];
    const answered = http2.reduce((sum, [, good]) => sum + Number(good), 0);
    t.diagnostic(`h2load: ${answered} of ${http2.length * 500} requests answered with 2xx`);
    t.diagnostic(`${WEB_SOCKETS} WebSockets: ${echoed} of ${sent} messages came back, ${fallen} fell`);
    assert.match(wrk, /[1-9]\d* requests in/);
    assert.doesNotMatch(wrk, /Socket errors|Non-2xx/, wrk);
    assert.ok(http2.length > 0, h2load);
    assert.equal(answered, http2.length * 500, h2load);
    assert.equal(fallen, 0);
    assert.equal(echoed, sent);
    assert.ok(slowest < SERVED_WITHIN_MS * 5, `${slowest} ms`);
    for (const socket of sockets) socket.terminate();
  },
);
