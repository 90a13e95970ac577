import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResponseRate } from '../../src/dns/response-rate.ts';

test('beyond the rate a network gets truncated answers and silence by turns', () => {
  const rate = createResponseRate({ perSecond: 2, burst: 3, maxNetworks: 10 });
  const verdicts = (address: string, count: number, nowMs: number): string =>
    Array.from({ length: count }, () => rate.verdict(address, nowMs)[0]).join('');
  assert.equal(verdicts('192.0.2.1', 7, 0), 'aaatdtd');
  assert.equal(verdicts('192.0.2.200', 1, 0), 't');
  assert.equal(verdicts('198.51.100.1', 1, 0), 'a');
  assert.equal(verdicts('192.0.2.1', 3, 1_000), 'aat');
  assert.equal(verdicts('192.0.2.1', 4, 1_000_000), 'aaat');
  assert.equal(verdicts('::ffff:192.0.2.1', 1, 1_000_000), 'd');
  assert.equal(verdicts('2001:db8::1', 4, 0), 'aaat');
  assert.equal(verdicts('2001:db8:0:ff::1', 1, 0), 'd');
  assert.equal(verdicts('2001:db8:1::1', 1, 0), 'a');
  // A clock that goes back gives nothing.
  assert.equal(verdicts('2001:db8::1', 1, -5_000), 't');
});

test('only so many networks are remembered', () => {
  const rate = createResponseRate({ perSecond: 1, burst: 1, maxNetworks: 2 });
  assert.equal(rate.verdict('192.0.2.1', 0), 'answer');
  assert.equal(rate.verdict('192.0.2.1', 0), 'truncate');
  rate.verdict('198.51.100.1', 0);
  rate.verdict('203.0.113.1', 0);
  assert.equal(rate.verdict('192.0.2.1', 0), 'answer');
});
