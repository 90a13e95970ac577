import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { BODY, startBackend } from '../../bench/backend.ts';
import { makeCertificate } from '../../bench/certificate.ts';
import { findCommand } from '../../bench/commands.ts';
import { makeContents } from '../../bench/contents.ts';
import { processTree } from '../../bench/measure.ts';
import type { Peer } from '../../bench/peer.ts';
import { nginx } from '../../bench/peers/nginx.ts';
import { nodeProxy } from '../../bench/peers/node-proxy.ts';
import { Stage } from '../../bench/processes.ts';
import { runScenarios } from '../../bench/run.ts';
import type { Bench } from '../../bench/scenario.ts';
import { churn } from '../../bench/scenarios/churn.ts';
import { fullHandshakes, resumedHandshakes } from '../../bench/scenarios/handshakes.ts';
import { bareRequests, browserRequests, twoWorkers } from '../../bench/scenarios/keep-alive-requests.ts';
import { tenStreams } from '../../bench/scenarios/streams.ts';
import { transfers } from '../../bench/scenarios/transfers.ts';

function lacking(): string | undefined {
  if (process.platform !== 'linux') return 'the bench needs Linux';
  const missing = ['nginx', 'wrk', 'h2load', 'curl', 'openssl', 'taskset'].filter(
    (name) => findCommand(name) === undefined,
  );
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined;
}

async function setUpBench(t: TestContext): Promise<Bench> {
  const stage = new Stage(mkdtempSync(path.join(tmpdir(), 'menshen-bench-test-')));
  t.after(() => stage.stopAll());
  const certificate = makeCertificate(stage, 'localhost');
  const contents = makeContents(stage);
  return {
    stage,
    contents,
    backend: await startBackend(stage, [0], contents.root),
    certificate,
    serverName: 'localhost',
    loadCores: [0],
    seconds: 1,
    warmUpSeconds: 0,
  };
}

/** A zombie that its parent has not collected yet is not alive. */
function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !readFileSync(stat, 'latin1').includes(') Z ');
}

/** A peer in this process that answers with `content`, whatever it should have answered. */
function lyingPeer(t: TestContext, bench: Bench, content: string): Peer {
  return {
    name: 'liar',
    unavailable: () => undefined,
    version: () => 'a liar',
    async start({ port, certFile, keyFile }) {
      const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (_, response) =>
        response.end(content),
      );
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      t.after(() => {
        server.closeAllConnections();
        server.close();
      });
      return bench.stage.start({ name: 'sleep', file: 'sleep', args: ['60'], cores: [0] });
    },
  };
}

const named = (...names: string[]) => transfers.filter(({ name }) => names.includes(name));
const once = { rounds: 1, cores: 1, say: () => undefined };

test('nginx is measured with every kind of load, and nothing is left afterwards', async (t) => {
  const reason = lacking();
  if (reason !== undefined) return t.skip(reason);
  const bench = await setUpBench(t);
  const keepAlive = [bareRequests, browserRequests, tenStreams, twoWorkers];
  const scenarios = [...keepAlive, ...named('down-1m', 'up-1m-h2'), churn, fullHandshakes, resumedHandshakes];
  const pids: number[] = [];
  const watched: Peer = {
    ...nginx,
    async start(setting) {
      const running = await nginx.start(setting);
      pids.push(...processTree(running.pid));
      return running;
    },
  };
  const { measured, failures } = await runScenarios(scenarios, [watched], bench, once);
  assert.deepEqual(failures, []);
  assert.equal(measured.length, scenarios.length + 1, 'two figures of two workers');
  for (const { figure, rounds } of measured) {
    const values = rounds['nginx'] ?? [];
    assert.equal(values.length, 1, figure.name);
    assert.ok(
      values.every((value) => value > 0 && Number.isFinite(value)),
      `${figure.name}: ${values.join(', ')}`,
    );
  }
  assert.ok(pids.length >= 7, `master and worker, thrice, and a second worker: ${pids.length}`);
  await bench.stage.stopAll();
  assert.ok(!existsSync(bench.stage.folder));
  assert.deepEqual(pids.filter(isAlive), []);
});

test('the proxy of node:http2 and undici passes contents both ways over both protocols', async (t) => {
  const reason = lacking();
  if (reason !== undefined) return t.skip(reason);
  const bench = await setUpBench(t);
  // The checks alone: each compares a whole content.
  const checks = named('down-1m', 'up-1m', 'down-1m-h2', 'up-1m-h2').map((scenario) => ({
    ...scenario,
    measure: () => Promise.resolve([1]),
  }));
  assert.equal(checks.length, 4);
  const { failures } = await runScenarios(checks, [nodeProxy], bench, once);
  assert.deepEqual(failures, []);
});

test('a peer that answers with other bytes has no figure', async (t) => {
  const reason = lacking();
  if (reason !== undefined) return t.skip(reason);
  const bench = await setUpBench(t);
  const liar = lyingPeer(t, bench, BODY.toUpperCase());
  const scenarios = [bareRequests, fullHandshakes, tenStreams, ...named('down-1m', 'up-1m')];
  const { measured, failures } = await runScenarios(scenarios, [liar], bench, once);
  for (const { rounds } of measured) assert.deepEqual(rounds, {});
  const reasons = new Map(failures.map((failure) => [failure.scenario, failure.reason]));
  assert.match(reasons.get('bare') ?? '', /the content is "THE DOOR IS OPEN/);
  assert.match(reasons.get('full') ?? '', /the content is "THE DOOR IS OPEN/);
  assert.match(reasons.get('h2-10') ?? '', /it answered nothing/);
  assert.match(reasons.get('down-1m') ?? '', /another one/);
  assert.match(reasons.get('up-1m') ?? '', /another one/);
});

test('the sink answers 200 to content of the announced length only', async (t) => {
  const reason = lacking();
  if (reason !== undefined) return t.skip(reason);
  const { backend, stage } = await setUpBench(t);
  const url = `http://127.0.0.1:${backend.sinkPort}`;
  const post = (target: string) => fetch(url + target, { method: 'POST', body: 'abc' });
  assert.equal((await post('/up/3')).status, 200);
  assert.equal((await post('/up/4')).status, 400);
  const digest = await (await post('/digest')).text();
  assert.equal(digest, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  await stage.stopAll();
});

test('a command that takes too long is ended, and one that fails says how', async (t) => {
  if (findCommand('taskset') === undefined) return t.skip('not installed: taskset');
  const stage = new Stage(mkdtempSync(path.join(tmpdir(), 'menshen-bench-test-')));
  t.after(() => stage.stopAll());
  const sleep = { name: 'sleep', file: 'sleep', args: ['60'], cores: [0] };
  await assert.rejects(() => stage.run(sleep, 200), /sleep took longer than 0\.2 s/);
  const fail = { ...sleep, file: 'sh', args: ['-c', 'echo why >&2; exit 3'] };
  await assert.rejects(() => stage.run(fail, 10_000), /exit status 3:\nwhy/);
  const speak = { ...sleep, file: 'sh', args: ['-c', 'echo said'] };
  assert.equal(await stage.run(speak, 10_000), 'said\n');
});

test('a process that cannot be started says why', async (t) => {
  if (findCommand('taskset') === undefined) return t.skip('not installed: taskset');
  const stage = new Stage(mkdtempSync(path.join(tmpdir(), 'menshen-bench-test-')));
  t.after(() => stage.stopAll());
  const running = stage.start({ name: 'ghost', file: '/nonexistent/ghost', args: [], cores: [0] });
  assert.match(await running.exited, /ghost ended with exit status 127.*No such file/s);
});
