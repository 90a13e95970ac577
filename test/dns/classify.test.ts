import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage, type MessageToEncode } from '../../src/codec/dns/encode-message.ts';
import { RecordType } from '../../src/codec/dns/registry.ts';
import { classifyResponse, type Classified } from '../../src/dns/classify.ts';
import { parsed } from '../codec/dns/messages.ts';
import { lines } from './scripted.ts';

function judge(message: Partial<MessageToEncode>, name = 'www.example.', type: number = RecordType.A): Classified {
  const octets = encodeMessage({ id: 1, response: true, questions: [{ name, type }], ...message });
  return classifyResponse(parsed(octets), name, type, 'example.');
}

test('answers, denials and errors', () => {
  assert.equal(judge({ answers: lines('www.example. A 192.0.2.1') }).kind, 'answer');
  assert.equal(judge({ rcode: 3, authorities: lines('example. SOA a. b. 1 2 3 4 5') }).kind, 'no-such-name');
  assert.equal(judge({ authorities: lines('example. SOA a. b. 1 2 3 4 5') }).kind, 'no-data');
  assert.equal(judge({}).kind, 'no-data');
  assert.equal(judge({ rcode: 2 }).kind, 'error');
});

test('a server is believed about its zone only', () => {
  assert.equal(judge({ answers: lines('www.other. A 192.0.2.1') }).kind, 'no-data');
  const alias = judge({ answers: lines('www.example. CNAME www.other.', 'www.other. A 192.0.2.66') });
  assert.ok(alias.kind === 'alias' && alias.canonicalName === 'www.other.' && alias.aliases.length === 1);
  const denied = judge({ rcode: 3, answers: lines('www.example. CNAME gone.other.') });
  assert.equal(denied.kind, 'alias');
  const referral = judge(
    {
      authorities: lines('sub.example. NS ns.sub.example.', 'sub.example. NS ns.other.'),
      additionals: lines('ns.sub.example. A 192.0.2.2', 'ns.other. A 192.0.2.66', 'x.sub.example. A 192.0.2.67'),
    },
    'www.sub.example.',
  );
  assert.ok(referral.kind === 'referral' && referral.zone === 'sub.example.');
  assert.deepEqual(referral.nameServers.length, 2);
  assert.deepEqual(
    referral.glue.map(({ name }) => name),
    ['ns.sub.example.'],
  );
});

test('referrals lead down, or the server is lame', () => {
  assert.deepEqual(judge({ authorities: lines('. NS a.root.') }).kind, 'lame');
  assert.deepEqual(judge({ authorities: lines('example. NS ns.example.') }).kind, 'lame');
  assert.deepEqual(judge({ authorities: lines('side.example. NS ns.side.example.') }).kind, 'lame');
  assert.deepEqual(judge({ authorities: lines('www.example. NS ns.www.example.') }).kind, 'referral');
});

test('aliases in a circle, by a DNAME, and too long a name', () => {
  const circle = judge({ answers: lines('www.example. CNAME a.example.', 'a.example. CNAME www.example.') });
  assert.ok(circle.kind === 'alias-loop' && circle.aliases.length === 2);
  const made = judge(
    { answers: lines('old.example. DNAME new.example.', 'x.new.example. A 192.0.2.3') },
    'x.old.example.',
  );
  assert.ok(made.kind === 'answer' && made.canonicalName === 'x.new.example.');
  assert.deepEqual(made.aliases[0]!.data, { kind: 'CNAME', target: 'x.new.example.' });
  const label = 'l'.repeat(63);
  const long = judge(
    { answers: lines(`old.example. DNAME ${label}.${label}.${label}.example.`) },
    `${label}.old.example.`,
  );
  assert.equal(long.kind, 'no-data');
});
