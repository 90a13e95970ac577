import type net from 'node:net';
import { HelloAccumulator, type HelloProgress } from '../../codec/tls/hello-accumulator.ts';

/** What came first on a connection. */
export type PeekOutcome =
  | Exclude<HelloProgress, { kind: 'need-more' }>
  /** The client ended or reset the connection before its hello was whole. */
  | { readonly kind: 'closed' };

/** A peek under way. */
export interface Peek {
  /** Octets read so far. */
  readonly byteLength: number;
  /** Gives up: no further call of `done`, no listener left behind. What was read is not put back. */
  stop(): void;
}

/**
 * Reads a raw socket's first octets until they are a ClientHello, or surely none, and calls `done` once. `bytes` is all
 * that was read, what came behind the hello included; whoever speaks next gets it back with `socket.unshift(bytes)`.
 *
 * The socket may be fresh from a listener, with or without `pauseOnConnect`. Nothing is read after `done` is called, so
 * that the next reader loses nothing.
 */
export function peekHello(
  socket: net.Socket,
  limitBytes: number,
  done: (outcome: PeekOutcome, bytes: Uint8Array) => void,
): Peek {
  const accumulator = new HelloAccumulator(limitBytes);
  const stop = (): void => {
    socket.off('readable', onReadable);
    socket.off('end', onClosed);
    socket.off('close', onClosed);
  };
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    const progress = accumulator.feed(chunk);
    if (progress.kind === 'need-more') return;
    stop();
    done(progress, accumulator.bytes);
  };
  const onClosed = (): void => {
    stop();
    done({ kind: 'closed' }, accumulator.bytes);
  };
  socket.on('readable', onReadable);
  socket.on('end', onClosed);
  socket.on('close', onClosed);
  return {
    get byteLength() {
      return accumulator.byteLength;
    },
    stop,
  };
}
