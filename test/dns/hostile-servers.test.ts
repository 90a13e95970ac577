import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMessage } from '../../src/codec/dns/encode-message.ts';
import { RecordType } from '../../src/codec/dns/registry.ts';
import { lookAtAll } from '../../src/dns/authoritative-servers.ts';
import { explainResolution } from '../../src/dns/explain.ts';
import { createIterativeResolver } from '../../src/dns/iterative-resolver.ts';
import { parseResolvConf } from '../../src/dns/resolv-conf.ts';
import { createStubResolver } from '../../src/dns/stub-resolver.ts';
import { tellFinding } from '../../src/story/finding.ts';
import { lines, script, type Reply } from './scripted.ts';

const names = ['.', 'a.', 'b.', 'x.a.', 'y.a.', 'x.b.', 'ns.a.', 'ns.b.', 'deep.x.a.', 'victim.'];
const name = fc.constantFrom(...names);
const record = fc.oneof(
  fc.tuple(name, name).map(([owner, target]) => `${owner} 60 NS ${target}`),
  fc.tuple(name, name).map(([owner, target]) => `${owner} 60 CNAME ${target}`),
  fc.tuple(name, name).map(([owner, target]) => `${owner} 60 DNAME ${target}`),
  name.map((owner) => `${owner} 60 SOA ns.a. host.a. 1 2 3 4 5`),
  fc
    .tuple(name, fc.constantFrom('192.0.2.1', '198.51.100.1', '127.0.0.1', '0.0.0.0'))
    .map(([owner, to]) => `${owner} 0 A ${to}`),
  fc.tuple(name, fc.constantFrom('2001:db8::1', '::1')).map(([owner, to]) => `${owner} 60 AAAA ${to}`),
);
const section = fc.array(record, { maxLength: 4 });
const message = fc.record({
  authoritative: fc.boolean(),
  truncated: fc.boolean(),
  rcode: fc.constantFrom(0, 0, 0, 1, 2, 3, 5, 11),
  answers: section,
  authorities: section,
  additionals: section,
});
const reply = fc.oneof(
  {
    weight: 8,
    arbitrary: message.map(({ answers, authorities, additionals, ...head }): Reply => ({
      ...head,
      answers: lines(...answers),
      authorities: lines(...authorities),
      additionals: lines(...additionals),
    })),
  },
  { weight: 1, arbitrary: fc.constantFrom<Reply>('timeout', 'refused', 'unreachable', 'closed') },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 12, maxLength: 40 }).map((octets): Reply => octets) },
);

/** Octets that are at least taken for an answer. */
const dressed = (given: Reply, id: number): Reply => {
  if (!(given instanceof Uint8Array)) return given;
  const octets = Uint8Array.from(given);
  octets[0] = id >> 8;
  octets[1] = id & 0xff;
  octets[2]! |= 0x80;
  return octets;
};

test('whatever servers say, every lookup ends, within its bounds, and can be explained', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(reply, { minLength: 1, maxLength: 12 }), name, async (replies, asked) => {
      let turn = 0;
      const world = script((query) => dressed(replies[(turn += 1) % replies.length]!, query.id));
      const limits = { maxMessages: 40 };
      const options = { hints: [{ name: 'a.', addresses: ['198.51.100.9'] }], limits };
      for (const minimiseNames of [false, true]) {
        const resolver = createIterativeResolver(world.surroundings, {
          ...options,
          minimiseNames,
          randomCase: minimiseNames,
        });
        for (const type of [RecordType.A, RecordType.NS, RecordType.DS, RecordType.ANY]) {
          const resolution = await resolver.resolve(asked, type);
          assert.ok(resolution.steps.length <= limits.maxMessages);
          assert.ok(
            resolution.steps.every(({ server }) => !server.address.startsWith('127.') && server.address !== '::1'),
          );
          const found = explainResolution(resolution);
          assert.equal(found === undefined, resolution.kind === 'found');
          if (found !== undefined) assert.doesNotMatch(tellFinding(found, 'en').cause, /\{\w+\}|undefined/);
        }
        await lookAtAll(asked, RecordType.TXT, resolver, world.surroundings, { timeoutMs: 10 });
      }
      const stub = createStubResolver(world.surroundings, { config: parseResolvConf('nameserver 192.0.2.53') });
      const resolution = await stub.resolve(asked, RecordType.A);
      assert.ok(resolution.steps.length <= 200);
    }),
    { numRuns: 100 },
  );
});

test('an answer with another id or for another name never gets in, however many come', async () => {
  const forged = lines('www.a. 60 A 192.0.2.66');
  const world = script((query) =>
    encodeMessage({ id: query.id ^ 0x8000, response: true, questions: query.questions, answers: forged }),
  );
  const stub = createStubResolver(world.surroundings, { config: parseResolvConf('nameserver 192.0.2.53') });
  const resolution = await stub.resolve('www.a.', RecordType.A);
  assert.ok(resolution.kind === 'failed' && resolution.failure.cause === 'timeout');
});
