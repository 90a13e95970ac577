#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  // A clone that has not been built yet: set it up, once.
  const { setUp } = await import('../scripts/setup.mjs');
  setUp();
}
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
