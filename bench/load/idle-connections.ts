/**
 * A load process that opens connections, sends one verified request on each, and keeps them open and idle.
 * Lines: after a few first connections (so that the peer has loaded what it needs) it writes `ready`, waits for `go`,
 * opens `count`, writes `open`, and lives until it is ended.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { askOnce, failWithMessage } from './connection.ts';

export interface IdleOptions {
  readonly port: number;
  readonly serverName: string;
  readonly certFile: string;
  readonly count: number;
}

failWithMessage();

const FIRST = 50;
const AT_A_TIME = 16;

const { port, serverName, certFile, count } = JSON.parse(process.argv[2] ?? '{}') as IdleOptions;
const secureContext = createSecureContext({ ca: readFileSync(certFile), ecdhCurve: 'X25519' });
const held: TLSSocket[] = [];
let left = 0;

async function openSome(): Promise<void> {
  while (left > 0) {
    left -= 1;
    const { socket } = await askOnce({ port, serverName, secureContext, session: undefined, close: false });
    socket.on('close', () => {
      process.stderr.write('the peer closed an idle connection\n');
      process.exit(1);
    });
    held.push(socket);
  }
}

for (let index = 0; index < FIRST; index += 1) {
  await askOnce({ port, serverName, secureContext, session: undefined, close: true });
}
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  left = count;
  void Promise.all(Array.from({ length: AT_A_TIME }, openSome)).then(() => process.stdout.write('open\n'));
});
