// `npm start`: sets up what is missing, then runs the demo (or `menshen serve` with the arguments given after `--`).
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root, setUp } from './setup.mjs';

setUp();
const args = process.argv.length > 2 ? process.argv.slice(2) : ['demo'];
const child = spawn(process.execPath, [path.join(root, 'bin', 'menshen.js'), ...args], { stdio: 'inherit' });
// Ctrl-C reaches the whole process group: the child ends by itself, and this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
