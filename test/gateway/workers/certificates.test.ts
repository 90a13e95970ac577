/** Challenges and certificates that are put up while the gateway runs: in one process, and with two workers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import tls from 'node:tls';
import { freePort } from '../../free-port.ts';
import { systemContext } from '../../../src/config/files.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import type { UserConfig } from '../../../src/config/user-config.ts';
import type { Gateway } from '../../../src/gateway/contract.ts';
import { createGateway } from '../../../src/gateway/gateway.ts';
import type { CertificateFor } from '../../../src/gateway/tls/on-demand.ts';
import { canHoldPorts } from '../../../src/gateway/workers/held-port.ts';
import { createSupervisor } from '../../../src/gateway/workers/supervisor.ts';
import type { Finding } from '../../../src/story/finding.ts';
import { quietLog } from '../quiet-log.ts';
import { lacks, run } from '../serve-process.ts';
import { issue, ocspResponse } from '../tls/certificates.ts';

const limit = { timeout: 120_000 };
const root = issue({ name: 'test root', isCa: true });

interface Served {
  readonly gateway: Gateway;
  readonly httpsPort: number;
  readonly httpPort: number;
  /** How many processes take connections. */
  readonly processes: number;
  readonly findings: readonly Finding[];
  config(): Parameters<Gateway['reload']>[0];
}

type Start = (t: TestContext, certificateFor?: CertificateFor) => Promise<Served>;

function starter(processes: number): Start {
  return async (t, certificateFor) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'menshen-given-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const app = http.createServer((_request, response) => response.end('app'));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    t.after(() => app.close());
    const [httpsPort, httpPort] = [await freePort(), await freePort()];
    const user: UserConfig = {
      sites: { 'app.localhost': (app.address() as net.AddressInfo).port, 'other.localhost': 1 },
      defaultSite: 'app.localhost',
      listen: { host: '127.0.0.1', https: httpsPort, http: httpPort },
      state: path.join(folder, 'state'),
      timeouts: { drain: 0 },
      workers: processes,
      // Whether it may be asked for is the configuration's to say; the answer is certificateFor's.
      ...(certificateFor && { onDemand: { ask: () => true } }),
    };
    const config = () => {
      const reading = readConfig(user, systemContext(folder));
      if (reading.config === undefined) throw new Error(JSON.stringify(reading.findings));
      return reading.config;
    };
    const findings: Finding[] = [];
    const options = {
      log: quietLog({ finding: (found) => findings.push(found) }),
      inherited: [],
      ...(certificateFor ? { certificateFor } : {}),
    };
    const gateway = processes > 1 ? await createSupervisor(config(), options) : await createGateway(config(), options);
    await gateway.start();
    t.after(() => gateway.drain());
    return { gateway, httpsPort, httpPort, processes, findings, config };
  };
}

function connect({ httpsPort }: Served, options: tls.ConnectionOptions = {}): tls.TLSSocket {
  const to = { host: '127.0.0.1', port: httpsPort, servername: 'app.localhost', rejectUnauthorized: false };
  return tls.connect({ ...to, ...options });
}

/** Names of the certificates on enough connections for every process to have taken some. */
async function shown(served: Served, options: tls.ConnectionOptions = {}): Promise<readonly unknown[]> {
  const sockets = Array.from({ length: served.processes * 12 }, () => connect(served, options));
  const names = await Promise.all(
    sockets.map(async (socket) => {
      await once(socket, 'secureConnect');
      return socket.getPeerCertificate().subjectaltname?.slice('DNS:'.length);
    }),
  );
  for (const socket of sockets) socket.destroy();
  return [...new Set(names)];
}

for (const processes of [1, 2]) {
  const start = starter(processes);
  const skip = processes > 1 && !canHoldPorts ? 'this Node cannot hold ports for workers' : false;
  const among = processes === 1 ? 'in one process' : `with ${processes} workers`;

  test(`an answer to HTTP-01 is there for curl as soon as it is set (${among})`, { ...limit, skip }, async (t) => {
    const missing = lacks('curl');
    if (missing !== undefined) return t.skip(missing);
    const served = await start(t);
    const answer = { type: 'http-01', token: 'evaGxfADs6pSRb2LAv9IZ', keyAuthorization: 'evaGx.thumbprint' } as const;
    const url = `http://127.0.0.1:${served.httpPort}/.well-known/acme-challenge/${answer.token}`;
    assert.equal(await served.gateway.challenges.set(answer), undefined);
    // Each curl is a connection of its own, taken by whichever process is free.
    const asked = await Promise.all(
      Array.from({ length: 6 * processes }, () => run('curl', '-sS', '-H', 'Host: app.localhost', url)),
    );
    assert.deepEqual([...new Set(asked.map(({ stdout }) => stdout))], ['evaGx.thumbprint']);
    await served.gateway.challenges.remove(answer);
    const { stdout } = await run(
      'curl',
      '-sS',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-H',
      'Host: app.localhost',
      url,
    );
    assert.equal(stdout, '308');
  });

  test(`TLS-ALPN-01 is answered to openssl as soon as it is set (${among})`, { ...limit, skip }, async (t) => {
    const missing = lacks('openssl');
    if (missing !== undefined) return t.skip(missing);
    const served = await start(t);
    const certificate = issue({ name: 'challenge' });
    const answer = { type: 'tls-alpn-01', identifier: { type: 'dns', value: 'app.localhost' }, certificate } as const;
    assert.equal(await served.gateway.challenges.set(answer), undefined);
    const ask = () =>
      run(
        'openssl',
        's_client',
        '-connect',
        `127.0.0.1:${served.httpsPort}`,
        '-servername',
        'app.localhost',
        '-alpn',
        'acme-tls/1',
      );
    for (const { stdout } of await Promise.all(Array.from({ length: 4 * processes }, ask))) {
      assert.match(stdout, /subject=CN = challenge/);
    }
    assert.deepEqual(await shown(served), ['app.localhost']);
    await served.gateway.challenges.remove(answer);
    assert.doesNotMatch((await ask()).stdout, /challenge/);
  });

  test(
    `a certificate is swapped under live connections, tickets stay good (${among})`,
    { ...limit, skip },
    async (t) => {
      const served = await start(t);
      const live = connect(served);
      let text = '';
      live.on('data', (octets: Buffer) => (text += octets.toString()));
      const ticket = new Promise<Buffer>((resolve) => live.once('session', resolve));
      await once(live, 'secureConnect');
      const session = await ticket;
      const leaf = issue({ name: 'given', issuer: root });
      const ocspStaple = ocspResponse(root, leaf);
      const given = [{ certPem: leaf.certPem, keyPem: leaf.keyPem, ocspStaple }];
      assert.deepEqual(await served.gateway.setCertificates('app.localhost', given), []);
      assert.deepEqual(await shown(served), ['given']);
      assert.deepEqual(await shown(served, { servername: 'other.localhost' }), ['other.localhost']);

      live.write('GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: close\r\n\r\n');
      await once(live, 'close');
      assert.match(text, /^HTTP\/1\.1 200 /);
      const again = connect(served, { session });
      await once(again, 'secureConnect');
      assert.equal(again.isSessionReused(), true);
      again.destroy();
      const curious = connect(served, { requestOCSP: true });
      const [response] = (await once(curious, 'OCSPResponse')) as [Buffer];
      assert.deepEqual(response, ocspStaple);
      curious.destroy();
      assert.deepEqual(
        served.gateway.status.sites
          .find(({ name }) => name === 'app.localhost')
          ?.certificates.map(({ names }) => names),
        [['given']],
      );

      // It outlasts a reload, which knows nothing of it.
      assert.equal(
        (await served.gateway.reload(served.config())).some(({ severity }) => severity === 'error'),
        false,
      );
      assert.deepEqual(await shown(served), ['given']);
    },
  );

  test(
    `a certificate that cannot be used is refused, and the former stays (${among})`,
    { ...limit, skip },
    async (t) => {
      const served = await start(t);
      const [one, two] = [issue({ name: 'given', issuer: root }), issue({ name: 'given', issuer: root })];
      const refused = await served.gateway.setCertificates('app.localhost', [
        { certPem: one.certPem, keyPem: two.keyPem },
      ]);
      assert.deepEqual(
        refused.map(({ code }) => code),
        ['tls-key-mismatch'],
      );
      const nowhere = await served.gateway.setCertificates('nowhere.example', [one]);
      assert.deepEqual(
        nowhere.map(({ code }) => code),
        ['certificate-for-no-site'],
      );
      assert.deepEqual(await shown(served), ['app.localhost']);
    },
  );

  test(`a name that no site has gets its certificate on demand (${among})`, { ...limit, skip }, async (t) => {
    const asked = new Set<string>();
    const made = issue({ name: 'made.example', issuer: root });
    const served = await start(t, async (serverName, peer) => {
      asked.add(`${serverName} for ${peer}`);
      return serverName === 'made.example' ? { certPem: made.certPem, keyPem: made.keyPem } : undefined;
    });
    assert.deepEqual(await shown(served, { servername: 'made.example' }), ['made.example']);
    assert.deepEqual(await shown(served, { servername: 'unknown.example' }), ['app.localhost']);
    assert.deepEqual([...asked].sort(), ['made.example for 127.0.0.1', 'unknown.example for 127.0.0.1']);
    const socket = connect(served, { servername: 'made.example' });
    let text = '';
    socket.on('data', (octets: Buffer) => (text += octets.toString()));
    socket.write('GET / HTTP/1.1\r\nHost: made.example\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    assert.match(text, /^HTTP\/1\.1 200 [^]*app$/);
  });
}

test('a worker that starts later answers what was put up before', { ...limit, skip: !canHoldPorts }, async (t) => {
  if (!existsSync('/proc')) return t.skip('needs /proc');
  const served = await starter(2)(t);
  const certificate = issue({ name: 'challenge' });
  await served.gateway.challenges.set({
    type: 'tls-alpn-01',
    identifier: { type: 'dns', value: 'app.localhost' },
    certificate,
  });
  const leaf = issue({ name: 'given', issuer: root });
  await served.gateway.setCertificates('app.localhost', [{ certPem: leaf.certPem, keyPem: leaf.keyPem }]);
  for (const { pid } of served.gateway.status.workers ?? []) process.kill(pid, 'SIGKILL');
  assert.deepEqual(await shown(served), ['given']);
  assert.deepEqual(await shown(served, { ALPNProtocols: ['acme-tls/1'] }), ['challenge']);
});
