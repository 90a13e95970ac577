/**
 * A connection as the engines see it: octets come in through one callback, go out through one write at a time, and
 * nothing else. Three levels do the same work with less and less of Node's stream machinery between (measured in
 * docs/performance.md):
 *
 *   plain    'data' events and socket.write: public API only, works wherever Node does.
 *   direct   what the handle reads goes to the engine instead of the stream's buffer (`push` is overridden), and writes
 *            call the socket's `_write` with a queue of our own.
 *   static   as direct, and reads land in one buffer shared by all connections of the worker; writes go to the handle,
 *            where Node lets them: nothing is allocated.
 *
 * On `direct` and `static`, socket.write is never used: the two ways of writing must not be mixed.
 */
import type net from 'node:net';
import { HandleWriter } from './handle-writer.ts';
import { hasStaticRead, readInto, type SocketInternals } from './socket-internals.ts';

export type TransportLevel = 'plain' | 'direct' | 'static';

/** What a transport tells its engine. All calls come from the event loop, never from within a call of the engine. */
export interface TransportSink {
  /** Octets `buffer[0, length)` arrived; they are valid only during the call and may be changed in place. */
  onRead(buffer: Buffer, length: number): void;
  /** The peer will send no more (FIN, or close_notify). */
  onReadEnd(): void;
  /** Everything written is out of our hands. */
  onWritable(): void;
  /** The connection is gone; comes once, last. */
  onClosed(error: Error | undefined): void;
}

/** 64 KiB: four full TLS records, the most that one read of the handle returns by default. */
const READ_BUFFER_BYTES = 65_536;
/** One for all connections of this process: a read is handled whole before the next one begins. */
const sharedReadBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);

export class Transport {
  readonly socket: net.Socket;
  /**
   * Whether a write that fails leaves the connection to be read to its end, instead of ending it. Not on level `plain`,
   * whose streams end by themselves.
   */
  readsAfterWriteError = false;
  readonly #internals: SocketInternals;
  readonly #level: TransportLevel;
  /** OpenSSL takes a copy of what it is given before `_write` returns; TCP may hold on to it. */
  readonly #consumesAtOnce: boolean;
  readonly #onWritten: (error?: Error | null) => void;
  /** On level `static`. */
  readonly #handleWriter: HandleWriter | undefined;
  readonly #encrypted: boolean;
  #sink: TransportSink | undefined;
  #open: boolean;
  #writing = false;
  /** `_write` is on the stack: a completion that comes now is told by its return, not by a callback. */
  #starting = false;
  #inFlightBytes = 0;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #readPaused = false;
  #ending = false;
  #ended = false;
  #closed = false;
  #failure: Error | undefined;
  #lastQueueSize = 0;

  /** Takes the socket over, silently until `start`. `encrypted` says that it is a TLSSocket. */
  constructor(socket: net.Socket, level: TransportLevel, encrypted: boolean) {
    this.socket = socket;
    this.#encrypted = encrypted;
    this.#internals = socket as unknown as SocketInternals;
    this.#level = level;
    this.#consumesAtOnce = encrypted || level === 'plain';
    this.#open = !socket.connecting;
    this.#onWritten = (error) => this.#written(error ?? undefined);
    this.#handleWriter = level === 'static' ? new HandleWriter(encrypted, this.#onWritten) : undefined;
    socket.on('error', (error: Error) => {
      this.#failure = error;
    });
    socket.once('close', () => {
      this.#closed = true;
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#sink?.onClosed(this.#failure);
    });
    socket.once('end', () => {
      if (!this.#closed) this.#sink?.onReadEnd();
    });
    if (!this.#open) {
      socket.once('connect', () => {
        this.#open = true;
        this.#written(undefined);
      });
    }
  }

  /**
   * Starts telling `sink`. `delivered` says that the socket was made with the public `onread` option, whose callback calls
   * `deliver` by itself.
   */
  start(sink: TransportSink, delivered = false): void {
    this.#sink = sink;
    if (delivered) return;
    if (this.#level === 'plain') this.#readEvents();
    else if (this.#level === 'static' && this.#encrypted && hasStaticRead(this.socket)) this.#readStatic();
    else this.#readPushes();
  }

  /** For sockets made with the public `onread` option: octets that landed in `buffer`. */
  deliver(buffer: Buffer, length: number): void {
    if (!this.#closed) this.#sink?.onRead(buffer, length);
  }

  #readEvents(): void {
    this.socket.on('data', (chunk: Buffer) => this.#sink?.onRead(chunk, chunk.length));
  }

  #readPushes(): void {
    const { socket } = this;
    const internals = this.#internals;
    // What was read before we came is still in the stream.
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      this.#sink?.onRead(chunk, chunk.length);
    }
    const push = internals.push;
    internals.push = (chunk: Buffer | null): boolean => {
      if (chunk === null) return push.call(socket, null);
      if (!this.#closed) this.#sink?.onRead(chunk, chunk.length);
      return true;
    };
    socket.resume();
  }

  #readStatic(): void {
    const { socket } = this;
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      this.#sink?.onRead(chunk, chunk.length);
    }
    if (socket.destroyed) return;
    readInto(socket, sharedReadBuffer, (length) => {
      if (!this.#closed) this.#sink?.onRead(sharedReadBuffer, length);
    });
    socket.resume();
  }

  /** Octets that were written and are not yet out of our hands. */
  get pendingBytes(): number {
    return this.#inFlightBytes + this.#queuedBytes;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get connecting(): boolean {
    return !this.#open;
  }

  /**
   * Writes the octets of `view`. Returns true when the memory may be used again at once; false when it must be left alone
   * for good (give it up and take another buffer).
   */
  write(view: Buffer): boolean {
    if (this.#closed || this.#ending) return true;
    if (this.#writing || !this.#open) {
      this.#queue.push(Buffer.from(view));
      this.#queuedBytes += view.length;
      return true;
    }
    if (this.#level !== 'plain') return this.#start(view);
    this.#start(Buffer.from(view));
    return true;
  }

  #start(view: Buffer): boolean {
    this.#writing = true;
    this.#inFlightBytes = view.length;
    this.#starting = true;
    if (this.#level === 'plain') this.socket.write(view, this.#onWritten);
    else if (!this.#wroteToHandle(view)) this.#internals._write(view, 'buffer', this.#onWritten);
    this.#starting = false;
    return this.#consumesAtOnce || !this.#writing;
  }

  #wroteToHandle(view: Buffer): boolean {
    const handle = this.#internals._handle;
    return this.#handleWriter !== undefined && handle !== null && this.#handleWriter.write(handle, view);
  }

  /** Whether octets of a foreign buffer may be written without a copy (see `write`). */
  get consumesAtOnce(): boolean {
    return this.#consumesAtOnce && !this.#writing;
  }

  /** Whether `write` copies what it is given: where an earlier write is under way, and always with plain streams. */
  get copiesWrites(): boolean {
    return this.#writing || !this.#open || this.#level === 'plain';
  }

  #written(error: Error | undefined): void {
    this.#writing = false;
    this.#inFlightBytes = 0;
    if (error !== undefined) {
      // A write that was cancelled with its socket is no reason for its end.
      if (!this.socket.destroyed) this.#failure ??= error;
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#ending = true;
      this.#ended = true;
      if (!this.readsAfterWriteError) this.socket.destroy();
      return;
    }
    if (this.#closed || this.#starting) return;
    const queue = this.#queue;
    if (queue.length > 0) {
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#start(queue.length === 1 ? queue[0]! : Buffer.concat(queue));
      if (this.#writing) return;
    }
    if (this.#ending) this.#finish();
    else this.#sink?.onWritable();
  }

  /** Stops and restarts reading; what the kernel and OpenSSL hold stays there. */
  pauseRead(): void {
    if (this.#readPaused || this.#closed) return;
    this.#readPaused = true;
    if (this.#level === 'plain') {
      this.socket.pause();
      return;
    }
    const handle = this.#internals._handle;
    if (handle === null) return;
    handle.reading = false;
    handle.readStop();
  }

  resumeRead(): void {
    if (!this.#readPaused || this.#closed) return;
    this.#readPaused = false;
    if (this.#level === 'plain') {
      this.socket.resume();
      return;
    }
    const handle = this.#internals._handle;
    if (handle === null) return;
    handle.reading = true;
    handle.readStart();
  }

  get readPaused(): boolean {
    return this.#readPaused;
  }

  /** Whether the kernel has taken octets since the last call: tells a slow reader from one that has stopped. */
  hasWriteProgressed(): boolean {
    const size = this.#internals._handle?.writeQueueSize ?? 0;
    const progressed = size !== this.#lastQueueSize;
    this.#lastQueueSize = size;
    return progressed;
  }

  /** Sends what is queued, then FIN (close_notify first on TLS); reading goes on. */
  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    if (!this.#writing && this.#open) this.#finish();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.socket.end();
  }

  /** Ends the connection now; what is queued is lost. */
  destroy(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.socket.destroy();
  }

  /** Ends the connection with RST where it is TCP, so that the peer cannot take a cut message for a whole one. */
  reset(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    // A unix socket has no RST, and says so by throwing.
    if (this.socket.remoteAddress === undefined || this.#encrypted) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }
}
