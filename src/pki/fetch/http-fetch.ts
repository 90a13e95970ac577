import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import http from 'node:http';
import type { LookupFunction } from 'node:net';
import { isPrivateAddress } from './private-address.ts';

/** What is asked of a place that a certificate names. */
export interface FetchRequest {
  readonly url: string;
  /** Content to POST; without it this is a GET. */
  readonly content?: { readonly type: string; readonly bytes: Uint8Array };
  /** More octets than this are refused. */
  readonly maxBytes: number;
}

export type FetchOutcome =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** `reason` is for people: an error code of the system, `status 404`, `more than 65536 octets`. */
  | { readonly ok: false; readonly reason: string };

/** Gets what a URL points at, within bounds. Never rejects. */
export type HttpFetch = (request: FetchRequest) => Promise<FetchOutcome>;

export interface HttpFetchSettings {
  /** For the whole exchange, redirections included. */
  readonly timeoutMs: number;
  /**
   * Whether addresses of private networks and of this machine are asked. A stranger's certificate may name any place, and
   * must not make this machine knock at doors inside of its own network.
   */
  readonly allowPrivate: boolean;
}

export const fetchDefaults: HttpFetchSettings = { timeoutMs: 10_000, allowPrivate: true };

const MAX_REDIRECTS = 3;

/**
 * A fetcher for what certificates point at: plain HTTP only (RFC 5280 section 8: HTTPS there would ask for a certificate
 * whose judgement would ask again), GET or POST, one connection a request, no compression, no cookies.
 */
export function createHttpFetch(settings: HttpFetchSettings): HttpFetch {
  return async (request) => {
    const signal = AbortSignal.timeout(settings.timeoutMs);
    let { url } = request;
    for (let redirects = 0; ; redirects++) {
      const outcome = await exchange({ ...request, url }, settings, signal);
      if (!('location' in outcome)) return outcome;
      if (redirects === MAX_REDIRECTS) return { ok: false, reason: 'too many redirects' };
      url = outcome.location;
    }
  };
}

type Exchange = FetchOutcome | { readonly location: string };

function exchange(request: FetchRequest, settings: HttpFetchSettings, signal: AbortSignal): Promise<Exchange> {
  const { content, maxBytes } = request;
  let url: URL;
  try {
    url = new URL(request.url);
  } catch {
    return Promise.resolve({ ok: false, reason: 'not a URL' });
  }
  if (url.protocol !== 'http:') return Promise.resolve({ ok: false, reason: `${url.protocol} is not fetched` });
  // A literal address is not looked up, so that it is held against the rule here.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!settings.allowPrivate && isPrivateAddress(literal)) return Promise.resolve({ ok: false, reason: PRIVATE });
  return new Promise((resolve) => {
    const fail = (reason: string): void => resolve({ ok: false, reason });
    const headers: http.OutgoingHttpHeaders = { accept: '*/*', connection: 'close' };
    if (content !== undefined) {
      headers['content-type'] = content.type;
      headers['content-length'] = content.bytes.length;
    }
    const method = content === undefined ? 'GET' : 'POST';
    const lookup = settings.allowPrivate ? undefined : publicLookup;
    const outgoing = http.request(url, { method, headers, signal, agent: false, ...(lookup && { lookup }) });
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      fail(signal.aborted ? `nothing within ${settings.timeoutMs} ms` : (error.code ?? error.message)),
    );
    outgoing.on('response', (response) => {
      const { statusCode = 0, headers: answered } = response;
      const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && answered.location !== undefined;
      if (isRedirect && content === undefined) {
        response.destroy();
        const target = URL.canParse(answered.location ?? '', url) ? new URL(answered.location ?? '', url).href : '';
        resolve({ location: target });
        return;
      }
      if (statusCode !== 200) {
        response.destroy();
        fail(`status ${statusCode}`);
        return;
      }
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= maxBytes) return;
        response.destroy();
        fail(`more than ${maxBytes} octets`);
      });
      response.on('end', () => resolve({ ok: true, bytes: Buffer.concat(chunks) }));
      response.on('error', (error: NodeJS.ErrnoException) =>
        fail(signal.aborted ? `nothing within ${settings.timeoutMs} ms` : (error.code ?? error.message)),
      );
    });
    outgoing.end(content?.bytes);
  });
}

const PRIVATE = 'the address is inside of a private network';

/** Looks a name up and gives only public addresses; the connection then goes to one of these and nowhere else. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const open = addresses.filter(({ address }) => !isPrivateAddress(address));
    const [first] = open;
    if (first === undefined) return callback(new Error(PRIVATE), '', 0);
    return options.all === true ? callback(null, open) : callback(null, first.address, first.family);
  });
};
