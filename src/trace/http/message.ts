import type { Finding } from '../../story/finding.ts';

/** One field line of a message. Texts are Latin-1, octet for octet. */
export interface MessageField {
  readonly name: string;
  readonly value: string;
  /** Where the line (HTTP/1.1) or the field's representation (HTTP/2) begins and ends in the head's octets. */
  readonly range: readonly [number, number];
  /** HTTP/2: how HPACK wrote it. */
  readonly representation?: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** In order; Host (`:authority`) and framing are added by the client of the protocol. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Buffer | undefined;
}

/** The head of an answer. */
export interface ResponseHead {
  /** `HTTP/1.0`, `HTTP/1.1`, `HTTP/2`. */
  readonly protocol: string;
  readonly status: number;
  /** HTTP/1 only. */
  readonly reason: string;
  readonly fields: readonly MessageField[];
  readonly octets: Uint8Array;
  readonly atMs: number;
}

/** How the end of content was told. */
export type Framing = 'none' | 'content-length' | 'chunked' | 'until-close' | 'stream';

/** What came of one request. Times are milliseconds since the trace began; undefined for what did not happen. */
export interface Exchange {
  readonly request: HttpRequest;
  /** The request as it was sent, head only. */
  requestHead: Uint8Array;
  requestFields: readonly MessageField[];
  startMs: number;
  /** The last octet of the request was handed over. */
  sentMs: number | undefined;
  firstByteMs: number | undefined;
  endMs: number | undefined;
  readonly interim: ResponseHead[];
  head: ResponseHead | undefined;
  /** Content as it was sent, codings not undone. */
  content: Buffer;
  /** Octets of the answer on the connection: head, framing and content (HTTP/2: frames of the stream). */
  wireBytes: number;
  framing: Framing;
  trailers: readonly MessageField[];
  /** Why there is no answer, or only a part of one. */
  problem: Finding | undefined;
  /** Stream of HTTP/2; 0 for HTTP/1. */
  streamId: number;
}

export function newExchange(request: HttpRequest, startMs: number): Exchange {
  return {
    request,
    requestHead: new Uint8Array(0),
    requestFields: [],
    startMs,
    sentMs: undefined,
    firstByteMs: undefined,
    endMs: undefined,
    interim: [],
    head: undefined,
    content: Buffer.alloc(0),
    wireBytes: 0,
    framing: 'none',
    trailers: [],
    problem: undefined,
    streamId: 0,
  };
}

/** The value of the first field of that name (lower case), or undefined. */
export function fieldOf(
  fields: readonly { readonly name: string; readonly value: string }[],
  name: string,
): string | undefined {
  return fields.find((field) => field.name.toLowerCase() === name)?.value;
}

/** Host with the port where it is not the scheme's own. */
export const authorityOf = (url: URL): string => url.host;

/** Path and query, as the request target has them (RFC 9112 section 3.2.1). */
export const targetOf = (url: URL): string => `${url.pathname}${url.search}`;
