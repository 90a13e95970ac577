import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import assert from 'node:assert/strict';
import type { Language } from '../../src/story/catalog.ts';
import { fillReference } from './reference.ts';

const documents: readonly (readonly [string, Language])[] = [
  ['docs/configuration.md', 'en'],
  ['docs/configuration.zh-CN.md', 'zh'],
];

for (const [file, language] of documents) {
  test(`${file} tells the settings, timeouts and limits that the schema has`, () => {
    const document = readFileSync(file, 'utf8');
    const filled = fillReference(document, language);
    // MENSHEN_WRITE_DOCS=1 npm test -- configuration-doc writes the tables after a setting has changed.
    if (process.env.MENSHEN_WRITE_DOCS) writeFileSync(file, filled);
    else assert.equal(document, filled);
  });
}
