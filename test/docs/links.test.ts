import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';

const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** What stands in code is no link. */
const withoutCode = (text: string): string => text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** As hosts of Markdown make them: lower case, letters, digits and hyphens of any script, spaces to hyphens. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#{1,6} +(.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

for (const page of pages) {
  test(`every link of ${page} inside of the project leads somewhere`, () => {
    const broken: string[] = [];
    for (const [, target = ''] of withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\(([^()\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? page : path.join(path.dirname(page), file);
      const known = existsSync(place);
      const hasAnchor =
        known &&
        (anchor === undefined || (statSync(place).isFile() && anchorsOf(readFileSync(place, 'utf8')).has(anchor)));
      if (!hasAnchor) broken.push(target);
    }
    assert.deepEqual(broken, []);
  });
}

test('every page of docs is listed in its index, in both languages', () => {
  for (const index of ['docs/README.md', 'docs/README.zh-CN.md']) {
    const text = readFileSync(index, 'utf8');
    for (const page of pages.filter((one) => one.startsWith('docs/') && !one.startsWith('docs/README'))) {
      const name = path.basename(page).replace(/(?:\.zh-CN)?\.md$/, '');
      assert.ok(text.includes(`(${name}.md)`) || text.includes(`(${name}.zh-CN.md)`), `${index} lacks ${name}`);
    }
  }
});
