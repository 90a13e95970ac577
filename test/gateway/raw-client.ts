/** A client that sends and shows octets. */
import type net from 'node:net';
import { until } from './quiet.ts';

export class RawClient {
  readonly socket: net.Socket;
  received = '';
  /** The gateway has ended its direction in order. */
  ended = false;
  closed = false;
  error: Error | undefined;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    socket.on('end', () => (this.ended = true));
    socket.on('error', (error) => (this.error = error));
    socket.on('close', () => (this.closed = true));
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until `text` has come. */
  async through(text: string): Promise<string> {
    await until(
      () => this.received.includes(text),
      `${JSON.stringify(text)} at the client, which has ${JSON.stringify(this.received.slice(0, 2000))}`,
    );
    return this.received;
  }

  /** Waits until the gateway has ended the connection, one way or the other. */
  async over(): Promise<string> {
    await until(
      () => this.ended || this.closed,
      `the end of the connection, which has ${JSON.stringify(this.received.slice(0, 2000))}`,
    );
    return this.received;
  }

  /** Waits for `count` final responses that are whole; interim ones are skipped. */
  async responses(count: number, methods: readonly string[] = []): Promise<ClientResponse[]> {
    let found: ClientResponse[] = [];
    await until(
      () => {
        found = readResponses(this.received, this.ended || this.closed, methods);
        return found.length >= count || this.closed;
      },
      `${count} responses in ${JSON.stringify(this.received.slice(0, 2000))}`,
    );
    return found;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

export interface ClientResponse {
  readonly status: number;
  readonly head: string;
  readonly content: string;
  readonly trailers: string;
}

/** The whole responses in `text`, by the plainest reading there is. `methods` of the requests tell HEAD. */
export function readResponses(text: string, ended: boolean, methods: readonly string[] = []): ClientResponse[] {
  const found: ClientResponse[] = [];
  for (let at = 0; at < text.length;) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) break;
    const head = text.slice(at, headEnd + 4);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Error(`not a response: ${JSON.stringify(text.slice(at, at + 200))}`);
    at = headEnd + 4;
    if (status < 200) continue;
    let content = '';
    let trailers = '';
    const length = /^content-length: (\d+)\r$/im.exec(head)?.[1];
    if (methods[found.length] === 'HEAD' || status === 204 || status === 304) {
      // No content, whatever the fields say.
    } else if (/^transfer-encoding: chunked\r$/im.test(head)) {
      const chunked = readChunks(text, at);
      if (chunked === undefined) break;
      ({ content, trailers, at } = chunked);
    } else if (length !== undefined) {
      if (text.length < at + Number(length)) break;
      content = text.slice(at, at + Number(length));
      at += Number(length);
    } else if (ended) {
      content = text.slice(at);
      at = text.length;
    } else break;
    found.push({ status, head, content, trailers });
  }
  return found;
}

function readChunks(text: string, start: number): { content: string; trailers: string; at: number } | undefined {
  let content = '';
  for (let at = start; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (size === 0) {
      const end = text.indexOf('\r\n\r\n', lineEnd);
      return end < 0 ? undefined : { content, trailers: text.slice(lineEnd + 2, end + 2), at: end + 4 };
    }
    const next = lineEnd + 2 + size + 2;
    if (text.length < next) return undefined;
    content += text.slice(lineEnd + 2, next - 2);
    at = next;
  }
}
