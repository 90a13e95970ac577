// npm runs this after an install from git or a folder: builds dist so that `npx menshen` works.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './setup.mjs';

const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (existsSync(tsc)) run(process.execPath, [tsc, '-p', 'tsconfig.json']);
