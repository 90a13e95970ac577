// `npm run test:levels [-- LEVEL … NAME …]`: every test (or those whose path contains a NAME) at each transport level (plain,
// direct, static), and one line `LEVEL: N passed, N failed, N skipped` for each. `npm test` runs every test at the level
// that the gateway finds for itself, and a part at the others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root } from './setup.mjs';

const all = ['plain', 'direct', 'static'];
const words = process.argv.slice(2);
const named = all.filter((level) => words.includes(level));
const names = words.filter((word) => !all.includes(word));

const lines = [];
for (const level of named.length > 0 ? named : all) {
  // The one is for gateways that tests build of parts, the other for those that choose.
  const env = { ...process.env, MENSHEN_TEST_LEVEL: level, MENSHEN_TRANSPORT: level };
  const script = path.join(root, 'scripts', 'test.mjs');
  const child = spawn(process.execPath, [script, ...names], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let tail = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    tail = (tail + chunk).slice(-200);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) process.exitCode = 1;
  lines.push(`${level}: ${/\d+ passed, \d+ failed, \d+ skipped/.exec(tail)?.[0] ?? `ended with ${code}`}`);
}
console.log(`\nNode ${process.version}\n${lines.join('\n')}`);
