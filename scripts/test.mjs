// `npm test [-- NAME …]`: sets up, provides the real peers, runs every test file (or those whose path contains a NAME),
// and ends with one line `N passed, N failed, N skipped`.
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { root, setUp } from './setup.mjs';
import { providePeers } from './peers.mjs';

setUp();
providePeers();

const wanted = process.argv.slice(2);
const files = readdirSync(path.join(root, 'test'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
  .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort()
  .map((file) => path.join(root, 'dist', file.replace(/\.ts$/, '.js')));

const count = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];
process.chdir(root);
const stream = runTests({ files, concurrency: 2, timeout: 600_000 });
const isFile = (event) => files.includes(event.name) || event.details?.type === 'suite';
stream.on('test:pass', (event) => {
  if (isFile(event)) return;
  if (event.skip !== undefined || event.todo !== undefined) {
    count.skipped += 1;
    skipped.push(`${event.name}: ${event.skip === true || !event.skip ? 'no reason given' : event.skip}`);
  } else count.passed += 1;
});
stream.on('test:fail', (event) => {
  if (event.details?.type !== 'suite') count.failed += 1;
  process.exitCode = 1;
});
stream.compose(new spec()).pipe(process.stdout);
stream.on('end', () => {
  // The reporter's own last lines are still on their way to stdout when the stream ends.
  setImmediate(() => {
    if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
    if (count.passed + count.failed === 0) {
      console.log('No test matched.');
      process.exitCode = 1;
    }
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  });
});
