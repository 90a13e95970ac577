// `npm run limbo -- FILE … [--json]`: judges every case of x509-limbo files (`.json` or `.json.gz`) and prints how many
// verdicts agree with the expected ones, and each disagreement with its reason. Exit status 1 where one disagrees.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const json = args.includes('--json');
const files = args.filter((arg) => !arg.startsWith('--'));
const unknown = args.filter((arg) => arg.startsWith('--') && arg !== '--json');
if (files.length === 0 || unknown.length > 0) {
  console.error('usage: npm run limbo -- FILE … [--json]\n  FILE is an x509-limbo file, .json or .json.gz');
  process.exit(2);
}
setUp();

const module = path.join(root, 'dist', 'test', 'pki', 'path', 'limbo-case.js');
const { readLimboFile, runLimboCase } = await import(pathToFileURL(module).href);

const nowMs = Date.now();

/** A fault of our own is a disagreement, whatever was expected, and does not end the run. */
function judge(testcase) {
  try {
    return runLimboCase(testcase, nowMs);
  } catch (error) {
    return { got: 'FAULT', reason: String(error?.stack ?? error) };
  }
}

const disagreements = [];
let total = 0;
let slowest = { id: '', ms: 0 };
const started = performance.now();
for (const file of files) {
  for (const testcase of readLimboFile(path.resolve(file))) {
    const before = process.cpuUsage();
    const { got, reason } = judge(testcase);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms > slowest.ms) slowest = { id: testcase.id, ms };
    total += 1;
    if (got !== testcase.expected_result)
      disagreements.push({ id: testcase.id, expected: testcase.expected_result, got, reason });
  }
}
const seconds = (performance.now() - started) / 1000;

const agree = total - disagreements.length;
if (json) console.log(JSON.stringify({ agree, total, disagreements }, null, 2));
else {
  for (const { id, expected, got, reason } of disagreements)
    console.log(`${id}: expected ${expected}, got ${got}\n    ${reason}`);
  console.log(`agree ${agree} of ${total}`);
  console.error(`${seconds.toFixed(2)} s in all; slowest ${slowest.id}, ${slowest.ms.toFixed(1)} ms of CPU`);
}
process.exitCode = disagreements.length === 0 ? 0 : 1;
