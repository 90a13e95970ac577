/**
 * The one semantic request, and the two sides that meet over it.
 *
 * A downstream engine (HTTP/1.1 connection, HTTP/2 stream) parses and validates a request, fills a RequestHead and hands
 * itself as a Downstream to whoever answers; it gets a Responder back (an upstream leg, a static file, an error page).
 * From then on content flows to the Responder, and the Responder calls the Downstream. Neither side knows the other's
 * protocol.
 *
 * Bytes are passed as (buffer, start, end) and are valid only during the call: engines read into shared static buffers.
 * Whoever keeps bytes copies them.
 *
 * Field lines travel as a *field block*: validated HTTP/1.1 field lines, `Name: value CRLF` each, without the empty line
 * at the end, without hop-by-hop and framing lines except Content-Length. If `contentLength >= 0` the block holds exactly
 * one Content-Length line with that value; Transfer-Encoding is never in a block.
 */

import type { FindingCode } from '../story/catalog/index.ts';
import type { AccessRecord } from './access-record.ts';
import type { ConnectionFacts } from './connection-facts.ts';

/** Where the content of a message ends. */
export const UNKNOWN_LENGTH = -1;

/** A validated request, as both protocols tell it. Strings may be kept; the field block may not. */
export interface RequestHead {
  /** Case-sensitive method token. */
  method: string;
  /** Origin-form target (path and query), or `*` for OPTIONS. */
  target: string;
  /** Host with optional port, lower-cased, validated; what Host or :authority said. */
  authority: string;
  /** 'HTTP/1.0', 'HTTP/1.1' or 'HTTP/2.0', for logs. */
  protocol: string;
  /** Whether content follows (a length > 0, or unknown). */
  hasContent: boolean;
  /** Octets of content, or UNKNOWN_LENGTH (chunked, or HTTP/2 without content-length). 0 when there is none. */
  contentLength: number;
  /** The client waits for a 100 before it sends content (RFC 9110 section 10.1.1). */
  expectContinue: boolean;
  /** The client sent `TE: trailers` (RFC 9110 section 10.1.4). It is no field of the block; gRPC apps insist on it. */
  acceptsTrailers: boolean;
  /** 'websocket' where the client asks for it (RFC 6455, RFC 8441); otherwise ''. */
  upgrade: string;
  /** Field block, Host included. */
  fields: Buffer;
  fieldsStart: number;
  fieldsEnd: number;
}

/** Why an exchange ended early. Codes stand in the catalogue. */
export type AbortCode = FindingCode;

/** The client's side of an exchange, called by a Responder. Calls gather; `flush` (or the end) writes. */
export interface Downstream {
  readonly head: RequestHead;
  /** What is known of the connection: peer, TLS, client certificate. */
  readonly facts: ConnectionFacts;
  /** What will be logged; whoever answers fills in `site`, `upstream`, `upstreamMs` and `error`. */
  readonly record: AccessRecord;
  /** When the request's head was complete, monotonic milliseconds. */
  readonly startedMs: number;
  /** A 1xx answer other than 101; ignored for HTTP/1.0 clients. */
  sendInterim(status: number, block: Buffer, start: number, end: number): void;
  /**
   * The response head. `contentLength` is UNKNOWN_LENGTH for chunked or close-delimited content; `hasContent` is false
   * where no content follows whatever the length says (HEAD, 204, 304).
   */
  sendHead(status: number, block: Buffer, start: number, end: number, contentLength: number, hasContent: boolean): void;
  /** Content octets. The Responder sends exactly `contentLength` of them where it was given. */
  sendContent(buffer: Buffer, start: number, end: number): void;
  /** The response is whole; `trailers` is a field block. The Downstream must not be touched afterwards. */
  end(trailers?: Buffer): void;
  /** Writes what has gathered in this loop turn. */
  flush(): void;
  /** The response cannot be completed: the connection or stream is cut, visibly truncated. */
  abort(code: AbortCode): void;
  /** True while the client reads slower than content comes: stop producing until `onDrain`. */
  readonly backedUp: boolean;
  /** Stops and restarts request content towards the Responder. */
  pauseContent(): void;
  resumeContent(): void;
  /**
   * Accepts an upgrade: sends a 101 (or what the protocol uses instead) with the block; from then on octets flow raw
   * through sendContent / onContent until either side ends.
   */
  sendUpgrade(block: Buffer, start: number, end: number): void;
}

/** Whoever answers, called by a downstream engine. */
export interface Responder {
  /** Request content (after an upgrade: raw octets). */
  onContent(buffer: Buffer, start: number, end: number): void;
  /** The request is whole; `trailers` is a field block without framing, routing and authentication fields. */
  onContentEnd(trailers?: Buffer): void;
  /** All that came in this loop turn has been handed over: what has gathered for the app may be written. */
  flush(): void;
  /** `backedUp` has become false. */
  onDrain(): void;
  /** The client is gone or misbehaved: stop, free everything, call nothing on the Downstream any more. */
  onAbort(code: AbortCode): void;
}
