// `npm run check`: what CI checks besides the tests: types, lint with import directions, formatting.
import path from 'node:path';
import { root, run, setUp } from './setup.mjs';

setUp();
const bin = (name, file = name) => path.join(root, 'node_modules', name, 'bin', file);
run(process.execPath, [bin('typescript', 'tsc'), '-p', 'tsconfig.json', '--noEmit']);
run(process.execPath, [bin('oxlint'), '--type-aware', '--deny-warnings']);
run(process.execPath, [bin('oxfmt'), '--check', '.']);
console.log('types, lint, import directions and formatting: in order');
