#!/usr/bin/env node
import { existsSync } from 'node:fs';
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  // A clone that has not been built yet: set it up, once.
  const { setUp } = await import('../scripts/setup.mjs');
  setUp();
}
// Node 22.8 and newer keep compiled modules, which a second start then need not compile. In this person's own folder:
// what lies there is run.
const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
nodeModule.enableCompileCache?.(path.join(cache, 'menshen', 'compiled'));
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
