// Against another implementation: Python's hpack (Debian: python3-h2).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { readFieldList } from '../../../../src/codec/http2/field-list.ts';
import { HpackDecoder } from '../../../../src/codec/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../../src/codec/http2/hpack/encoder.ts';
import { readStories } from './stories.ts';

const python = '/usr/bin/python3';
const limits = { tableSize: 65_536, listSize: 1 << 20, fieldCount: 1000 };

function run(script: string, input: unknown): string | undefined {
  const result = spawnSync(python, ['-c', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.error !== undefined || result.stderr.includes('No module named')) return undefined;
  assert.equal(result.stderr, '');
  return result.stdout;
}

const decodeScript = `
import json, sys
from hpack import Decoder
for story in json.load(sys.stdin):
    decoder = Decoder(max_header_list_size=1 << 20)
    told = []
    for block in story:
        told.append([[n.decode('latin1'), v.decode('latin1')] for n, v in decoder.decode(bytes.fromhex(block), raw=True)])
    print(json.dumps(told))
`;

const encodeScript = `
import json, sys
from hpack import Encoder
for story in json.load(sys.stdin):
    encoder = Encoder()
    blocks = []
    for seqno, fields in enumerate(story):
        if seqno % 5 == 3: encoder.header_table_size = 300 if seqno % 2 else 4096
        blocks.append(encoder.encode([(n.encode('latin1'), v.encode('latin1')) for n, v in fields]).hex())
    print(json.dumps(blocks))
`;

/** Field lists of the corpus, or some made here where it is absent. */
function fieldLists(): (readonly (readonly [string, string])[])[][] {
  const stories = readStories().slice(0, 20);
  if (stories.length > 0) return stories.map((story) => story.cases.slice(0, 60).map((one) => [...one.headers]));
  return [
    Array.from({ length: 40 }, (_, at): [string, string][] => [
      [':status', String(200 + (at % 5))],
      ['server', 'example'],
      ['etag', `"${at >> 1}"`],
      ['x-octets', Buffer.from([0x80 + at, 0xff, 0x21]).toString('latin1')],
    ]),
  ];
}

test("what we encode, Python's hpack decodes", (t) => {
  const lists = fieldLists();
  const scratch = Buffer.alloc(16_384);
  const out = Buffer.alloc(65_536);
  const blocks = lists.map((story) => {
    const encoder = new HpackEncoder(scratch);
    return story.map((fields, seqno) => {
      if (seqno % 7 === 6) encoder.setTableLimit(seqno % 2 === 0 ? 4096 : 200);
      let end = encoder.beginBlock(out, 0);
      for (const [name, value] of fields) end = encoder.encodeField(name, value, out, end);
      return out.subarray(0, end).toString('hex');
    });
  });
  const told = run(decodeScript, blocks);
  if (told === undefined) return t.skip('python3 with hpack is not there');
  assert.deepEqual(
    told
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    lists,
  );
});

test("what Python's hpack encodes, we decode", (t) => {
  const lists = fieldLists();
  const told = run(encodeScript, lists);
  if (told === undefined) return t.skip('python3 with hpack is not there');
  const stories = told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
  for (const [which, blocks] of stories.entries()) {
    const decoder = new HpackDecoder(limits, Buffer.alloc(70_000));
    for (const [seqno, block] of blocks.entries()) {
      const wire = Buffer.from(block, 'hex');
      const list = readFieldList(decoder, wire, 0, wire.length);
      assert.equal(list.violation, null);
      assert.deepEqual(
        list.fields.map((field) => [field.name, field.value]),
        lists[which]![seqno],
      );
    }
  }
});
