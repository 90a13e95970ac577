import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import assert from 'node:assert/strict';

const importLine = /^import (type )?\{ ([^}]+) \} from '\.\/(src\/[^']+)\.ts';$/gm;

test('what the code on the pages takes from the project is there', () => {
  let count = 0;
  for (const page of readdirSync('docs').filter((name) => name.endsWith('.md')))
    for (const [, isType, names = '', file = ''] of readFileSync(`docs/${page}`, 'utf8').matchAll(importLine)) {
      count += 1;
      const source = `${file}.ts`;
      assert.ok(existsSync(source), `${page}: ${source}`);
      const text = readFileSync(source, 'utf8');
      for (const name of names.split(', ')) {
        const kinds = isType === undefined ? 'function|class|const' : 'interface|type|class';
        assert.match(text, new RegExp(`^export (?:async )?(?:${kinds}) ${name}\\b`, 'm'), `${page}: ${name}`);
      }
    }
  assert.ok(count > 3);
});
