// Runs dist/bundle/menshen.cjs with the machine code of before. V8 can keep what it has compiled; Node does so by itself
// from 22.8 on, in files that hold what was compiled when a module was loaded. Here a file a command is written after a
// run that went well, with every function of that run: the next one compiles nothing, on any Node.
const { mkdirSync, openSync, closeSync, fstatSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');

/** Before the compiled code: `mark digest-of-the-bundle checksum-of-what-follows`, and a line end. */
const MARK = 'menshen-compiled-1';
const HEADER = 96;

/**
 * Loads the bundle. `folder` is where compiled code is kept, undefined for none; `use` names the file in it. Gives the
 * bundle's exports, and `keep`, to be called when all that matters has run.
 */
exports.loadBundle = (file, folder, use) => {
  // Pure ASCII, so that Latin-1 reads it right and fastest.
  const source = readFileSync(file, 'latin1');
  const digest = source.slice(3, source.indexOf('\n'));
  const kept = folder && path.join(folder, `${use}-${process.version}-${process.arch}`);
  const cachedData = kept && readKept(kept, digest);
  const script = new vm.Script(source, {
    filename: file,
    cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const isKept = cachedData !== undefined && script.cachedDataRejected === false;
  Error.prepareStackTrace = stackTeller(file);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, requireWhenAsked, module, file, pathToFileURL(file).href);
  const keep = () => {
    if (kept && !isKept) writeKept(kept, digest, script.createCachedData());
  };
  return { exports: module.exports, keep };
};

const whenAsked = new Set(
  'child_process crypto dgram dns fs/promises http module net os perf_hooks timers/promises tls zlib'
    .split(' ')
    .map((name) => `node:${name}`),
);

/**
 * Node's own modules, loaded when something of them is first used: a run uses few. Such a module shows no keys, so a file
 * of the bundle imports it either as a whole or by name (`scripts/bundle.mjs` looks after that).
 */
function requireWhenAsked(name) {
  if (!whenAsked.has(name)) return require(name);
  // A command has nothing else to do while it reads a small file: that spares a module and a thread.
  if (name === 'node:fs/promises')
    return new Proxy(
      {},
      {
        get:
          (_, key) =>
          async (...given) =>
            require('node:fs')[`${String(key)}Sync`](...given),
      },
    );
  let it;
  const load = () => (it ??= require(name));
  return new Proxy({}, { get: (_, key) => load()[key], set: (_, key, value) => Reflect.set(load(), key, value) });
}

/**
 * What is there is run, so nobody else may have written it. V8 itself refuses what another V8 made, or one with other
 * flags; it does not look whether the source is the same or the file whole.
 */
function readKept(kept, digest) {
  let handle;
  try {
    handle = openSync(kept, 'r');
    const { uid, mode } = fstatSync(handle);
    if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return undefined;
    const octets = readFileSync(handle);
    const data = octets.subarray(HEADER);
    return octets.toString('latin1', 0, HEADER) === headerOf(digest, data) ? data : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function writeKept(kept, digest, data) {
  const started = `${kept}.${process.pid}`;
  try {
    mkdirSync(path.dirname(kept), { recursive: true, mode: 0o700 });
    writeFileSync(started, headerOf(digest, data), { mode: 0o600, flag: 'wx' });
    writeFileSync(started, data, { flag: 'a' });
    renameSync(started, kept);
  } catch {
    // A full or read-only disk: the next run compiles again.
  }
}

function headerOf(digest, data) {
  // Loaded here: a start without kept code needs no zlib.
  const { crc32 } = require('node:zlib');
  return `${MARK} ${digest} ${crc32(data).toString(16)}\n`.padEnd(HEADER);
}

/** Stacks name files and lines of the source. The map is read when a stack is looked at. */
function stackTeller(file) {
  let map;
  return (error, calls) => {
    let heading;
    try {
      heading = String(error);
      map ??= new (require('node:module').SourceMap)(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    } catch {
      map ??= { findOrigin: () => ({}) };
    }
    const lines = calls.map((call) => {
      if (call.getFileName() !== file) return `\n    at ${call}`;
      const { fileName, lineNumber, columnNumber } = map.findOrigin(call.getLineNumber(), call.getColumnNumber());
      if (fileName === undefined) return `\n    at ${call}`;
      const where = `${path.resolve(path.dirname(file), fileName)}:${lineNumber}:${columnNumber}`;
      const name = call.getFunctionName();
      return name ? `\n    at ${name} (${where})` : `\n    at ${where}`;
    });
    return `${heading}${lines.join('')}`;
  };
}
