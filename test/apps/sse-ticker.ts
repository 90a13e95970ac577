import { createServer } from 'node:http';
import { listen, type App, type Place } from './app.ts';

export interface SseTicker extends App {
  /** Streams open now: falls when the app learns that a client has gone. */
  readonly open: number;
}

/**
 * Server-sent events: `/events?every=MS&count=N` sends event 1 at once and one more every MS milliseconds, N in all or
 * without end. `/silent` sends the head alone and then nothing.
 */
export async function startSseTicker(place: Place = {}): Promise<SseTicker> {
  let open = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://app');
    open += 1;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    let timer: NodeJS.Timeout | undefined;
    response.on('close', () => {
      open -= 1;
      clearInterval(timer);
    });
    if (url.pathname === '/silent') return;
    const count = Number(url.searchParams.get('count') ?? Infinity);
    let number = 0;
    const tick = () => {
      number += 1;
      response.write(`id: ${number}\ndata: tick ${number}\n\n`);
      if (number >= count) response.end();
    };
    tick();
    if (number < count) timer = setInterval(tick, Number(url.searchParams.get('every') ?? 50));
  });
  const app = await listen(server, place, () => server.closeAllConnections());
  return {
    ...app,
    get open() {
      return open;
    },
  };
}
