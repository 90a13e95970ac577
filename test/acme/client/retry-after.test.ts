import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHttpDate, readRetryAfter, readRetryTime } from '../../../src/acme/client/retry-after.ts';

const now = Date.UTC(2026, 10, 22, 4, 0, 0);

test('the three forms of an HTTP date are one moment', () => {
  const moment = Date.UTC(1994, 10, 6, 8, 49, 37);
  assert.equal(readHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), moment);
  assert.equal(readHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), moment);
  assert.equal(readHttpDate('Sun Nov  6 08:49:37 1994'), moment);
  assert.equal(readHttpDate('Sunday, 06-Nov-26 08:49:37 GMT'), Date.UTC(2026, 10, 6, 8, 49, 37));
});

test('what is no HTTP date is none', () => {
  const wrong = [
    '',
    'tomorrow',
    'Sun, 31 Feb 2026 08:49:37 GMT',
    'Sun, 06 Nov 2026 24:49:37 GMT',
    'Sun, 06 Nov 2026 08:49:37 CET',
    '2026-11-06T08:49:37Z',
  ];
  for (const text of wrong) assert.equal(readHttpDate(text), undefined, text);
});

test('every whole second comes back from its IMF-fixdate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
      assert.equal(readHttpDate(new Date(seconds * 1000).toUTCString()), seconds * 1000);
    }),
  );
});

test('Retry-After counts seconds or names a date, never in the past and never beyond eight days', () => {
  assert.equal(readRetryAfter('120', now), now + 120_000);
  assert.equal(readRetryAfter(' 0 ', now), now);
  assert.equal(readRetryAfter('Sun, 22 Nov 2026 05:00:00 GMT', now), now + 3_600_000);
  assert.equal(readRetryAfter('Sun, 22 Nov 2020 05:00:00 GMT', now), now);
  assert.equal(readRetryAfter('9999999999', now), now + 8 * 86_400_000);
  for (const text of [undefined, '', '-1', '1.5', '1e3', '99999999999', 'soon']) {
    assert.equal(readRetryAfter(text, now), undefined, String(text));
  }
});

test('no text makes it throw or leave its bounds', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const moment = readRetryAfter(text, now);
      assert.ok(moment === undefined || (moment >= now && moment <= now + 8 * 86_400_000));
    }),
  );
});

test('a sentence that names the time is read', () => {
  const detail =
    'too many new orders (300) from this account in the last 3h0m0s, retry after 2026-11-22 05:12:44 UTC: see https://ca.test/limits';
  assert.equal(readRetryTime(detail), Date.UTC(2026, 10, 22, 5, 12, 44));
  assert.equal(readRetryTime('retry after 2026-11-22T05:12:44Z'), Date.UTC(2026, 10, 22, 5, 12, 44));
  assert.equal(readRetryTime('retry after 2026-99-22 05:12:44 UTC'), undefined);
  assert.equal(readRetryTime('retry after lunch'), undefined);
});
