import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CatalogEntry } from '../../../src/story/catalog.ts';
import { dnsCatalog } from '../../../src/story/catalog/dns.ts';

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

test('both languages of an entry say the same and what to do', () => {
  for (const [code, entry] of Object.entries(dnsCatalog) as [string, CatalogEntry][]) {
    const { en, zh, severity } = entry;
    assert.match(code, /^dns-[a-z-]+$/);
    assert.deepEqual(placeholders(zh.cause), placeholders(en.cause), code);
    assert.deepEqual(placeholders(zh.cause + zh.mend), placeholders(en.cause + en.mend), code);
    assert.match(zh.cause, /[\u4e00-\u9fff].*。$/, code);
    assert.match(en.cause, /^[^\u4e00-\u9fff]+\.$/, code);
    assert.equal(severity === 'info', en.mend === '', code);
    assert.equal(severity === 'info', zh.mend === '', code);
  }
});

test('every code is in the documentation, and the documentation names no other', () => {
  for (const file of ['docs/dns.md', 'docs/dns.zh-CN.md']) {
    const named = readFileSync(file, 'utf8').match(/`dns-[a-z-]+`/g) ?? [];
    assert.deepEqual(
      [...new Set(named)].sort(),
      Object.keys(dnsCatalog)
        .map((code) => `\`${code}\``)
        .sort(),
      file,
    );
  }
});
