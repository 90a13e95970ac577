import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { usableRange } from '../../../src/gateway/answer/byte-range.ts';

const file = { byteLength: 100, modifiedMs: 1_000_500, nowMs: 5_000_000 };

test('a date in If-Range counts only when it is strong', () => {
  const told = new Date(1_000_000).toUTCString();
  assert.equal(usableRange('bytes=0-1', told, file), 'bytes=0-1');
  assert.equal(usableRange('bytes=0-1', told, { ...file, nowMs: 1_000_900 }), undefined);
  assert.equal(usableRange('bytes=0-1', new Date(1_001_000).toUTCString(), file), undefined);
  assert.equal(usableRange('bytes=0-1', '', file), undefined);
});

test('white space and letter case of the unit are put in order', () => {
  assert.equal(usableRange('Bytes= 0-1\t', undefined, file), 'bytes=0-1');
  assert.equal(usableRange('bytes=-5', undefined, file), 'bytes=-5');
});

test('any value gives a well-formed single range or none', () => {
  const piece = fc.constantFrom('bytes', '=', '-', ',', ' ', '0', '1', '9', '999999999999999999', 'x', '\t');
  const value = fc.array(piece, { maxLength: 8 }).map((pieces) => `bytes=${pieces.join('')}`);
  fc.assert(
    fc.property(value, fc.nat(), (range, byteLength) => {
      const usable = usableRange(range, undefined, { ...file, byteLength });
      if (usable === undefined) return;
      const match = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(usable);
      assert.ok(match, usable);
      if (match[1] !== undefined && match[2] !== '') assert.ok(Number(match[1]) <= Number(match[2]));
    }),
    { numRuns: 1000 },
  );
});
