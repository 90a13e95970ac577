import test from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/config/measures.ts';

test('durations are read with every unit', () => {
  const cases = {
    '250ms': 250,
    '30s': 30_000,
    '5m': 300_000,
    '1h': 3_600_000,
    '7d': 604_800_000,
    '1.5s': 1500,
    '2 s': 2000,
  };
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms, text);
});

test('what is no duration is refused', () => {
  for (const text of ['', '5', 's', '5 min', '-1s', '1e3s', '5S', '1h30m', '5constructor', '0x10s', '٣s']) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test('sizes tell binary from decimal units, in any case', () => {
  const cases = { '512B': 512, '64KiB': 65_536, '64kib': 65_536, '1kB': 1000, '1MB': 1_000_000, '2GiB': 2_147_483_648 };
  for (const [text, octets] of Object.entries(cases)) assert.equal(parseSize(text), octets, text);
  for (const text of ['1', '1K', '1Ki', '1TB', 'MB', '-1B']) assert.equal(parseSize(text), undefined, text);
});

test('what is written for a value reads back as that value', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), (value) => {
      assert.equal(parseDuration(formatDuration(value)), value);
      assert.equal(parseSize(formatSize(value)), value);
    }),
  );
  assert.equal(formatDuration(90_000), '90s');
  assert.equal(formatDuration(0), '0ms');
  assert.equal(formatSize(65_536), '64KiB');
});

test('no text makes the readers throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const value of [parseDuration(text), parseSize(text)]) assert.ok(value === undefined || value >= 0);
    }),
  );
});
