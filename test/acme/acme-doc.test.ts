import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CatalogEntry, Language } from '../../src/story/catalog.ts';
import { acmeCatalog } from '../../src/story/catalog/acme.ts';

const pages = [
  ['docs/acme.md', 'en', '| code | at fault | cause | mend |'],
  ['docs/acme.zh-CN.md', 'zh', '| 代码 | 责任方 | 原因 | 办法 |'],
] as const satisfies readonly (readonly [string, Language, string])[];

for (const [file, language, head] of pages) {
  test(`${file} tells every code that there is, and no other`, () => {
    const document = readFileSync(file, 'utf8');
    const rows = Object.entries(acmeCatalog).map(([code, entry]: [string, CatalogEntry]) => {
      const { cause, mend } = entry[language];
      return `| \`${code}\` | ${entry.fault} | ${cause} | ${mend} |`.replaceAll(/\{(\w+)\}/g, '*$1*');
    });
    const table = [head, '|---|---|---|---|', ...rows].join('\n');
    const filled = document.replace(
      /(<!-- codes -->\n)[^]*(<!-- \/codes -->)/,
      (_, begin: string, end: string) => `${begin}${table}\n${end}`,
    );
    // MENSHEN_WRITE_DOCS=1 npm test -- acme-doc writes the table after a code has changed.
    if (process.env['MENSHEN_WRITE_DOCS']) writeFileSync(file, filled);
    else assert.equal(document, filled);
  });
}
