import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countLabels,
  isWithin,
  joinLabels,
  labelsOf,
  lastLabels,
  lowerName,
  parentName,
  parseName,
  sameName,
} from '../../../src/codec/dns/name.ts';

const nameOf = (text: string): string => {
  const result = parseName(text);
  return result.ok ? result.name : result.problem;
};

test('a name has one spelling, whoever wrote it', () => {
  assert.equal(nameOf('www.Example.com'), 'www.Example.com.');
  assert.equal(nameOf('www.Example.com.'), 'www.Example.com.');
  assert.equal(nameOf('.'), '.');
  assert.equal(nameOf('a\\.b.c'), 'a\\.b.c.');
  assert.equal(nameOf('\\097b.c'), 'ab.c.');
  assert.equal(nameOf('a b'), 'a\\032b.');
  assert.equal(nameOf('\\255'), '\\255.');
});

test('what is no name says why', () => {
  assert.equal(nameOf(''), 'empty-label');
  assert.equal(nameOf('a..b'), 'empty-label');
  assert.equal(nameOf('.a'), 'empty-label');
  assert.equal(nameOf('a'.repeat(64)), 'label-too-long');
  assert.equal(nameOf(`${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(62)}`), 'name-too-long');
  assert.equal(nameOf(`${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(61)}`).length, 254);
  assert.equal(nameOf('a\\'), 'bad-escape');
  assert.equal(nameOf('a\\25'), 'bad-escape');
  assert.equal(nameOf('a\\256'), 'bad-escape');
  assert.equal(nameOf('bücher'), 'not-ascii');
  assert.throws(() => labelsOf('a..b'), RangeError);
});

test('zones hold the names below them, escaped dots notwithstanding', () => {
  assert.ok(isWithin('a.b.', '.'));
  assert.ok(isWithin('A.B.', 'b.'));
  assert.ok(isWithin('b.', 'B.'));
  assert.ok(!isWithin('ab.', 'b.'));
  assert.ok(!isWithin('b.', 'a.b.'));
  assert.ok(!isWithin('a\\.b.', 'b.'));
  assert.ok(isWithin('a\\\\.b.', 'b.'));
});

test('parents, labels and cases', () => {
  assert.equal(parentName('a\\.b.c.'), 'c.');
  assert.equal(parentName('c.'), '.');
  assert.equal(parentName('.'), undefined);
  assert.equal(countLabels('.'), 0);
  assert.equal(countLabels('a\\.b.c.'), 2);
  assert.equal(lastLabels('a.b.c.', 2), 'b.c.');
  assert.equal(lastLabels('a.b.c.', 0), '.');
  assert.equal(lastLabels('a.', 5), 'a.');
  assert.equal(lowerName('A.ö'), 'a.ö');
  assert.ok(sameName('WwW.', 'wWw.'));
  assert.ok(!sameName('a.', 'b.'));
});

test('any octets make a name that reads back as the same octets', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
      assert.deepEqual(labelsOf(joinLabels(labels)), labels);
      assert.equal(nameOf(joinLabels(labels)), joinLabels(labels));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (anything) => {
      const result = parseName(anything);
      if (result.ok) assert.equal(nameOf(result.name), result.name);
    }),
    { numRuns: 1_000 },
  );
});
