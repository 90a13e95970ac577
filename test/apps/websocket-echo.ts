import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { listen, type App, type Place } from './app.ts';

export interface WebSocketEcho extends App {
  /** Requests that asked for an upgrade, oldest first. */
  readonly upgrades: readonly IncomingMessage[];
  /** Connections open now. */
  readonly open: number;
}

/**
 * A WebSocket app with the `ws` library, behaviour by path:
 * - `/echo` sends every message back (subprotocol `echo` is accepted where offered);
 * - `/greet` sends `hello` in the same write as the 101;
 * - `/push?count=N&size=B` sends N binary messages of B octets as fast as they are taken, then closes with 1000;
 * - `/close?code=C` closes at once with code C;
 * - `/refuse` answers 403 instead of 101;
 * anything without an upgrade gets 426.
 */
export async function startWebSocketEcho(place: Place = {}, perMessageDeflate = false): Promise<WebSocketEcho> {
  const upgrades: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const endpoint = new WebSocketServer({
    noServer: true,
    perMessageDeflate,
    maxPayload: 256 * 1024 * 1024,
    handleProtocols: (offered) => (offered.has('echo') ? 'echo' : false),
  });
  const server = createServer((_, response) => {
    response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade' }).end('WebSocket only\n');
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, rest) => {
    upgrades.push(request);
    const url = new URL(request.url ?? '/', 'http://app');
    if (url.pathname === '/refuse') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n');
      return;
    }
    // Corked: the 101 and what is sent at once leave in one segment, glued together.
    socket.cork();
    endpoint.handleUpgrade(request, socket, rest, (webSocket) => behave(webSocket, url));
    process.nextTick(() => socket.uncork());
  });
  const app = await listen(server, place, () => {
    for (const socket of sockets) socket.destroy();
  });
  return {
    ...app,
    upgrades,
    get open() {
      return endpoint.clients.size;
    },
  };
}

function behave(webSocket: WebSocket, url: URL): void {
  webSocket.on('error', () => webSocket.terminate());
  switch (url.pathname) {
    case '/greet':
      webSocket.send('hello');
      break;
    case '/push':
      push(webSocket, Number(url.searchParams.get('count')), Buffer.alloc(Number(url.searchParams.get('size')), 'm'));
      return;
    case '/close':
      webSocket.close(Number(url.searchParams.get('code')));
      return;
    default:
  }
  webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
}

function push(webSocket: WebSocket, left: number, message: Buffer): void {
  if (left === 0) webSocket.close(1000);
  else webSocket.send(message, (error) => (error ? webSocket.terminate() : push(webSocket, left - 1, message)));
}
