import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { clfTime, clockTime, isoTime, millisecondsText } from '../../../src/gateway/observe/log-time.ts';

const anyTime = fc.integer({ min: 0, max: Date.UTC(9999, 0) });

test('isoTime agrees with Date for any time, in any order', () => {
  fc.assert(fc.property(anyTime, (timeMs) => isoTime(timeMs) === new Date(timeMs).toISOString()));
});

test('isoTime takes times with a fraction of a millisecond', () => {
  assert.equal(isoTime(1999.75), '1970-01-01T00:00:01.999Z');
});

test('clockTime and clfTime show the local time', () => {
  fc.assert(
    fc.property(anyTime, (timeMs) => {
      const date = new Date(timeMs);
      const clock = date.toTimeString().slice(0, 8);
      assert.equal(clockTime(timeMs), `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`);
      assert.ok(clfTime(timeMs).includes(`:${clock} `));
    }),
  );
});

test('the zone of clfTime follows the process, east and west, half hours too', (t) => {
  const before = process.env['TZ'];
  t.after(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  const winter = (day: number): number => Date.UTC(2026, 0, day, 12);
  process.env['TZ'] = 'Asia/Kolkata';
  assert.equal(clfTime(winter(1)), '01/Jan/2026:17:30:00 +0530');
  process.env['TZ'] = 'America/St_Johns';
  assert.equal(clfTime(winter(2)), '02/Jan/2026:08:30:00 -0330');
  process.env['TZ'] = 'UTC';
  assert.equal(clfTime(winter(3)), '03/Jan/2026:12:00:00 +0000');
});

test('millisecondsText is the number, rounded to microseconds', () => {
  for (const [value, text] of [
    [0, '0'],
    [12, '12'],
    [1.5, '1.500'],
    [0.0004, '0'],
    [0.9996, '1'],
    [2.0005, '2.001'],
    [-1, '0'],
    [Number.NaN, '0'],
    [Number.POSITIVE_INFINITY, '0'],
  ] as const) {
    assert.equal(millisecondsText(value), text);
  }
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (value) => {
      const text = millisecondsText(value);
      return /^\d+(\.\d{3})?$/.test(text) && Math.abs(Number(text) - value) <= 0.0006;
    }),
  );
});
