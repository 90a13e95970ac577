import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextAttempt } from '../../../src/acme/policy/back-off.ts';
import {
  dueTime,
  emergencyTime,
  floorTime,
  isWithinWindow,
  planRenewal,
  timeWithin,
} from '../../../src/acme/policy/renewal-time.ts';
import { seededFraction } from '../../../src/acme/policy/seeded.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 0, 1);
const of = (lifeMs: number) => ({ notBeforeMs: T, notAfterMs: T + lifeMs });

const lives = fc.integer({ min: 5 * 60_000, max: 400 * DAY });
const validity = lives.map(of);

test('a third of the life is left when a certificate falls due, a half of a short one', () => {
  assert.equal(dueTime(of(90 * DAY)), T + 60 * DAY);
  assert.equal(dueTime(of(45 * DAY)), T + 30 * DAY);
  assert.equal(dueTime(of(160 * HOUR)), T + 80 * HOUR);
  assert.equal(emergencyTime(of(90 * DAY)), T + 75 * DAY);
});

test('whatever the life: due within it, before the emergency, and the same every time', () => {
  fc.assert(
    fc.property(validity, fc.string(), (one, seed) => {
      const plan = planRenewal({ ...one, seed, nowMs: T });
      assert.ok(plan.atMs >= Math.floor(dueTime(one)) && plan.atMs <= emergencyTime(one));
      assert.ok(emergencyTime(one) < one.notAfterMs);
      assert.deepEqual(planRenewal({ ...one, seed, nowMs: T + 1 }), plan);
      assert.equal(plan.why, 'ratio');
    }),
  );
});

test('the earlier of window and ratio counts, and whatever a CA says nothing comes later than the ratio', () => {
  const window = fc.record({
    startMs: fc.integer({ min: T - 500 * DAY, max: T + 1_000 * DAY }),
    lengthMs: fc.integer({ min: -DAY, max: 100 * DAY }),
  });
  fc.assert(
    fc.property(validity, window, fc.string(), fc.boolean(), (one, { startMs, lengthMs }, seed, later) => {
      const nowMs = later ? T + (one.notAfterMs - T) / 2 : T;
      const answer = { startMs, endMs: startMs + lengthMs, askAgainAtMs: 0 };
      const byRatio = planRenewal({ ...one, seed, nowMs });
      const plan = planRenewal({ ...one, window: answer, seed, nowMs });
      assert.ok(plan.atMs <= byRatio.atMs);
      if (plan.why !== 'ratio') assert.equal(plan.atMs, timeWithin(answer, seed));
      if (lengthMs <= 0) assert.deepEqual(plan, byRatio);
    }),
  );
});

test("a window like Let's Encrypt's is always met: the order comes within it", () => {
  fc.assert(
    fc.property(validity, fc.string(), (one, seed) => {
      const life = one.notAfterMs - one.notBeforeMs;
      const middle = dueTime(one);
      const window = { startMs: middle - life / 100, endMs: middle + life / 100, askAgainAtMs: 0 };
      assert.ok(isWithinWindow(window, planRenewal({ ...one, window, seed, nowMs: T }).atMs));
    }),
  );
});

test('a window in the past, early in the life, means revoked: at once', () => {
  const one = of(90 * DAY);
  const window = { startMs: T + 9 * DAY, endMs: T + 9.5 * DAY, askAgainAtMs: 0 };
  const nowMs = T + 10 * DAY;
  const plan = planRenewal({ ...one, window, seed: 's', nowMs });
  assert.equal(plan.why, 'revoked');
  assert.ok(plan.atMs <= nowMs);
  assert.equal(planRenewal({ ...one, revoked: true, seed: 's', nowMs }).atMs, nowMs);
});

test('points within a window are spread evenly', () => {
  const window = { startMs: 0, endMs: 1_000, askAgainAtMs: 0 };
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) counts[Math.floor(timeWithin(window, `serial ${i}`) / 100)]! += 1;
  for (const count of counts) assert.ok(count > 850 && count < 1_150, counts.join());
});

test('a seeded fraction depends on every word and on where words end', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      const fraction = seededFraction(...words);
      assert.ok(fraction >= 0 && fraction < 1);
      assert.equal(fraction, seededFraction(...words));
    }),
  );
  assert.notEqual(seededFraction('ab', 'c'), seededFraction('a', 'bc'));
});

test('a certificate is not replaced twice within a forty-eighth of its life', () => {
  assert.equal(floorTime(of(48 * DAY), T), T + DAY);
  assert.equal(floorTime(of(60_000), T), T + 60_000);
});

test('waits grow from a minute to hours, never past what is left, and a Retry-After is kept', () => {
  const question = { permanent: false, seed: 's', nowMs: T };
  const waits = Array.from({ length: 14 }, (_, i) => nextAttempt({ ...question, failures: i + 1 }) - T);
  assert.ok((waits[0] ?? 0) >= 60_000 && (waits[0] ?? 0) <= 72_000);
  assert.ok((waits.at(-1) ?? 0) >= 4.8 * HOUR && (waits.at(-1) ?? 0) <= 7.2 * HOUR);
  fc.assert(
    fc.property(
      fc.record({
        failures: fc.integer({ min: 1, max: 1_000 }),
        permanent: fc.boolean(),
        seed: fc.string(),
        notAfterMs: fc.option(fc.integer({ min: T - DAY, max: T + 90 * DAY }), { nil: undefined }),
        retryAtMs: fc.option(fc.integer({ min: T - DAY, max: T + 1_000 * DAY }), { nil: undefined }),
      }),
      (random) => {
        const atMs = nextAttempt({ ...random, nowMs: T });
        assert.ok(atMs >= T + 60_000);
        assert.ok(atMs <= T + Math.max(DAY, 7.2 * HOUR));
        const { notAfterMs, retryAtMs } = random;
        if (retryAtMs !== undefined) assert.ok(atMs >= Math.min(retryAtMs, T + DAY));
        else if (notAfterMs !== undefined && notAfterMs > T + HOUR) assert.ok(atMs < notAfterMs);
      },
    ),
  );
});
