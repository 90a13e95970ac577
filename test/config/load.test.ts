import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { findConfigFile, loadConfigFile } from '../../src/config/load.ts';
import { folderOf } from './folder.ts';

async function load(t: TestContext, name: string, content: string, others: Readonly<Record<string, string>> = {}) {
  const folder = folderOf(t, { [name]: content, ...others });
  const file = path.join(folder, name);
  return { folder, file, ...(await loadConfigFile(file)) };
}

/** Code and place, relative to the folder, of the one finding. */
async function failureOf(t: TestContext, name: string, content: string, others: Readonly<Record<string, string>> = {}) {
  const { folder, value, findings } = await load(t, name, content, others);
  assert.equal(value, undefined);
  assert.equal(findings.length, 1);
  const [found] = findings;
  return `${found?.code} ${String(found?.values.place).replace(`${folder}${path.sep}`, '')}`;
}

const typed = `import { defineConfig } from 'menshen'
interface Ports { app: number }
const ports: Ports = { app: 3000 }
export default defineConfig({ sites: { app: ports.app } })
`;

for (const kind of ['ts', 'mts']) {
  test(`a .${kind} file with types and an import of menshen is evaluated`, async (t) => {
    const { value, findings } = await load(t, `menshen.config.${kind}`, typed);
    assert.deepEqual(findings, []);
    assert.deepEqual(value, { sites: { app: 3000 } });
  });
}

test('.js, .mjs and .json files are evaluated', async (t) => {
  for (const kind of ['js', 'mjs']) {
    const { value } = await load(
      t,
      `x.${kind}`,
      "import { defineConfig } from 'menshen'\nexport default defineConfig({ sites: { a: 1 } })\n",
    );
    assert.deepEqual(value, { sites: { a: 1 } }, kind);
  }
  assert.deepEqual((await load(t, 'x.js', 'module.exports = { sites: { a: 1 } }')).value, { sites: { a: 1 } });
  assert.deepEqual((await load(t, 'x.json', '\uFEFF{ "sites": { "a": 1 } }')).value, { sites: { a: 1 } });
});

test('functions are called, async ones awaited, and await may stand at the top', async (t) => {
  assert.deepEqual((await load(t, 'x.ts', 'export default () => ({ sites: { a: 1 } })')).value, { sites: { a: 1 } });
  const late = 'const a: number = await Promise.resolve(2)\nexport default async () => ({ sites: { a } })';
  assert.deepEqual((await load(t, 'x.ts', late)).value, { sites: { a: 2 } });
});

test('imported files are loaded afresh each time, and named for the watch', async (t) => {
  const folder = folderOf(t, {
    'menshen.config.ts':
      "import { a } from './a.ts'\nimport { b } from './b.ts'\nexport default { sites: { a, same: a === b } }",
    'a.ts': "import { shared } from './shared.ts'\nexport const a = shared",
    'b.ts': "import { shared } from './shared.ts'\nexport const b = shared",
    'shared.ts': 'export const shared = { to: 1 }',
  });
  const file = path.join(folder, 'menshen.config.ts');
  const first = await loadConfigFile(file);
  assert.deepEqual(first.value, { sites: { a: { to: 1 }, same: true } });
  assert.deepEqual(first.files.map((one) => path.basename(one)).toSorted(), [
    'a.ts',
    'b.ts',
    'menshen.config.ts',
    'shared.ts',
  ]);
  writeFileSync(path.join(folder, 'shared.ts'), 'export const shared = { to: 2 }');
  assert.deepEqual((await loadConfigFile(file)).value, { sites: { a: { to: 2 }, same: true } });
});

test('what does not parse is told with line and column', async (t) => {
  assert.equal(await failureOf(t, 'x.ts', 'export default {\n  a: 1,,\n}\n'), 'config-syntax x.ts:2:8');
  assert.equal(await failureOf(t, 'x.json', '{\n  "sites": {,}\n}'), 'config-syntax x.json:2:13');
  assert.equal(await failureOf(t, 'x.json', ''), 'config-syntax x.json:1:1');
  const part = { 'part.ts': 'export const = 1' };
  assert.equal(await failureOf(t, 'x.ts', "import './part.ts'\nexport default {}", part), 'config-syntax part.ts:1:14');
});

test('what throws is told with the line and column of the source', async (t) => {
  const nested = `type Unused = { a: string }
function port(name: string): number {
  const value: string | undefined = undefined
  if (value === undefined) throw new Error('no port')
  return 1
}
export default async () => ({ sites: { a: port('A') } })
`;
  assert.equal(await failureOf(t, 'x.ts', nested), 'config-threw x.ts:4:34');
  assert.equal(await failureOf(t, 'x.ts', "export default () => { throw new Error('x') }"), 'config-threw x.ts:1:30');
  assert.match(await failureOf(t, 'x.ts', "throw 'words'; export default {}"), /^config-threw .*x\.ts$/);
});

test('an import that is not there is told where it stands', async (t) => {
  const missing = "import { a } from './nowhere.ts'\nexport default { a }";
  assert.equal(await failureOf(t, 'x.ts', missing), 'config-import x.ts:1:19');
  assert.equal(await failureOf(t, 'x.mjs', "\nimport 'no-such-package'\nexport default {}"), 'config-import x.mjs:2:8');
});

test('files that cannot be a configuration are refused', async (t) => {
  const code = async (name: string, content: string) => (await load(t, name, content)).findings[0]?.code;
  assert.equal(await code('x.ts', 'export const a = 1'), 'config-no-export');
  assert.equal(await code('x.yaml', 'sites:'), 'config-file-kind-unknown');
  const folder = folderOf(t);
  assert.equal((await loadConfigFile(path.join(folder, 'x.ts'))).findings[0]?.code, 'config-file-not-found');
  mkdirSync(path.join(folder, 'folder.ts'));
  assert.equal((await loadConfigFile(path.join(folder, 'folder.ts'))).findings[0]?.code, 'config-file-closed');
});

test('the first of the file names is found, and the others are warned of', (t) => {
  assert.deepEqual(findConfigFile(folderOf(t)), { file: '', findings: [] });
  const folder = folderOf(t, { 'menshen.config.json': '{}', 'menshen.config.ts': '' });
  const { file, findings } = findConfigFile(folder);
  assert.equal(file, path.join(folder, 'menshen.config.ts'));
  assert.deepEqual(
    findings.map(({ code, values }) => [code, values.others]),
    [['config-several-files', 'menshen.config.json']],
  );
});
