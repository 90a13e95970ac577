import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMessage, type MessageToEncode } from '../../src/codec/dns/encode-message.ts';
import { formatRecordData } from '../../src/codec/dns/record-text.ts';
import type { Message } from '../../src/codec/dns/record.ts';
import { Opcode, Rcode, RecordClass, RecordType } from '../../src/codec/dns/registry.ts';
import { createChallengeZone, type ChallengeZone } from '../../src/dns/challenge-zone.ts';
import { parsed } from '../codec/dns/messages.ts';

const makeZone = (): ChallengeZone => {
  const zone = createChallengeZone({
    zones: ['acme.example', '_acme-challenge.host.example'],
    nsName: 'ns.acme.example',
    addresses: ['192.0.2.53', '2001:db8::53'],
  });
  zone.setText('a.acme.example', ['one', 'two']);
  zone.setText('x.b.acme.example', ['x'.repeat(600)]);
  zone.setText('_acme-challenge.host.example', ['apex']);
  return zone;
};

function ask(
  zone: ChallengeZone,
  name: string,
  type: number = RecordType.TXT,
  more: Partial<MessageToEncode> = {},
): Message {
  const octets = encodeMessage({ id: 9, questions: [{ name, type }], ...more });
  return parsed(zone.answer(octets, 'tcp')!);
}

const data = (message: Message): string[] => message.answers.map((record) => formatRecordData(record.data));

test('texts are answered with authority, under the name as it was asked for', () => {
  const zone = makeZone();
  const answer = ask(zone, 'A.Acme.EXAMPLE.');
  assert.deepEqual(data(answer), ['"one"', '"two"']);
  assert.ok(answer.authoritative && answer.response && !answer.recursionAvailable && answer.rcode === 0);
  assert.ok(answer.answers.every(({ name, ttl }) => name === 'A.Acme.EXAMPLE.' && ttl === 1));
  assert.deepEqual(data(ask(zone, '_acme-challenge.host.example.')), ['"apex"']);
  assert.equal(
    data(ask(zone, 'x.b.acme.example.'))[0],
    `"${'x'.repeat(255)}" "${'x'.repeat(255)}" "${'x'.repeat(90)}"`,
  );
});

test('they come and go at once, and the serial tells', () => {
  const zone = makeZone();
  const serial = (): number => {
    const soa = ask(zone, 'acme.example.', RecordType.SOA).answers[0]!.data;
    return soa.kind === 'SOA' ? soa.serial : 0;
  };
  const before = serial();
  assert.equal(zone.setText('new.acme.example', ['v', 'v']), true);
  assert.deepEqual(zone.texts('NEW.acme.example.'), ['v']);
  assert.deepEqual(data(ask(zone, 'new.acme.example.')), ['"v"']);
  assert.ok(serial() > before);
  zone.setText('new.acme.example', []);
  assert.equal(ask(zone, 'new.acme.example.').rcode, Rcode.NXDOMAIN);
});

test('names outside, names that are none, and too many texts are not taken', () => {
  const zone = makeZone();
  assert.equal(zone.setText('a.example', ['x']), false);
  assert.equal(zone.setText('a..acme.example', ['x']), false);
  assert.equal(zone.setText('a.acme.example', Array.from({ length: 65 }, String)), false);
  assert.ok(zone.covers('deep.a.acme.example') && zone.covers('ACME.example.') && !zone.covers('example'));
  assert.throws(() => createChallengeZone({ zones: ['a..b'], nsName: 'ns.a', addresses: [] }), RangeError);
});

test('NXDOMAIN and NODATA, with the SOA and a second of memory', () => {
  const zone = makeZone();
  const codeOf = (name: string, type?: number): number => ask(zone, name, type).rcode;
  assert.equal(codeOf('gone.acme.example.'), Rcode.NXDOMAIN);
  assert.equal(codeOf('gone.a.acme.example.'), Rcode.NXDOMAIN);
  assert.equal(codeOf('a.acme.example.', RecordType.A), Rcode.NOERROR);
  // An empty non-terminal exists (RFC 8020), and so does the server's own name.
  assert.equal(codeOf('b.acme.example.'), Rcode.NOERROR);
  assert.equal(codeOf('ns.acme.example.'), Rcode.NOERROR);
  zone.setText('x.b.acme.example', []);
  assert.equal(codeOf('b.acme.example.'), Rcode.NXDOMAIN);
  const { authorities, authoritative } = ask(zone, 'gone.acme.example.');
  const soa = authorities[0]!;
  assert.ok(
    authoritative && soa.name === 'acme.example.' && soa.ttl === 1 && soa.data.kind === 'SOA' && soa.data.minimum === 1,
  );
});

test('the apex: SOA, NS, and the addresses of the server', () => {
  const zone = makeZone();
  assert.deepEqual(data(ask(zone, 'acme.example.', RecordType.NS)), ['ns.acme.example.']);
  const ns = ask(zone, 'acme.example.', RecordType.NS);
  assert.deepEqual(
    ns.additionals.map((record) => formatRecordData(record.data)),
    ['192.0.2.53', '2001:db8::53'],
  );
  assert.deepEqual(data(ask(zone, 'ns.acme.example.', RecordType.AAAA)), ['2001:db8::53']);
  assert.equal(ask(zone, '_acme-challenge.host.example.', RecordType.NS).additionals.length, 0);
  assert.deepEqual(data(ask(zone, '_acme-challenge.host.example.', RecordType.ANY)).length, 3);
});

test('what is not for this server is refused or not done', () => {
  const zone = makeZone();
  const codeOf = (name: string, type: number, more?: Partial<MessageToEncode>): number =>
    ask(zone, name, type, more).rcode;
  assert.equal(codeOf('example.', RecordType.TXT), Rcode.REFUSED);
  assert.equal(codeOf('.', RecordType.NS), Rcode.REFUSED);
  assert.equal(codeOf('acme.example.', RecordType.AXFR), Rcode.REFUSED);
  const chaos = [{ name: 'acme.example.', type: RecordType.TXT, class: RecordClass.CH }];
  assert.equal(codeOf('', 0, { questions: chaos }), Rcode.REFUSED);
  assert.equal(codeOf('acme.example.', RecordType.SOA, { opcode: Opcode.UPDATE }), Rcode.NOTIMP);
  assert.equal(codeOf('acme.example.', RecordType.SOA, { opcode: Opcode.NOTIFY }), Rcode.NOTIMP);
  assert.equal(codeOf('', 0, { questions: [] }), Rcode.FORMERR);
  const twice = [1, 2].map(() => ({ name: 'a.acme.example.', type: RecordType.TXT }));
  assert.equal(codeOf('', 0, { questions: twice }), Rcode.FORMERR);
  const edns = ask(zone, 'a.acme.example.', RecordType.TXT, { edns: { udpPayloadSize: 4096, version: 1 } });
  assert.ok(edns.rcode === Rcode.BADVERS && edns.edns?.version === 0 && edns.answers.length === 0);
});

test('over UDP an answer fits what the client takes, and never more than 1,232 octets', () => {
  const zone = makeZone();
  zone.setText(
    'many.acme.example',
    Array.from({ length: 60 }, (_, at) => `${at}`.padEnd(50, '.')),
  );
  const size = (payload: number | undefined): Message => {
    const edns = payload === undefined ? {} : { edns: { udpPayloadSize: payload } };
    const octets = encodeMessage({ id: 9, questions: [{ name: 'many.acme.example.', type: RecordType.TXT }], ...edns });
    return parsed(zone.answer(octets, 'udp')!);
  };
  assert.ok(size(undefined).byteLength <= 512 && size(undefined).truncated && size(undefined).edns === undefined);
  assert.ok(size(100).byteLength <= 512 && size(100).byteLength > 400);
  assert.ok(size(65_535).byteLength <= 1232 && size(65_535).byteLength > 1100 && size(65_535).truncated);
});

test('whatever comes gets an answer with its id or none at all, and an answer gets none', () => {
  const zone = makeZone();
  const query = encodeMessage({
    id: 9,
    questions: [{ name: 'a.acme.example.', type: RecordType.TXT }],
    edns: { udpPayloadSize: 1232 },
  });
  const mutated = fc.array(fc.tuple(fc.nat(query.length - 1), fc.nat(255)), { maxLength: 5 }).map((changes) => {
    const octets = query.slice();
    for (const [at, value] of changes) octets[at] = value;
    return octets;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), mutated), (octets) => {
      const answer = zone.answer(octets, 'udp');
      if (octets.length < 12 || (octets[2]! & 0x80) !== 0) assert.equal(answer, undefined);
      else {
        const message = parsed(answer!);
        assert.ok(message.response && message.id === ((octets[0]! << 8) | octets[1]!) && message.byteLength <= 1232);
      }
    }),
    { numRuns: 2_000 },
  );
  for (let length = 0; length < query.length; length += 1)
    assert.equal(zone.answer(query.slice(0, length), 'udp') === undefined, length < 12, String(length));
});
