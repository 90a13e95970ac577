import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rcode, RecordType } from '../../src/codec/dns/registry.ts';
import { explainResolution } from '../../src/dns/explain.ts';
import { parseHostsFile } from '../../src/dns/hosts-file.ts';
import { parseResolvConf } from '../../src/dns/resolv-conf.ts';
import { createStubResolver, type StubOptions, type StubResolver } from '../../src/dns/stub-resolver.ts';
import { tellFinding } from '../../src/story/finding.ts';
import { lines, script, type Script } from './scripted.ts';

const config = parseResolvConf(
  'nameserver 192.0.2.53\nnameserver 192.0.2.54\nsearch corp.example example\noptions timeout:1 attempts:2',
);

const stubIn = (world: Script, options: Partial<StubOptions> = {}): StubResolver =>
  createStubResolver(world.surroundings, { config, ...options });

const found = { recursionAvailable: true, answers: lines('www.example. 60 A 192.0.2.1') };

test('the first server is asked, with recursion desired; the next where it fails', async () => {
  const world = script((_, { server }) => (server.address === '192.0.2.53' ? { rcode: Rcode.SERVFAIL } : found));
  const resolution = await stubIn(world).resolve('www.example.', RecordType.A);
  assert.equal(resolution.kind, 'found');
  assert.deepEqual(
    world.asked.map(({ address, query }) => [address, query.recursionDesired]),
    [
      ['192.0.2.53', true],
      ['192.0.2.54', true],
    ],
  );
});

test('when all fail, the failure that tells most is given, with what the server added', async () => {
  const world = script((_, { server }) =>
    server.address === '192.0.2.53'
      ? 'timeout'
      : {
          rcode: Rcode.SERVFAIL,
          edns: { udpPayloadSize: 1232, extendedErrors: [{ infoCode: 6, extraText: 'no\u001b[2J signature' }] },
        },
  );
  const resolution = await stubIn(world).resolve('www.example.', RecordType.A);
  assert.ok(resolution.kind === 'failed' && resolution.failure.cause === 'server-failure');
  assert.equal(resolution.steps.length, 4);
  const told = explainResolution(resolution)!;
  assert.equal(told.code, 'dns-server-failure');
  assert.match(tellFinding(told, 'en').cause, /192\.0\.2\.54 .*SERVFAIL: DNSSEC Bogus \(no \[2J signature\)/);
  const refused = await stubIn(script(() => ({ rcode: Rcode.REFUSED }))).resolve('www.example.', RecordType.A);
  assert.equal(explainResolution(refused)!.code, 'dns-refused');
  const silent = await stubIn(script(() => 'timeout')).resolve('www.example.', RecordType.A);
  assert.equal(explainResolution(silent)!.code, 'dns-timeout');
});

test('the hosts file speaks first, for both families', async () => {
  const world = script(() => found);
  const hosts = parseHostsFile('192.0.2.7 box.corp.example box # mine\n2001:db8::7 six\n');
  const stub = stubIn(world, { hosts });
  const box = await stub.resolve('BOX.corp.example.', RecordType.A);
  assert.ok(box.kind === 'found' && box.source === 'hosts-file');
  assert.equal((await stub.resolve('box.', RecordType.AAAA)).kind, 'no-data');
  assert.equal((await stub.resolve('box.', RecordType.TXT)).source, 'server');
  assert.equal(world.asked.length, 1);
});

test('localhost is this host, and invalid is nobody, without a question', async () => {
  const world = script(() => found);
  const stub = stubIn(world);
  const here = await stub.resolve('app.localhost.', RecordType.AAAA);
  assert.ok(here.kind === 'found' && here.source === 'special-name' && here.records[0]!.data.kind === 'AAAA');
  assert.equal((await stub.resolve('localhost.', RecordType.MX)).kind, 'no-data');
  assert.equal((await stub.resolve('x.invalid.', RecordType.A)).kind, 'no-such-name');
  assert.equal(world.asked.length, 0);
});

test('an address in the place of a name is its own answer', async () => {
  const world = script(() => found);
  const stub = stubIn(world);
  const v4 = await stub.resolve('192.0.2.1.', RecordType.A);
  assert.ok(v4.kind === 'found' && v4.source === 'address');
  const v6 = await stub.resolve('2001:DB8::1.', RecordType.AAAA);
  assert.ok(
    v6.kind === 'found' && v6.records[0]!.data.kind === 'AAAA' && v6.records[0]!.data.address === '2001:db8::1',
  );
  assert.equal((await stub.resolve('192.0.2.1.', RecordType.AAAA)).kind, 'no-data');
  assert.equal(world.asked.length, 0);
});

test('answers and denials are remembered, by name and by type', async () => {
  const soa = lines('example. 300 SOA ns.example. host.example. 1 2 3 4 20');
  const world = script(({ questions }) => {
    const [{ name, type }] = questions as [(typeof questions)[number]];
    if (name === 'gone.example.') return { rcode: Rcode.NXDOMAIN, authorities: soa };
    return type === RecordType.A ? found : { authorities: soa };
  });
  const stub = stubIn(world);
  const kinds = async (name: string, type: number): Promise<string> => {
    const { kind, source } = await stub.resolve(name, type);
    return `${kind} ${source}`;
  };
  assert.equal(await kinds('gone.example.', RecordType.A), 'no-such-name server');
  assert.equal(await kinds('gone.example.', RecordType.TXT), 'no-such-name process-cache');
  assert.equal(await kinds('www.example.', RecordType.TXT), 'no-data server');
  assert.equal(await kinds('www.example.', RecordType.TXT), 'no-data process-cache');
  assert.equal(await kinds('WWW.example.', RecordType.A), 'found server');
  assert.equal(await kinds('www.EXAMPLE.', RecordType.A), 'found process-cache');
  world.advance(21_000);
  assert.equal(await kinds('gone.example.', RecordType.A), 'no-such-name server');
  assert.equal(await kinds('www.example.', RecordType.A), 'found process-cache');
});

test('an alias whose end the server leaves out is followed by us', async () => {
  const world = script(({ questions }) =>
    questions[0]!.name === 'a.example.' ? { answers: lines('a.example. 60 CNAME www.example.') } : found,
  );
  const stub = stubIn(world);
  const resolution = await stub.resolve('a.example.', RecordType.A);
  assert.ok(
    resolution.kind === 'found' && resolution.canonicalName === 'www.example.' && resolution.steps.length === 2,
  );
  assert.equal((await stub.resolve('a.example.', RecordType.A)).source, 'process-cache');
  const circle = script(({ questions }) => {
    const { name } = questions[0]!;
    return { answers: lines(name === 'a.example.' ? 'a.example. CNAME b.example.' : 'b.example. CNAME a.example.') };
  });
  const looped = await stubIn(circle).resolve('a.example.', RecordType.A);
  assert.ok(looped.kind === 'failed' && looped.failure.cause === 'alias-loop');
  let number = 0;
  const endless = script(({ questions }) => ({
    answers: lines(`${questions[0]!.name} CNAME n${(number += 1)}.example.`),
  }));
  const long = await stubIn(endless).resolve('a.example.', RecordType.A);
  assert.ok(long.kind === 'failed' && long.failure.cause === 'alias-chain-too-long');
});

test('a short name goes through the search list', async () => {
  const world = script(({ questions }) => {
    const { name } = questions[0]!;
    if (name === 'www.example.') return found;
    return { rcode: Rcode.NXDOMAIN, authorities: lines('. SOA a. b. 1 2 3 4 5') };
  });
  const stub = stubIn(world);
  const resolution = await stub.search('www', RecordType.A);
  assert.ok(resolution.kind === 'found' && resolution.name === 'www.example.');
  assert.deepEqual(
    world.asked.map(({ query }) => query.questions[0]!.name),
    ['www.corp.example.', 'www.example.'],
  );
  assert.equal(resolution.steps.length, 2);
  assert.equal((await stub.search('www.', RecordType.A)).kind, 'no-such-name');
  await assert.rejects(stub.search('a..b', RecordType.A), RangeError);
});

test('use-vc asks over TCP, rotate takes turns', async () => {
  const world = script(() => found);
  const rotating = { ...config, rotate: true, tcpOnly: true };
  for (let at = 0; at < 20; at += 1) await stubIn(world, { config: rotating }).resolve('www.example.', RecordType.A);
  assert.deepEqual([...new Set(world.asked.map(({ address }) => address))].sort(), ['192.0.2.53', '192.0.2.54']);
  assert.ok(world.asked.every(({ protocol }) => protocol === 'tcp'));
});

test('giving up says so', async () => {
  const resolution = await stubIn(script(() => found)).resolve('www.example.', RecordType.A, {
    signal: AbortSignal.abort(),
  });
  assert.ok(resolution.kind === 'failed' && resolution.failure.cause === 'aborted');
});
