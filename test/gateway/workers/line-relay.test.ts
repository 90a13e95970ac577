import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LineRelay } from '../../../src/gateway/workers/line-relay.ts';

function relayed(pieces: readonly Buffer[]) {
  const passed: { text: string; lines: number }[] = [];
  const relay = new LineRelay((text, lines) => passed.push({ text, lines }));
  for (const piece of pieces) relay.push(piece);
  return {
    passed,
    text: passed.map(({ text }) => text).join(''),
    lines: passed.reduce((sum, { lines }) => sum + lines, 0),
    rest: relay.takeRest(),
  };
}

const sample = Buffer.from('one\n\n门神 two\nthree is not fin');

test('whole lines go on in one piece, and what is not finished stays', () => {
  const { passed, rest } = relayed([sample]);
  assert.deepEqual(passed, [{ text: 'one\n\n门神 two\n', lines: 3 }]);
  assert.equal(rest, 'three is not fin');
});

test('cut at every octet, the same lines come out whole', () => {
  for (let at = 0; at <= sample.length; at += 1) {
    const { passed, text, lines, rest } = relayed([sample.subarray(0, at), sample.subarray(at)]);
    assert.deepEqual([text, lines, rest], ['one\n\n门神 two\n', 3, 'three is not fin'], `cut at ${at}`);
    for (const one of passed) assert.ok(one.text.endsWith('\n'), `cut at ${at}`);
  }
});

test('ended at every octet, only whole lines have gone on', () => {
  for (let at = 0; at <= sample.length; at += 1) {
    const given = sample.subarray(0, at);
    const { text, lines } = relayed([given]);
    assert.equal(text, given.subarray(0, given.lastIndexOf('\n') + 1).toString());
    assert.equal(lines, text.split('\n').length - 1);
  }
});

test('any lines in any pieces come out as they went in', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 40 })), (lines, sizes) => {
      const octets = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const pieces: Buffer[] = [];
      let start = 0;
      for (const size of sizes) {
        pieces.push(octets.subarray(start, start + size));
        start += size;
      }
      pieces.push(octets.subarray(start));
      const out = relayed(pieces);
      assert.deepEqual([out.text, out.lines, out.rest], [octets.toString(), lines.length, '']);
    }),
  );
});

test('octets without a line end do not pile up', () => {
  const relay = new LineRelay(() => assert.fail('there is no line'));
  for (let count = 0; count < 64; count += 1) relay.push(Buffer.alloc(64 * 1024, 'x'));
  assert.ok(relay.takeRest().length <= 1024 * 1024 + 64 * 1024);
});
