import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readFieldList } from '../../../../src/codec/http2/field-list.ts';
import { HpackDecoder, type DecoderLimits } from '../../../../src/codec/http2/hpack/decoder.ts';
import { writeInteger } from '../../../../src/codec/http2/hpack/integer.ts';
import { readStories } from './stories.ts';

const limits: DecoderLimits = { tableSize: 4096, listSize: 65_536, fieldCount: 100 };

function newDecoder(changes: Partial<DecoderLimits> = {}, scratch = 8192): HpackDecoder {
  return new HpackDecoder({ ...limits, ...changes }, Buffer.alloc(scratch));
}

/** `reason@offset`, or the fields, of a block in hex. */
function told(decoder: HpackDecoder, hex: string | Buffer): string {
  const wire = typeof hex === 'string' ? Buffer.from(hex.replace(/\s/g, ''), 'hex') : hex;
  // Octets around the block must not matter.
  const around = Buffer.concat([Buffer.of(0x82), wire, Buffer.of(0x82)]);
  const list = readFieldList(decoder, around, 1, wire.length + 1);
  if (list.violation !== null) return `${list.violation.reason}@${list.errorOffset}`;
  return list.fields.map((field) => `${field.name}: ${field.value}`).join('\n');
}

/** A string without Huffman code. */
function plain(text: string): Buffer {
  const head = Buffer.alloc(6);
  return Buffer.concat([head.subarray(0, writeInteger(head, 0, text.length, 0x7f, 0)), Buffer.from(text, 'latin1')]);
}

/** Literal into the table, with its name as text. */
function added(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0x40), plain(name), plain(value)]);
}

test('an empty block has no fields', () => {
  assert.equal(told(newDecoder(), ''), '');
});

test('indices that do not exist are refused', () => {
  assert.equal(told(newDecoder(), '80'), 'h2-hpack-index-unknown@0');
  assert.equal(told(newDecoder(), '82 be'), 'h2-hpack-index-unknown@1');
  assert.equal(told(newDecoder(), '82 ff00'), 'h2-hpack-index-unknown@1');
  // As the name of a literal: 62, by 6 bits; 62, by 4 bits.
  assert.equal(told(newDecoder(), '7e 0161'), 'h2-hpack-index-unknown@0');
  assert.equal(told(newDecoder(), '0f2f 0161'), 'h2-hpack-index-unknown@0');
});

test('integers that are too large or too long are refused', () => {
  assert.equal(told(newDecoder(), 'ff ffffffffff 01'), 'h2-hpack-integer-too-large@0');
  assert.equal(told(newDecoder(), 'ff 8080808080 00'), 'h2-hpack-integer-too-large@0');
  assert.equal(told(newDecoder(), '00 7fffffffff7f'), 'h2-hpack-integer-too-large@1');
  // Padded with zeros within reason: 127 - 127 = 0 octets more.
  assert.equal(told(newDecoder(), 'ff 808000'), 'h2-hpack-index-unknown@0');
});

test('a Huffman string with bad padding is refused', () => {
  assert.equal(told(newDecoder(), '44 81 00'), 'h2-hpack-huffman-invalid@1');
  assert.equal(told(newDecoder(), '44 84 ffffffff'), 'h2-hpack-huffman-invalid@1');
});

test('a block cut short anywhere is refused, or ends between two fields', () => {
  const block = Buffer.concat([
    Buffer.from('82', 'hex'),
    added('custom-key', 'custom-value'),
    Buffer.from('418cf1e3c2e5f23a6ba0ab90f4ff', 'hex'),
    Buffer.from('be', 'hex'),
  ]);
  const whole = told(newDecoder(), block).split('\n');
  const ends = new Map([
    [0, 0],
    [1, 1],
    [26, 2],
    [40, 3],
  ]);
  for (let end = 0; end < block.length; end += 1) {
    const count = ends.get(end);
    const result = told(newDecoder(), block.subarray(0, end));
    if (count === undefined) assert.match(result, /^h2-hpack-truncated@\d+$/, `cut at ${end}`);
    else assert.equal(result, whole.slice(0, count).join('\n'));
  }
});

test('entries leave from the oldest when the table is full', () => {
  const decoder = newDecoder();
  decoder.setTableLimit(100);
  // 001 01111… : the table now counts 100 octets. Two entries of 34 + 2 fit with it; a third pushes the first out.
  assert.equal(
    told(decoder, Buffer.concat([Buffer.from('3f45', 'hex'), added('aa', 'b'), added('cc', 'd')])),
    'aa: b\ncc: d',
  );
  assert.equal(decoder.tableSize, 70);
  assert.equal(told(decoder, Buffer.concat([added('ee', 'f'), Buffer.of(0xbe, 0xbf)])), 'ee: f\nee: f\ncc: d');
  assert.equal(told(decoder, Buffer.of(0xc0)), 'h2-hpack-index-unknown@0');
});

test('an entry larger than the table empties it', () => {
  const decoder = newDecoder();
  told(decoder, added('a', 'b'));
  assert.equal(decoder.tableCount, 1);
  const value = 'v'.repeat(4096);
  assert.equal(told(decoder, added('a', value)), `a: ${value}`);
  assert.equal(decoder.tableCount, 0);
  assert.equal(decoder.tableSize, 0);
});

test('a new entry may take its name from the entry that it pushes out', () => {
  const decoder = newDecoder();
  const value = 'x'.repeat(2000);
  told(decoder, Buffer.concat([added('name', value), added('other', value)]));
  // 01 111111 00: into the table, name of entry 63, the older of the two.
  const block = Buffer.concat([Buffer.from('7f00', 'hex'), plain('y'.repeat(3000))]);
  assert.equal(told(decoder, block), `name: ${'y'.repeat(3000)}`);
  assert.equal(decoder.tableCount, 1);
});

test('table size updates: at the start of a block only, two at most, within the limit', () => {
  assert.equal(told(newDecoder(), '20 3fe11f 82'), ':method: GET');
  assert.equal(told(newDecoder(), '82 20'), 'h2-hpack-table-update-misplaced@1');
  assert.equal(told(newDecoder(), '20 20 20'), 'h2-hpack-table-update-misplaced@2');
  assert.equal(told(newDecoder(), '3fe21f'), 'h2-hpack-table-too-large@0');
  assert.equal(told(newDecoder({ tableSize: 8192 }, 8196), '3fe13f'), '');
});

test('an update to 0 empties the table', () => {
  const decoder = newDecoder();
  told(decoder, added('a', 'b'));
  assert.equal(told(decoder, '20 be'), 'h2-hpack-index-unknown@1');
});

test('a lowered limit must be answered by an update', () => {
  const decoder = newDecoder();
  decoder.setTableLimit(1000);
  assert.equal(told(decoder, '82'), 'h2-hpack-table-update-missing@0');
  const obedient = newDecoder();
  obedient.setTableLimit(1000);
  assert.equal(told(obedient, '3fc907 82'), ':method: GET');
  assert.equal(obedient.maximumTableSize, 1000);
  assert.equal(told(obedient, '82'), ':method: GET');
});

test('beyond a limit the rest of the block is decoded for the table, and nothing of it is handed on', () => {
  const cases: [Partial<DecoderLimits>, number, string][] = [
    [{ fieldCount: 1 }, 8192, 'h2-too-many-fields@1'],
    // Two entries of 34 octets; the third field is beyond.
    [{ listSize: 42 + 34 + 1 }, 8192, 'h2-field-list-too-large@6'],
  ];
  for (const [changes, scratch, expected] of cases) {
    const decoder = newDecoder(changes, scratch);
    const block = Buffer.concat([Buffer.of(0x82), added('a', 'b'), added('c', 'd')]);
    assert.equal(told(decoder, block), expected);
    assert.equal(decoder.tableCount, 2);
    assert.equal(told(decoder, Buffer.of(0xbe)), 'c: d');
  }
});

test('a field that is too long for the scratch is refused, and the table stays right', () => {
  for (const huffman of [false, true]) {
    // 'a' is 00011: eight of them in five octets, so 4096 octets are more than the scratch holds.
    const text = huffman
      ? Buffer.concat([Buffer.from('ff811f', 'hex'), Buffer.alloc(4096, Buffer.from('18c6318c63', 'hex'))])
      : plain('a'.repeat(5000));
    for (const long of ['name', 'value']) {
      for (const first of [0x00, 0x10, 0x40]) {
        const decoder = newDecoder({}, 4100);
        told(decoder, added('a', 'b'));
        const parts = long === 'name' ? [text, plain('v')] : [plain('n'), text];
        const block = Buffer.concat([Buffer.of(0x82, first), ...parts, added('e', 'f')]);
        assert.equal(told(decoder, block), 'h2-field-too-long@1');
        assert.equal(decoder.tableCount, first === 0x40 ? 1 : 2);
        assert.equal(told(decoder, Buffer.of(0xbe)), 'e: f');
      }
    }
  }
});

test('values keep their octets, and an indexed value is the same string each time', () => {
  const decoder = newDecoder();
  const block = Buffer.concat([added('x', '\u00ff\u0080 é'), Buffer.of(0xbe, 0xbe)]);
  assert.equal(told(decoder, block), Array.from({ length: 3 }, () => 'x: \u00ff\u0080 é').join('\n'));
});

test('names and values that HTTP does not allow are told so', () => {
  const block = Buffer.concat([
    added('a', 'b'),
    added('A', 'b'),
    added('', 'b'),
    added('a b', 'c'),
    added('a', 'b\r\nc: d'),
    added('a', 'b\0'),
    added('a', ' b'),
    added('a', 'b\t'),
    added('a', ''),
  ]);
  const list = readFieldList(newDecoder(), block, 0, block.length);
  assert.deepEqual(
    list.fields.map((field) => field.valid),
    [true, false, false, false, false, false, false, false, true],
  );
});

test('a table that fills and empties many times stays right', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ size: fc.nat(600), refer: fc.nat(40) }), { minLength: 20, maxLength: 120 }),
      (steps) => {
        const decoder = newDecoder();
        const model: [string, string][] = [];
        for (const [at, { size, refer }] of steps.entries()) {
          const field: [string, string] = [`n${at}`, `${at}:`.padEnd(size, 'v')];
          assert.equal(told(decoder, added(...field)), field.join(': '));
          model.unshift(field);
          const counted = () => model.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
          while (counted() > 4096) model.pop();
          assert.equal(decoder.tableSize, counted());
          const out = Buffer.alloc(4);
          const end = writeInteger(out, 0, 62 + refer, 0x7f, 0x80);
          const known = model[refer];
          if (known !== undefined) assert.equal(told(decoder, out.subarray(0, end)), known.join(': '));
        }
        assert.equal(decoder.tableCount, model.length);
      },
    ),
    { numRuns: 50 },
  );
});

test('no octets whatever make the decoder throw, or its table exceed its size', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (blocks) => {
      const decoder = newDecoder();
      for (const block of blocks) {
        const list = readFieldList(decoder, block, 0, block.length);
        assert.ok(decoder.tableSize <= decoder.maximumTableSize);
        if (list.violation?.scope === 'connection') break;
      }
    }),
    { numRuns: 3000 },
  );
});

test('stories with an octet changed are refused or decoded, never thrown at', (t) => {
  const stories = readStories().slice(0, 8);
  if (stories.length === 0) return t.skip('the HPACK corpus is not there');
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, where, change) => {
      const decoder = newDecoder({ tableSize: 65_536 }, 70_000);
      for (const [seqno, one] of stories[which % stories.length]!.cases.slice(0, 10).entries()) {
        const wire = Buffer.from(one.wire);
        if (seqno === which % 10) wire[where % wire.length]! ^= change;
        const list = readFieldList(decoder, wire, 0, wire.length);
        if (list.violation !== null) {
          assert.ok(list.errorOffset <= wire.length);
          break;
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('a scratch smaller than the table is a mistake of the program', () => {
  assert.throws(() => newDecoder({}, 4096), RangeError);
});
