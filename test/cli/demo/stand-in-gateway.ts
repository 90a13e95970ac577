/**
 * As much of a gateway as the demo's tests need to hold its apps and page apart from the real one: TLS with the local CA,
 * routing by Host, files, forwarding with X-Forwarded-For replaced, upgrades.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { request as sendRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ServedGateway } from '../../../src/cli/commands/serve.ts';
import type { Config, SiteConfig } from '../../../src/config/config.ts';
import { openLocalCa } from '../../../src/pki/local-ca.ts';
import { openFolder } from '../../../src/store/folder.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

export async function createStandInGateway(config: Config): Promise<ServedGateway> {
  const folder = await openFolder(config.stateFolder);
  const names = config.sites.map(({ name }) => name);
  const ca = await openLocalCa({ folder, clock: Date.now, random: randomBytes, machine: 'test' }, names);
  const contexts = new Map(
    await Promise.all(
      names.map(async (name) => {
        const { certPem, keyPem } = await ca.issue(name);
        return [name, createSecureContext({ cert: certPem, key: keyPem })] as const;
      }),
    ),
  );
  const server = createServer({ SNICallback: (name, done) => done(null, contexts.get(name)) });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => {
    const site = siteOf(config, request);
    const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
    const file = site?.root === undefined ? '' : path.join(site.root.folder, path.basename(name));
    if (file !== '' && existsSync(file)) {
      response.writeHead(200, { 'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
      createReadStream(file).pipe(response);
      return;
    }
    const asked = sendRequest({
      ...placeOf(site),
      method: request.method,
      path: request.url,
      headers: fields(request),
    });
    asked.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    response.on('close', () => asked.destroy());
    request.pipe(asked);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, rest: Buffer) => {
    const place = placeOf(siteOf(config, request));
    const app = connect('socketPath' in place ? { path: place.socketPath } : place, () => {
      const lines = Object.entries(fields(request)).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      app.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
      app.write(rest);
      socket.pipe(app).pipe(socket);
    });
    for (const end of [app, socket]) end.on('error', () => end.destroy());
    socket.on('close', () => app.destroy());
  });
  return {
    async start() {
      await new Promise<void>((resolve) => server.listen(config.httpsPort, '127.0.0.1', resolve));
    },
    reload: () => Promise.resolve([]),
    async drain() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function siteOf(config: Config, request: IncomingMessage): SiteConfig | undefined {
  return config.sites.find(({ name }) => name === request.headers.host?.split(':')[0]);
}

function placeOf(site: SiteConfig | undefined): { host: string; port: number } | { socketPath: string } {
  const [address] = site?.upstreams ?? [];
  if (address === undefined) throw new Error('no app');
  return address.socketPath === '' ? { host: address.host, port: address.port } : { socketPath: address.socketPath };
}

function fields(request: IncomingMessage): OutgoingHttpHeaders {
  const own = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' };
  return { ...request.headers, ...own, 'x-forwarded-host': request.headers.host };
}
