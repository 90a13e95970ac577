#!/usr/bin/env node
import { existsSync, statSync } from 'node:fs';
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const main = path.join(project, 'dist', 'src', 'cli', 'main.js');
if (!existsSync(main)) {
  // A clone that has not been built yet: set it up, once.
  const { setUp } = await import('../scripts/setup.mjs');
  setUp();
}
const words = process.argv.slice(2);
// Compiled code is kept in this person's own folder: what lies there is run.
// The XDG base directory specification has paths that are not absolute passed over.
const named = process.env.XDG_CACHE_HOME ?? '';
const cache = path.join(path.isAbsolute(named) ? named : path.join(homedir(), '.cache'), 'menshen', 'compiled');
const first = words.find((word) => !word.startsWith('-')) ?? 'help';
const bundle = path.join(project, 'dist', 'bundle', 'menshen.cjs');
if (['help', 'trace', 'verify', 'dns'].includes(first) && isFresh()) {
  const { loadBundle } = await import('./bundle.js');
  const { exports, keep } = loadBundle(bundle, process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : cache, first);
  process.exitCode = await exports.main(words);
  if (process.exitCode === 0) keep();
} else {
  // Node 22.8 and newer keep compiled modules, which a second start then need not compile.
  nodeModule.enableCompileCache?.(cache);
  const { main: run } = await import(new URL('../dist/src/cli/main.js', import.meta.url).href);
  process.exitCode = await run(words);
}

/** The bundle is no older than the build that it was made of. */
function isFresh() {
  const [made, built] = [bundle, main].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1);
  return made >= built;
}
