/** Small real apps that stand behind the gateway in tests. */
import { createConnection, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** An app that listens on 127.0.0.1 or on a unix socket. */
export interface App {
  /** TCP port; 0 for a unix socket. */
  readonly port: number;
  /** Path of the unix socket; '' for TCP. */
  readonly socketPath: string;
  /** As a configuration names it: `127.0.0.1:8000` or `unix:/tmp/x/app.sock`. */
  readonly target: string;
  /** Ends the app at once, open connections included. */
  close(): Promise<void>;
}

/** Where to listen: by default on a free port. */
export interface Place {
  readonly port?: number;
  readonly socketPath?: string;
}

/** A path for a unix socket in a folder of its own (the kernel allows 107 octets, so it is short). */
export function freeSocketPath(): { socketPath: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'menshen-app-'));
  return {
    socketPath: path.join(folder, 'app.sock'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Where connections to `app` go, as `net.connect` and `http.request` take it. */
export function placeOf(app: Pick<App, 'port' | 'socketPath'>): { port: number; host: string } | { path: string } {
  return app.socketPath === '' ? { port: app.port, host: '127.0.0.1' } : { path: app.socketPath };
}

/** Makes `server` listen at `place`; `closeAll` ends what `server.close` would wait for. */
export async function listen(server: Server, place: Place, closeAll: () => void): Promise<App> {
  const options: ListenOptions =
    place.socketPath === undefined ? { port: place.port ?? 0, host: '127.0.0.1' } : { path: place.socketPath };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, resolve);
  });
  const port = place.socketPath === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    ...describePlace(port, place.socketPath ?? ''),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      closeAll();
      await closed;
    },
  };
}

export function describePlace(port: number, socketPath: string): Pick<App, 'port' | 'socketPath' | 'target'> {
  return { port, socketPath, target: socketPath === '' ? `127.0.0.1:${port}` : `unix:${socketPath}` };
}

/** Whether somebody accepts connections there now. */
export function accepts(app: Pick<App, 'port' | 'socketPath'>): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(placeOf(app));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
