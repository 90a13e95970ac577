/** Wildcards: through the built-in name server in a zone that BIND delegates to it, and by updates of BIND's own zone. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { OTHER, ROOT, startWorld, UPDATE_SECRET, ZONE } from '../../dns/loopback-world.ts';
import { whyNoBind } from '../../dns/named.ts';
import { pebblePrograms, startPebble } from '../pebble.ts';
import { run, type LogLine } from '../../gateway/serve-process.ts';
import { freePorts, startLive, testFolder, type LiveGateway } from './live-gateway.ts';

const limit = { timeout: 60_000 };
const bin = path.resolve('bin', 'menshen.js');

/** A gateway for `name`, whose CA asks the name server at `asks` of a small Internet on this host. */
async function serveWildcard(
  t: TestContext,
  name: string,
  asks: string,
  dns: (port: number) => object,
): Promise<{ readonly gateway: LiveGateway; readonly environment: Readonly<Record<string, string>> } | undefined> {
  const [program] = pebblePrograms;
  const missing = program === undefined ? 'pebble and pebble-challtestsrv are not installed' : whyNoBind();
  if (program === undefined || missing !== undefined) {
    t.skip(missing ?? '');
    return undefined;
  }
  const world = await startWorld();
  t.after(() => world.stop());
  const [folder, ports] = [testFolder(), await freePorts()];
  const pebble = await startPebble(program, { dnsServer: `${asks}:${world.port}` });
  t.after(() => pebble.stop());
  writeFileSync(path.join(folder, 'pebble-root.pem'), pebble.serverRoot);
  const issuers = { directory: pebble.directoryUrl, name: 'pebble', ca: 'pebble-root.pem', internal: true };
  const environment = {
    MENSHEN_ROOT_HINTS: `a.root.test.=${ROOT}`,
    MENSHEN_DNS_PORT: String(world.port),
    MENSHEN_WORLD_PORTS: `${ports.httpPort},${ports.httpsPort}`,
  };
  const config = { issuers, dns: dns(world.port), sites: { [name]: 1 } };
  return { gateway: await startLive(t, config, { folder, ports, environment }), environment };
}

const obtained = (line: LogLine): boolean => line['code'] === 'certificate-obtained';

test(
  'a wildcard through the built-in name server, looked at from the root before the CA is asked',
  limit,
  async (t) => {
    const dns = (port: number): object => ({
      responder: { zone: '_acme-challenge.example.test', ns: 'responder.example.test', listen: `${OTHER}:${port}` },
    });
    const served = await serveWildcard(t, '*.example.test', OTHER, dns);
    if (served === undefined) return;
    await served.gateway.line(obtained);
    const shown = await served.gateway.shown('anything.example.test');
    assert.equal(shown.subjectaltname, 'DNS:*.example.test');
  },
);

test('a wildcard by signed updates of a zone of BIND, at the primary that was named', limit, async (t) => {
  const dns = (port: number): object => ({
    rfc2136: { server: `${ZONE}:${port}`, keyName: 'acme-key', secret: UPDATE_SECRET },
  });
  const served = await serveWildcard(t, '*.dynamic.example.test', ZONE, dns);
  if (served === undefined) return;
  await served.gateway.line(obtained);
  assert.equal((await served.gateway.shown('a.dynamic.example.test')).subjectaltname, 'DNS:*.dynamic.example.test');
});

test('a name that does not lead to the built-in name server is told with the record to add', limit, async (t) => {
  const dns = (port: number): object => ({
    responder: { zone: 'acme.glueless.test', ns: 'responder.example.test', listen: `${OTHER}:${port}` },
  });
  const served = await serveWildcard(t, '*.example.test', OTHER, dns);
  if (served === undefined) return;
  const line = await served.gateway.line(({ code }) => code === 'dns01-not-delegated');
  assert.match(String(line['mend']), /_acme-challenge\.example\.test\. CNAME example\.test\.acme\.glueless\.test\.$/);
});

test('check --live asks the DNS, the ports, CAA, the clock and the account', limit, async (t) => {
  const dns = (port: number): object => ({
    responder: { zone: '_acme-challenge.example.test', ns: 'responder.example.test', listen: `${OTHER}:${port}` },
  });
  const served = await serveWildcard(t, '*.example.test', OTHER, dns);
  if (served === undefined) return;
  const { gateway, environment } = served;
  await gateway.line(obtained);
  // No interface has these addresses, though all of 127.0.0.0/8 is this machine.
  const issuers = { directory: 'https://localhost:1/dir', name: 'gone', internal: true };
  gateway.configure({ issuers, sites: { 'elsewhere.example.test': 1, '127.0.0.1': { to: 1, issuers: 'gone' } } });
  await gateway.line(({ code }) => code === 'config-reloaded');
  const words = ['check', '--live', '--config', gateway.configFile];
  const { stdout, status } = await run('env', ...asWords(environment), process.execPath, bin, ...words);
  assert.equal(status, 1);
  assert.match(stdout, /gone cannot be reached from here/);
  assert.match(stdout, /elsewhere\.example\.test leads to 127\.53\.0\.98, 127\.53\.0\.99, and this machine has/);
  assert.match(stdout, /127\.0\.0\.1: 127\.0\.0\.1 port \d+ reaches this machine/);
});

const asWords = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}`);
