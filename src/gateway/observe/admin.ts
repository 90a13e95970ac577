/**
 * The admin listener: metrics, status and health over plain HTTP, for this machine only.
 *
 *     GET /metrics   Prometheus' text format
 *     GET /status    JSON: version, uptime, sites, upstreams, certificates, connections
 *     GET /healthz   200 while requests are served, 503 before and while draining
 *
 * It answers without a password. So it binds loopback addresses only, and answers only requests whose Host names
 * loopback: a web page that points a name of its own at 127.0.0.1 (DNS rebinding) gets nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BlockList, isIP, type AddressInfo } from 'node:net';
import { finding, type Finding } from '../../story/finding.ts';
import type { Metrics } from './metrics.ts';

/** What `/status` shows. Plain data; times in ISO form. */
export interface GatewayStatus {
  readonly version: string;
  readonly state: 'starting' | 'ready' | 'draining';
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly configGeneration: number;
  readonly addresses: readonly string[];
  readonly connections: { readonly open: number };
  readonly sites: readonly SiteStatus[];
  /** Absent where one process does it all. */
  readonly workers?: readonly WorkerStatus[];
}

/** One of the processes that serve, where there are several. */
export interface WorkerStatus {
  readonly pid: number;
  readonly state: 'starting' | 'ready' | 'draining';
  readonly startedAt: string;
  /** Version of the gateway that it runs; after an upgrade another than its supervisor's. */
  readonly version: string;
  readonly connections: number;
}

export interface SiteStatus {
  readonly name: string;
  /** Labels of the apps. */
  readonly upstreams: readonly string[];
  readonly certificates: readonly CertificateStatus[];
}

export interface CertificateStatus {
  readonly names: readonly string[];
  /** 'ecdsa' or 'rsa'. */
  readonly keyType: string;
  readonly issuer: string;
  readonly notAfter: string;
  readonly daysLeft: number;
}

export interface AdminOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  readonly metrics: Pick<Metrics, 'contentType' | 'expose'>;
  readonly status: () => GatewayStatus;
  /** Brings what `status` tells up to date, where it comes from other processes. */
  readonly refresh?: () => Promise<void>;
}

export interface AdminListener {
  /** `http://127.0.0.1:9090`. */
  readonly address: string;
  /** Ends it and its connections. */
  close(): Promise<void>;
}

const REQUEST_MS = 5000;
const CONNECTIONS = 32;
/** Requests here have a few fields from a scraper; a browser's cookies for localhost may come along. */
const HEAD_BYTES = 16 * 1024;

/** Starts listening; a finding where it cannot. */
export async function listenAdmin(options: AdminOptions): Promise<AdminListener | Finding> {
  const { port, host = '127.0.0.1' } = options;
  if (!isLoopback(host)) return finding('admin-not-loopback', { host });
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: HEAD_BYTES, keepAliveTimeout: REQUEST_MS },
    (request, response) => {
      answer(request, response, options).catch(() => response.destroy());
    },
  );
  server.maxConnections = CONNECTIONS;
  const failure = await listen(server, port, host);
  if (failure === undefined) return listener(server);
  if (failure.code === 'EADDRINUSE') return finding('admin-port-taken', { host, port });
  return finding('admin-cannot-listen', { host, port, reason: failure.message });
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Literals only: what a name resolves to is not ours to know. */
function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function listen(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => {
      server.off('error', resolve);
      // Errors of accepting (no descriptors left) must not end the gateway; the next connection may work again.
      server.on('error', () => undefined);
      resolve(undefined);
    });
  });
}

function listener(server: Server): AdminListener {
  const { address, port, family } = server.address() as AddressInfo;
  return {
    address: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Literals of loopback addresses cannot be pointed elsewhere; of names, only `localhost` is safe (RFC 6761 section 6.3). */
const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

async function answer(request: IncomingMessage, response: ServerResponse, options: AdminOptions): Promise<void> {
  if (!LOCAL_HOST.test(request.headers.host ?? '')) {
    send(response, 421, 'text/plain', 'This listener answers to localhost, 127.0.0.1 and [::1] only.\n');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    send(response, 405, 'text/plain', 'Only GET and HEAD are answered here.\n');
    return;
  }
  switch ((request.url ?? '').split('?', 1)[0] ?? '') {
    case '/metrics':
      send(response, 200, options.metrics.contentType, await options.metrics.expose());
      return;
    case '/status':
      await options.refresh?.();
      send(response, 200, 'application/json', `${JSON.stringify(options.status(), null, 2)}\n`);
      return;
    case '/healthz': {
      const { state } = options.status();
      send(response, state === 'ready' ? 200 : 503, 'text/plain', `${state}\n`);
      return;
    }
    default:
      send(response, 404, 'text/plain', 'Here are /metrics, /status and /healthz.\n');
  }
}

/** node:http leaves the content out for HEAD by itself. */
function send(response: ServerResponse, status: number, contentType: string, content: string): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(content),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(content);
}
