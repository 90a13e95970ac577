/**
 * Started by inherited.test.ts with sockets handed over. Answers every connection with the role of its listener and ends
 * after as many as the first argument says; tells what it saw as one line of JSON.
 */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { listenInherited, takeInheritedSockets } from '../../../src/gateway/listen/inherited.ts';
import { tellFinding } from '../../../src/story/finding.ts';

const [, , expected = '0', httpsPort = '0', httpPort = '0'] = process.argv;
const sockets = takeInheritedSockets(process.env, process.pid);
const result = await listenInherited(sockets, () => createServer(), {
  https: Number(httpsPort),
  http: Number(httpPort),
});
if (!result.ok) {
  console.log(JSON.stringify({ code: result.finding.code, cause: tellFinding(result.finding, 'en').cause }));
  process.exit(0);
}
let served = 0;
for (const { server, role } of result.listeners) {
  server.on('connection', (socket) => {
    socket.resume().end(role);
    served += 1;
    if (served === Number(expected)) for (const listener of result.listeners) listener.server.close();
  });
}
const inner = spawnSync('/bin/sh', ['-c', 'ls -l /proc/self/fd; env'], { encoding: 'utf8' }).stdout;
console.log(
  JSON.stringify({
    names: sockets.map(({ name }) => name),
    roles: result.listeners.map(({ role }) => role),
    ports: result.listeners.map(({ port }) => port),
    leaksDescriptor: /socket:/.test(
      inner
        .split('\n')
        .filter((line) => / [3-9] -> /.test(line))
        .join('\n'),
    ),
    leaksVariable: /LISTEN_/.test(inner),
  }),
);
