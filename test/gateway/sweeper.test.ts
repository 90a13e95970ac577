import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sweeper } from '../../src/gateway/sweeper.ts';

test('the time of day of a moment follows the wall clock from one look to the next', () => {
  let now = 1000.25;
  let wall = 1_700_000_000_000;
  const sweeper = new Sweeper({ now: () => now, wallNow: () => wall });
  assert.equal(sweeper.wallTime(now), wall);
  assert.equal(sweeper.wallTime(now + 99.5), wall + 99);
  // The wall clock is set, by an hour.
  now += 400;
  wall += 400 + 3_600_000;
  sweeper.sweep();
  assert.equal(sweeper.nowMs, now);
  assert.equal(sweeper.wallTime(now + 1), wall + 1);
});

test('every member looks at the same moment', () => {
  let now = 5;
  const sweeper = new Sweeper({ now: () => now, wallNow: () => 0 });
  const seen: number[] = [];
  const members = [1, 2].map(() => ({ sweep: (nowMs: number) => seen.push(nowMs) }));
  for (const member of members) sweeper.add(member);
  now = 70;
  sweeper.sweep();
  assert.deepEqual(seen, [70, 70]);
  for (const member of members) sweeper.delete(member);
  sweeper.stop();
  assert.equal(sweeper.size, 0);
});
