import type { IncomingMessage, ServerResponse } from 'node:http';

/** What an app saw of a request: the proof of what the gateway passed on. */
export interface SeenRequest {
  /** Which app says so. */
  readonly app: string;
  readonly requestLine: string;
  /** Name and value in the order in which they came. */
  readonly fields: readonly (readonly [string, string])[];
}

export function seenRequest(app: string, request: IncomingMessage): SeenRequest {
  const raw = request.rawHeaders;
  const fields = Array.from({ length: raw.length / 2 }, (_, index): [string, string] => [
    raw[2 * index] ?? '',
    raw[2 * index + 1] ?? '',
  ]);
  return { app, requestLine: `${request.method} ${request.url} HTTP/${request.httpVersion}`, fields };
}

/** The demo page's origin, on any port. */
export function isDemoOrigin(origin: string | undefined): boolean {
  return /^https?:\/\/demo\.localhost(?::\d+)?$/.test(origin ?? '');
}

/**
 * Lets the demo page, which is of another origin, read this answer (Fetch standard, CORS protocol). X-Forwarded-For is
 * allowed because the page sends a false one on purpose, to show that it does not arrive.
 */
export function allowDemoPage(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !isDemoOrigin(origin)) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Headers', 'X-Forwarded-For');
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(value, undefined, 2));
}
