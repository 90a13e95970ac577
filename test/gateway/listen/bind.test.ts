import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { bindListener, type BindResult, type Listening } from '../../../src/gateway/listen/bind.ts';
import { explainBindError } from '../../../src/gateway/listen/explain-bind-error.ts';
import { findPortHolder } from '../../../src/gateway/listen/port-holder.ts';
import { tellFinding } from '../../../src/story/finding.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((entries) => entries?.some(({ address }) => address === '::1'));
const portOption = '--https-port';

async function open(t: TestContext, host: string, port = 0, server: Server = createServer()): Promise<BindResult> {
  const result = await bindListener({ server, host, port, portOption });
  if (result.ok) t.after(() => server.close());
  return result;
}

async function opened(t: TestContext, host: string, server?: Server): Promise<Listening> {
  const result = await open(t, host, 0, server);
  assert.ok(result.ok);
  return result.listening;
}

async function canConnect(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('without a host both families reach the one listener', async (t) => {
  const { port, address } = await opened(t, '');
  assert.equal(await canConnect('127.0.0.1', port), true);
  if (!hasIpv6) return t.skip('this machine has no IPv6');
  assert.equal(address, '::');
  assert.equal(await canConnect('::1', port), true);
});

test('with a host only that address is opened', async (t) => {
  const { port, address } = await opened(t, '127.0.0.1');
  assert.equal(address, '127.0.0.1');
  assert.equal(await canConnect('127.0.0.1', port), true);
  if (hasIpv6) assert.equal(await canConnect('::1', port), false);
});

test('a machine without IPv6 gets an IPv4 listener', async (t) => {
  class WithoutIpv6 extends Server {
    override listen(...args: unknown[]): this {
      if ((args[0] as { host?: string }).host !== '::') return super.listen(...(args as Parameters<Server['listen']>));
      process.nextTick(() => this.emit('error', Object.assign(new Error('listen'), { code: 'EAFNOSUPPORT' })));
      return this;
    }
  }
  const { port, address } = await opened(t, '', new WithoutIpv6());
  assert.equal(address, '0.0.0.0');
  assert.equal(await canConnect('127.0.0.1', port), true);
});

test('a taken port names the process that holds it, and the ways out', async (t) => {
  const { port } = await opened(t, '127.0.0.1');
  const second = await open(t, '127.0.0.1', port);
  assert.ok(!second.ok);
  const { cause, mend } = tellFinding(second.finding, 'en');
  assert.doesNotMatch(cause + mend, /\{\w+\}/);
  assert.match(mend, new RegExp(`--https-port ${port < 65_535 ? port + 1 : port - 1}`));
  if (process.platform !== 'linux') return t.skip('only Linux tells the process');
  assert.equal(second.finding.code, 'port-taken');
  assert.ok(cause.includes(`${path.basename(process.execPath)} (process ${process.pid})`), cause);
});

test('a server whose port was taken can listen once it is free', async (t) => {
  const first = createServer();
  const held = await bindListener({ server: first, host: '127.0.0.1', port: 0, portOption });
  assert.ok(held.ok);
  const server = createServer();
  assert.equal((await open(t, '127.0.0.1', held.listening.port, server)).ok, false);
  await once(first.close(), 'close');
  assert.equal((await open(t, '127.0.0.1', held.listening.port, server)).ok, true);
});

test('an address of another machine is told apart from those of this one', async (t) => {
  const result = await open(t, '192.0.2.1');
  assert.ok(!result.ok);
  assert.equal(result.finding.code, 'address-not-here');
  assert.match(tellFinding(result.finding, 'en').cause, /192\.0\.2\.1.*127\.0\.0\.1/);
});

test('a port that does not exist is a finding, not an exception', async (t) => {
  const result = await open(t, '127.0.0.1', 70_000);
  assert.ok(!result.ok);
  assert.equal(result.finding.code, 'listen-failed');
});

test('every explanation is complete in both languages', async () => {
  for (const code of ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EMFILE']) {
    const found = await explainBindError(code, { host: '', port: 443, portOption });
    for (const language of ['en', 'zh'] as const) {
      const { cause, mend } = tellFinding(found, language);
      assert.doesNotMatch(cause + mend, /\{\w+\}/, `${code} ${language}`);
    }
  }
});

test('nobody holds a free port', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await once(server.close(), 'close');
  assert.deepEqual(await findPortHolder(port), { known: 'nothing' });
});

/** Binds in a process of an unprivileged user, and returns the finding's code and cause. */
function bindAsNobody(port: number): { code: string; cause: string } | undefined {
  const here = fileURLToPath(import.meta.url);
  const source = path.join(path.dirname(here), '../../../src');
  const module = (name: string): string =>
    JSON.stringify(pathToFileURL(path.join(source, `${name}${path.extname(here)}`)).href);
  const script = `
    const { bindListener } = await import(${module('gateway/listen/bind')});
    const { tellFinding } = await import(${module('story/finding')});
    const { createServer } = await import('node:net');
    const result = await bindListener({ server: createServer(), host: '127.0.0.1', port: ${port}, portOption: '--https-port' });
    console.log(JSON.stringify(result.ok ? {} : { code: result.finding.code, ...tellFinding(result.finding, 'en') }));
    process.exit(0);`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: '/',
    ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
  });
  // The checkout or Node itself may lie in a folder that this user cannot enter.
  return run.status === 0 ? (JSON.parse(run.stdout) as { code: string; cause: string }) : undefined;
}

test('a port that needs a permission says which, and how to get it', (t) => {
  if (!existsSync('/proc/sys/net/ipv4/ip_unprivileged_port_start')) return t.skip('needs Linux');
  const told = bindAsNobody(1);
  if (told === undefined) return t.skip('another user cannot run this checkout');
  if (told.code === undefined) return t.skip('every user may open low ports here');
  assert.equal(told.code, 'port-forbidden');
  assert.match(told.cause, /port 1: ports below \d+/);
});

test('of a process that may not be looked at, the user is told', async (t) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return t.skip('needs root on Linux');
  const { port } = await opened(t, '127.0.0.1');
  const told = bindAsNobody(port);
  if (told === undefined) return t.skip('another user cannot run this checkout');
  assert.equal(told.code, 'port-taken-by-user');
  assert.match(told.cause, /user root/);
});
