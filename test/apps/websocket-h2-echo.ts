/** A WebSocket app that speaks HTTP/2 (RFC 8441): `node:http2` carries it, the `ws` library speaks on the streams. */
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type Http2Server,
  type Http2Session,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2';
import { WebSocket } from 'ws';
import type { Duplex } from 'node:stream';
import { listen, type App } from './app.ts';

export interface H2WebSocketEcho extends App {
  /** Extended CONNECTs that have come, oldest first. */
  readonly streams: readonly ServerHttp2Stream[];
  /** HTTP/2 connections that have come. */
  readonly connections: number;
  /** Other requests, as `2.0 GET /x`. */
  readonly requests: readonly string[];
}

/** What `ws` does with a socket once the handshake is done, which its types leave out. */
interface Speaker extends WebSocket {
  setSocket(socket: Duplex, head: Buffer, options: object): void;
  _isServer: boolean;
}
const newSpeaker = WebSocket as unknown as new (address: null, protocols: undefined, options: object) => Speaker;

/** Speaks WebSocket on a stream whose handshake is done. */
export function speakWebSocket(stream: Duplex, side: 'server' | 'client'): WebSocket {
  const speaker = new newSpeaker(null, undefined, { autoPong: true, closeTimeout: 30_000 });
  // A client masks what it sends (RFC 6455 section 5.3).
  speaker._isServer = side === 'server';
  speaker.setSocket(stream, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 256 * 1024 * 1024 });
  return speaker;
}

/**
 * `/echo` sends every message back, and takes the next one when that has been written; `/refuse` answers 403; other
 * requests get 200. With `tls` (certificate and key) it speaks TLS; without, h2c. `offers` is what its SETTINGS say.
 */
export async function startH2WebSocketEcho(tls?: SecureServerOptions, offers = true): Promise<H2WebSocketEcho> {
  const streams: ServerHttp2Stream[] = [];
  const requests: string[] = [];
  const sessions = new Set<Http2Session>();
  let connections = 0;
  const settings = { enableConnectProtocol: offers };
  const server: Http2Server = tls === undefined ? createServer({ settings }) : createSecureServer({ ...tls, settings });
  server.on('session', (session) => {
    connections += 1;
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {});
    if (headers[':method'] !== 'CONNECT') {
      requests.push(`2.0 ${headers[':method']} ${headers[':path']}`);
      stream.respond({ ':status': 200 });
      stream.end('fine\n');
      return;
    }
    streams.push(stream);
    if (headers[':path'] === '/refuse') {
      stream.respond({ ':status': 403 });
      stream.end('no\n');
      return;
    }
    const protocol = headers['sec-websocket-protocol'];
    stream.respond({ ':status': 200, ...(protocol === undefined ? {} : { 'sec-websocket-protocol': protocol }) });
    const webSocket = speakWebSocket(stream, 'server');
    webSocket.on('error', () => {});
    webSocket.on('message', (content, isBinary) => {
      webSocket.pause();
      webSocket.send(content, { binary: isBinary }, () => webSocket.resume());
    });
  });
  const app = await listen(server, {}, () => {
    for (const session of sessions) session.destroy();
  });
  return {
    ...app,
    streams,
    requests,
    get connections() {
      return connections;
    },
  };
}
