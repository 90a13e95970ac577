import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { allowDemoPage, seenRequest, sendJson } from './seen.ts';

/** An app of the demo while it runs. */
export interface DemoApp {
  /** As a configuration names it: `127.0.0.1:40123`, `unix:/tmp/…/api.sock`. */
  readonly target: string;
  close(): Promise<void>;
}

/** Makes `server` listen on a free port of 127.0.0.1, or on the socket `path` where one is given. */
export async function listenAsApp(server: Server, path = ''): Promise<DemoApp> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path === '' ? { port: 0, host: '127.0.0.1' } : { path }, resolve);
  });
  return {
    target: path === '' ? `127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${path}`,
    async close() {
      // A server that is closed already says so to the callback: closing twice is nothing.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Upgraded connections too, which closeAllConnections leaves.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** `app.localhost`: says what it saw of each request, as a person or the demo page asks. */
export const helloListener: RequestListener = (request, response) => {
  allowDemoPage(request, response);
  if (request.method === 'OPTIONS') response.writeHead(204).end();
  else sendJson(response, seenRequest('app', request));
};

export function startHelloApp(): Promise<DemoApp> {
  return listenAsApp(createServer(helloListener));
}
