// Everything that a clean clone needs before it can run: dependencies and a build. Node built-ins only.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';

/** Runs a command in the project folder; on failure prints what it said and exits with its status. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: windows, ...options });
  if (result.error || result.status !== 0) {
    if (options.stdio && result.stdout) process.stderr.write(result.stdout.toString());
    if (options.stdio && result.stderr) process.stderr.write(result.stderr.toString());
    const why = result.error ? result.error.message : `exit status ${result.status ?? result.signal}`;
    console.error(`menshen: \`${command} ${args.join(' ')}\` failed: ${why}`);
    process.exit(result.status || 1);
  }
  return result;
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `menshen needs Node 20.19 or newer; this is ${process.versions.node}. Install a current Node and run this again.`,
  );
  process.exit(1);
}

/** Installs dependencies when the lock file has changed since the last install. */
function installDependencies() {
  const stamp = path.join(root, 'node_modules', '.menshen-lock');
  const hash = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  if (lstatSync(path.dirname(stamp), { throwIfNoEntry: false })?.isSymbolicLink()) {
    // npm would empty the folder that the link leads to, which is another checkout's.
    console.error('menshen: node_modules is a link, and not of this lock file: dependencies are left as they are');
    return;
  }
  console.error('menshen: installing dependencies (npm ci) …');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: 'pipe' });
  writeFileSync(stamp, hash);
}

function newest(folder) {
  let latest = 0;
  if (!existsSync(folder)) return latest;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile())
      latest = Math.max(latest, statSync(path.join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return latest;
}

const changedAt = (...names) => statSync(path.join(root, ...names), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Compiles src, test and bench into dist when a source is newer than the last build, and bundles what is newer still. */
function build() {
  const sources = ['src', 'test', 'bench'].map((folder) => newest(path.join(root, folder)));
  if (changedAt('dist', '.built') < Math.max(...sources, changedAt('tsconfig.json'))) {
    console.error('menshen: building (tsc) …');
    compile();
    writeFileSync(path.join(root, 'dist', '.built'), '');
  }
  const parts = [changedAt('dist', 'src', 'cli', 'main.js'), changedAt('scripts', 'bundle.mjs')];
  if (changedAt('dist', 'bundle', 'menshen.cjs') < Math.max(...parts)) bundle();
}

export function compile() {
  run(process.execPath, [path.join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
}

export function bundle() {
  run(process.execPath, [path.join('scripts', 'bundle.mjs')]);
}

export function setUp() {
  requireNode();
  installDependencies();
  build();
}
