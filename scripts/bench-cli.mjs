// `npm run bench:cli`: start-up of the command line, and `menshen trace` beside curl (bench/cli.ts).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './setup.mjs';

setUp();
process.chdir(root);
const { main } = await import(pathToFileURL(path.join(root, 'dist', 'bench', 'cli.js')).href);
process.exitCode = await main();
