import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordType } from '../../src/codec/dns/registry.ts';
import { findAuthoritativeServers, lookAtAll } from '../../src/dns/authoritative-servers.ts';
import { createIterativeResolver } from '../../src/dns/iterative-resolver.ts';
import { viewsThatDiffer } from '../../src/dns/view-comparison.ts';
import { script, serveZones, type Reply, type Script } from './scripted.ts';

const root = {
  '.': [
    'example. NS ns1.example.',
    'example. NS ns2.example.',
    'ns1.example. A 198.51.100.2',
    'ns2.example. A 198.51.100.3',
  ],
};
const common = [
  'example. NS ns1.example.',
  'example. NS ns2.example.',
  'ns1.example. A 198.51.100.2',
  'ns2.example. A 198.51.100.3',
];

/** Two servers of one zone, each with lines of its own. */
const worldOf = (
  first: readonly string[],
  second: readonly string[],
  other?: (address: string) => Reply | undefined,
): Script => {
  const serve = serveZones({
    '198.51.100.1': root,
    '198.51.100.2': { 'example.': [...common, ...first] },
    '198.51.100.3': { 'example.': [...common, ...second] },
  });
  return script((query, exchange) => other?.(exchange.server.address) ?? serve(query, exchange));
};

async function look(world: Script, name: string): ReturnType<typeof lookAtAll> {
  const hints = [{ name: 'a.', addresses: ['198.51.100.1'] }];
  const resolver = createIterativeResolver(world.surroundings, { hints });
  return lookAtAll(name, RecordType.TXT, resolver, world.surroundings, { timeoutMs: 100 });
}

test('each server gives its own answer, and who is behind is named', async () => {
  const all = await look(
    worldOf(['t.example. TXT "new"', 't.example. TXT "old"'], ['t.example. TXT "old"']),
    't.example.',
  );
  assert.ok('views' in all);
  assert.deepEqual(all.views.map(({ serverName, records }) => `${serverName} ${records.length}`).sort(), [
    'ns1.example. 2',
    'ns2.example. 1',
  ]);
  assert.deepEqual(
    viewsThatDiffer(all).map(({ serverName }) => serverName),
    ['ns2.example.'],
  );
});

test('a name that is not there yet, behind an alias, is asked for all the same', async () => {
  const lines = ['a.example. CNAME b.example.'];
  const all = await look(worldOf(lines, lines), 'a.example.');
  assert.ok('views' in all);
  assert.equal(all.canonicalName, 'b.example.');
  assert.deepEqual(
    all.views.map(({ outcome }) => outcome?.kind),
    ['no-such-name', 'no-such-name'],
  );
  assert.deepEqual(viewsThatDiffer(all), []);
});

test('a silent server counts as one that differs', async () => {
  const lines = ['t.example. TXT "x"'];
  const all = await look(
    worldOf(lines, lines, (address) => (address === '198.51.100.3' ? 'timeout' : undefined)),
    't.example.',
  );
  assert.ok('views' in all);
  assert.deepEqual(
    viewsThatDiffer(all).map(({ serverName }) => serverName),
    ['ns2.example.'],
  );
});

test('addresses of a family without a route from here say nothing, unless there are no others', async () => {
  const lines = ['t.example. TXT "x"', 'ns1.example. AAAA 2001:db8::2', 'ns2.example. AAAA 2001:db8::3'];
  const world = worldOf(lines, lines, (address) => (address.includes(':') ? 'unreachable' : undefined));
  const all = await look(world, 't.example.');
  assert.ok('views' in all);
  assert.deepEqual(all.views.map(({ server }) => server.address).sort(), ['198.51.100.2', '198.51.100.3']);
  assert.deepEqual(viewsThatDiffer(all), []);
  assert.ok(all.steps.some(({ server }) => server.address.includes(':')));
});

test('aliases in a circle, a dead zone and a zone without an SOA are failures', async () => {
  const circle = ['a.example. CNAME b.example.', 'b.example. CNAME a.example.'];
  const looped = await look(worldOf(circle, circle), 'a.example.');
  assert.ok('ok' in looped && looped.failure.cause === 'alias-chain-too-long');
  const dead = await look(
    worldOf([], [], (address) => (address === '198.51.100.1' ? undefined : 'timeout')),
    'a.example.',
  );
  assert.ok('ok' in dead && dead.failure.cause === 'timeout');
  const bare = script(() => ({ authoritative: true }));
  const resolver = createIterativeResolver(bare.surroundings, { hints: [{ name: 'a.', addresses: ['198.51.100.1'] }] });
  const zone = await findAuthoritativeServers('x.example.', resolver);
  assert.ok(!zone.ok && zone.failure.cause === 'lame');
});
