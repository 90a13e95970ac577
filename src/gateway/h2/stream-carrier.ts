/** What a stream to an app needs of those that carry it: the connection, and the queue before there is one. */
import type { H2ClientStream } from './client-stream.ts';

/** What a stream asks of the connection that carries it. */
export interface StreamCarrier {
  readonly reused: boolean;
  /** Monotonic milliseconds. */
  now(): number;
  /** Opens the stream: gives it a number and a window, and writes its HEADERS. */
  open(stream: H2ClientStream, endStream: boolean): void;
  /** As `open`, by an extended CONNECT with the lines of `fields`. */
  connect(stream: H2ClientStream, fields: Buffer): void;
  /** Writes what windows and room allow of `bytes[start, end)`; returns the offset behind it. */
  writeContent(stream: H2ClientStream, bytes: Buffer, start: number, end: number): number;
  /** Content has begun to wait for windows or room. */
  await(stream: H2ClientStream): void;
  /** Ends our direction, with trailers if there are any. */
  writeEnd(stream: H2ClientStream, trailers: Buffer | undefined): void;
  grant(stream: H2ClientStream, increment: number): void;
  /** The stream is over; `resetCode` is told to the app, -1 is nothing to tell. */
  release(stream: H2ClientStream, resetCode: number): void;
}

/** Where a stream waits that no connection carries yet. */
export interface StreamQueue {
  giveUp(stream: H2ClientStream): void;
}
