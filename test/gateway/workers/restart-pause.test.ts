import assert from 'node:assert/strict';
import test from 'node:test';
import { restartPause } from '../../../src/gateway/workers/restart-pause.ts';

test('pauses double from 250 ms to 30 s while workers die young', () => {
  const pauses: number[] = [];
  for (let pauseMs = 0; pauses.length < 10; pauses.push(pauseMs)) pauseMs = restartPause(pauseMs, 100);
  assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('a worker that lived long is replaced at once, whatever went before', () => {
  assert.equal(restartPause(0, 30_000), 0);
  assert.equal(restartPause(30_000, 3_600_000), 0);
  assert.equal(restartPause(restartPause(30_000, 30_000), 0), 250);
});
