/**
 * A disk that is really full, a mount that is really read-only, under a gateway that serves. Each gateway has a mount
 * namespace of its own with its state folder on a small tmpfs, so that nothing of it is left when it ends.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacks, run, type LogLine } from '../../gateway/serve-process.ts';
import { pebblePrograms, startPebble, type Pebble } from '../pebble.ts';
import { freePorts, startLive, testFolder, type LiveGateway } from './live-gateway.ts';

const limit = { timeout: 240_000 };
const bin = path.resolve('bin', 'menshen.js');
const NAME = 'a.menshen.test';

/** Why namespaces cannot be made here, or undefined. */
function whyNoNamespace(): string | undefined {
  const missing = lacks('unshare', 'nsenter', 'mount');
  if (missing !== undefined) return missing;
  if (process.getuid?.() !== 0) return 'only root can mount';
  const tried = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `no mount namespace can be made here: ${tried.stderr.trim()}`;
}

const why = pebblePrograms.length === 0 ? 'pebble and pebble-challtestsrv are not installed' : whyNoNamespace();

interface World {
  readonly pebble: Pebble;
  readonly gateway: LiveGateway;
  /** The state folder as this process sees it. */
  readonly state: string;
  /** Runs a command where the gateway runs. */
  inside(
    ...words: string[]
  ): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
  serial(): Promise<string>;
  /** Of the certificate that counts in the store. */
  keptSerial(): string;
  /** Asks for a renewal, as `menshen certs renew` does, without a word for the answer. */
  request(): string;
}

/** A gateway with a certificate of Pebble in the store. */
async function openWorld(t: TestContext): Promise<World> {
  const [folder, ports] = [testFolder(), await freePorts()];
  const pebble = await startPebble(pebblePrograms[0]!, {
    config: { httpPort: ports.httpPort, tlsPort: ports.httpsPort },
  });
  t.after(() => pebble.stop());
  writeFileSync(path.join(folder, 'pebble-root.pem'), pebble.serverRoot);
  const mounted = path.join(folder, 'state');
  mkdirSync(mounted);
  const mount = `mount -t tmpfs -o size=4m,mode=700 tmpfs ${mounted} && exec "$@"`;
  const gateway = await startLive(
    t,
    {
      issuers: { directory: pebble.directoryUrl, name: 'pebble', ca: 'pebble-root.pem', internal: true },
      sites: { [NAME]: 1 },
    },
    { folder, ports, launcher: ['unshare', '-m', '--', 'sh', '-c', mount, 'sh'] },
  );
  await gateway.line(({ code }) => code === 'certificate-obtained');
  const { pid = 0 } = gateway.child;
  const state = `/proc/${pid}/root${mounted}`;
  assert.ok(existsSync(path.join(state, 'certificates')) && !existsSync(path.join(mounted, 'certificates')));
  const certificates = path.join(state, 'certificates', NAME);
  return {
    pebble,
    gateway,
    state,
    inside: (...words) => run('nsenter', '-t', String(pid), '-m', '--', ...words),
    serial: async () => (await gateway.shown(NAME)).serialNumber,
    keptSerial() {
      const { version } = JSON.parse(readFileSync(path.join(certificates, 'live.json'), 'utf8')) as { version: string };
      return new X509Certificate(readFileSync(path.join(certificates, version, 'chain.pem'))).serialNumber;
    },
    request() {
      const file = path.join(state, 'control', 'asked.json');
      writeFileSync(file, JSON.stringify({ kind: 'renew', id: NAME }), { mode: 0o600 });
      return file;
    },
  };
}

const put = (file: string): void => renameSync(file, path.join(path.dirname(file), 'requests', 'asked.json'));

/** Orders that the CA has seen. */
const ordersAt = ({ pebble }: World): number => (pebble.log().match(/Added order/g) ?? []).length;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}

const metricsOf = async ({ gateway }: World): Promise<string> =>
  (await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`)).text();

/** What the log says in words of a state folder that cannot be written to. */
async function told({ gateway }: World, code: string): Promise<LogLine> {
  const line = await gateway.line((each) => each['code'] === code);
  const { path: file } = line['values'] as { readonly path: string };
  assert.ok(file.startsWith(gateway.state), file);
  assert.ok(String(line['sentence']).includes(file), JSON.stringify(line));
  assert.notEqual(String(line['mend'] ?? ''), '');
  return line;
}

/** `menshen certs renew`. */
const askToRenew = (world: World): ReturnType<World['inside']> =>
  world.inside(process.execPath, bin, 'certs', 'renew', NAME, '--state', world.gateway.state, '--lang', 'en');

/** The renewal came about by itself, is served and kept, and cost one order. */
async function renewed(world: World, before: string): Promise<void> {
  await world.gateway.line(({ code }) => code === 'certificate-renewed');
  const serial = await world.serial();
  assert.notEqual(serial, before);
  assert.equal(world.keptSerial(), serial);
  assert.equal(ordersAt(world), 2, world.pebble.log().slice(-3_000));
  assert.ok(!world.gateway.lines.some(({ code }) => code === 'renewal-not-kept'));
}

suite('a state folder that cannot be written to', { concurrency: true, skip: why ?? false }, () => {
  test(
    'a full disk: the old certificate is served, the log says so; with room again it is renewed',
    limit,
    async (t) => {
      const world = await openWorld(t);
      const before = await world.serial();
      const request = world.request();
      const filler = path.join(world.state, 'filler');
      const opened = openSync(filler, 'w');
      const page = Buffer.alloc(4_096);
      assert.throws(() => {
        for (;;) writeSync(opened, page);
      }, /ENOSPC/);
      closeSync(opened);
      put(request);
      await told(world, 'state-folder-full');
      assert.equal(await world.serial(), before);
      assert.match(await metricsOf(world), /menshen_certificate_events_total\{event="failed"\} 1/);
      // The command line has no room for its request, and says that.
      const asked = await askToRenew(world);
      assert.equal(asked.status, 1);
      assert.match(asked.stderr, /There is no room left to write/);
      rmSync(filler);
      await renewed(world, before);
    },
  );

  test('a read-only mount in the middle of an order: it is gone on with when that is over', limit, async (t) => {
    const world = await openWorld(t);
    const before = await world.serial();
    world.pebble.hold();
    put(world.request());
    const orders = path.join(world.state, 'orders');
    await until(() => existsSync(orders) && readdirSync(orders).includes(NAME));
    let mounted = await world.inside('mount', '-o', 'remount,ro', world.gateway.state);
    while (mounted.status !== 0) mounted = await world.inside('mount', '-o', 'remount,ro', world.gateway.state);
    world.pebble.goOn();
    await told(world, 'state-folder-read-only');
    assert.equal(await world.serial(), before);
    assert.match(await metricsOf(world), /menshen_certificate_events_total\{event="failed"\} 1/);
    assert.equal((await world.inside('mount', '-o', 'remount,rw', world.gateway.state)).status, 0);
    await renewed(world, before);
  });

  test('a place that takes everything but the certificate: the new one is served, and kept later', limit, async (t) => {
    const world = await openWorld(t);
    const before = await world.serial();
    const place = path.join(world.gateway.state, 'certificates', NAME);
    assert.equal((await world.inside('mount', '--bind', place, place)).status, 0);
    assert.equal((await world.inside('mount', '-o', 'remount,bind,ro', place)).status, 0);
    const asked = await askToRenew(world);
    assert.equal(asked.status, 0, asked.stderr);
    await told(world, 'state-folder-read-only');
    await world.gateway.line(({ code }) => code === 'renewal-not-kept');
    const serial = await world.serial();
    assert.notEqual(serial, before);
    assert.equal(world.keptSerial(), before);
    assert.equal((await world.inside('umount', place)).status, 0);
    await until(() => world.keptSerial() === serial);
    assert.equal(await world.serial(), serial);
    assert.equal(ordersAt(world), 2);
  });
});
