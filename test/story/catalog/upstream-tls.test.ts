import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogEntry } from '../../../src/story/catalog.ts';
import { upstreamTlsCatalog } from '../../../src/story/catalog/upstream-tls.ts';

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

test('both languages of an entry say the same and what to do', () => {
  for (const [code, entry] of Object.entries(upstreamTlsCatalog) as [string, CatalogEntry][]) {
    const { en, zh } = entry;
    assert.deepEqual(placeholders(zh.cause + zh.mend), placeholders(en.cause + en.mend), code);
    assert.ok(placeholders(en.cause).includes('{upstream}'), code);
    assert.match(zh.cause, /[\u4e00-\u9fff].*。$/, code);
    assert.match(en.cause, /^[^\u4e00-\u9fff]+\.$/, code);
    assert.notEqual(en.mend, '', code);
    assert.notEqual(zh.mend, '', code);
  }
});
