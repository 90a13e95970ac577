// `npm run bench:verify`: how fast certificate chains are judged, beside `openssl verify` (bench/verify.ts).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './setup.mjs';

setUp();
process.chdir(root);
const { main } = await import(pathToFileURL(path.join(root, 'dist', 'bench', 'verify.js')).href);
main();
