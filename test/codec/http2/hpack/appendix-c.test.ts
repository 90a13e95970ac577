// The worked examples of RFC 7541 appendix C: the octets, the header lists, and the table's size after each.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readFieldList } from '../../../../src/codec/http2/field-list.ts';
import { HpackDecoder } from '../../../../src/codec/http2/hpack/decoder.ts';
import { IntegerReader, writeInteger } from '../../../../src/codec/http2/hpack/integer.ts';

type Step = readonly [hex: string, fields: string, tableSize: number];

const limits = { tableSize: 4096, listSize: 65_536, fieldCount: 100 };

function follow(steps: readonly Step[], tableLimit?: number): void {
  const decoder = new HpackDecoder(limits, Buffer.alloc(8192));
  if (tableLimit !== undefined) {
    // The examples take the limit for known; on the wire an update has to say so.
    decoder.setTableLimit(tableLimit);
    const update = Buffer.alloc(8);
    const end = writeInteger(update, 0, tableLimit, 0x1f, 0x20);
    assert.equal(readFieldList(decoder, update, 0, end).violation, null);
  }
  for (const [hex, fields, tableSize] of steps) {
    const wire = Buffer.from(hex.replace(/\s/g, ''), 'hex');
    const list = readFieldList(decoder, wire, 0, wire.length);
    assert.equal(list.violation, null);
    assert.equal(list.fields.map((field) => `${field.name}: ${field.value}`).join('\n'), fields);
    assert.equal(decoder.tableSize, tableSize);
  }
}

test('C.1: integers', () => {
  const reader = new IntegerReader();
  const cases: [value: number, mask: number, hex: string][] = [
    [10, 0x1f, '0a'],
    [1337, 0x1f, '1f9a0a'],
    [42, 0xff, '2a'],
  ];
  for (const [value, mask, hex] of cases) {
    const wire = Buffer.from(hex, 'hex');
    assert.equal(reader.read(wire, 0, wire.length, mask), value);
    assert.equal(reader.position, wire.length);
    const out = Buffer.alloc(8);
    assert.equal(out.subarray(0, writeInteger(out, 0, value, mask, 0)).toString('hex'), hex);
  }
});

test('C.2: the four representations', () => {
  const cases: [hex: string, field: string, representation: string, tableSize: number][] = [
    ['400a637573746f6d2d6b65790d637573746f6d2d686561646572', 'custom-key: custom-header', 'literal-indexed', 55],
    ['040c2f73616d706c652f70617468', ':path: /sample/path', 'literal', 0],
    ['100870617373776f726406736563726574', 'password: secret', 'literal-never-indexed', 0],
    ['82', ':method: GET', 'indexed', 0],
  ];
  for (const [hex, field, representation, tableSize] of cases) {
    const decoder = new HpackDecoder(limits, Buffer.alloc(8192));
    const wire = Buffer.from(hex, 'hex');
    const list = readFieldList(decoder, wire, 0, wire.length);
    assert.equal(list.violation, null);
    assert.deepEqual(
      list.fields.map((one) => [`${one.name}: ${one.value}`, one.representation]),
      [[field, representation]],
    );
    assert.equal(decoder.tableSize, tableSize);
  }
});

const requests = [
  ':method: GET\n:scheme: http\n:path: /\n:authority: www.example.com',
  ':method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache',
  ':method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value',
] as const;

test('C.3: requests without Huffman code', () => {
  follow([
    ['828684410f7777772e6578616d706c652e636f6d', requests[0], 57],
    ['828684be58086e6f2d6361636865', requests[1], 110],
    ['828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565', requests[2], 164],
  ]);
});

test('C.4: requests with Huffman code', () => {
  follow([
    ['828684418cf1e3c2e5f23a6ba0ab90f4ff', requests[0], 57],
    ['828684be5886a8eb10649cbf', requests[1], 110],
    ['828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', requests[2], 164],
  ]);
});

const responses = [
  ':status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com',
  ':status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com',
  ':status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\n' +
    'content-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
] as const;

test('C.5: responses without Huffman code, a table of 256 octets', () => {
  follow(
    [
      [
        `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
         6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
        responses[0],
        222,
      ],
      ['4803333037c1c0bf', responses[1], 222],
      [
        `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d
         4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31`,
        responses[2],
        215,
      ],
    ],
    256,
  );
});

test('C.6: responses with Huffman code, a table of 256 octets', () => {
  follow(
    [
      [
        `488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff
         6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
        responses[0],
        222,
      ],
      ['4883640effc1c0bf', responses[1], 222],
      [
        `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960
         d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
        responses[2],
        215,
      ],
    ],
    256,
  );
});
