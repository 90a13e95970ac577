import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { askUrl, type Ask } from '../../../src/acme/manager/ask.ts';
import { createCertificateManager } from '../../../src/acme/manager/certificate-manager.ts';
import { createOnDemand, type OnDemandOptions } from '../../../src/acme/manager/on-demand.ts';
import { letsEncryptLimits } from '../../../src/acme/policy/rate-limits.ts';
import { FindingError } from '../../../src/story/finding-error.ts';
import { createMemoryStore } from './memory-store.ts';
import { paperMaterial, SimulatedAuthority } from './simulated-authority.ts';
import { VirtualTime } from './virtual-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);

async function stage(ask: Ask, options: Partial<OnDemandOptions> = {}) {
  const time = new VirtualTime(START);
  const store = createMemoryStore(time.clock);
  const authority = new SimulatedAuthority({ time, lifeMs: () => 90 * DAY });
  const common = { store, clock: time.clock, timers: time.timers, material: paperMaterial };
  const issuers = [{ issuer: authority, limits: letsEncryptLimits }];
  const manager = createCertificateManager({ ...common, issuers, solvers: [], pollMs: DAY });
  await manager.start();
  const onDemand = createOnDemand({ ...common, manager, ask, ...options });
  /** The code of a refusal, or 'certificate'. */
  const obtain = async (name: string, client = '192.0.2.1'): Promise<string> => {
    const result = onDemand.obtain(name, client);
    await time.runUntil(time.nowMs + 60_000);
    const got = await result;
    return 'code' in got ? got.code : 'certificate';
  };
  return { time, store, authority, manager, onDemand, obtain };
}

test('a name that ask agrees to gets its certificate while the handshake waits; ask hears the client', async () => {
  const asked: string[] = [];
  const { obtain, authority, onDemand } = await stage(({ name, clientAddress }) => {
    asked.push(`${name} ${clientAddress}`);
    return true;
  });
  assert.equal(await obtain('Shop.Example.'), 'certificate');
  assert.deepEqual(asked, ['shop.example 192.0.2.1']);
  const again = await onDemand.obtain('shop.example', '192.0.2.9');
  assert.ok('version' in again, 'kept: nobody waits');
  assert.equal(asked.length, 1);
  assert.equal(authority.seen.orders, 1);
});

test('requests for one name at a time are one question and one order', async () => {
  let asked = 0;
  const { time, onDemand, authority } = await stage(() => {
    asked += 1;
    return true;
  });
  const all = Array.from({ length: 50 }, (_, i) => onDemand.obtain('shop.example', `192.0.2.${i}`));
  await time.runUntil(START + 60_000);
  assert.ok((await Promise.all(all)).every((one) => 'version' in one));
  assert.equal(asked, 1);
  assert.equal(authority.seen.orders, 1);
});

test('a no counts for a while, and then ask is asked again', async () => {
  let asked = 0;
  const { time, obtain, authority } = await stage(
    () => {
      asked += 1;
      return asked > 1;
    },
    { noMs: 10 * 60_000 },
  );
  assert.equal(await obtain('shop.example'), 'on-demand-refused');
  assert.equal(await obtain('shop.example'), 'on-demand-refused');
  assert.equal(asked, 1);
  await time.runUntil(START + HOUR);
  assert.equal(await obtain('shop.example'), 'certificate');
  assert.equal(authority.seen.orders, 1);
});

test('what is no public host name is refused without a question', async () => {
  const { obtain } = await stage(() => assert.fail('asked'));
  for (const name of [
    '',
    'localhost',
    'com',
    'co.uk',
    '*.a.example',
    '192.0.2.1',
    'a..b',
    'a_b.example',
    'é.example',
  ]) {
    assert.equal(await obtain(name), 'on-demand-name-invalid', name);
  }
});

test('questions and new names have a rate', async () => {
  const { obtain } = await stage(({ name }) => name.startsWith('yes'), {
    askRate: { burst: 4, refillMs: DAY },
    issueRate: { burst: 2, refillMs: DAY },
  });
  assert.equal(await obtain('yes1.example'), 'certificate');
  assert.equal(await obtain('yes2.example'), 'certificate');
  assert.equal(await obtain('yes3.example'), 'on-demand-limited');
  assert.equal(await obtain('no1.example'), 'on-demand-refused');
  assert.equal(await obtain('no2.example'), 'on-demand-limited');
});

test('nobody waits for ever: not for ask, not for the CA', async () => {
  const never = await stage(() => new Promise(() => undefined));
  assert.equal(await never.obtain('shop.example'), 'on-demand-ask-failed');
  const { obtain, time, onDemand } = await stage(() => true, { waitMs: 2_000 });
  assert.equal(await obtain('shop.example'), 'on-demand-waiting');
  await time.runUntil(START + HOUR);
  assert.ok('version' in (await onDemand.obtain('shop.example', '192.0.2.1')), 'the order went on');
});

test('what nobody asks for any more is not renewed; what is asked for is, while the old one serves', async () => {
  const { time, obtain, authority, onDemand, store } = await stage(() => true);
  await obtain('used.example');
  await obtain('unused.example');
  await time.runUntil(START + 75 * DAY);
  assert.equal(authority.seen.issued, 2);
  const old = await onDemand.obtain('used.example', '192.0.2.1');
  assert.ok('version' in old && old.notAfterMs < START + 91 * DAY, 'at once, the old one');
  await time.runUntil(time.nowMs + 60_000);
  assert.equal(authority.seen.issued, 3);
  const young = await onDemand.obtain('used.example', '192.0.2.1');
  assert.ok('version' in young && young.notAfterMs > START + 160 * DAY);
  assert.ok(((await store.live('unused.example'))?.notAfterMs ?? Infinity) < START + 91 * DAY);
});

test('ask as a URL: 2xx is yes, 403 and 404 no, anything else no answer', async (t) => {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request.url ?? '');
    response.statusCode = Number(/(\d{3})/.exec(request.url ?? '')?.[1] ?? 500);
    response.end('x');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const signal = new AbortController().signal;
  const ask = async (name: string): Promise<boolean | string> => {
    try {
      return await askUrl(`http://127.0.0.1:${port}/may?key=1`)({ name, clientAddress: '2001:db8::1', signal });
    } catch (error) {
      return error instanceof FindingError ? error.finding.code : String(error);
    }
  };
  assert.equal(await ask('s200.example'), true);
  assert.equal(await ask('s204.example'), true);
  assert.equal(await ask('s403.example'), false);
  assert.equal(await ask('s404.example'), false);
  for (const status of [301, 429, 500, 503]) assert.equal(await ask(`s${status}.example`), 'on-demand-ask-failed');
  assert.equal(seen[0], '/may?key=1&domain=s200.example&client=2001%3Adb8%3A%3A1');
});
