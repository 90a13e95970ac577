import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, type App, type Place } from './app.ts';
import { behaviours, type Action, type Step } from './hostile-behaviours.ts';

export { behaviours } from './hostile-behaviours.ts';

/** What the app got on one connection. */
export interface HostileConnection {
  /** Every octet received, as Latin-1. */
  received: string;
  /** Targets of the requests, in order. */
  readonly targets: string[];
  closed: boolean;
}

export interface HostileApp extends App {
  /** Connections in the order in which they came, closed ones included. */
  readonly connections: readonly HostileConnection[];
}

/** A raw TCP app that misbehaves as its path says; see `hostile-behaviours.ts`. An unknown path is answered with 404. */
export async function startHostileApp(place: Place = {}): Promise<HostileApp> {
  const connections: HostileConnection[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection: HostileConnection = { received: '', targets: [], closed: false };
    connections.push(connection);
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('end', () => {
      if (!socket.writableEnded) socket.end();
    });
    socket.on('close', () => {
      connection.closed = true;
      sockets.delete(socket);
    });
    void converse(socket, connection);
  });
  const app = await listen(server, place, () => {
    for (const socket of sockets) socket.destroy();
  });
  return { ...app, connections };
}

/** Reads heads and plays the steps of each, until the connection is over. */
async function converse(socket: Socket, connection: HostileConnection): Promise<void> {
  const input = new Input(socket, connection);
  for (;;) {
    const head = await input.through('\r\n\r\n');
    if (head === undefined) return;
    const target = head.split(' ')[1] ?? '';
    connection.targets.push(target);
    const steps = behaviours[target.split('?')[0] ?? '']?.steps ?? [
      'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
    ];
    let contentRead = false;
    for (const step of steps) {
      if (typeof step === 'object' && 'action' in step && step.action === 'read-content') contentRead = true;
      if (socket.destroyed || !(await play(step, head, socket, input))) return;
    }
    if (!contentRead) await input.content(head);
  }
}

/** Plays one step; false when it was the last of the connection. */
async function play(step: Step, head: string, socket: Socket, input: Input): Promise<boolean> {
  if (typeof step === 'string') await write(socket, step);
  else if ('action' in step) return act(step.action, head, socket, input);
  else if ('wait' in step) await sleep(step.wait);
  else if ('drip' in step) {
    for (const octet of step.drip) {
      await write(socket, octet);
      await sleep(1);
    }
  } else for (let times = 0; times < step.times && !socket.destroyed; times += 1) await write(socket, step.repeat);
  return true;
}

async function act(action: Action, head: string, socket: Socket, input: Input): Promise<boolean> {
  switch (action) {
    case 'close':
      // Not `destroy`: closing with unread input would reset, and the peer could lose what was sent before.
      socket.end();
      socket.resume();
      return false;
    case 'reset':
      socket.resetAndDestroy();
      return false;
    case 'half-close':
      socket.end();
      return true;
    case 'stop-reading':
      input.stop();
      return false;
    case 'read-content':
      await input.content(head);
      return true;
    case 'stay':
      return false;
    default:
      throw new Error(`unknown action ${String(action satisfies never)}`);
  }
}

/** Settles when the octets are handed over or the socket is gone. */
function write(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.writableEnded) resolve();
    else {
      socket.once('close', resolve);
      socket.write(text, 'latin1', () => {
        socket.off('close', resolve);
        resolve();
      });
    }
  });
}

/** The octets that come in, taken out in pieces. */
class Input {
  readonly #socket: Socket;
  #buffer = '';
  #over = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, connection: HostileConnection) {
    this.#socket = socket;
    const over = () => {
      this.#over = true;
      this.#wake();
    };
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      connection.received += text;
      this.#buffer += text;
      this.#wake();
    });
    socket.on('end', over);
    socket.on('close', over);
  }

  stop(): void {
    this.#socket.pause();
  }

  /** Everything up to and including `mark`; undefined when the connection ends before it comes. */
  async through(mark: string): Promise<string | undefined> {
    let at = this.#buffer.indexOf(mark);
    while (at < 0) {
      if (!(await this.#more())) return undefined;
      at = this.#buffer.indexOf(mark);
    }
    return this.#take(at + mark.length);
  }

  /** Takes the content that belongs to `head`: by its length, or chunked without trailers. */
  async content(head: string): Promise<void> {
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (/^transfer-encoding: *chunked/im.test(head)) {
      for (;;) {
        const size = await this.through('\r\n');
        if (size === undefined || (await this.#exactly(Number.parseInt(size, 16) + 2)) === undefined) return;
        if (Number.parseInt(size, 16) === 0) return;
      }
    }
    await this.#exactly(length);
  }

  async #exactly(count: number): Promise<string | undefined> {
    while (this.#buffer.length < count) if (!(await this.#more())) return undefined;
    return this.#take(count);
  }

  #take(count: number): string {
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    if (this.#over) return false;
    await new Promise<void>((resolve) => (this.#wake = resolve));
    return !this.#over;
  }
}
