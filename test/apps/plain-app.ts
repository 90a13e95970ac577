import { createServer } from 'node:http';
import { listen, type App, type Place } from './app.ts';

/** What the app saw of one request. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** Name and value by turns, as sent. */
  readonly fields: readonly string[];
  readonly content: string;
}

/** A node:http app on a port or a unix socket that answers every request with what it saw of it, as JSON. */
export async function startPlainApp(place: Place = {}, name = 'plain'): Promise<App> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen: SeenRequest = {
        method: request.method ?? '',
        target: request.url ?? '',
        fields: request.rawHeaders,
        content: Buffer.concat(chunks).toString('latin1'),
      };
      response.writeHead(200, { 'Content-Type': 'application/json', 'X-App': name }).end(JSON.stringify(seen));
    });
  });
  return listen(server, place, () => server.closeAllConnections());
}
