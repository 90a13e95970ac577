import assert from 'node:assert/strict';
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../free-port.ts';
import { accessCombined, accessCommon } from '../../../src/gateway/observe/access-line.ts';
import { sampleRecord } from './sample-record.ts';
import { temporaryFolder } from './log-places.ts';

function find(command: string): string | undefined {
  return [command, `/usr/sbin/${command}`].find((name) => !spawnSync(name, ['-v']).error);
}

/** Sends octets and returns what comes back; undefined while nobody listens. */
async function exchange(port: number, octets: Buffer): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.end(octets);
    return await text(socket);
  } catch {
    return undefined;
  }
}

test('a Combined line is octet for octet what nginx writes for the same request', async (t) => {
  const nginx = find('nginx');
  if (nginx === undefined) {
    t.skip('nginx is not installed');
    return;
  }
  const folder = temporaryFolder(t);
  const port = await freePort();
  mkdirSync(path.join(folder, 'logs'));
  const log = path.join(folder, 'access.log');
  const configuration = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {} http { access_log ${log} combined; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
server { listen 127.0.0.1:${port}; location / { return 200 "hello"; } location = /none { return 204; } } }`;
  writeFileSync(path.join(folder, 'nginx.conf'), configuration);
  const server = spawn(nginx, ['-p', folder, '-c', path.join(folder, 'nginx.conf')], { stdio: 'ignore' });
  t.after(() => server.kill('SIGKILL'));
  while ((await exchange(port, Buffer.from('GET / HTTP/1.0\r\n\r\n'))) === undefined) await wait(20);

  const agents = ['curl/8', '"quoted" \\ back', 'tab\there', 'caf\u00e9 \u0080\u009b\u00ff', '~ }|', ''];
  const cases = [
    ...agents.map((userAgent) => ({ target: '/a?b="c"\\d', userAgent, referer: 'https://a.example/?q="x"' })),
    { target: '/none', userAgent: 'x', referer: '' },
    { target: '/caf\u00e9\u00ff~', userAgent: '\u00e9\u0097\u00a8', referer: '-' },
  ];
  for (const { target, userAgent, referer } of cases) {
    const fields = `${referer && `Referer: ${referer}\r\n`}${userAgent && `User-Agent: ${userAgent}\r\n`}`;
    const before = readFileSync(log, 'utf8').length;
    await exchange(
      port,
      Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}Connection: close\r\n\r\n`, 'latin1'),
    );
    while (readFileSync(log, 'utf8').length === before) await wait(5);
    const theirs = readFileSync(log, 'utf8').slice(before);
    const none = target === '/none';
    const record = { target, userAgent, referer, peer: '127.0.0.1', status: none ? 204 : 200, bytesSent: none ? 0 : 5 };
    const time = /\[.*?\]/;
    const ours = accessCombined(sampleRecord({ ...record, timeMs: Date.now() }));
    assert.equal(ours.replace(time, '[]'), theirs.replace(time, '[]'));
    assert.equal((time.exec(ours)?.[0] ?? '').replaceAll(/\d/g, '0'), time.exec(theirs)?.[0].replaceAll(/\d/g, '0'));
  }
});

test('GoAccess reads every Common and Combined line', (t) => {
  const goaccess = find('goaccess');
  if (goaccess === undefined) {
    t.skip('goaccess is not installed');
    return;
  }
  const folder = temporaryFolder(t);
  const records = Array.from({ length: 50 }, (_, index) =>
    sampleRecord({
      target: `/page/${index}?"q"=\u001b[2J`,
      peer: index % 2 === 0 ? `192.0.2.${index + 1}` : `2001:db8::${index}`,
      status: [200, 204, 301, 404, 502][index % 5] ?? 200,
      bytesSent: index * 100,
      userAgent: index % 3 === 0 ? '' : 'Mozilla/5.0 "x"',
      referer: index % 4 === 0 ? '' : 'https://a.example/',
    }),
  );
  for (const [format, name] of [
    [accessCommon, 'COMMON'],
    [accessCombined, 'COMBINED'],
  ] as const) {
    const file = path.join(folder, name);
    const report = path.join(folder, `${name}.json`);
    writeFileSync(file, records.map(format).join(''));
    const options = [`--log-format=${name}`, '--no-global-config', '-o', report];
    const run: SpawnSyncReturns<string> = spawnSync(goaccess, [file, ...options], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const { general } = JSON.parse(readFileSync(report, 'utf8')) as {
      general: { valid_requests: number; failed_requests: number };
    };
    assert.deepEqual([general.valid_requests, general.failed_requests], [records.length, 0], name);
  }
});
