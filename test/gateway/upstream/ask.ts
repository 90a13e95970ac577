/** Requests to a gateway over HTTP/1.1 and TLS, each over a connection of its own. */
import https from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { WholeGateway } from './whole-gateway.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: NodeJS.Dict<string>;
  readonly content: string;
  /** The answer broke off before its end. */
  readonly cut: boolean;
  /** Statuses of interim answers. */
  readonly interims: readonly number[];
}

export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: string | Buffer;
}

export function ask(gateway: WholeGateway, question: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const interims: number[] = [];
    const request = https.request({
      ...connection(gateway),
      method: question.method ?? 'GET',
      path: question.path ?? '/',
      headers: { host: 'app.test', ...question.headers },
    });
    request.on('information', ({ statusCode }: { statusCode: number }) => interims.push(statusCode));
    request.on('error', reject);
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      const finish = (cut: boolean) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          trailers: response.trailers,
          content: Buffer.concat(pieces).toString('latin1'),
          cut,
          interims,
        });
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => finish(!response.complete));
      response.on('error', () => finish(true));
    });
    request.end(question.content);
  });
}

/** How Node's clients reach the gateway. */
export function connection(gateway: WholeGateway): https.RequestOptions {
  return { host: '127.0.0.1', port: gateway.port, servername: 'app.test', ca: gateway.ca, agent: false };
}
