import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Opcode, Rcode, RecordClass, RecordType } from '../../src/codec/dns/registry.ts';
import { createIterativeResolver } from '../../src/dns/iterative-resolver.ts';
import type { DnsStep } from '../../src/dns/step.ts';
import type { TsigKey } from '../../src/dns/tsig.ts';
import { findUpdateTarget, sendUpdate, type UpdateRequest } from '../../src/dns/update.ts';
import { script, serveZones, type Reply, type Script } from './scripted.ts';

const text = { kind: 'TXT', strings: [new TextEncoder().encode('v')] } as const;
const request: UpdateRequest = {
  zone: 'example.',
  server: { address: '192.0.2.53', port: 53 },
  changes: [
    { kind: 'add', name: 'a.example.', type: RecordType.TXT, ttl: 60, data: text },
    { kind: 'delete-record', name: 'b.example.', type: RecordType.TXT, data: text },
    { kind: 'delete-set', name: 'c.example.', type: RecordType.TXT },
  ],
};
const key: TsigKey = { name: 'key.', algorithm: 'hmac-sha256', secret: Buffer.from('secret') };
const answering = (reply: Reply): Script =>
  script(() =>
    typeof reply === 'string' || reply instanceof Uint8Array ? reply : { opcode: Opcode.UPDATE, ...reply },
  );
const codeOf = async (reply: Reply, more: Partial<UpdateRequest> = {}): Promise<string | undefined> =>
  (await sendUpdate({ ...request, ...more }, answering(reply).surroundings))?.code;

test('changes are written as RFC 2136 section 2.5 has them', async () => {
  const world = answering({});
  const steps: DnsStep[] = [];
  assert.equal(await sendUpdate({ ...request, onStep: (step) => steps.push(step) }, world.surroundings), undefined);
  const { query, protocol } = world.asked[0]!;
  assert.equal(protocol, 'tcp');
  assert.deepEqual([query.opcode, query.questions[0]!.name, query.questions[0]!.type], [5, 'example.', RecordType.SOA]);
  assert.deepEqual(
    query.authorities.map(({ name, class: recordClass, ttl, data }) => [name, recordClass, ttl, data.kind]),
    [
      ['a.example.', RecordClass.IN, 60, 'TXT'],
      ['b.example.', RecordClass.NONE, 0, 'TXT'],
      ['c.example.', RecordClass.ANY, 0, 'empty'],
    ],
  );
  assert.equal(steps[0]!.outcome.kind, 'answer');
});

test('what the server answers becomes a finding', async () => {
  assert.equal(await codeOf({ rcode: Rcode.REFUSED }), 'dns-update-refused');
  assert.equal(await codeOf({ rcode: Rcode.NOTAUTH }), 'dns-update-not-authoritative');
  assert.equal(await codeOf({ rcode: Rcode.NOTZONE }), 'dns-update-not-authoritative');
  assert.equal(await codeOf({ rcode: Rcode.SERVFAIL }), 'dns-update-failed');
  assert.equal(await codeOf('timeout'), 'dns-timeout');
  assert.equal(await codeOf('unreachable'), 'dns-unreachable');
});

test('with a key an unsigned "done" is not believed, an unsigned refusal is', async () => {
  assert.equal(await codeOf({}, { key }), 'dns-update-answer-unsigned');
  assert.equal(await codeOf({ rcode: Rcode.REFUSED }, { key }), 'dns-update-refused');
});

test('where TCP is shut, UDP is tried', async () => {
  const world = script((_, { protocol }) => (protocol === 'tcp' ? 'refused' : { opcode: Opcode.UPDATE }));
  assert.equal(await sendUpdate(request, world.surroundings), undefined);
  assert.deepEqual(
    world.asked.map(({ protocol }) => protocol),
    ['tcp', 'udp'],
  );
  const gaveUp = await sendUpdate({ ...request, signal: AbortSignal.abort() }, answering({}).surroundings);
  assert.equal(gaveUp?.code, 'dns-aborted');
});

test('the primary server is the one that the SOA names', async () => {
  const world = script(
    serveZones({
      '198.51.100.1': { '.': ['example. NS ns.example.', 'ns.example. A 198.51.100.2', 'dark. NS ns.dark.'] },
      '198.51.100.2': { 'example.': ['example. NS ns.example.', 'ns.example. A 198.51.100.2'] },
    }),
  );
  const resolver = createIterativeResolver(world.surroundings, {
    hints: [{ name: 'a.', addresses: ['198.51.100.1'] }],
  });
  assert.deepEqual(await findUpdateTarget('x.y.example.', resolver), {
    ok: true,
    zone: 'example.',
    primary: 'ns.example.',
    addresses: ['198.51.100.2'],
  });
  const dark = await findUpdateTarget('x.dark.', resolver);
  assert.ok(!dark.ok && dark.finding.code === 'dns-no-server-address');
});
