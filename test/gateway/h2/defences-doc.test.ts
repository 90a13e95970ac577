import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { h2Floods, h2Limits, isDefence } from '../../../src/gateway/h2/defences.ts';
import { catalog } from '../../../src/story/catalog/index.ts';

const page = readFileSync('docs/http2-conformance.md', 'utf8');
const rows = (pattern: RegExp): string[][] =>
  [...page.matchAll(pattern)].map((row) => row.slice(1).map((cell) => cell.trim()));

test('the page tells each limit with its value and its reason, and no other', () => {
  assert.deepEqual(
    rows(/^\| `(\w+)`\s*\| (\d+ \w+)\s*\| (.*?)\s*\|$/gm),
    Object.entries(h2Limits).map(([name, { value, unit, reason }]) => [name, `${value} ${unit}`, reason.en]),
  );
});

test('the page tells each flood with its rates and its reason, and no other', () => {
  assert.deepEqual(
    rows(/^\| `(h2-[\w-]+)`\s*\| (\d+)\s*\| (\d+)\s*\| (.*?)\s*\|$/gm),
    Object.entries(h2Floods).map(([code, { burst, perSecond, reason }]) => [
      code,
      String(burst),
      String(perSecond),
      reason.en,
    ]),
  );
});

test('each number has a reason in both languages, each flood an entry in the catalogue and a counter', () => {
  for (const { reason } of [...Object.values(h2Limits), ...Object.values(h2Floods)]) {
    assert.match(reason.zh, /[\u4e00-\u9fff].*。$/);
    assert.match(reason.en, /^[A-Z].*\.$/);
  }
  for (const code of Object.keys(h2Floods) as (keyof typeof h2Floods)[]) {
    assert.equal(catalog[code].fault, 'client');
    assert.ok(isDefence(code));
  }
});
