import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { BODY, startBackend } from '../../bench/backend.ts';
import { makeCertificate } from '../../bench/certificate.ts';
import { findCommand } from '../../bench/commands.ts';
import { processTree } from '../../bench/measure.ts';
import { nginx } from '../../bench/peers/nginx.ts';
import { freePort, Stage } from '../../bench/processes.ts';
import type { Bench, Subject } from '../../bench/scenario.ts';
import { fullHandshakes, resumedHandshakes } from '../../bench/scenarios/handshakes.ts';
import { bareRequests, browserRequests } from '../../bench/scenarios/keep-alive-requests.ts';

function lacking(): string | undefined {
  if (process.platform !== 'linux') return 'the bench needs Linux';
  const missing = ['nginx', 'wrk', 'openssl', 'taskset'].filter((name) => findCommand(name) === undefined);
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined;
}

async function setUpBench(t: TestContext): Promise<Bench> {
  const stage = new Stage(mkdtempSync(path.join(tmpdir(), 'menshen-bench-test-')));
  t.after(() => stage.stopAll());
  const certificate = makeCertificate(stage, 'localhost');
  return {
    stage,
    backend: await startBackend(stage, 0),
    certificate,
    serverName: 'localhost',
    loadCore: 0,
    seconds: 1,
  };
}

/** A zombie that its parent has not collected yet is not alive. */
function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !readFileSync(stat, 'latin1').includes(') Z ');
}

/** A peer in this process that answers with `content`, whatever it should have answered. */
async function lyingPeer(t: TestContext, bench: Bench, content: string): Promise<Subject> {
  const { certFile, keyFile } = bench.certificate;
  const server: Server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (_, response) =>
    response.end(content),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const running = bench.stage.start({ name: 'sleep', file: 'sleep', args: ['60'], core: 0 });
  return { name: 'liar', port: (server.address() as AddressInfo).port, running };
}

test('nginx is measured with every kind of load, and nothing is left afterwards', async (t) => {
  const reason = lacking();
  if (reason !== undefined) return t.skip(reason);
  const bench = await setUpBench(t);
  const port = await freePort();
  const setting = { ...bench, ...bench.certificate, core: 0, port, backendPort: bench.backend.port };
  const subject = { name: 'nginx', port, running: await nginx.start(setting) };
  for (const scenario of [bareRequests, browserRequests, fullHandshakes, resumedHandshakes]) {
    const value = await scenario.measure(subject, bench);
    assert.ok(value > 0 && Number.isFinite(value), `${scenario.name}: ${value}`);
  }
  const pids = processTree(subject.running.pid);
  assert.ok(pids.length >= 2, 'master and worker');
  await bench.stage.stopAll();
  assert.ok(!existsSync(bench.stage.folder));
  assert.deepEqual(pids.filter(isAlive), []);
});

test('a peer that answers with other bytes ends the run', async (t) => {
  const reason = lacking();
  if (reason !== undefined) return t.skip(reason);
  const bench = await setUpBench(t);
  const subject = await lyingPeer(t, bench, BODY.toUpperCase());
  await assert.rejects(() => bareRequests.measure(subject, bench), /liar: the content is "THE DOOR IS OPEN/);
  await assert.rejects(() => fullHandshakes.measure(subject, bench), /liar.*the content is "THE DOOR IS OPEN/s);
});

test('a process that cannot be started says why', async (t) => {
  if (findCommand('taskset') === undefined) return t.skip('not installed: taskset');
  const stage = new Stage(mkdtempSync(path.join(tmpdir(), 'menshen-bench-test-')));
  t.after(() => stage.stopAll());
  const running = stage.start({ name: 'ghost', file: '/nonexistent/ghost', args: [], core: 0 });
  assert.match(await running.exited, /ghost ended with exit status 127.*No such file/s);
});
