import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { catalog } from '../../../src/story/catalog/index.ts';

const folder = path.join(import.meta.dirname, '..', '..', '..', 'src', 'story', 'catalog');

/** The entries of each domain that the catalogue takes in, by the file that they stand in. */
async function domains(): Promise<(readonly [file: string, codes: readonly string[]])[]> {
  const files = readdirSync(folder).filter((name) => /^(?!index\b).*(?<!\.d)\.(?:ts|js)$/.test(name));
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(pathToFileURL(path.join(folder, file)).href)) as Record<string, unknown>;
      const catalogs = Object.entries(module).filter(([name]) => name.endsWith('Catalog'));
      return [file, catalogs.flatMap(([, entries]) => Object.keys(entries as object))] as const;
    }),
  );
}

test('a code stands in one domain: a second entry would take the place of the first without a word', async () => {
  const owners = new Map<string, string[]>();
  for (const [file, codes] of await domains())
    for (const code of codes) owners.set(code, [...(owners.get(code) ?? []), file]);
  assert.ok(owners.size > 400);
  assert.deepEqual(
    [...owners].filter(([, files]) => files.length > 1),
    [],
  );
  // No domain is left out: its codes would compile and be told of by nobody.
  assert.deepEqual(
    [...owners.keys()].filter((code) => !(code in catalog)),
    [],
  );
});
