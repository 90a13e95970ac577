import assert from 'node:assert/strict';
import test from 'node:test';
import { readFieldList } from '../../../../src/codec/http2/field-list.ts';
import { HpackDecoder } from '../../../../src/codec/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../../src/codec/http2/hpack/encoder.ts';
import { readStories } from './stories.ts';

const stories = readStories();
const limits = { tableSize: 65_536, listSize: 1 << 20, fieldCount: 1000 };
const scratch = Buffer.alloc(1 << 17);

function pairs(decoder: HpackDecoder, block: Buffer): (readonly [string, string])[] {
  const list = readFieldList(decoder, block, 0, block.length);
  assert.equal(list.violation, null);
  return list.fields.map((field) => [field.name, field.value]);
}

test('every story decodes to its header lists', (t) => {
  if (stories.length === 0) return t.skip('the HPACK corpus is not there');
  for (const story of stories) {
    const decoder = new HpackDecoder(limits, scratch);
    for (const [seqno, one] of story.cases.entries()) {
      if (one.tableSize !== undefined) decoder.setTableLimit(one.tableSize);
      assert.deepEqual(pairs(decoder, one.wire), one.headers, `${story.name} case ${seqno}`);
      assert.ok(decoder.tableSize <= decoder.maximumTableSize);
    }
  }
});

test('every story, encoded by us, decodes to the same header lists, table sizes changing on the way', (t) => {
  if (stories.length === 0) return t.skip('the HPACK corpus is not there');
  const out = Buffer.alloc(1 << 17);
  let raw = 0;
  let encoded = 0;
  for (const story of stories) {
    const decoder = new HpackDecoder(limits, scratch);
    const encoder = new HpackEncoder(scratch);
    for (const [seqno, one] of story.cases.entries()) {
      if (one.tableSize !== undefined) {
        encoder.setTableLimit(one.tableSize);
        decoder.setTableLimit(one.tableSize);
      }
      let end = encoder.beginBlock(out, 0);
      for (const [name, value] of one.headers) {
        end = encoder.encodeField(name, value, out, end);
        raw += name.length + value.length;
      }
      encoded += end;
      assert.deepEqual(pairs(decoder, out.subarray(0, end)), one.headers, `${story.name} case ${seqno}`);
      assert.equal(decoder.tableSize, encoder.tableSize);
    }
  }
  t.diagnostic(`encoded to ${((encoded / raw) * 100).toFixed(1)} % of the text`);
  assert.ok(encoded < raw * 0.5, `${encoded} of ${raw} octets`);
});
