import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findJsonError, positionOf } from '../../src/config/json-position.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('the first wrong character is found', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['', 0],
    ['{"a": 1,}', 8],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['{a: 1}', 1],
    ['// c\n{}', 0],
    ['{} x', 3],
    ['"a\nb"', 0],
    ['{"a": tru }', 6],
    ['{"a": [1, {"b": }]}', 16],
  ];
  for (const [text, offset] of cases) assert.equal(findJsonError(text), offset, text);
});

test('line and column count from one', () => {
  assert.deepEqual(positionOf('ab\ncd', 0), { line: 1, column: 1 });
  assert.deepEqual(positionOf('ab\ncd', 4), { line: 2, column: 2 });
  assert.deepEqual(positionOf('ab\n', 3), { line: 2, column: 1 });
});

test('it agrees with JSON.parse on what is JSON, whole, cut short and damaged', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, at, junk) => {
      const place = at % (text.length + 1);
      for (const one of [text, text.slice(0, place), text.slice(0, place) + junk + text.slice(place)]) {
        assert.equal(findJsonError(one) === undefined, parses(one), one);
      }
    }),
    { numRuns: 1000 },
  );
});
