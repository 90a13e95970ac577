/**
 * What a TypeScript programmer would write without a gateway at hand: a reverse proxy of Node's own TLS and HTTP/2 server
 * (HTTP/1.1 beside it) and undici, with X-Forwarded-* and an access log by pino (buffered). It is a peer of the benchmark and nothing else:
 * no routes, no limits, no timeouts of its own.
 *
 * `node node-proxy.js '{"port":8443,"backendPort":3000,"certFile":…,"keyFile":…,"logFile":…,"workers":1}'`
 */
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { pino } from 'pino';
import { Pool } from 'undici';

export interface NodeProxyOptions {
  readonly port: number;
  readonly backendPort: number;
  readonly certFile: string;
  readonly keyFile: string;
  readonly logFile: string;
  readonly workers: number;
}

/** Field names that concern one connection only (RFC 9110 section 7.6.1), and what is set anew. */
const ownFields = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
]);

function withoutOwnFields(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':') && !ownFields.has(name)) kept[name] = value;
  }
  return kept;
}

function serve(options: NodeProxyOptions): void {
  const { port, backendPort, certFile, keyFile, logFile } = options;
  const pool = new Pool(`http://127.0.0.1:${backendPort}`);
  const log = pino({}, pino.destination({ dest: logFile, sync: false, minLength: 4096 }));

  async function forward(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    const { method, url } = request;
    const address = request.socket.remoteAddress ?? '-';
    const authority = request.headers[':authority'] ?? request.headers.host ?? '';
    const forwarded = { 'x-forwarded-for': address, 'x-forwarded-proto': 'https', 'x-forwarded-host': authority };
    let status = 502;
    let octets = 0;
    try {
      await pool.stream(
        {
          method,
          path: url,
          headers: { ...withoutOwnFields(request.headers), host: authority, ...forwarded },
          body: method === 'GET' || method === 'HEAD' ? null : request,
        },
        ({ statusCode, headers }) => {
          status = statusCode;
          octets = Number(headers['content-length'] ?? 0);
          return response.writeHead(statusCode, withoutOwnFields(headers));
        },
      );
    } catch (error) {
      if (response.headersSent) response.stream?.destroy();
      else response.writeHead(502).end(`${(error as Error).message}\n`);
    }
    const { referer, 'user-agent': agent } = request.headers;
    log.info({ address, method, url, protocol: request.httpVersion, status, octets, referer, agent });
  }

  const server = createSecureServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile), allowHTTP1: true },
    (request, response) => void forward(request, response),
  );
  // HTTP/1.1 connections may idle as long as with the other peers.
  Object.assign(server, { keepAliveTimeout: 300_000 });
  server.listen(port, '127.0.0.1');
}

const options = JSON.parse(process.argv[2] ?? '{}') as NodeProxyOptions;
if (options.workers > 1 && cluster.isPrimary) {
  for (let worker = 0; worker < options.workers; worker += 1) cluster.fork();
  process.once('SIGTERM', () => process.exit(0));
} else {
  serve(options);
}
