import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuMicroseconds, parsePss, parseStat, processTree, pssKilobytes } from '../../bench/measure.ts';
import { median, medianRatio } from '../../bench/statistics.ts';

test('a stat line is read past a command name with spaces and parentheses', () => {
  const line = '4242 (tmux: (a) b) S 17 4242 4242 0 -1 4194560 1 2 3 4 120 30 5 6 20 0 1 0 99 0 0';
  assert.deepEqual(parseStat(line), { parent: 17, userTicks: 120, systemTicks: 30 });
});

test('the proportional set size is read from the roll-up', () => {
  assert.equal(
    parsePss('00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:   1728 kB\nPss:     339 kB\nPss_Dirty: 1 kB\n'),
    339,
  );
  assert.equal(parsePss(''), 0);
});

test('this process has a tree, CPU time and memory', (t) => {
  if (process.platform !== 'linux') return t.skip('reads /proc, which only Linux has');
  assert.equal(processTree(process.pid)[0], process.pid);
  assert.ok(processTree(process.ppid).includes(process.pid));
  assert.ok(cpuMicroseconds(process.pid) > 0);
  assert.ok(pssKilobytes(process.pid) > 1000);
});

test('medians of odd and even counts', () => {
  assert.equal(median([5, 1, 9]), 5);
  assert.equal(median([4, 1, 9, 6]), 5);
  assert.ok(Number.isNaN(median([])));
});

test('a disturbance that hits a whole round does not move the ratio', () => {
  assert.equal(medianRatio([20, 200, 22], [10, 100, 11]), 2);
});
