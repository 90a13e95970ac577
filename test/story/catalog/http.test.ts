import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogEntry } from '../../../src/story/catalog.ts';
import { httpCatalog } from '../../../src/story/catalog/http.ts';
import { statusPhrases } from '../../../src/story/catalog/http-status.ts';

const entries: [string, CatalogEntry][] = Object.entries(httpCatalog);
const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test('both languages of an entry use the same placeholders', () => {
  for (const [code, entry] of entries) {
    assert.deepEqual(placeholders(entry.zh.cause + entry.zh.mend), placeholders(entry.en.cause + entry.en.mend), code);
  }
});

test('codes are kebab-case, and everything but information says what to do', () => {
  for (const [code, entry] of entries) {
    assert.match(code, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    for (const language of ['en', 'zh'] as const) {
      assert.notEqual(entry[language].cause, '', code);
      if (entry.severity !== 'info') assert.notEqual(entry[language].mend, '', code);
    }
    assert.match(entry.zh.cause, /[\u4e00-\u9fff].*。$/, code);
    assert.match(entry.en.cause, /^[^\u4e00-\u9fff]+[.)]$/, code);
  }
});

test('the words of a status name nothing inside and leave nothing to fill in', () => {
  for (const phrases of Object.values(statusPhrases)) {
    for (const { title, cause, mend } of Object.values(phrases)) {
      assert.notEqual(title, '');
      assert.doesNotMatch(title + cause + mend, /\{|limits\.|timeouts\.|upstream/);
    }
  }
});
