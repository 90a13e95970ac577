import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { appendAdditional, encodeMessage, type MessageToEncode } from '../../../src/codec/dns/encode-message.ts';
import { parseMessage } from '../../../src/codec/dns/parse-message.ts';
import { Opcode, Rcode, RecordClass, RecordType } from '../../../src/codec/dns/registry.ts';
import type { Message } from '../../../src/codec/dns/record.ts';
import { everyData, octetsOf, parsed, text } from './messages.ts';

const records = everyData.map(([type, data], at) => ({ name: `n${at}.Example.`, type, ttl: at, data }));

const everything: MessageToEncode = {
  id: 0xbeef,
  response: true,
  authoritative: true,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: true,
  checkingDisabled: true,
  rcode: Rcode.BADVERS,
  questions: [{ name: 'WWW.example.', type: RecordType.A }],
  answers: records.slice(0, 6),
  authorities: records.slice(6, 12),
  additionals: records.slice(12),
  edns: {
    udpPayloadSize: 1232,
    dnssecOk: true,
    options: [{ code: 10, octets: text('12345678') }],
    extendedErrors: [{ infoCode: 22, extraText: 'nobody answers' }],
  },
};

test('every type comes back as it was written, case and order included', () => {
  const message = parsed(encodeMessage(everything));
  const { questions, answers, authorities, additionals, edns, ...header } = message;
  assert.deepEqual(header, {
    id: 0xbeef,
    response: true,
    opcode: 0,
    authoritative: true,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: true,
    authenticData: true,
    checkingDisabled: true,
    rcode: 16,
    tsig: undefined,
    byteLength: encodeMessage(everything).length,
  });
  assert.deepEqual(questions, [{ name: 'WWW.example.', type: 1, class: 1, offset: 12, end: 29 }]);
  const all = [...answers, ...authorities, ...additionals].filter(({ type }) => type !== RecordType.OPT);
  assert.deepEqual(
    all.map(({ name, type, ttl, data }) => ({ name, type, ttl, data })),
    records,
  );
  assert.equal(edns?.udpPayloadSize, 1232);
  assert.equal(edns.dnssecOk, true);
  assert.deepEqual(edns.extendedErrors, [{ infoCode: 22, extraText: 'nobody answers' }]);
});

test('what a server on the wire answers is read, compression included', () => {
  // example.com. A with a CNAME in front and an SOA behind, written by hand from RFC 1035 section 4.1.
  const octets = octetsOf(`
    1234 8580 0001 0002 0001 0000
    03777777 07 6578616d706c65 03 636f6d 00 0001 0001
    c00c 0005 0001 0000003c 0004 01 62 c010
    c02d 0001 0001 0000003c 0004 c0000201
    c010 0006 0001 00000e10 0018 c010 c010 00000001 00000002 00000003 00000004 00000005`);
  const message = parsed(octets);
  assert.deepEqual(
    message.answers.map(({ name, data }) => [name, data]),
    [
      ['www.example.com.', { kind: 'CNAME', target: 'b.example.com.' }],
      ['b.example.com.', { kind: 'A', address: '192.0.2.1' }],
    ],
  );
  const { name, data } = message.authorities[0]!;
  assert.equal(name, 'example.com.');
  assert.ok(data.kind === 'SOA' && data.mname === 'example.com.' && data.minimum === 5);
});

test('fields tell their path and place, in wire order and without a gap', () => {
  const octets = encodeMessage(everything);
  const seen: [string, number, number][] = [];
  assert.ok(parseMessage(octets, (field, start, end) => seen.push([field, start, end])).ok);
  let at = 0;
  for (const [field, start, end] of seen) {
    // A character-string's length octet belongs to it.
    assert.equal(start, at, field);
    at = end;
  }
  assert.equal(at, octets.length);
  const fields = new Map(seen.map(([field, start]) => [field, start]));
  assert.equal(fields.get('header.flags'), 2);
  assert.equal(fields.get('question[0].name'), 12);
  assert.ok(fields.has('answer[0].rdata.address'));
  assert.ok(fields.has('additional[0].rdata.params[1].alpn'));
});

test('every truncation and every octet behind the end is an error with its place', () => {
  const octets = encodeMessage(everything);
  for (let length = 0; length < octets.length; length += 1) {
    const result = parseMessage(octets.subarray(0, length));
    assert.ok(!result.ok, String(length));
    assert.ok(result.error.offset <= length, String(length));
  }
  for (const extra of [1, 12]) {
    const longer = new Uint8Array(octets.length + extra);
    longer.set(octets);
    assert.deepEqual(parseMessage(longer), {
      ok: false,
      error: { problem: 'trailing-data', field: 'message', offset: octets.length },
    });
  }
  assert.deepEqual(parseMessage(new Uint8Array(65_536)), {
    ok: false,
    error: { problem: 'too-large', field: 'message', offset: 65_535 },
  });
});

test('names: pointers lead back and never loop, labels and lengths have their limits', () => {
  const question = (name: string): string => `0000 0000 0001 0000 0000 0000 ${name} 0001 0001`;
  const errorOf = (hex: string): string => {
    const result = parseMessage(octetsOf(hex));
    return result.ok ? 'none' : `${result.error.problem} ${result.error.field} ${result.error.offset}`;
  };
  assert.equal(errorOf(question('c00c')), 'bad-pointer question[0].name 12');
  assert.equal(errorOf(question('0161 c00c')), 'bad-pointer question[0].name 14');
  assert.equal(errorOf(question('c010')), 'bad-pointer question[0].name 12');
  assert.equal(errorOf(question('c004')), 'bad-pointer question[0].name 12');
  assert.equal(errorOf(question('4161 00')), 'label-type question[0].name 12');
  assert.equal(errorOf(question('8161 00')), 'label-type question[0].name 12');
  const label = `3f${'61'.repeat(63)}`;
  assert.equal(errorOf(question(`${label.repeat(3)} 3d${'61'.repeat(61)} 00`)), 'none');
  assert.equal(errorOf(question(`${label.repeat(3)} 3e${'61'.repeat(62)} 00`)), 'name-too-long question[0].name 204');
  // 200 pointers in a row, each to the one before, in the octets of an unknown record.
  const start = 12 + 11;
  const chain = ['00', ...Array.from({ length: 200 }, (_, at) => pointer(start + (at === 0 ? 0 : 2 * at - 1)))];
  const data = chain.join('');
  const last = pointer(start + data.length / 2 - 2);
  assert.equal(
    errorOf(
      `0000 8000 0000 0002 0000 0000 00 ff00 0001 00000000 ${(data.length / 2).toString(16).padStart(4, '0')} ${data}
       ${last} 0001 0001 00000000 0004 c0000201`,
    ).split(' ')[0],
    'too-many-pointers',
  );
});

const pointer = (at: number): string => (0xc000 | at).toString(16);

test('records that lie about themselves are errors', () => {
  const record = (type: number, rdata: string): string => {
    const length = (rdata.replace(/\s/g, '').length / 2).toString(16).padStart(4, '0');
    return `0000 8000 0000 0001 0000 0000 00 ${type.toString(16).padStart(4, '0')} 0001 00000000 ${length} ${rdata}`;
  };
  const errorOf = (hex: string): string => {
    const result = parseMessage(octetsOf(hex));
    return result.ok ? 'none' : `${result.error.problem} ${result.error.field}`;
  };
  assert.equal(errorOf(record(RecordType.A, 'c00002')), 'truncated answer[0].rdata.address');
  assert.equal(errorOf(record(RecordType.A, 'c000020101')), 'length-mismatch answer[0].rdata.length');
  assert.equal(errorOf(record(RecordType.TXT, '')), 'truncated answer[0].rdata.strings[0]');
  assert.equal(errorOf(record(RecordType.TXT, '05 6161')), 'truncated answer[0].rdata.strings[0]');
  assert.equal(errorOf(record(RecordType.CAA, '00 00')), 'value-not-allowed answer[0].rdata.tag');
  assert.equal(errorOf(record(RecordType.HTTPS, '0001 c00c')), 'pointer-not-allowed answer[0].rdata.target');
  assert.equal(
    errorOf(record(RecordType.HTTPS, '0001 00 0003 0002 01bb 0001 0003 026832')),
    'value-not-allowed answer[0].rdata.params[1].key',
  );
  assert.equal(
    errorOf(record(RecordType.HTTPS, '0001 00 0003 0003 01bb00')),
    'length-mismatch answer[0].rdata.params[0].value',
  );
  assert.equal(
    errorOf(record(RecordType.HTTPS, '0001 00 0001 0001 00')),
    'value-not-allowed answer[0].rdata.params[0].alpn',
  );
  assert.equal(errorOf(record(RecordType.OPT, '')), 'misplaced opt');
});

test('OPT and TSIG stand once and where they belong', () => {
  const opt = { name: '.', type: RecordType.OPT, class: 1232, ttl: 0, data: { kind: 'OPT', options: [] } } as const;
  const problemOf = (message: MessageToEncode): string => {
    const result = parseMessage(encodeMessage(message));
    return result.ok ? 'none' : `${result.error.problem} ${result.error.field}`;
  };
  assert.equal(problemOf({ id: 1, additionals: [opt] }), 'none');
  assert.equal(problemOf({ id: 1, additionals: [opt, opt] }), 'misplaced opt');
  assert.equal(problemOf({ id: 1, additionals: [{ ...opt, name: 'a.' }] }), 'misplaced opt');
  const tsig = {
    name: 'key.',
    type: RecordType.TSIG,
    class: RecordClass.ANY,
    ttl: 0,
    data: {
      kind: 'TSIG',
      algorithm: 'hmac-sha256.',
      timeSigned: 0x1234_5678_9abc,
      fudge: 300,
      mac: text('mac'),
      originalId: 7,
      error: 18,
      otherData: text('other'),
    },
  } as const;
  const signed = parsed(appendAdditional(encodeMessage({ id: 7, edns: { udpPayloadSize: 512 } }), tsig));
  assert.deepEqual(signed.tsig?.data, tsig.data);
  assert.equal(signed.tsig?.offset, 23);
  assert.equal(problemOf({ id: 1, additionals: [tsig, opt] }), 'misplaced tsig');
  assert.equal(problemOf({ id: 1, answers: [tsig] }), 'misplaced tsig');
});

test('an UPDATE has records without data (RFC 2136 section 2.5)', () => {
  const empty = { kind: 'empty' } as const;
  const update = parsed(
    encodeMessage({
      id: 2,
      opcode: Opcode.UPDATE,
      questions: [{ name: 'example.', type: RecordType.SOA }],
      answers: [{ name: 'a.example.', type: RecordType.ANY, class: RecordClass.NONE, ttl: 0, data: empty }],
      authorities: [
        { name: 'a.example.', type: RecordType.TXT, class: RecordClass.ANY, ttl: 0, data: empty },
        { name: 'a.example.', type: RecordType.TXT, ttl: 60, data: { kind: 'TXT', strings: [text('x')] } },
      ],
    }),
  );
  assert.equal(update.opcode, 5);
  assert.deepEqual(
    [...update.answers, ...update.authorities].map(({ class: c, data }) => [c, data.kind]),
    [
      [254, 'empty'],
      [255, 'empty'],
      [1, 'TXT'],
    ],
  );
});

test('a message that is too long loses whole records and says so', () => {
  const answers = Array.from({ length: 40 }, (_, at) => ({
    name: 'many.example.',
    type: RecordType.TXT,
    ttl: 1,
    data: { kind: 'TXT', strings: [new Uint8Array(30).fill(at)] } as const,
  }));
  const questions = [{ name: 'many.example.', type: RecordType.TXT }];
  const octets = encodeMessage({ id: 1, response: true, questions, answers, edns: { udpPayloadSize: 1232 } }, 512);
  assert.ok(octets.length <= 512 && octets.length > 440);
  const message = parsed(octets);
  assert.equal(message.truncated, true);
  assert.equal(message.edns?.udpPayloadSize, 1232);
  assert.ok(message.answers.length > 5 && message.answers.length < 40);
  const whole = parsed(encodeMessage({ id: 1, response: true, questions, answers }));
  assert.equal(whole.truncated, false);
  assert.equal(whole.answers.length, 40);
  const glue = parsed(encodeMessage({ id: 1, response: true, questions, additionals: answers }, 512));
  assert.equal(glue.truncated, false);
});

test('compression saves octets, keeps the case, and never uses what was taken back', () => {
  const names = ['a.Example.com.', 'b.example.com.', 'B.example.com.', 'example.com.'];
  const answers = names.map((name) => ({
    name,
    type: RecordType.NS,
    ttl: 1,
    data: { kind: 'NS', target: name } as const,
  }));
  const octets = encodeMessage({ id: 1, answers });
  assert.deepEqual(
    parsed(octets).answers.map(({ name }) => name),
    names,
  );
  assert.ok(octets.length < 12 + 4 * 10 + 60);
  for (let limit = 12; limit < octets.length; limit += 1)
    assert.ok(parseMessage(encodeMessage({ id: 1, answers }, limit)).ok);
});

test('whatever comes is a value or an error, and what was read is written again the same', () => {
  const octets = encodeMessage(everything);
  const mutated = fc.array(fc.tuple(fc.nat(octets.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
    const changed = octets.slice();
    for (const [at, value] of changes) changed[at] = value;
    return changed;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (input) => {
      const result = parseMessage(input);
      if (!result.ok) {
        assert.ok(result.error.offset >= 0 && result.error.offset <= input.length);
        return;
      }
      const message = result.value;
      const again = parseMessage(encodeMessage({ ...withoutEdns(message), rcode: message.rcode & 0xf }));
      assert.ok(again.ok);
      const plain = ({ answers, authorities, additionals }: typeof message): unknown =>
        [...answers, ...authorities, ...additionals].map(({ name, type, ttl, data }) => ({ name, type, ttl, data }));
      assert.deepEqual(plain(again.value), plain(message));
    }),
    { numRuns: 2_000 },
  );
});

/** OPT stands among the additionals already. */
function withoutEdns(message: Message): MessageToEncode {
  return { ...message, edns: undefined } as unknown as MessageToEncode;
}
