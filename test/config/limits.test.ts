import test from 'node:test';
import assert from 'node:assert/strict';
import { defaultLimits, defaultTimeouts, limitEntries, timeoutEntries } from '../../src/config/limits.ts';

const entries = [...timeoutEntries, ...limitEntries];

test('every default lies within its bounds, and zero is explained where it is allowed', () => {
  for (const entry of entries) {
    assert.ok(entry.default >= entry.minimum && entry.default <= entry.maximum, entry.name);
    assert.equal(entry.zero !== undefined, entry.minimum === 0, entry.name);
    for (const reason of Object.values(entry.reason)) assert.match(reason, /[.。]$/, entry.name);
  }
});

test('no timeout is longer than a timer can be', () => {
  // setTimeout takes a signed 32-bit number of milliseconds and fires at once beyond it.
  for (const entry of timeoutEntries) assert.ok(entry.maximum <= 2 ** 31 - 1, entry.name);
});

test('names and settings stand once, and the defaults have them all', () => {
  for (const table of [timeoutEntries, limitEntries]) {
    assert.equal(new Set(table.map((entry) => entry.name)).size, table.length);
    assert.equal(new Set(table.map((entry) => entry.setting)).size, table.length);
  }
  assert.equal(Object.keys(defaultTimeouts).length, timeoutEntries.length);
  assert.equal(Object.keys(defaultLimits).length, limitEntries.length);
  assert.equal(defaultTimeouts.handshakeMs, 10_000);
  assert.equal(defaultLimits.requestHeadBytes, 65_536);
});
