// Makes dist/bundle/menshen.cjs of the build: what trace, verify, dns and help need, in one file, since finding and
// reading some 300 modules takes longer than all the work of a trace. bin/menshen.js runs it where it is no older than
// the build; every other command runs the build itself. Beside it: its source map, and the licences of what is inside.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './setup.mjs';

const folder = path.join(root, 'dist', 'bundle');
const outfile = path.join(folder, 'menshen.cjs');
/** Commands that never run from the bundle: what they load when they run stays outside. */
const unbundled = /[\\/]cli[\\/]commands[\\/](?:serve|check|certs|upgrade|trust|untrust|demo)\.js$/;

/** How many findings are laid out together. */
const CODES_IN_A_PARCEL = 8;
let findings = Buffer.alloc(0);
/** A bundle finds the findings that were made with it. */
const nameOf = (octets) => `findings-${createHash('sha256').update(octets).digest('hex').slice(0, 16)}.json`;

const result = await build({
  absWorkingDir: root,
  entryPoints: ['dist/src/cli/main.js'],
  outfile,
  write: false,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // ASCII alone: read as Latin-1, and kept by V8 with an octet a character.
  charset: 'ascii',
  minifyWhitespace: true,
  minifySyntax: true,
  // Node shows the line that threw.
  lineLimit: 160,
  sourcemap: 'external',
  sourcesContent: false,
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'import.meta.url': '__url' },
  // bin/bundle.js calls this function. The first line is replaced by a digest, which tells one bundle from another.
  banner: { js: `//\n(function(exports,require,module,__filename,__url){` },
  footer: { js: '})' },
  plugins: [
    {
      // The list of public suffixes takes longer to lay out than a trace has work; few certificates make anybody ask. It
      // stays in its package.
      name: 'public-suffixes-when-asked',
      setup: (bundler) => {
        bundler.onResolve({ filter: /^tldts$/ }, ({ namespace }) =>
          namespace === 'when-asked' ? { path: 'tldts', external: true } : { path: 'tldts', namespace: 'when-asked' },
        );
        bundler.onLoad({ filter: /./, namespace: 'when-asked' }, () => ({
          contents: `export const parse = (...given) => require('tldts').parse(...given);`,
          resolveDir: root,
        }));
      },
    },
    {
      // Every finding in two languages is much to lay out, and a run tells few: they lie in a file of their own, in
      // parcels that are read when a code in them is asked for.
      name: 'findings-when-asked',
      setup: (bundler) =>
        bundler.onLoad({ filter: /[\\/]story[\\/]catalog[\\/]index\.js$/ }, async ({ path: file }) => {
          const { catalog } = await import(pathToFileURL(file).href);
          const codes = Object.keys(catalog);
          const parcels = [];
          while (codes.length > 0) {
            const some = codes.splice(0, CODES_IN_A_PARCEL);
            const octets = Buffer.from(JSON.stringify(Object.fromEntries(some.map((code) => [code, catalog[code]]))));
            parcels.push([` ${some.join(' ')} `, findings.length, octets.length]);
            findings = Buffer.concat([findings, octets]);
          }
          return {
            contents: `import { closeSync, openSync, readSync } from 'node:fs';
const parcels = ${JSON.stringify(parcels)};
const known = Object.create(null);
function find(_, code) {
  if (known[code] === undefined && typeof code === 'string' && !code.includes(' '))
    for (const [codes, offset, length] of parcels) if (codes.includes(' ' + code + ' ')) read(offset, length);
  return known[code];
}
function read(offset, length) {
  const octets = Buffer.alloc(length);
  const file = openSync(new URL('${nameOf(findings)}', import.meta.url), 'r');
  readSync(file, octets, 0, length, offset);
  closeSync(file);
  Object.assign(known, JSON.parse(octets.toString()));
}
export const catalog = new Proxy(Object.create(null), {
  get: find,
  getOwnPropertyDescriptor: (_, code) => find(_, code) && { value: known[code], enumerable: true, configurable: true },
});`,
            resolveDir: root,
          };
        }),
    },
    {
      name: 'unbundled-commands',
      setup: (bundler) =>
        bundler.onResolve({ filter: /^\./ }, ({ kind, importer, path: wanted, resolveDir }) => {
          if (kind !== 'dynamic-import' || !unbundled.test(importer)) return undefined;
          const outside = path.relative(folder, path.resolve(resolveDir, wanted)).replaceAll('\\', '/');
          return { path: outside, external: true };
        }),
    },
  ],
});

// bin/bundle.js hands out modules of Node that show no keys (see there): imported in both ways at once, they would lack some.
for (const file of Object.keys(result.metafile.inputs).filter((one) => one.startsWith('dist/')))
  if (/^import (?:\w+, \{|\* as).* from 'node:/m.test(readFileSync(path.join(root, file), 'utf8')))
    throw new Error(`${file} imports a module of Node as a whole and by name`);

const [map, code] = ['.map', '.cjs'].map((end) => result.outputFiles.find((file) => file.path.endsWith(end)));
const digest = createHash('sha256').update(code.contents).digest('hex');
mkdirSync(folder, { recursive: true });
put('LICENSES.txt', licences(Object.keys(result.metafile.inputs)));
put('menshen.cjs.map', map.text);
put(nameOf(findings), findings);
put('menshen.cjs', code.text.replace(/^\/\/\n/, `// ${digest}\n`));

for (const old of readdirSync(folder))
  if (old.startsWith('findings-') && old !== nameOf(findings)) rmSync(path.join(folder, old));

/** A gateway or a test may be reading the file: it finds the old one or the new one. */
function put(name, text) {
  const file = path.join(folder, name);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** The licence text of every package that is inside. */
function licences(inputs) {
  const marked = inputs.filter((file) => file.includes('node_modules/'));
  const packages = new Set(marked.map((file) => file.replace(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/.*$/, '$1')));
  const texts = Array.from(packages, (name) => {
    const where = path.join(root, name);
    const { name: title, version, license } = JSON.parse(readFileSync(path.join(where, 'package.json'), 'utf8'));
    const file = readdirSync(where).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${title} carries no licence text`);
    return `${title} ${version} (${license})\n\n${readFileSync(path.join(where, file), 'utf8').trim()}\n`;
  });
  return `menshen.cjs holds code of these packages.\n\n${texts.join(`\n${'-'.repeat(40)}\n\n`)}`;
}
