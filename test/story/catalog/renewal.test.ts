import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogEntry } from '../../../src/story/catalog.ts';
import { renewalCatalog } from '../../../src/story/catalog/renewal.ts';

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

test('both languages of an entry say the same, and everything but information says what to do', () => {
  for (const [code, entry] of Object.entries(renewalCatalog) as [string, CatalogEntry][]) {
    const { en, zh, severity } = entry;
    assert.match(code, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    assert.deepEqual(placeholders(zh.cause + zh.mend), placeholders(en.cause + en.mend), code);
    assert.match(zh.cause, /[\u4e00-\u9fff].*。$/, code);
    assert.match(en.cause, /^[^\u4e00-\u9fff]+\.$/, code);
    assert.equal(en.mend === '', zh.mend === '', code);
    if (severity !== 'info') assert.notEqual(en.mend, '', code);
  }
});
