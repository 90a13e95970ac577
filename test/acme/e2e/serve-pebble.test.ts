/** Certificates of Pebble in `menshen serve` with two workers, from the first start to the renewal. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { signEvent } from '../../../src/acme/manager/webhook.ts';
import { pebblePrograms, startPebble, type Pebble, type PebbleOptions } from '../pebble.ts';
import { run, type LogLine } from '../../gateway/serve-process.ts';
import { freePorts, startLive, testFolder, type LiveGateway, type Ports } from './live-gateway.ts';

const limit = { timeout: 60_000 };
const bin = path.resolve('bin', 'menshen.js');

interface World {
  readonly pebble: Pebble;
  readonly folder: string;
  readonly ports: Ports;
  /** The CA as the configuration names it. */
  readonly issuer: object;
}

/** A CA that looks at challenges on the ports of the gateway; undefined where it is not installed. */
async function openWorld(t: TestContext, options: PebbleOptions = {}): Promise<World | undefined> {
  const [program] = pebblePrograms;
  if (program === undefined) {
    t.skip('pebble and pebble-challtestsrv are not installed');
    return undefined;
  }
  const folder = testFolder();
  const ports = await freePorts();
  const pebble = await startPebble(program, {
    ...options,
    config: { httpPort: ports.httpPort, tlsPort: ports.httpsPort, ...options.config },
  });
  t.after(() => pebble.stop());
  writeFileSync(path.join(folder, 'pebble-root.pem'), pebble.serverRoot);
  return {
    pebble,
    folder,
    ports,
    issuer: { directory: pebble.directoryUrl, name: 'pebble', ca: 'pebble-root.pem', internal: true },
  };
}

const nameOf = ({ values }: LogLine): unknown => (values as { readonly name?: string } | undefined)?.name;
const obtained = (name: string) => (line: LogLine) => line['code'] === 'certificate-obtained' && nameOf(line) === name;

const isPebble = (issuer: { readonly CN?: string | string[] }): boolean => String(issuer.CN).startsWith('Pebble');

/** The command line on the gateway's configuration. */
const menshen = (gateway: LiveGateway, ...words: string[]) =>
  run(process.execPath, bin, ...words, '--config', gateway.configFile, '--lang', 'en');

for (const workers of [1, 2]) {
  test(`${workers} process(es): HTTP-01 and TLS-ALPN-01, served at once, kept over a restart`, limit, async (t) => {
    const world = await openWorld(t);
    if (world === undefined) return;
    const { issuer, folder, ports } = world;
    const config = {
      email: 'ops@menshen.test',
      issuers: issuer,
      sites: {
        'http.menshen.test': { to: 1, challenge: 'http-01' },
        'alpn.menshen.test': { to: 1, challenge: 'tls-alpn-01', keyType: ['ecdsa', 'rsa'] },
      },
    };
    const gateway = await startLive(t, config, { folder, ports, workers });
    assert.ok(gateway.lines.some(({ code }) => code === 'certificate-placeholder'));
    await gateway.line(obtained('http.menshen.test'));
    const shown = await gateway.shown('http.menshen.test');
    assert.ok(isPebble(shown.issuer), JSON.stringify(shown.issuer));
    assert.equal(shown.subjectaltname, 'DNS:http.menshen.test');
    const isWhole = () => gateway.lines.filter(obtained('alpn.menshen.test')).length === 2;
    await gateway.line(isWhole);
    assert.equal((await gateway.shown('alpn.menshen.test')).subjectaltname, 'DNS:alpn.menshen.test');
    assert.equal(await gateway.end(), 0);

    const again = await startLive(t, config, { folder, ports, workers });
    assert.equal((await again.shown('http.menshen.test')).serialNumber, shown.serialNumber);
    assert.ok(!again.lines.some(({ code }) => code === 'certificate-placeholder'));
    await again.end();
  });
}

test('menshen certs: the table, a renewal that is served at once, export, revocation', limit, async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const { issuer, folder, ports } = world;
  const gateway = await startLive(
    t,
    { issuers: issuer, sites: { 'a.menshen.test': 1, 'b.menshen.test': 1 } },
    { folder, ports },
  );
  await gateway.line(obtained('a.menshen.test'));
  await gateway.line(obtained('b.menshen.test'));
  const first = await gateway.shown('a.menshen.test');

  const renewed = await menshen(gateway, 'certs', 'renew', 'a.menshen.test');
  assert.equal(renewed.status, 0, renewed.stderr);
  assert.match(renewed.stdout, /a\.menshen\.test: renewed by pebble/);
  const second = await gateway.shown('a.menshen.test');
  assert.notEqual(second.serialNumber, first.serialNumber);

  const table = await menshen(gateway, 'certs');
  assert.match(table.stdout, /names +issuer +left +next renewal +last error/);
  assert.match(table.stdout, /a\.menshen\.test +pebble +\d+ d/);
  const json = JSON.parse((await menshen(gateway, 'certs', '--json')).stdout) as { id: string; state: string }[];
  assert.deepEqual(
    json.map(({ id, state }) => `${id} ${state}`),
    ['a.menshen.test live', 'b.menshen.test live'],
  );

  const exported = await menshen(gateway, 'certs', 'export', 'b.menshen.test', '--out', folder);
  assert.equal(exported.status, 0, exported.stderr);
  const chain = readFileSync(path.join(folder, 'b.menshen.test.pem'), 'utf8');
  assert.equal(new X509Certificate(chain).serialNumber, (await gateway.shown('b.menshen.test')).serialNumber);
  assert.equal(statSync(path.join(folder, 'b.menshen.test.key.pem')).mode & 0o777, 0o600);
  assert.equal((await menshen(gateway, 'certs', 'export', 'b.menshen.test', '--out', folder)).status, 1);

  const revoked = await menshen(gateway, 'certs', 'revoke', 'a.menshen.test', '--reason', 'superseded');
  assert.equal(revoked.status, 0, revoked.stderr);
  await gateway.line((line) => line['code'] === 'certificate-renewed' && line !== renewalOf(gateway, 0));
  assert.notEqual((await gateway.shown('a.menshen.test')).serialNumber, second.serialNumber);
  const unknown = await menshen(gateway, 'certs', 'renew', 'nobody.menshen.test');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /No certificate in the store is for nobody/);

  const metrics = await (await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`)).text();
  assert.match(metrics, /menshen_certificate_days_left\{name="a\.menshen\.test",key="ecdsa"\} \d/);
  assert.match(metrics, /menshen_certificate_events_total\{event="obtained"\} 2/);
  assert.match(metrics, /menshen_certificate_events_total\{event="renewed"\} 2/);
  await gateway.end();
  const stopped = await menshen(gateway, 'certs', 'renew', 'a.menshen.test');
  assert.match(stopped.stderr, /No gateway is running on/);
});

const renewalOf = (gateway: LiveGateway, index: number): LogLine | undefined =>
  gateway.lines.filter((line) => line['code'] === 'certificate-renewed')[index];

test('a reload orders for new sites, and leaves issuance for files', limit, async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const { issuer, folder, ports } = world;
  const gateway = await startLive(t, { issuers: issuer, sites: { 'a.menshen.test': 1 } }, { folder, ports });
  await gateway.line(obtained('a.menshen.test'));
  gateway.configure({ issuers: issuer, sites: { 'a.menshen.test': 1, 'new.menshen.test': 1 } });
  await gateway.line(obtained('new.menshen.test'));
  assert.ok(isPebble((await gateway.shown('new.menshen.test')).issuer));
  gateway.configure({
    issuers: issuer,
    sites: { 'a.menshen.test': { to: 1, certificate: 'local' }, 'new.menshen.test': 1 },
  });
  await gateway.line((line) => line['code'] === 'config-reloaded' && line !== reloads(gateway)[0]);
  assert.ok(!isPebble((await gateway.shown('a.menshen.test')).issuer));
  assert.ok(isPebble((await gateway.shown('new.menshen.test')).issuer));
});

const reloads = (gateway: LiveGateway): LogLine[] => gateway.lines.filter((line) => line['code'] === 'config-reloaded');

test('two gateways on one state folder order once', limit, async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const { issuer, folder, ports, pebble } = world;
  const names = ['a', 'b', 'c', 'd'].map((label) => `${label}.menshen.test`);
  const config = {
    issuers: issuer,
    sites: Object.fromEntries(names.map((name) => [name, { to: 1, challenge: 'http-01' }])),
  };
  const first = await startLive(t, config, { folder, ports, workers: 1 });
  const otherFolder = testFolder();
  writeFileSync(path.join(otherFolder, 'pebble-root.pem'), pebble.serverRoot);
  const otherPorts = await freePorts();
  const second = await startLive(
    t,
    { ...config, state: first.state },
    { folder: otherFolder, ports: otherPorts, workers: 1 },
  );
  await Promise.all(names.map((name) => first.line(has(name))));
  await Promise.all(names.map((name) => second.line((line) => has(name)(line) || wasLoaded(second, name))));
  for (const name of names) {
    const [one, other] = [await first.shown(name), await second.shown(name)];
    assert.equal(one.serialNumber, other.serialNumber, name);
  }
  const issued = (pebble.log().match(/Issued certificate serial/g) ?? []).length;
  assert.equal(issued, names.length, pebble.log().slice(-2000));
});

/** Whether a line says that a certificate is there, ordered here or by the other gateway. */
const has = (name: string) => (line: LogLine) =>
  /^certificate-(?:obtained|adopted)$/.test(String(line['code'])) && nameOf(line) === name;
const wasLoaded = (gateway: LiveGateway, name: string): boolean =>
  !gateway.lines.some((line) => line['code'] === 'certificate-placeholder' && nameOf(line) === name);

for (const workers of [1, 2]) {
  test(`${workers} process(es): a gateway answers the challenges of another one on its folder`, limit, async (t) => {
    const world = await openWorld(t);
    if (world === undefined) return;
    // The CA comes to the ports of the second gateway only; the first one orders.
    const { issuer, folder, ports, pebble } = world;
    const answering = await startLive(
      t,
      { issuers: issuer, sites: { 'own.menshen.test': 1 } },
      { folder, ports, workers },
    );
    await answering.line(obtained('own.menshen.test'));
    const otherFolder = testFolder();
    writeFileSync(path.join(otherFolder, 'pebble-root.pem'), pebble.serverRoot);
    const ordering = await startLive(
      t,
      {
        issuers: issuer,
        state: answering.state,
        sites: {
          'http.menshen.test': { to: 1, challenge: 'http-01' },
          'alpn.menshen.test': { to: 1, challenge: 'tls-alpn-01' },
          '127.0.0.1': { to: 1, issuers: 'pebble', challenge: 'tls-alpn-01' },
        },
      },
      { folder: otherFolder, ports: await freePorts(), workers: 1 },
    );
    const [http] = await Promise.all([
      ordering.line(obtained('http.menshen.test')),
      ordering.line(obtained('alpn.menshen.test')),
      ordering.line(obtained('127.0.0.1')),
    ]);
    assert.ok(http);
    assert.deepEqual(
      ordering.lines.filter(({ code }) => String(code).startsWith('acme-')),
      [],
    );
    const asked = answering.lines.filter((line) => line['path'] !== undefined || line['target'] !== undefined);
    assert.ok(JSON.stringify(asked).includes('/.well-known/acme-challenge/'));
    const shaken = answering.lines
      .filter(({ code }) => code === 'challenge-handshake')
      .map((line) => String(nameOf(line)));
    const names = [...new Set(shaken)].toSorted((one, other) => one.localeCompare(other));
    assert.deepEqual(names, ['1.0.0.127.in-addr.arpa', 'alpn.menshen.test']);
    assert.ok(!ordering.lines.some(({ code }) => code === 'challenge-handshake'));
    // Nothing is left behind.
    assert.deepEqual(readdirSync(path.join(answering.state, 'challenges')), []);
  });
}

test('a name on demand: asked for, made while the handshake waits, refused where `ask` says no', limit, async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const { issuer, folder, ports } = world;
  const asked: string[] = [];
  const asking = http.createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    asked.push(`${url.searchParams.get('domain')} ${url.searchParams.get('client')}`);
    response.statusCode = url.searchParams.get('domain') === 'tenant.menshen.test' ? 200 : 403;
    response.end();
  });
  await new Promise<void>((resolve) => asking.listen(0, '127.0.0.1', resolve));
  t.after(() => asking.close());
  const { port } = asking.address() as AddressInfo;
  const config = {
    issuers: issuer,
    onDemand: { ask: `http://127.0.0.1:${port}/ask` },
    defaultSite: 'app.localhost',
    sites: { 'app.localhost': 1 },
  };
  const gateway = await startLive(t, config, { folder, ports });
  const shown = await gateway.shown('tenant.menshen.test');
  assert.equal(shown.subjectaltname, 'DNS:tenant.menshen.test');
  assert.ok(isPebble(shown.issuer));
  assert.ok(!isPebble((await gateway.shown('stranger.menshen.test')).issuer));
  assert.deepEqual([...new Set(asked)], ['tenant.menshen.test 127.0.0.1', 'stranger.menshen.test 127.0.0.1']);
});

for (const workers of [1, 2]) {
  test(`${workers} process(es): names on demand come, change and go with a reload`, limit, async (t) => {
    const world = await openWorld(t);
    if (world === undefined) return;
    const { issuer, folder, ports } = world;
    const asked: string[] = [];
    const asking = http.createServer((request, response) => {
      asked.push(request.url ?? '');
      response.statusCode = request.url?.startsWith('/yes') === true ? 200 : 403;
      response.end();
    });
    await new Promise<void>((resolve) => asking.listen(0, '127.0.0.1', resolve));
    t.after(() => asking.close());
    const { port } = asking.address() as AddressInfo;
    const config = { issuers: issuer, defaultSite: 'app.localhost', sites: { 'app.localhost': 1 } };
    const onDemand = (answer: string): object => ({ onDemand: { ask: `http://127.0.0.1:${port}/${answer}` } });
    // Nothing is issued at the start: issuance itself comes with the reload.
    const gateway = await startLive(t, config, { folder, ports, workers });
    const reloaded = async (next: object): Promise<void> => {
      const before = reloads(gateway).length;
      gateway.configure(next);
      await gateway.line((line) => line['code'] === 'config-reloaded' && reloads(gateway).length > before);
    };
    const issuedTo = async (name: string): Promise<boolean> => isPebble((await gateway.shown(name)).issuer);
    assert.equal(await issuedTo('one.menshen.test'), false);
    await reloaded({ ...config, ...onDemand('yes') });
    assert.equal(await issuedTo('one.menshen.test'), true);
    await reloaded({ ...config, ...onDemand('no') });
    assert.equal(await issuedTo('two.menshen.test'), false);
    await reloaded({ ...config, ...onDemand('yes') });
    assert.equal(await issuedTo('three.menshen.test'), true);
    await reloaded(config);
    const questions = asked.length;
    assert.equal(await issuedTo('four.menshen.test'), false);
    assert.equal(await issuedTo('three.menshen.test'), false);
    assert.equal(asked.length, questions);
    assert.ok(!asked.some((url) => url.includes('four')));
  });
}

interface Delivered {
  readonly body: string;
  readonly signature: string;
}

test('events reach a webhook, signed', limit, async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const { issuer, folder, ports } = world;
  let deliver: (delivered: Delivered) => void = () => undefined;
  const seen = new Promise<Delivered>((resolve) => (deliver = resolve));
  const hook = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.end();
      deliver({ body, signature: String(request.headers['menshen-signature']) });
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  t.after(() => hook.close());
  const webhook = { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, secret: { env: 'HOOK_SECRET' } };
  const config = { issuers: issuer, webhook, sites: { 'a.menshen.test': 1 } };
  await startLive(t, config, { folder, ports, environment: { HOOK_SECRET: 'of the test' } });
  const { body, signature } = await seen;
  const event = JSON.parse(body) as { readonly type: string; readonly names: readonly string[] };
  assert.deepEqual([event.type, event.names], ['obtained', ['a.menshen.test']]);
  const [, seconds = '', digest] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(signature) ?? [];
  assert.equal(digest, signEvent('of the test', Number(seconds), body));
});

test('a store that cannot be written to: what is served goes on, and the log says what ails it', limit, async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const { issuer, folder, ports } = world;
  const gateway = await startLive(
    t,
    { issuers: issuer, sites: { 'a.menshen.test': 1, 'b.menshen.test': 1 } },
    { folder, ports },
  );
  await gateway.line(obtained('a.menshen.test'));
  await gateway.line(obtained('b.menshen.test'));
  const before = await gateway.shown('a.menshen.test');
  // Root may write anywhere, so that a folder is put out of reach by a file in its place.
  renameSync(path.join(gateway.state, 'certificates'), path.join(gateway.state, 'certificates-away'));
  writeFileSync(path.join(gateway.state, 'certificates'), '');
  const renewed = await menshen(gateway, 'certs', 'renew', 'a.menshen.test');
  assert.equal(renewed.status, 1, renewed.stdout);
  assert.equal((await gateway.shown('a.menshen.test')).serialNumber, before.serialNumber);
  // A bad store is told where the renewal was asked for, and in the log.
  assert.match(renewed.stderr, /state\/certificates/);
  await gateway.line(({ code }) => String(code).startsWith('state-folder-'));
});
