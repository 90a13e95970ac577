import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSiteTable, matchSite } from '../../../src/gateway/tls/site-match.ts';

const table = buildSiteTable([
  ['a.example.com', 'exact'],
  ['*.example.com', 'wildcard'],
  ['localhost', 'local'],
  ['127.0.0.1', 'address'],
] as const);

test('the exact name comes before the wildcard', () => {
  assert.equal(matchSite(table, 'a.example.com'), 'exact');
  assert.equal(matchSite(table, 'b.example.com'), 'wildcard');
  assert.equal(matchSite(table, 'localhost'), 'local');
  assert.equal(matchSite(table, '127.0.0.1'), 'address');
});

test('a wildcard covers exactly one label', () => {
  for (const name of ['example.com', 'b.c.example.com', '.example.com', 'example.org', '']) {
    assert.equal(matchSite(table, name), undefined, name);
  }
});
