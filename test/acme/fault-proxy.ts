/** A proxy in front of a test CA that does to requests and answers what bad networks and busy CAs do. */
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Pebble } from './pebble.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Counts the requests of this proxy, from 0. */
  readonly number: number;
  /** The decoded payload of a signed request; undefined for POST-as-GET and for what is not signed. */
  readonly payload: unknown;
}

export type Fault =
  /** The CA gets the request, the client no answer. */
  | { readonly kind: 'drop' }
  /** The CA never gets it. */
  | { readonly kind: 'refuse' }
  /** Instead of the CA. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: http.OutgoingHttpHeaders;
      readonly content?: unknown;
    }
  /** The last answer for this method and path once more, nonce and all; passed on where there is none. */
  | { readonly kind: 'repeat' }
  | {
      readonly kind: 'rewrite';
      readonly rewrite: (content: string) => string;
      readonly headers?: http.OutgoingHttpHeaders;
    };

export interface FaultProxy {
  readonly directoryUrl: string;
  readonly requests: SeenRequest[];
  /** Orders that the CA made. */
  ordersMade: number;
  /** What happens to a request; undefined lets it pass. */
  fault: (request: SeenRequest) => Fault | undefined;
  /** From now on there is nothing to repeat. */
  forgetAnswers(): void;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly content: Buffer;
}

export const isNewOrder = ({ path }: SeenRequest): boolean => path === '/order-plz';

export async function startFaultProxy(pebble: Pebble): Promise<FaultProxy> {
  const last = new Map<string, Answer>();
  const server = https.createServer(pebble.serverCertificate);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    directoryUrl: `https://localhost:${port}/dir`,
    requests: [],
    ordersMade: 0,
    fault: () => undefined,
    forgetAnswers: () => last.clear(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const pass = (request: http.IncomingMessage, content: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method, headers, url } = request;
      // With the Host that the client sent, the CA writes URLs that lead here.
      const options = { host: '127.0.0.1', port: pebble.port, method, headers, path: url, agent: false as const };
      const outgoing = https.request({ ...options, servername: 'localhost', ca: pebble.serverRoot }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, content: Buffer.concat(chunks) }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(content);
    });
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const content = Buffer.concat(chunks);
    const { method = '', url: path = '' } = request;
    const seen = { method, path, number: proxy.requests.length, payload: payloadOf(content) };
    proxy.requests.push(seen);
    const fault = proxy.fault(seen);
    if (fault?.kind === 'refuse') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'answer') {
      response.writeHead(fault.status, { 'content-type': 'application/problem+json', ...fault.headers });
      response.end(JSON.stringify(fault.content ?? {}));
      return;
    }
    const key = `${method} ${path}`;
    const kept = fault?.kind === 'repeat' ? last.get(key) : undefined;
    const answer = kept ?? (await pass(request, content));
    last.set(key, answer);
    if (kept === undefined && isNewOrder(seen) && answer.status === 201) proxy.ordersMade += 1;
    if (fault?.kind === 'drop') {
      request.socket.destroy();
      return;
    }
    const text = fault?.kind === 'rewrite' ? Buffer.from(fault.rewrite(answer.content.toString())) : answer.content;
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
    const changed = fault?.kind === 'rewrite' ? fault.headers : {};
    const length = method !== 'HEAD' && { 'content-length': text.length };
    response.writeHead(answer.status, { ...headers, ...changed, ...length });
    response.end(method === 'HEAD' ? undefined : text);
  };
  server.on('request', (request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  return proxy;
}

function payloadOf(content: Buffer): unknown {
  if (content.length === 0) return undefined;
  const { payload = '' } = JSON.parse(content.toString()) as { payload?: string };
  return payload === '' ? undefined : JSON.parse(Buffer.from(payload, 'base64url').toString());
}
