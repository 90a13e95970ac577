import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenAsApp, type DemoApp } from './app.ts';
import { allowDemoPage, isDemoOrigin, seenRequest, sendJson } from './seen.ts';
import { acceptWebSocket, refuseUpgrade } from './web-socket.ts';

/** Between two events of `/clock`. */
const TICK_MS = 1000;

/** `api.localhost`: `/clock` streams server-sent events, `/echo` is a WebSocket, the rest tells what was seen. */
export async function startLiveApp(path: string): Promise<DemoApp> {
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    allowDemoPage(request, response);
    if (pathOf(request) === '/clock') {
      streams.add(response);
      response.on('close', () => streams.delete(response));
      streamClock(response);
    } else if (request.method === 'OPTIONS') response.writeHead(204).end();
    else sendJson(response, seenRequest('api', request));
  });
  server.on('upgrade', (request, socket, rest) => {
    // A WebSocket is not bound by CORS: whoever accepts it has to look at Origin (RFC 6455 section 10.2).
    if (pathOf(request) !== '/echo') refuseUpgrade(socket, '404 Not Found');
    else if (!isDemoOrigin(request.headers.origin)) refuseUpgrade(socket, '403 Forbidden');
    else acceptWebSocket(request, socket, rest, (text, send) => send(text));
  });
  const app = await listenAsApp(server, path);
  return {
    target: app.target,
    close() {
      // A stream that ends is whole; one whose connection breaks would be reported as a fault of the app.
      for (const stream of streams) stream.end();
      return app.close();
    },
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function streamClock(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const tick = () => response.write(`data: ${new Date().toISOString()}\n\n`);
  tick();
  const timer = setInterval(tick, TICK_MS);
  response.on('close', () => clearInterval(timer));
}
