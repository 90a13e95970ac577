// npm runs this after an install from git or a folder: builds dist so that `npx menshen` works.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { bundle, compile, root } from './setup.mjs';

if (existsSync(path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'))) {
  compile();
  bundle();
}
