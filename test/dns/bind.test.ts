import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseMessage } from '../../src/codec/dns/parse-message.ts';
import type { Message } from '../../src/codec/dns/record.ts';
import { formatRecord } from '../../src/codec/dns/record-text.ts';
import { RecordType, rcodeName, typeName } from '../../src/codec/dns/registry.ts';
import { findAuthoritativeServers, lookAtAll } from '../../src/dns/authoritative-servers.ts';
import { judgeCaa, lookUpCaa } from '../../src/dns/caa.ts';
import { createChallengeResponder } from '../../src/dns/challenge-responder.ts';
import { createIterativeResolver } from '../../src/dns/iterative-resolver.ts';
import { parseResolvConf } from '../../src/dns/resolv-conf.ts';
import type { Resolution, Resolver } from '../../src/dns/resolution.ts';
import { systemSurroundings } from '../../src/dns/socket-transport.ts';
import type { DnsStep } from '../../src/dns/step.ts';
import { createStubResolver } from '../../src/dns/stub-resolver.ts';
import { findUpdateTarget, sendUpdate, type ZoneChange } from '../../src/dns/update.ts';
import type { TsigKey } from '../../src/dns/tsig.ts';
import { viewsThatDiffer } from '../../src/dns/view-comparison.ts';
import { hints, hintsText, NOBODY, OTHER, OTHER_SECRET, startWorld, UPDATE_SECRET, ZONE } from './loopback-world.ts';
import { dig, startNamed, whyNoBind, type Named, type View } from './named.ts';

const reason = whyNoBind();

describe('against BIND', { skip: reason ?? false }, () => {
  let world: Named;
  let port: number;
  const fresh = (): Resolver => createIterativeResolver(systemSurroundings, { hints, port, ipv6: false });
  before(async () => {
    world = await startWorld();
    ({ port } = world);
  });
  after(() => world.stop());

  const ask = (name: string, type: number): Promise<Resolution> => fresh().resolve(name, type);

  test('every step from the root says what dig says of the same server and question', async () => {
    for (const [name, type] of [
      ['www.example.test.', RecordType.A],
      ['WWW.example.test.', RecordType.AAAA],
      ['www.example.test.', RecordType.HTTPS],
      ['example.test.', RecordType.SOA],
      ['example.test.', RecordType.NS],
      ['example.test.', RecordType.CAA],
      ['text.example.test.', RecordType.TXT],
      ['mail.example.test.', RecordType.MX],
      ['_https._tcp.example.test.', RecordType.SRV],
      ['odd.example.test.', 65_280],
      ['big.example.test.', RecordType.TXT],
      ['far.example.test.', RecordType.A],
      ['a.b.ent.example.test.', RecordType.A],
      ['b.ent.example.test.', RecordType.A],
      ['x.wild.example.test.', RecordType.A],
      ['missing.example.test.', RecordType.A],
      ['missing.test.', RecordType.A],
      ['www.lame.test.', RecordType.A],
    ] as const) {
      const { steps } = await ask(name, type);
      assert.ok(steps.length >= 2, name);
      for (const step of steps) await sameAsDig(step);
    }
  });

  async function sameAsDig({ server, question, protocol, message, zone }: DnsStep): Promise<void> {
    const flags = [
      '+norecurse',
      '+nocookie',
      '+noall',
      '+comments',
      '+answer',
      '+authority',
      '+additional',
      '+nosplit',
    ];
    const args = [`@${server.address}`, '-p', String(server.port), question.name, typeName(question.type), ...flags];
    const output = await dig(...args, '+bufsize=1232', protocol === 'tcp' ? '+tcp' : '+ignore');
    assert.ok(message !== undefined, zone);
    const facts = /status: (\w+)[\s\S]*?flags:([ a-z]*);/.exec(output)!;
    assert.equal(rcodeName(message.rcode), facts[1]);
    assert.equal(message.authoritative, facts[2]!.split(' ').includes('aa'));
    assert.equal(message.truncated, facts[2]!.split(' ').includes('tc'));
    assert.equal(message.recursionAvailable, facts[2]!.split(' ').includes('ra'));
    const theirs = output.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
    const plain = (line: string): string => line.replace(/\s+/g, ' ').trim();
    assert.deepEqual(
      linesOf(message).map(plain).sort(),
      theirs.map(plain).sort(),
      `${question.name} at ${server.address}`,
    );
  }

  const linesOf = ({ answers, authorities, additionals }: Message): string[] =>
    [...answers, ...authorities, ...additionals].filter(({ type }) => type !== RecordType.OPT).map(formatRecord);

  test('referrals, glue, aliases over zones and truncation are all in the steps', async () => {
    const plain = await ask('www.example.test.', RecordType.A);
    assert.deepEqual(
      plain.steps.map(({ zone, outcome }) => [zone, outcome.kind]),
      [
        ['.', 'referral'],
        ['test.', 'referral'],
        ['example.test.', 'answer'],
      ],
    );
    const far = await ask('far.example.test.', RecordType.A);
    assert.ok(far.kind === 'found');
    assert.deepEqual(
      far.aliases.map(({ name }) => name),
      ['far.example.test.', 'alias.glueless.test.'],
    );
    assert.equal(far.canonicalName, 'www.example.test.');
    assert.ok(far.steps.some(({ zone }) => zone === 'glueless.test.'));
    const big = await ask('big.example.test.', RecordType.TXT);
    assert.ok(big.kind === 'found' && big.records.length === 30);
    assert.deepEqual(
      big.steps.slice(-2).map(({ protocol, outcome }) => [protocol, outcome.kind]),
      [
        ['udp', 'truncated'],
        ['tcp', 'answer'],
      ],
    );
  });

  test('what is broken is told as what it is', async () => {
    const failureOf = async (name: string): Promise<string> => {
      const resolution = await ask(name, RecordType.A);
      return resolution.kind === 'failed' ? resolution.failure.cause : resolution.kind;
    };
    assert.equal(await failureOf('missing.example.test.'), 'no-such-name');
    assert.equal(await failureOf('text.example.test.'), 'no-data');
    assert.equal(await failureOf('b.ent.example.test.'), 'no-data');
    assert.equal(await failureOf('www.lame.test.'), 'lame');
    assert.equal(await failureOf('loop1.example.test.'), 'alias-loop');
    assert.equal(await failureOf('www.circle-a.test.'), 'no-server-address');
    assert.equal(await failureOf('www.dead.test.'), 'unreachable');
  });

  test('minimised names come to the same ends', async () => {
    const minimising = (): Resolver =>
      createIterativeResolver(systemSurroundings, { hints, port, ipv6: false, minimiseNames: true, randomCase: true });
    for (const name of ['www.example.test.', 'a.b.ent.example.test.', 'missing.example.test.', 'far.example.test.']) {
      const [usual, minimised] = [await ask(name, RecordType.A), await minimising().resolve(name, RecordType.A)];
      assert.equal(minimised.kind, usual.kind, name);
      assert.equal(minimised.canonicalName, usual.canonicalName);
      assert.ok(minimised.steps[0]!.question.name.length < name.length);
    }
  });

  test('a stub asks a recursive BIND and remembers for as long as the records hold', async (t) => {
    const recursive = await startRecursive(t);
    if (recursive === undefined) return;
    const config = { ...parseResolvConf(''), servers: [{ address: recursiveView.address, port: recursive.port }] };
    const stub = createStubResolver(systemSurroundings, { config });
    const first = await stub.resolve('far.example.test.', RecordType.A);
    assert.ok(
      first.kind === 'found' && first.source === 'server' && first.records.length === 2,
      JSON.stringify(first.kind),
    );
    assert.equal(first.aliases.length, 2);
    const second = await stub.resolve('far.example.test.', RecordType.A);
    assert.equal(second.source, 'process-cache');
    assert.equal(second.steps.length, 0);
    assert.equal((await stub.resolve('missing.example.test.', RecordType.A)).kind, 'no-such-name');
    assert.equal((await stub.resolve('missing.example.test.', RecordType.TXT)).source, 'process-cache');
    const dead = await stub.resolve('www.lame.test.', RecordType.A);
    assert.ok(dead.kind === 'failed' && dead.failure.cause === 'server-failure');
  });

  test('BIND delegates to our responder: dig finds the texts through it, and they come and go at once', async (t) => {
    const world53 = await startOn53(t);
    if (world53 === undefined) return;
    const responder = await createChallengeResponder({
      zone: '_acme-challenge.example.test',
      nsName: 'responder.example.test',
      addresses: [OTHER],
      listen: [{ address: OTHER, port: 53 }],
    });
    t.after(() => responder.close());
    const recursive = await startNamed({ port: 0, views: [recursiveView], files: { hints: hintsText } });
    t.after(() => recursive.stop());
    const short = (...args: string[]): Promise<string> =>
      dig(`@${recursiveView.address}`, '-p', String(recursive.port), '+short', ...args);
    assert.equal(responder.addText('_acme-challenge.example.test', 'one'), true);
    responder.addText('_acme-challenge.example.test', 'two');
    const both = await short('_acme-challenge.example.test', 'TXT');
    assert.deepEqual(both.trim().split('\n').sort(), ['"one"', '"two"']);
    const views = await lookAtAll(
      '_acme-challenge.example.test.',
      RecordType.TXT,
      createIterativeResolver(systemSurroundings, { hints, ipv6: false }),
      systemSurroundings,
    );
    assert.ok(
      'views' in views && views.zone === '_acme-challenge.example.test.' && views.views[0]!.records.length === 2,
    );
    responder.removeText('_acme-challenge.example.test', 'one');
    responder.removeText('_acme-challenge.example.test', 'two');
    // The TTL of a text is a second: after it even the recursive server asks again.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.equal(await short('_acme-challenge.example.test', 'TXT'), '');
  });

  test('dig reads our responder over UDP and TCP', async (t) => {
    const responder = await createChallengeResponder({
      zone: 'acme.example.net',
      nsName: 'ns.acme.example.net',
      addresses: ['192.0.2.53', '2001:db8::53'],
      listen: [{ address: OTHER, port: 0 }],
      records: { 'a.acme.example.net': ['x'], 'b.c.acme.example.net': ['y'.repeat(300)] },
    });
    t.after(() => responder.close());
    responder.setText(
      'many.acme.example.net',
      Array.from({ length: 40 }, (_, at) => `${at}`.padEnd(60, '.')),
    );
    const at = ['@127.53.0.4', '-p', String(responder.listening[0]!.port)];
    const status = async (...args: string[]): Promise<string> => {
      const output = await dig(...at, ...args);
      const [, rcode, flags] = /status: (\w+)[\s\S]*?flags: ([a-z ]*);/.exec(output) ?? [];
      return `${rcode} ${flags}`;
    };
    assert.equal(await dig(...at, '+short', 'a.acme.example.net', 'TXT'), '"x"\n');
    assert.equal(
      await dig(...at, '+short', '+tcp', 'b.c.acme.example.net', 'TXT'),
      `"${'y'.repeat(255)}" "${'y'.repeat(45)}"\n`,
    );
    assert.match(await dig(...at, 'A.AcMe.Example.Net', 'TXT'), /^A\.AcMe\.Example\.Net\.\s+1\s+IN\s+TXT\s+"x"$/m);
    assert.equal(await status('a.acme.example.net', 'TXT'), 'NOERROR qr aa rd');
    assert.equal(await status('a.acme.example.net', 'A'), 'NOERROR qr aa rd');
    assert.equal(await status('c.acme.example.net', 'TXT'), 'NOERROR qr aa rd');
    assert.equal(await status('z.acme.example.net', 'TXT'), 'NXDOMAIN qr aa rd');
    assert.equal(await status('example.net', 'TXT'), 'REFUSED qr rd');
    assert.equal(await status('acme.example.net', 'AXFR', '+onesoa'), 'undefined undefined');
    assert.equal(await status('+ednsopt=65001:00', 'a.acme.example.net', 'TXT'), 'NOERROR qr aa rd');
    assert.equal(await status('+edns=7', '+noednsnegotiation', 'a.acme.example.net', 'TXT'), 'BADVERS qr rd');
    assert.equal(await status('+noedns', '+ignore', 'many.acme.example.net', 'TXT'), 'NOERROR qr aa tc rd');
    assert.equal((await dig(...at, '+short', '+noedns', 'many.acme.example.net', 'TXT')).trim().split('\n').length, 40);
    assert.equal(await dig(...at, '+short', 'acme.example.net', 'NS'), 'ns.acme.example.net.\n');
    assert.equal(await dig(...at, '+short', 'ns.acme.example.net', 'AAAA'), '2001:db8::53\n');
    assert.match(await dig(...at, '+short', 'acme.example.net', 'SOA'), /^ns\.acme\.example\.net\. hostmaster\./);
  });

  const acmeKey: TsigKey = {
    name: 'acme-key.',
    algorithm: 'hmac-sha256',
    secret: Buffer.from(UPDATE_SECRET, 'base64'),
  };
  const otherKey: TsigKey = {
    name: 'other-key.',
    algorithm: 'hmac-sha512',
    secret: Buffer.from(OTHER_SECRET, 'base64'),
  };
  const zone = 'dynamic.example.test.';
  const owner = `_acme-challenge.${zone}`;
  const txt = (value: string): { readonly kind: 'TXT'; readonly strings: readonly Uint8Array[] } => ({
    kind: 'TXT',
    strings: [new TextEncoder().encode(value)],
  });
  const update = async (
    changes: readonly ZoneChange[],
    key?: TsigKey,
    offsetMs = 0,
    zoneName = zone,
  ): Promise<string | undefined> => {
    const surroundings = { ...systemSurroundings, nowMs: () => systemSurroundings.nowMs() + offsetMs };
    const server = { address: ZONE, port };
    const found = await sendUpdate({ zone: zoneName, server, changes, ...(key && { key }) }, surroundings);
    return found?.code;
  };
  const add = (value: string): ZoneChange => ({
    kind: 'add',
    name: owner,
    type: RecordType.TXT,
    ttl: 1,
    data: txt(value),
  });
  const read = async (): Promise<string[]> => {
    const output = await dig(`@${ZONE}`, '-p', String(port), '+short', owner, 'TXT');
    return output.trim().split('\n').filter(Boolean).sort();
  };

  test('updates are done with the key, and the answer is checked', async () => {
    assert.equal(await update([add('one')], acmeKey), undefined);
    assert.equal(await update([add('two')], otherKey), undefined);
    assert.deepEqual(await read(), ['"one"', '"two"']);
    const gone: ZoneChange = { kind: 'delete-record', name: owner, type: RecordType.TXT, data: txt('one') };
    assert.equal(await update([gone], acmeKey), undefined);
    assert.deepEqual(await read(), ['"two"']);
    assert.equal(await update([{ kind: 'delete-set', name: owner, type: RecordType.TXT }], acmeKey), undefined);
    assert.deepEqual(await read(), []);
  });

  test('updates that are refused say why', async () => {
    assert.equal(await update([add('x')]), 'dns-update-refused');
    assert.equal(await update([add('x')], { ...acmeKey, name: 'nobody.' }), 'dns-update-key-unknown');
    assert.equal(await update([add('x')], { ...acmeKey, secret: Buffer.from('wrong') }), 'dns-update-signature');
    assert.equal(await update([add('x')], acmeKey, 3_600_000), 'dns-update-clock');
    const address: ZoneChange = {
      ...add('x'),
      kind: 'add',
      type: RecordType.A,
      data: { kind: 'A', address: '192.0.2.1' },
      ttl: 1,
    };
    assert.equal(await update([address], acmeKey), 'dns-update-refused');
    assert.equal(await update([add('x')], acmeKey, 0, 'elsewhere.test.'), 'dns-update-not-authoritative');
    assert.deepEqual(await read(), []);
  });

  test('the zone, its primary and all its servers are found', async () => {
    const target = await findUpdateTarget(owner, fresh());
    assert.deepEqual(target, { ok: true, zone, primary: 'ns1.example.test.', addresses: [ZONE] });
    const servers = await findAuthoritativeServers('www.example.test.', fresh());
    assert.ok(servers.ok);
    assert.equal(servers.zone, 'example.test.');
    assert.deepEqual(servers.servers.map(({ name, addresses }) => `${name} ${addresses.join(',')}`).sort(), [
      `ns1.example.test. ${ZONE}`,
      `ns2.example.test. ${ZONE}`,
    ]);
    const all = await lookAtAll('alias.example.test.', RecordType.A, fresh(), systemSurroundings, { port });
    assert.ok('views' in all);
    assert.equal(all.canonicalName, 'www.example.test.');
    assert.deepEqual(
      all.views.map(({ records }) => records.length),
      [2, 2],
    );
    assert.deepEqual(viewsThatDiffer(all), []);
    const dead = await lookAtAll('www.dead.test.', RecordType.A, fresh(), systemSurroundings, { port });
    assert.ok('ok' in dead && dead.failure.cause === 'unreachable');
  });

  test('CAA is found by climbing', async () => {
    const found = await lookUpCaa('www.example.test.', fresh());
    assert.ok(found.ok && found.at === 'example.test.' && found.records.length === 2);
    assert.equal(judgeCaa(found.records, ['ca.test'], false).because, 'listed');
    assert.equal(judgeCaa(found.records, ['other.test'], true).because, 'not-listed');
    assert.equal((await lookUpCaa('www.glueless.test.', fresh())).at, '');
    const failed = await lookUpCaa('www.lame.test.', fresh());
    assert.ok(!failed.ok && failed.at === 'www.lame.test.');
  });

  test('what BIND sends over UDP reads the same as what it says over TCP', async () => {
    const output = await dig(`@${NOBODY}`, '-p', String(port), '+time=1', '+tries=1', 'www.example.test');
    assert.match(output, /no servers could be reached|connection refused/);
    const { steps } = await ask('www.example.test.', RecordType.A);
    for (const { received } of steps) assert.ok(parseMessage(received!).ok);
  });

  /** It finds the world by its own hints, and so all of that has to be on port 53. */
  const recursiveView: View = {
    address: '127.53.0.5',
    zones: {},
    options: 'recursion yes; allow-recursion { any; }; zone "." { type hint; file "hints"; };',
  };

  async function startRecursive(t: TestContextLike): Promise<Named | undefined> {
    const world53 = await startOn53(t);
    if (world53 === undefined) return undefined;
    const recursive = await startNamed({ port: 0, views: [recursiveView], files: { hints: hintsText } });
    t.after(() => recursive.stop());
    return recursive;
  }

  async function startOn53(t: TestContextLike): Promise<Named | undefined> {
    try {
      const started = await startWorld(53);
      t.after(() => started.stop());
      return started;
    } catch {
      t.skip('port 53 of the loopback addresses cannot be bound here');
      return undefined;
    }
  }
});

interface TestContextLike {
  skip(reason: string): void;
  after(end: () => Promise<void>): void;
}
