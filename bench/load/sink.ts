/**
 * The app that uploads end at, a process of its own: `node sink.js PORT`. It reads a request's content to its end before
 * it answers: `/up/LENGTH` with 200 when the content had that length, else with 400; `/digest` with the content's SHA-256.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const HOUR_MS = 3_600_000;

const server = createServer({ keepAliveTimeout: HOUR_MS, requestTimeout: 0 }, (request, response) => {
  const digest = request.url === '/digest' ? createHash('sha256') : undefined;
  let octets = 0;
  request.on('data', (chunk: Buffer) => {
    octets += chunk.length;
    digest?.update(chunk);
  });
  request.on('end', () => {
    const right = digest !== undefined || request.url === `/up/${octets}`;
    const text = digest?.digest('hex') ?? (right ? 'received\n' : `${octets} octets\n`);
    response.writeHead(right ? 200 : 400, { 'Content-Type': 'text/plain', 'Content-Length': text.length });
    response.end(text);
  });
  request.on('error', () => {
    // The peer broke the upload off; its client sees that.
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
