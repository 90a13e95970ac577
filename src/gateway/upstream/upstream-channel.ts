/**
 * What an exchange needs of the way to its app, whatever is spoken there: an HTTP/1.1 connection that it has for itself, or
 * a stream of an HTTP/2 connection that it shares.
 */
import type { RequestBytes } from './request-bytes.ts';
import type { UpstreamTlsCode } from './tls-failure.ts';

/** Codes of the catalogue. */
export type UpstreamFailure =
  | 'upstream-refused'
  | 'upstream-unreachable'
  | 'upstream-connect-timeout'
  | 'upstream-closed-early'
  | 'upstream-response-malformed'
  | 'upstream-response-truncated'
  | 'upstream-response-timeout'
  | 'upstream-content-timeout'
  | 'upstream-head-too-large'
  | 'upstream-interim-flood'
  | 'upstream-not-http2'
  | 'upstream-stream-reset'
  | 'upstream-stream-refused'
  | 'upstream-upgrade-unsupported'
  | 'upgrade-malformed'
  | UpstreamTlsCode;

/** The exchange that a channel serves. */
export interface UpstreamExchange {
  /** The way stands; `channel.send` may be called. It may be another channel than the one that was assigned. */
  onOpen(channel: UpstreamChannel): void;
  onInterim(status: number, block: Buffer, start: number, end: number): void;
  onHead(status: number, block: Buffer, start: number, end: number, contentLength: number, hasContent: boolean): void;
  onResponseContent(bytes: Buffer, start: number, end: number): void;
  onSwitched(block: Buffer, start: number, end: number): void;
  /** The response is whole, and the channel is the exchange's no more. */
  onResponseEnd(trailers: Buffer | undefined): void;
  /** The app has ended its direction of a tunnel. */
  onTunnelEnd(): void;
  /** All that one read brought has been told. */
  onReadDone(): void;
  /** The app takes request content again. */
  onUpstreamWritable(): void;
  /** The channel is lost to the exchange. */
  onUpstreamFailed(failure: UpstreamFailure): void;
}

/** Where request content goes that comes behind the head. */
export interface RequestContent {
  /** Takes a copy of `bytes[start, end)`; it leaves with what else comes in this turn of the event loop. */
  add(bytes: Buffer, start: number, end: number): void;
  /** The request is whole. */
  finish(trailers: Buffer | undefined): void;
  /** Sends what was added, where the app takes it. */
  flush(): void;
  /** So much waits for the app that the client should pause; `onUpstreamWritable` tells the end of it. */
  readonly full: boolean;
}

export interface UpstreamChannel {
  /** Where the request is put together before `send`. */
  readonly request: RequestBytes;
  /** Whether `send` may be called now. */
  readonly usable: boolean;
  /** It leads over a connection on which exchanges have gone well before: the app may have closed it meanwhile. */
  readonly reused: boolean;
  /** Monotonic time at which what is being told now was read. */
  readonly readMs: number;
  /** Takes an exchange on; `send` follows, at once or after `onOpen`. */
  assign(exchange: UpstreamExchange): void;
  /** Sends what stands in `request`; `ended` says that this is all of it. */
  send(method: string, upgrade: boolean, ended: boolean): void;
  /** Takes the content that follows `send`. `chunked` says that its length is not known. */
  openContent(chunked: boolean): RequestContent;
  /** Takes the octets of a tunnel. */
  openTunnel(): RequestContent;
  /** The request has been handed over to its last octet: from now on the app is waited for. */
  requestEnded(): void;
  /** The client is slow: the app is slowed down, and not to blame for it. */
  pauseRead(): void;
  resumeRead(): void;
  /** Ends our direction of a tunnel. */
  endTunnel(): void;
  /** Ends the exchange on the app's side; it hears no more of it. */
  destroy(): void;
}
