import type { UpstreamFailure } from '../upstream/upstream-channel.ts';
import type { H2ClientConnection } from './client-connection.ts';
import type { H2ClientStream } from './client-stream.ts';

/** Whoever keeps a connection to an app that speaks HTTP/2. */
export interface H2ConnectionOwner {
  /** The app's SETTINGS are here. */
  onReady(connection: H2ClientConnection): void;
  /** A stream has ended: there may be room for another. */
  onRoom(connection: H2ClientConnection): void;
  /** A stream that was placed but not sent has to go elsewhere. */
  onDisplaced(stream: H2ClientStream): void;
  /** The app wants HTTP/1.1 for this (RFC 9113 section 7). Returns whether it can have that. */
  onHttp11Required(): boolean;
  /** The app broke a rule of HTTP/2: told for the log. */
  onViolation(reason: string): void;
  /** No new stream will be taken: GOAWAY, idle for too long, closed. Comes once, before `onClosed`. */
  onLeaving(connection: H2ClientConnection): void;
  /** The connection is gone. `failure` is undefined once it had been ready. */
  onClosed(connection: H2ClientConnection, failure: UpstreamFailure | undefined): void;
}
