import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CatalogEntry } from '../../../src/story/catalog.ts';
import { tlsChecksCatalog } from '../../../src/story/catalog/tls-checks.ts';
import { tlsChoicesCatalog } from '../../../src/story/catalog/tls-choices.ts';

const entries = Object.entries({ ...tlsChecksCatalog, ...tlsChoicesCatalog }) as [string, CatalogEntry][];
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

test('both languages of an entry say the same, and what to do where something is wrong', () => {
  for (const [code, { severity, en, zh }] of entries) {
    assert.match(code, /^tls-[a-z0-9-]+$/);
    assert.deepEqual(placeholders(zh.cause + zh.mend), placeholders(en.cause + en.mend), code);
    assert.match(zh.cause, /[\u4e00-\u9fff].*。$/, code);
    assert.match(en.cause, /^[^\u4e00-\u9fff]+\.$/, code);
    assert.equal(en.mend === '', zh.mend === '', code);
    if (severity !== 'info') assert.notEqual(en.mend, '', code);
  }
});

test('every entry is said by a rule', () => {
  const rules = ['tls-checks', 'tls-choices', 'tls-resumption']
    .map((name) => readFileSync(`src/story/rules/${name}.ts`, 'utf8'))
    .join('');
  for (const [code] of entries) assert.ok(rules.includes(`'${code}'`), code);
});
