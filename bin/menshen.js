#!/usr/bin/env node
// CommonJS (see package.json beside it): Node starts its loader of ES modules only where one is asked for, which takes as
// long as a TLS handshake.
const { existsSync, statSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const project = path.dirname(__dirname);
const built = path.join(project, 'dist', 'src', 'cli', 'main.js');
const bundle = path.join(project, 'dist', 'bundle', 'menshen.cjs');

void start(process.argv.slice(2));

async function start(words) {
  if (!existsSync(built)) {
    // A clone that has not been built yet: set it up, once.
    const { setUp } = await import('../scripts/setup.mjs');
    setUp();
  }
  // Compiled code is kept in this person's own folder: what lies there is run.
  // The XDG base directory specification has paths that are not absolute passed over.
  const named = process.env.XDG_CACHE_HOME ?? '';
  const caches = path.isAbsolute(named) ? named : path.join(process.env.HOME || require('node:os').homedir(), '.cache');
  const cache = path.join(caches, 'menshen', 'compiled');
  const first = words.find((word) => !word.startsWith('-')) ?? 'help';
  if (['help', 'trace', 'verify', 'dns'].includes(first) && isFresh()) {
    const { loadBundle } = require('./bundle.js');
    const { exports, keep } = loadBundle(bundle, process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : cache, first);
    process.exitCode = await exports.main(words);
    if (process.exitCode === 0) keep();
    // All is said: nobody needs to wait until Node has taken its heap apart.
    process.stdout.write('', () => process.stderr.write('', () => process.exit()));
  } else {
    // Node 22.8 and newer keep compiled modules, which a second start then need not compile.
    require('node:module').enableCompileCache?.(cache);
    const { main } = await import(pathToFileURL(built).href);
    process.exitCode = await main(words);
  }
}

/** The bundle is no older than the build that it was made of. */
function isFresh() {
  const [made, since] = [bundle, built].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1);
  return made >= since;
}
