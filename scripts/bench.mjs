// `npm run bench [-- OPTIONS]`: sets up what is missing, then measures the gateway beside other proxies (bench/main.ts).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './setup.mjs';
import { providePeers } from './peers.mjs';

setUp();
providePeers({ bench: true });
process.chdir(root);
const { main } = await import(pathToFileURL(path.join(root, 'dist', 'bench', 'main.js')).href);
process.exit(await main(process.argv.slice(2)));
