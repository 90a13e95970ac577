import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type tls from 'node:tls';
import { WebSocket } from 'ws';
import { accepts } from '../../apps/app.ts';
import { startWebSocketEcho } from '../../apps/websocket-echo.ts';
import { lacks, run, startServe, type LogLine } from '../serve-process.ts';
import { bin, connect, connectForTicket, limit, runs, startSupervised, until, type Supervised } from './supervised.ts';

const noProc = process.platform === 'linux' ? false : 'needs /proc';

/** Answers with its target; `/slow` begins an answer and ends it when told to. */
async function startApp(t: TestContext, name = 'app') {
  const slow: http.ServerResponse[] = [];
  const server = http.createServer((request, response) => {
    if (request.url !== '/slow') {
      response.end(`${name} ${request.url?.slice(0, 20)}`);
      return;
    }
    response.writeHead(200, { 'Content-Length': '10' }).write('begin');
    slow.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { target: (server.address() as net.AddressInfo).port, slow };
}

function told(code: string): (line: LogLine) => boolean {
  return (line) => line['code'] === code;
}

/** Begins a download and returns when its first half is here. */
async function beginSlow(
  gateway: Supervised,
): Promise<{ readonly socket: tls.TLSSocket; readonly text: () => string }> {
  const socket = await connect(gateway);
  let text = '';
  socket.on('data', (octets) => (text += String(octets)));
  socket.on('error', () => {});
  socket.write('GET /slow HTTP/1.1\r\nHost: app.localhost\r\n\r\n');
  await until(() => text.includes('begin'));
  return { socket, text: () => text };
}

test(
  'a killed worker takes only its own connections with it, and is replaced',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
    const [first, second] = (await gateway.workers()).map(({ pid }) => pid);
    const lost = await gateway.onlyWith(first!, () => beginSlow(gateway));
    const kept = await gateway.onlyWith(second!, () => beginSlow(gateway));
    const over = once(lost.socket, 'close');
    process.kill(first!, 'SIGKILL');
    await over;
    const line = await gateway.serve.line(told('worker-killed'));
    const values = line['values'] as Record<string, unknown>;
    assert.deepEqual([values['pid'], values['signal']], [first, 'SIGKILL']);
    assert.equal((await gateway.get('/x')).content, 'app /x');
    await gateway.serve.line(told('worker-replaced'));
    const now = (await gateway.workers()).map(({ pid }) => pid);
    assert.ok(now.length === 2 && now.includes(second!) && !now.includes(first!));
    for (const response of app.slow) response.end('whole');
    await until(() => kept.text().endsWith('beginwhole'));
    assert.match(await gateway.metrics(), /^menshen_worker_crashes_total\{how="SIGKILL"\} 1$/m);
    kept.socket.destroy();
    assert.equal(await gateway.serve.end(), 0);
  },
);

test(
  'with all workers gone a request waits for the next one and is not refused',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
    for (const { pid } of await gateway.workers()) process.kill(pid, 'SIGKILL');
    assert.equal((await gateway.get('/waits')).content, 'app /waits');
  },
);

test('counters outlive the worker that counted', { ...limit, skip: noProc }, async (t) => {
  const app = await startApp(t);
  const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
  const requests = async (): Promise<number> =>
    Number(/^menshen_requests_total\{site="app\.localhost".*\} (\d+)$/m.exec(await gateway.metrics())?.[1] ?? 0);
  for (const { pid } of await gateway.workers()) {
    await gateway.onlyWith(pid, async () => assert.equal((await gateway.get()).status, 200));
  }
  await until(async () => (await requests()) === 2);
  for (const { pid } of await gateway.workers()) process.kill(pid, 'SIGKILL');
  assert.equal((await gateway.get()).status, 200);
  await until(async () => (await requests()) === 3);
  await until(async () => (await gateway.workers()).length === 2);
  const text = await gateway.metrics();
  for (const worker of ['supervisor', '1', '2'])
    assert.match(text, new RegExp(`^process_resident_memory_bytes\\{worker="${worker}"\\}`, 'm'));
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(
    `a ticket of one worker resumes on another, and after an upgrade (${version})`,
    { ...limit, skip: noProc },
    async (t) => {
      const app = await startApp(t);
      const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
      const versions = { minVersion: version, maxVersion: version };
      const [first, second] = (await gateway.workers()).map(({ pid }) => pid);
      const session = await gateway.onlyWith(first!, async () => {
        const { socket, ticket: came } = await connectForTicket(gateway, versions);
        socket.resume();
        socket.write('GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: close\r\n\r\n');
        const ticket = await came;
        socket.destroy();
        return ticket;
      });
      const resumes = async (): Promise<boolean> => {
        const socket = await connect(gateway, { ...versions, session });
        const reused = socket.isSessionReused();
        socket.destroy();
        return reused;
      };
      assert.ok(await gateway.onlyWith(second!, resumes), 'on the other worker');
      gateway.serve.child.kill('SIGUSR2');
      await gateway.serve.line(told('upgraded'));
      assert.ok(await resumes(), 'on a new worker');
    },
  );
}

test(
  'an upgrade replaces the workers without a failed request; tunnels and downloads go on',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const echo = await startWebSocketEcho();
    t.after(() => echo.close());
    const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target, 'ws.localhost': echo.port } });
    const before = (await gateway.workers()).map(({ pid }) => pid);

    const tunnels = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const options = { ca: gateway.ca, servername: 'ws.localhost', headers: { Host: 'ws.localhost' } };
        const tunnel = new WebSocket(`wss://127.0.0.1:${gateway.serve.httpsPort}/echo`, options);
        await once(tunnel, 'open');
        return tunnel;
      }),
    );
    const download = await beginSlow(gateway);
    const load = { stopped: false };
    const answers: string[] = [];
    const client = async (): Promise<void> => {
      while (!load.stopped)
        answers.push((await gateway.get('/n').catch((error: Error) => ({ content: error.message }))).content);
    };
    const clients = [client(), client(), client(), client()];
    for (let upgrade = 1; upgrade <= 2; upgrade += 1) {
      const { status, stdout, stderr } = await run(
        process.execPath,
        bin,
        'upgrade',
        '--config',
        gateway.serve.configFile,
        '--state',
        path.join(gateway.serve.folder, 'state'),
      );
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^2 new workers serve/);
    }
    load.stopped = true;
    await Promise.all(clients);
    assert.ok(answers.length > 0);
    assert.deepEqual([...new Set(answers)], ['app /n']);
    const now = (await gateway.workers()).map(({ pid }) => pid);
    assert.ok(now.length === 2 && now.every((pid) => !before.includes(pid)));
    for (const tunnel of tunnels) {
      const message = once(tunnel, 'message');
      tunnel.send('still here');
      assert.equal(String((await message)[0]), 'still here');
    }
    for (const response of app.slow) response.end('whole');
    await until(() => download.text().endsWith('beginwhole'));
    download.socket.destroy();
    for (const tunnel of tunnels) tunnel.close();
    await until(async () => (await Promise.all(before.map(runs))).every((alive) => !alive));
    assert.equal(await gateway.serve.end(), 0);
  },
);

/**
 * Starts a gateway whose workers run this code before their own. It gets an expression that holds while the file `flag`
 * is there, which it is not yet.
 */
async function startDisturbed(
  t: TestContext,
  config: object,
  codeOf: (flagged: string) => string,
  flags: readonly string[] = [],
): Promise<{ readonly gateway: Supervised; readonly flag: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-disturbed-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const flag = path.join(folder, 'flag');
  const file = path.join(folder, 'disturb.mjs');
  writeFileSync(
    file,
    `import { existsSync } from 'node:fs';
    import tls from 'node:tls';
    if (process.argv[1]?.includes('worker-program')) { ${codeOf(`existsSync(${JSON.stringify(flag)})`)} }`,
  );
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `--import ${file}`;
  try {
    return { gateway: await startSupervised(t, config, flags), flag };
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  }
}

test(
  'code that falls over is not gone over to, and a crash loop slows down and says so',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const { gateway, flag } = await startDisturbed(
      t,
      { sites: { 'app.localhost': app.target } },
      (flagged) => `if (${flagged}) setTimeout(() => { throw new TypeError('broken on purpose'); }, 10);`,
    );
    const before = (await gateway.workers()).map(({ pid }) => pid);
    writeFileSync(flag, '');
    const state = path.join(gateway.serve.folder, 'state');
    const refused = await run(process.execPath, bin, 'upgrade', '--config', gateway.serve.configFile, '--state', state);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /TypeError: broken on purpose/);
    assert.deepEqual(
      (await gateway.workers()).map(({ pid }) => pid),
      before,
    );
    process.kill(before[0]!, 'SIGKILL');
    const fits = (times: number) => (line: LogLine) =>
      told('worker-crash-loop')(line) && (line['values'] as { times: number }).times === times;
    const pauses = [await gateway.serve.line(fits(2)), await gateway.serve.line(fits(3))].map(
      (line) => (line['values'] as { pauseMs: number }).pauseMs,
    );
    assert.deepEqual(pauses, [500, 1000]);
    assert.equal((await gateway.get('/meanwhile')).content, 'app /meanwhile');
    rmSync(flag);
    await until(async () => (await gateway.workers()).length === 2);
  },
);

test(
  'a reload changes the number of workers, without an end to what is served',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const sites = { 'app.localhost': app.target };
    const gateway = await startSupervised(t, { sites }, ['--no-watch']);
    const [first, second] = (await gateway.workers()).map(({ pid }) => pid);
    const download = await gateway.onlyWith(second!, () => beginSlow(gateway));
    for (const workers of [3, 1]) {
      gateway.configure({ sites, workers });
      gateway.serve.child.kill('SIGHUP');
      await until(async () => (await gateway.workers()).length === workers);
      assert.equal((await gateway.get('/x')).content, 'app /x');
    }
    assert.deepEqual(
      (await gateway.workers()).map(({ pid }) => pid),
      [first],
    );
    for (const response of app.slow) response.end('whole');
    await until(() => download.text().endsWith('beginwhole'));
    download.socket.destroy();
    await until(async () => !(await runs(second!)));
  },
);

test('what one worker objects to goes live in none', { ...limit, skip: noProc }, async (t) => {
  const [old, next] = [await startApp(t, 'old'), await startApp(t, 'next')];
  const { gateway, flag } = await startDisturbed(
    t,
    { sites: { 'app.localhost': old.target } },
    (flagged) => `const create = tls.createServer;
      tls.createServer = (...args) => {
        if (process.argv[2] === '2' && ${flagged}) throw new Error('objection');
        return create(...args);
      };`,
    ['--no-watch'],
  );
  const pids = (await gateway.workers()).map(({ pid }) => pid);
  const reload = async (code: string): Promise<string[]> => {
    gateway.configure({ sites: { 'app.localhost': next.target, 'new.localhost': next.target } });
    gateway.serve.child.kill('SIGHUP');
    await gateway.serve.line(told(code));
    const contents: string[] = [];
    for (const pid of pids) contents.push(await gateway.onlyWith(pid, async () => (await gateway.get('/')).content));
    return contents;
  };
  writeFileSync(flag, '');
  assert.deepEqual(await reload('config-reload-refused'), ['old /', 'old /']);
  assert.ok(gateway.serve.lines.some((line) => String(line['sentence']).includes('objection')));
  rmSync(flag);
  assert.deepEqual(await reload('config-reloaded'), ['next /', 'next /']);
});

test('a reload reaches every worker, a broken one reaches none', { ...limit, skip: noProc }, async (t) => {
  const [old, next] = [await startApp(t, 'old'), await startApp(t, 'next')];
  const gateway = await startSupervised(t, { sites: { 'app.localhost': old.target } }, ['--no-watch']);
  const pids = (await gateway.workers()).map(({ pid }) => pid);
  const answers = async (): Promise<string[]> => {
    const contents: string[] = [];
    for (const pid of pids) contents.push(await gateway.onlyWith(pid, async () => (await gateway.get('/')).content));
    return contents;
  };
  const tunnel = await beginSlow(gateway);
  gateway.configure({ sites: { 'app.localhost': next.target } });
  gateway.serve.child.kill('SIGHUP');
  await gateway.serve.line(told('config-reloaded'));
  assert.deepEqual(await answers(), ['next /', 'next /']);
  gateway.configure({ sites: { 'app.localhost': { to: old.target, certificate: { cert: 'no', key: 'no' } } } });
  gateway.serve.child.kill('SIGHUP');
  await gateway.serve.line(told('config-reload-refused'));
  assert.deepEqual(await answers(), ['next /', 'next /']);
  for (const response of old.slow) response.end('whole');
  await until(() => tunnel.text().endsWith('beginwhole'));
  assert.deepEqual(
    (await gateway.workers()).map(({ pid }) => pid),
    pids,
  );
  assert.match(await gateway.metrics(), /^menshen_config_generation 2$/m);
});

test(
  'SIGTERM lets what is in flight end, in every worker, and leaves nothing behind',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
    const pids = (await gateway.workers()).map(({ pid }) => pid);
    const downloads = [];
    for (const pid of pids) downloads.push(await gateway.onlyWith(pid, () => beginSlow(gateway)));
    const ended = gateway.serve.end();
    await gateway.serve.line(({ event }) => event === 'draining');
    await until(async () => !(await accepts({ port: gateway.serve.httpsPort, socketPath: '' })));
    for (const response of app.slow) response.end('whole');
    for (const { text } of downloads) await until(() => text().endsWith('beginwhole'));
    assert.equal(await ended, 0);
    for (const pid of pids) assert.equal(await runs(pid), false);
    assert.deepEqual(readdirSync(path.join(gateway.serve.folder, 'state')), ['local-ca']);
    assert.equal(gateway.serve.lines.filter(({ event }) => event === 'ready').length, 1);
    assert.equal(gateway.serve.lines.filter(({ event }) => event === 'draining').length, 1);
  },
);

test(
  'workers of a supervisor that was killed end by themselves and free the port',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
    const pids = (await gateway.workers()).map(({ pid }) => pid);
    gateway.serve.child.kill('SIGKILL');
    await until(async () => (await Promise.all(pids.map(runs))).every((alive) => !alive));
    assert.equal(await accepts({ port: gateway.serve.httpsPort, socketPath: '' }), false);
  },
);

test(
  'lines longer than a pipe takes at once come out whole from all workers',
  { ...limit, skip: noProc },
  async (t) => {
    const app = await startApp(t);
    const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
    const target = `/${'long'.repeat(1500)}`;
    const each = async (number: number): Promise<void> => {
      for (let count = 0; count < 25; count += 1) await gateway.get(`${target}${number}.${count}`);
    };
    await Promise.all(Array.from({ length: 8 }, (_, number) => each(number)));
    // startServe parses every line: a broken one would have ended this test.
    assert.equal(await gateway.serve.end(), 0);
    const seen = gateway.serve.lines.filter(({ event }) => event === 'request').map((line) => String(line['target']));
    const expected = Array.from({ length: 8 }, (_, n) =>
      Array.from({ length: 25 }, (__, c) => `${target}${n}.${c}`),
    ).flat();
    assert.deepEqual(seen.sort(), expected.sort());
  },
);

test('one worker is one process, which says that it cannot be upgraded', { ...limit, skip: noProc }, async (t) => {
  const app = await startApp(t);
  const serve = await startServe(t, { sites: { 'app.localhost': app.target } }, ['--workers', '1']);
  const children = readdirSync(`/proc/${serve.child.pid}/task`).map((task) =>
    run('cat', `/proc/${serve.child.pid}/task/${task}/children`),
  );
  assert.deepEqual((await Promise.all(children)).map(({ stdout }) => stdout).join(''), '');
  serve.child.kill('SIGUSR2');
  await serve.line(told('upgrade-one-process'));
  const asked = await run(
    process.execPath,
    bin,
    'upgrade',
    '--lang',
    'en',
    '--config',
    serve.configFile,
    '--state',
    path.join(serve.folder, 'state'),
  );
  assert.equal(asked.status, 1);
  assert.match(asked.stderr, /No supervisor with this state folder runs/);
  assert.equal(await serve.end(), 0);
});

test(
  'sockets that systemd hands over go to the workers, and stay when all of them die',
  { ...limit, skip: noProc },
  async (t) => {
    const missing = lacks('systemd-socket-activate');
    if (missing !== undefined) return t.skip(missing);
    const app = await startApp(t);
    const gateway = await startSupervised(t, { sites: { 'app.localhost': app.target } });
    // The ports of one that has just ended are free; its folder and root serve for the one under test.
    assert.equal(await gateway.serve.end(), 0);
    const { httpsPort, httpPort, configFile, folder } = gateway.serve;
    const args = [
      '--fdname=https:http',
      '-l',
      `127.0.0.1:${httpsPort}`,
      '-l',
      `127.0.0.1:${httpPort}`,
      process.execPath,
      bin,
    ];
    const flags = [
      'serve',
      '--config',
      configFile,
      '--state',
      path.join(folder, 'state'),
      '--workers',
      '2',
      '--log',
      'json',
    ];
    const child = spawn('systemd-socket-activate', [...args, ...flags, '--https-port', '1', '--http-port', '2'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => child.kill('SIGKILL'));
    let log = '';
    child.stdout.on('data', (octets) => (log += String(octets)));
    await until(() => accepts({ port: httpsPort, socketPath: '' }));
    assert.equal((await gateway.get('/handed')).content, 'app /handed');
    await until(() => log.includes('"ready"'));
    const { stdout } = await run('cat', `/proc/${child.pid}/task/${child.pid}/children`);
    const pids = stdout.trim().split(' ').map(Number);
    assert.equal(pids.length, 2);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    assert.equal((await gateway.get('/again')).content, 'app /again');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    assert.equal((await exited)[0], 0);
    return undefined;
  },
);
