import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CatalogEntry } from '../../src/story/catalog.ts';
import { acmeCatalog } from '../../src/story/catalog/acme.ts';

const file = 'docs/acme.md';

test(`${file} tells every code that there is, and no other`, () => {
  const document = readFileSync(file, 'utf8');
  const rows = Object.entries(acmeCatalog)
    .map(([code, { fault, en }]: [string, CatalogEntry]) => `| \`${code}\` | ${fault} | ${en.cause} | ${en.mend} |`)
    .map((row) => row.replaceAll(/\{(\w+)\}/g, '*$1*'));
  const table = ['| code | at fault | cause | mend |', '|---|---|---|---|', ...rows].join('\n');
  const filled = document.replace(
    /(<!-- codes -->\n)[^]*(<!-- \/codes -->)/,
    (_, begin: string, end: string) => `${begin}${table}\n${end}`,
  );
  // MENSHEN_WRITE_DOCS=1 npm test -- acme-doc writes the table after a code has changed.
  if (process.env['MENSHEN_WRITE_DOCS']) writeFileSync(file, filled);
  else assert.equal(document, filled);
});
