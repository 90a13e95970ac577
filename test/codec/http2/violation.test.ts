import assert from 'node:assert/strict';
import test from 'node:test';
import { violation, VIOLATION_REASONS } from '../../../src/codec/http2/violation.ts';
import { http2Catalog } from '../../../src/story/catalog/http2.ts';

test('every reason stands in the catalogue, and the catalogue has no other', () => {
  assert.deepEqual(Object.keys(http2Catalog).sort(), [...VIOLATION_REASONS].sort());
});

test('a violation says how much ends and with which code', () => {
  for (const reason of VIOLATION_REASONS) {
    const found = violation(reason);
    assert.equal(found.reason, reason);
    assert.ok(found.errorCode >= 1 && found.errorCode <= 0xd);
    assert.equal(found, violation(reason), 'the same object each time');
  }
});
