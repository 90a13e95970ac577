import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogEntry } from '../../../src/story/catalog.ts';
import { acmeCatalog } from '../../../src/story/catalog/acme.ts';

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

test('both languages of an entry say the same and what to do', () => {
  for (const [code, entry] of Object.entries(acmeCatalog) as [string, CatalogEntry][]) {
    const { en, zh } = entry;
    assert.match(code, /^acme-[a-z]+(?:-[a-z]+)*$/);
    assert.deepEqual(placeholders(zh.cause + zh.mend), placeholders(en.cause + en.mend), code);
    assert.match(zh.cause, /[\u4e00-\u9fff].*。$/, code);
    assert.match(en.cause, /^[^\u4e00-\u9fff]+\.$/, code);
    if (entry.severity === 'info') continue;
    assert.match(zh.mend, /。$/, code);
    assert.match(en.mend, /\.$/, code);
  }
});
