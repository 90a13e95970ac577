import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CODE, CODE_LENGTH, EOS } from '../../../../src/codec/http2/hpack/huffman-code.ts';
import {
  decodeHuffman,
  encodeHuffman,
  HUFFMAN_EOS,
  HUFFMAN_NO_ROOM,
  HUFFMAN_PADDING,
  huffmanLength,
} from '../../../../src/codec/http2/hpack/huffman.ts';

function encode(text: Buffer): Buffer {
  const out = Buffer.alloc(huffmanLength(text, 0, text.length) + 2, 0xee);
  const end = encodeHuffman(text, 0, text.length, out, 1);
  assert.equal(end, out.length - 1);
  assert.equal(out[0], 0xee);
  assert.equal(out[end], 0xee);
  return out.subarray(1, end);
}

function decode(code: Buffer, room = 4096): Buffer | number {
  const out = Buffer.alloc(room + 2, 0xee);
  const end = decodeHuffman(code, 0, code.length, out, 1, room + 1);
  assert.equal(out[0], 0xee);
  assert.equal(out[room + 1], 0xee);
  return end < 0 ? end : out.subarray(1, end);
}

/** A decoder written the slow way, bit for bit, to compare with. */
function decodeBitwise(code: Buffer): number[] | number {
  const symbols = new Map<string, number>();
  for (let symbol = 0; symbol <= EOS; symbol += 1) {
    symbols.set(CODE[symbol]!.toString(2).padStart(CODE_LENGTH[symbol]!, '0'), symbol);
  }
  const text: number[] = [];
  let bits = '';
  for (const octet of code) {
    for (const bit of octet.toString(2).padStart(8, '0')) {
      bits += bit;
      const symbol = symbols.get(bits);
      if (symbol === EOS) return HUFFMAN_EOS;
      if (symbol !== undefined) {
        text.push(symbol);
        bits = '';
      }
    }
  }
  return bits.length > 7 || bits.includes('0') ? HUFFMAN_PADDING : text;
}

test('the code is complete: every bit string means something', () => {
  let share = 0;
  for (const length of CODE_LENGTH) share += 2 ** -length;
  assert.equal(share, 1);
  assert.equal(CODE[EOS], 0x3fffffff);
});

test('every pair of octets survives', () => {
  for (let first = 0; first < 256; first += 1) {
    for (let second = 0; second < 256; second += 1) {
      const text = Buffer.of(first, second);
      assert.deepEqual(decode(encode(text)), text);
    }
  }
});

test('any octets survive', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      const text = Buffer.from(octets);
      assert.deepEqual(decode(encode(text)), text);
    }),
  );
});

test('any octets decode as they do bit for bit', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (octets) => {
      const code = Buffer.from(octets);
      const fast = decode(code);
      assert.deepEqual(typeof fast === 'number' ? fast : [...fast], decodeBitwise(code));
    }),
    { numRuns: 2000 },
  );
});

test('padding that is no start of EOS, or a whole octet of it, is refused', () => {
  // '0' is 00000; three bits of padding follow.
  assert.deepEqual(decode(Buffer.of(0b00000_111)), Buffer.from('0'));
  for (const padding of [0b000, 0b001, 0b011, 0b101, 0b110]) assert.equal(decode(Buffer.of(padding)), HUFFMAN_PADDING);
  assert.equal(decode(Buffer.of(0b00000_111, 0xff)), HUFFMAN_PADDING);
  assert.equal(decode(Buffer.of(0xff)), HUFFMAN_PADDING);
});

test('EOS is refused wherever it stands', () => {
  assert.equal(decode(Buffer.of(0xff, 0xff, 0xff, 0xff)), HUFFMAN_EOS);
  assert.equal(decode(Buffer.of(0b00000_111, 0xff, 0xff, 0xff, 0xff)), HUFFMAN_EOS);
});

test('text that does not fit is refused, and nothing is written beyond the room', () => {
  const text = Buffer.from('custom-value, 0000000000');
  const code = encode(text);
  assert.deepEqual(decode(code, text.length), text);
  for (let room = 0; room < text.length; room += 1) assert.equal(decode(code, room), HUFFMAN_NO_ROOM);
});

test('a code cut short decodes to a shorter text or is refused', () => {
  const text = Buffer.from('Mozilla/5.0 (X11; Linux x86_64) \u00e9\u00ff', 'latin1');
  const code = encode(text);
  for (let end = 0; end < code.length; end += 1) {
    const decoded = decode(code.subarray(0, end));
    if (typeof decoded !== 'number') assert.ok(text.subarray(0, decoded.length).equals(decoded));
    else assert.equal(decoded, HUFFMAN_PADDING);
  }
});
