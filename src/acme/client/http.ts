/** HTTPS towards one CA: own roots, bounded time and size, no redirections, connections kept between requests. */
import { lookup as systemLookup } from 'node:dns';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { finding, type Finding } from '../../story/finding.ts';
import { plainText } from './plain-text.ts';

export interface AcmeHttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content?: string;
  /** More octets than this are refused. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface AcmeHttpResponse {
  readonly status: number;
  /** Field values by lower-case name; several lines of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
}

export type AcmeHttpOutcome =
  | { readonly ok: true; readonly response: AcmeHttpResponse }
  | {
      readonly ok: false;
      readonly finding: Finding;
      /** Whether the CA may have received the request: then it may have acted upon it. */
      readonly sent: boolean;
    };

/** One request and its answer. Never rejects. */
export type AcmeHttp = (request: AcmeHttpRequest) => Promise<AcmeHttpOutcome>;

export interface AcmeHttpSettings {
  /** As people name the CA, for findings. */
  readonly issuer: string;
  readonly userAgent: string;
  /** For one request with its answer. */
  readonly timeoutMs: number;
  /** PEM of the roots that the CA's own server is judged by; the system's where absent. */
  readonly roots?: string | readonly string[];
  readonly lookup?: LookupFunction;
}

export interface AcmeHttpClient {
  readonly send: AcmeHttp;
  /** Ends the connections that are kept. */
  close(): void;
}

export function createAcmeHttp(settings: AcmeHttpSettings): AcmeHttpClient {
  const agent = new https.Agent({
    keepAlive: true,
    maxSockets: 8,
    // A CA closes idle connections sooner or later; closing first spares requests that die on the way.
    timeout: 30_000,
    ...(settings.roots !== undefined && { ca: [settings.roots].flat() }),
  });
  return { send: (request) => exchange(request, settings, agent), close: () => agent.destroy() };
}

function exchange(request: AcmeHttpRequest, settings: AcmeHttpSettings, agent: https.Agent): Promise<AcmeHttpOutcome> {
  const { issuer, timeoutMs } = settings;
  const { maxBytes, content } = request;
  const url = new URL(request.url);
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  return new Promise((resolve) => {
    let connected = false;
    const fail = (found: Finding, sent = connected): void => resolve({ ok: false, finding: found, sent });
    const failed = (error: NodeJS.ErrnoException): void => {
      if (request.signal?.aborted === true) fail(finding('acme-stopped', { issuer }));
      else if (deadline.aborted) fail(finding('acme-timeout', { issuer, url: url.href, seconds: timeoutMs / 1000 }));
      else fail(explainConnection(error, issuer, url, connected));
    };
    const headers: Record<string, string> = { 'user-agent': settings.userAgent, ...request.headers };
    if (content !== undefined) headers['content-length'] = String(Buffer.byteLength(content));
    const lookup = settings.lookup ?? systemLookup;
    const outgoing = https.request(url, { method: request.method, headers, agent, signal, lookup });
    outgoing.on('socket', (socket) => {
      // A kept connection is connected already; on a new one nothing is sent before the handshake is done.
      if (outgoing.reusedSocket) connected = true;
      else socket.once('secureConnect', () => (connected = true));
    });
    outgoing.on('error', failed);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= maxBytes) {
          chunks.push(chunk);
          return;
        }
        fail(finding('acme-answer-too-large', { issuer, url: url.href, limit: maxBytes }));
        response.destroy();
      });
      response.on('error', failed);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const fields = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
        resolve({
          ok: true,
          response: { status: response.statusCode ?? 0, headers: Object.fromEntries(fields), content: text },
        });
      });
    });
    outgoing.end(content);
  });
}

const unresolved = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA', 'ESERVFAIL']);

/** OpenSSL's and Node's names for a server certificate that cannot be trusted. */
const untrusted =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

function explainConnection(error: NodeJS.ErrnoException, issuer: string, url: URL, connected: boolean): Finding {
  const reason = plainText(error.code ?? error.message);
  const host = url.host;
  if (unresolved.has(reason)) return finding('acme-name-unresolved', { issuer, host, reason });
  if (untrusted.test(reason)) return finding('acme-server-untrusted', { issuer, host, reason });
  return connected
    ? finding('acme-connection-lost', { issuer, host, reason })
    : finding('acme-unreachable', { issuer, host, reason });
}
