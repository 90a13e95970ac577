import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Octets that passed at one moment in one direction. */
export interface WireChunk {
  /** Milliseconds since the trace began. */
  readonly atMs: number;
  readonly direction: 'sent' | 'received';
  readonly bytes: Buffer;
}

/** How a connection ended; times are undefined for what did not happen. */
export interface WireEnd {
  finSentMs: number | undefined;
  finReceivedMs: number | undefined;
  resetMs: number | undefined;
  /** The system's code of the error that ended it: `ECONNRESET`. */
  reason: string;
  closedMs: number | undefined;
}

/** Beyond this a connection's octets pass and are not kept: a trace is bounded well below it. */
const MOST_KEPT_BYTES = 1 << 26;

/** Passes a TCP connection on as it is and keeps every octet of both directions with its time. */
export class WireTap extends Duplex {
  readonly chunks: WireChunk[] = [];
  /** The ends of both streams, as they came. */
  readonly ends: {
    readonly direction: WireChunk['direction'];
    readonly how: 'fin' | 'reset';
    readonly atMs: number;
  }[] = [];
  readonly ending: WireEnd = {
    finSentMs: undefined,
    finReceivedMs: undefined,
    resetMs: undefined,
    reason: '',
    closedMs: undefined,
  };
  /** Octets that passed. */
  sentBytes = 0;
  receivedBytes = 0;
  readonly socket: Socket;
  readonly #nowMs: () => number;
  #kept = 0;

  constructor(socket: Socket, nowMs: () => number) {
    super({ allowHalfOpen: true });
    this.socket = socket;
    this.#nowMs = nowMs;
    socket.on('data', (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      this.#keep('received', chunk);
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => {
      this.ending.finReceivedMs = nowMs();
      this.#tellEnd('received', 'fin');
      this.push(null);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code ?? error.message;
      this.ending.reason = reason;
      if (reason === 'ECONNRESET' || reason === 'EPIPE') {
        this.ending.resetMs ??= nowMs();
        this.#tellEnd('received', 'reset');
      }
      this.destroy(error);
    });
    socket.on('close', () => {
      this.ending.closedMs ??= nowMs();
      this.destroy();
    });
  }

  #tellEnd(direction: WireChunk['direction'], how: 'fin' | 'reset'): void {
    this.ends.push({ direction, how, atMs: this.#nowMs() });
  }

  /** Everything of one direction so far. */
  octets(direction: WireChunk['direction']): Buffer {
    return Buffer.concat(this.chunks.filter((chunk) => chunk.direction === direction).map(({ bytes }) => bytes));
  }

  #keep(direction: WireChunk['direction'], bytes: Buffer): void {
    const chunk: WireChunk = { atMs: this.#nowMs(), direction, bytes };
    this.#kept += bytes.length;
    if (this.#kept <= MOST_KEPT_BYTES) this.chunks.push(chunk);
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.sentBytes += chunk.length;
    this.#keep('sent', chunk);
    this.socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.ending.finSentMs ??= this.#nowMs();
    this.#tellEnd('sent', 'fin');
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}
