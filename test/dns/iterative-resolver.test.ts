import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordType } from '../../src/codec/dns/registry.ts';
import { createIterativeResolver, type IterativeOptions } from '../../src/dns/iterative-resolver.ts';
import type { Resolver } from '../../src/dns/resolution.ts';
import { rootHints } from '../../src/dns/root-hints.ts';
import { lines, script, serveZones, type Script } from './scripted.ts';

const hints = [{ name: 'a.root.', addresses: ['198.51.100.1'] }];
const resolverIn = (world: Script, options: IterativeOptions = {}): Resolver =>
  createIterativeResolver(world.surroundings, { hints, ipv6: false, ...options });

const usual = {
  '198.51.100.1': {
    '.': [
      'example. NS ns1.example.',
      'example. NS ns2.example.',
      'ns1.example. A 198.51.100.2',
      'ns2.example. A 198.51.100.3',
    ],
  },
  '198.51.100.2': { 'example.': ['www.example. 60 A 192.0.2.1'] },
  '198.51.100.3': { 'example.': ['www.example. 60 A 192.0.2.1'] },
};

test('the root hints are IANA\u2019s thirteen servers with both families', () => {
  assert.equal(rootHints.length, 13);
  for (const { name, addresses } of rootHints) {
    assert.match(name, /^[a-m]\.root-servers\.net\.$/);
    assert.deepEqual(
      addresses.map((address) => address.includes(':')),
      [false, true],
    );
  }
});

test('what was learnt is not asked again until it is over', async () => {
  const world = script(serveZones(usual));
  const resolver = resolverIn(world);
  const first = await resolver.resolve('www.example.', RecordType.A);
  assert.deepEqual([first.kind, first.source, first.steps.length], ['found', 'server', 2]);
  world.advance(30_000);
  const second = await resolver.resolve('www.example.', RecordType.A);
  assert.deepEqual([second.kind, second.source, second.steps.length], ['found', 'process-cache', 0]);
  assert.ok(second.kind === 'found' && second.records[0]!.ttl === 30 && second.learntAtMs !== undefined);
  world.advance(31_000);
  // The delegation holds longer: the root is left out.
  assert.equal((await resolver.resolve('www.example.', RecordType.A)).steps.length, 1);
});

test('a silent server costs its time once', async () => {
  const world = script((query, exchange) =>
    exchange.server.address === '198.51.100.2' ? 'timeout' : serveZones(usual)(query, exchange),
  );
  const resolver = resolverIn(world);
  let silent = 0;
  for (const name of ['www', 'a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    const { steps } = await resolver.resolve(`${name}.example.`, RecordType.A);
    silent += steps.filter(({ outcome }) => outcome.kind === 'no-answer').length;
  }
  assert.ok(silent <= 1, String(silent));
});

test('silent servers are asked a second time, with more patience', async () => {
  let answers = 0;
  const world = script((query, exchange) => {
    if (exchange.server.address === '198.51.100.1') return serveZones(usual)(query, exchange);
    answers += 1;
    return answers <= 2 ? 'timeout' : serveZones(usual)(query, exchange);
  });
  const { kind, steps } = await resolverIn(world, { timeoutMs: 100 }).resolve('www.example.', RecordType.A);
  assert.equal(kind, 'found');
  assert.deepEqual(
    steps.map(({ durationMs }) => durationMs),
    [1, 100, 100, 1],
  );
});

test('a delegation to many names elsewhere costs a bounded number of messages (NXNSAttack)', async () => {
  const names = Array.from({ length: 60 }, (_, at) => `ns${at}.n${at}.victim.`);
  const world = script(
    serveZones({
      '198.51.100.1': {
        '.': [
          'attack. NS ns.attack.',
          'ns.attack. A 198.51.100.2',
          'victim. NS ns.victim.',
          'ns.victim. A 198.51.100.3',
        ],
      },
      '198.51.100.2': { 'attack.': names.map((name) => `x.attack. NS ${name}`) },
      '198.51.100.3': { 'victim.': [] },
    }),
  );
  const resolution = await resolverIn(world, { ipv6: true }).resolve('www.x.attack.', RecordType.A);
  assert.ok(resolution.kind === 'failed' && resolution.failure.cause === 'no-server-address');
  const toVictim = world.asked.filter(({ address }) => address === '198.51.100.3').length;
  assert.ok(toVictim <= 4, String(toVictim));
});

test('chains of delegations that each need another end at the limits', async () => {
  // Every zone has its server in the next one, for ever.
  const world = script((query, { server }) => {
    const { name } = query.questions[0]!;
    const number = Number(/z(\d+)\.$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(number) || server.address !== '198.51.100.1') return { rcode: 5 };
    return { authorities: lines(`z${number}. NS ns.z${number + 1}.`, `z${number}. NS ns2.z${number + 2}.`) };
  });
  const resolution = await resolverIn(world).resolve('www.z1.', RecordType.A);
  assert.equal(resolution.kind, 'failed');
  assert.ok(resolution.steps.length <= 100);
  const few = await resolverIn(world, { limits: { maxMessages: 5 } }).resolve('www.z1.', RecordType.A);
  assert.ok(few.kind === 'failed' && few.failure.cause === 'work-limit' && few.steps.length === 5);
});

test('aliases are followed so far and no further', async () => {
  const chain = Array.from({ length: 40 }, (_, at) => `c${at}.example. CNAME c${at + 1}.example.`);
  const servers = { ...usual, '198.51.100.2': { 'example.': chain }, '198.51.100.3': { 'example.': chain } };
  const resolver = resolverIn(script(serveZones(servers)));
  const long = await resolver.resolve('c0.example.', RecordType.A);
  assert.ok(long.kind === 'failed' && long.failure.cause === 'alias-chain-too-long');
  const end = await resolver.resolve('c30.example.', RecordType.A);
  assert.ok(end.kind === 'no-such-name' && end.canonicalName === 'c40.example.' && end.aliases.length === 10);
  const asked = await resolver.resolve('c0.example.', RecordType.CNAME);
  assert.ok(asked.kind === 'found' && asked.aliases.length === 0);
});

test('a loop over two zones is seen', async () => {
  const root = ['a. NS ns.a.', 'ns.a. A 198.51.100.2', 'b. NS ns.b.', 'ns.b. A 198.51.100.3'];
  const world = script(
    serveZones({
      '198.51.100.1': { '.': root },
      '198.51.100.2': { 'a.': ['x.a. CNAME x.b.'] },
      '198.51.100.3': { 'b.': ['x.b. CNAME x.a.'] },
    }),
  );
  const resolver = resolverIn(world);
  const first = await resolver.resolve('x.a.', RecordType.A);
  assert.ok(first.kind === 'failed' && first.failure.cause === 'alias-loop' && first.aliases.length === 2);
  const cached = await resolver.resolve('x.b.', RecordType.A);
  assert.ok(cached.kind === 'failed' && cached.failure.cause === 'alias-loop');
});

test('addresses of this host are not asked, unless the world begins on this host', async () => {
  const local = {
    '198.51.100.1': { '.': ['example. NS ns.example.', 'ns.example. A 127.0.0.1'] },
    '127.0.0.1': usual['198.51.100.2'],
  };
  const world = script(serveZones(local));
  const refused = await resolverIn(world).resolve('www.example.', RecordType.A);
  assert.ok(refused.kind === 'failed' && refused.failure.cause === 'no-server-address');
  const inside = script(serveZones({ ...local, '127.0.0.9': local['198.51.100.1'] }));
  const found = await resolverIn(inside, { hints: [{ name: 'a.root.', addresses: ['127.0.0.9'] }] }).resolve(
    'www.example.',
    RecordType.A,
  );
  assert.equal(found.kind, 'found');
});

test('a delegation that changed is learnt anew when the old servers fail', async () => {
  let moved = false;
  const servers = {
    '198.51.100.2': usual['198.51.100.2'],
    '198.51.100.4': { 'example.': ['www.example. A 192.0.2.4'] },
  };
  const world = script((query, exchange) => {
    const { address } = exchange.server;
    if (address === '198.51.100.1') {
      const target = moved ? '198.51.100.4' : '198.51.100.2';
      return serveZones({ [address]: { '.': ['example. NS ns.example.', `ns.example. A ${target}`] } })(
        query,
        exchange,
      );
    }
    return moved && address === '198.51.100.2' ? { rcode: 5 } : serveZones(servers)(query, exchange);
  });
  const resolver = resolverIn(world);
  await resolver.resolve('www.example.', RecordType.A);
  moved = true;
  world.advance(120_000);
  const again = await resolver.resolve('www.example.', RecordType.A);
  assert.ok(
    again.kind === 'found' && again.records[0]!.data.kind === 'A' && again.records[0]!.data.address === '192.0.2.4',
  );
});

test('giving up stops at once', async () => {
  const control = new AbortController();
  const world = script((query, exchange) => {
    control.abort();
    return serveZones(usual)(query, exchange);
  });
  const seen: string[] = [];
  const resolution = await resolverIn(world).resolve('www.example.', RecordType.A, {
    signal: control.signal,
    onStep: ({ outcome }) => seen.push(outcome.kind),
  });
  assert.ok(resolution.kind === 'failed' && resolution.failure.cause === 'aborted');
  assert.deepEqual(seen, ['referral']);
});

test('no packets of a family that has no route are tried twice', async () => {
  const both = {
    '198.51.100.1': { '.': ['example. NS ns.example.', 'ns.example. A 198.51.100.2', 'ns.example. AAAA 2001:db8::2'] },
    '198.51.100.2': { 'example.': ['www.example. A 192.0.2.1', 'ftp.example. A 192.0.2.1'] },
  };
  const world = script((query, exchange) =>
    exchange.server.address.includes(':') ? 'unreachable' : serveZones(both)(query, exchange),
  );
  const resolver = resolverIn(world, { ipv6: true });
  for (const name of ['www.example.', 'ftp.example.', 'a.example.', 'b.example.'])
    await resolver.resolve(name, RecordType.A);
  assert.ok(world.asked.filter(({ address }) => address.includes(':')).length <= 1);
});
