/** An app that does what a test tells it, octet by octet, and nothing by itself. */
import net from 'node:net';
import { until } from './quiet.ts';

/** One connection of the gateway to the app. */
export class AppConnection {
  readonly socket: net.Socket;
  received = '';
  /** The gateway has ended its direction. */
  ended = false;
  closed = false;
  #taken = 0;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    socket.on('end', () => (this.ended = true));
    socket.on('error', () => {});
    socket.on('close', () => (this.closed = true));
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next request head that has come; what follows it is still to be taken. */
  async head(): Promise<string> {
    await until(() => this.received.includes('\r\n\r\n', this.#taken), 'a request head at the app');
    const end = this.received.indexOf('\r\n\r\n', this.#taken) + 4;
    return this.#take(end);
  }

  /** The next octets, once `text` has come. */
  async through(text: string): Promise<string> {
    await until(() => this.received.includes(text, this.#taken), `${JSON.stringify(text)} at the app`);
    return this.#take(this.received.indexOf(text, this.#taken) + text.length);
  }

  /** What has come and was not taken. */
  get rest(): string {
    return this.received.slice(this.#taken);
  }

  #take(end: number): string {
    const text = this.received.slice(this.#taken, end);
    this.#taken = end;
    return text;
  }
}

export interface ScriptedApp {
  readonly port: number;
  /** In the order in which they came. */
  readonly connections: readonly AppConnection[];
  /** The connection with that number, once it has come. */
  connection(index: number): Promise<AppConnection>;
  close(): Promise<void>;
}

export async function startScriptedApp(port = 0): Promise<ScriptedApp> {
  const connections: AppConnection[] = [];
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.push(new AppConnection(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    connections,
    async connection(index) {
      await until(() => connections.length > index, `connection ${index} to the app`);
      return connections[index]!;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { socket } of connections) socket.destroy();
      await closed;
    },
  };
}

/** Fields and content of a request as an app got them. */
export function fieldsOf(head: string): readonly [name: string, value: string][] {
  return head
    .split('\r\n')
    .slice(1, -2)
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
}

/** The values of a field, in order. */
export function valuesOf(head: string, name: string): string[] {
  return fieldsOf(head)
    .filter(([each]) => each === name)
    .map(([, value]) => value);
}
