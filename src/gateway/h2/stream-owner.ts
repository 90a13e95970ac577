import type { HpackEncoder } from '../../codec/http2/hpack/encoder.ts';
import type { ConnectionFacts } from '../connection-facts.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import type { FrameOutput } from './frame-output.ts';
import type { H2ServerStream } from './server-stream.ts';

/** A client's connection, as its streams see it. */
export interface StreamOwner {
  readonly engine: Engine;
  /** When the octets at hand were read, monotonic. */
  readonly readMs: number;
  readonly bounds: EngineBounds;
  readonly facts: ConnectionFacts;
  readonly output: FrameOutput;
  readonly encoder: HpackEncoder;
  /** What the connection's window lets us send, octets. */
  sendWindow: number;
  /** So much waits for the client that nobody should produce more. */
  readonly congested: boolean;
  /** A stream wants to be told when it is no longer backed up. */
  drainWanted: boolean;
  /** The client's window for content is used up by what streams hold. */
  readonly receiveBlocked: boolean;
  /** Octets that have come of a DATA frame of the stream that is not whole yet. */
  pendingContent(id: number): number;
  /** What has been written goes out at the end of this turn. */
  wake(): void;
  /** `length` octets of content have been used: the client may send as much again. */
  releaseContent(length: number): void;
  /** Content has begun to wait, or waits no more. */
  contentQueued(stream: H2ServerStream): void;
  contentUnqueued(stream: H2ServerStream): void;
  /** A DATA frame was written. */
  dataSent(): void;
  workStarted(): void;
  workEnded(cancelled: boolean): void;
  streamClosed(stream: H2ServerStream, resetByUs: boolean, nowMs: number): void;
}
