// `npm run test:levels [-- LEVEL …]`: the tests of the gateway's engines at each transport level (plain, direct, static),
// one line `LEVEL: N passed, N failed, N skipped` for each. `npm test` runs them at one level, and a part at the others.
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { root, setUp } from './setup.mjs';

const folders = ['h1', 'h2', 'upstream'];
const levels = process.argv.length > 2 ? process.argv.slice(2) : ['plain', 'direct', 'static'];

setUp();
process.chdir(root);
const files = folders.flatMap((folder) =>
  readdirSync(path.join(root, 'test', 'gateway', folder))
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => path.join(root, 'dist', 'test', 'gateway', folder, name.replace(/\.ts$/, '.js'))),
);

const lines = [];
for (const level of levels) {
  process.env.MENSHEN_TEST_LEVEL = level;
  const count = { passed: 0, failed: 0, skipped: 0 };
  const stream = runTests({ files, concurrency: 2, timeout: 600_000 });
  const isFile = (event) => files.includes(event.name) || event.details?.type === 'suite';
  stream.on('test:pass', (event) => {
    if (isFile(event)) return;
    if (event.skip !== undefined) count.skipped += 1;
    else count.passed += 1;
  });
  stream.on('test:fail', (event) => {
    if (event.details?.type !== 'suite') count.failed += 1;
    process.exitCode = 1;
  });
  const report = stream.compose(new spec());
  for await (const text of report) process.stdout.write(text);
  if (count.passed + count.failed === 0) process.exitCode = 1;
  lines.push(`${level}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
}
console.log(`\nNode ${process.version}\n${lines.join('\n')}`);
