import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Sender } from '../../../src/codec/tls/conversation/items.ts';

/** Told of every piece of octets as it passes, in memory of its own, and of the ends of both streams. */
export interface TapListener {
  onOctets(sender: Sender, octets: Uint8Array, atMs: number): void;
  onEnd(sender: Sender, how: 'fin' | 'reset', atMs: number): void;
}

/** How long a peer may take to close its side after ours is closed: who closed, and how, is part of the story. */
const LINGER_MS = 500;

/**
 * Passes a TCP connection on as it is and tells a listener of every octet in both directions, before whoever reads or the
 * network gets it. We are the client.
 */
export class OctetTap extends Duplex {
  readonly #socket: Socket;
  readonly #listener: TapListener;
  readonly #now: () => number;
  readonly #ended: Record<Sender, boolean> = { client: false, server: false };

  /** `now` gives milliseconds on a clock of the caller's choice. */
  constructor(socket: Socket, listener: TapListener, now: () => number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#listener = listener;
    this.#now = now;
    // The answer to a close_notify that comes with a FIN must still go out.
    socket.allowHalfOpen = true;
    socket.on('data', this.#onData);
    socket.on('end', this.#onServerEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    // A copy: a small piece would keep the whole pool of memory that it was read into.
    this.#listener.onOctets('server', Uint8Array.from(chunk), this.#now());
    if (!this.destroyed && !this.push(chunk)) this.#socket.pause();
  };

  readonly #onServerEnd = (): void => {
    this.#tellEnd('server', 'fin');
    if (!this.destroyed) this.push(null);
    else this.#socket.destroy();
  };

  readonly #onError = (error: Error): void => {
    const { code } = error as NodeJS.ErrnoException;
    // EPIPE: the peer's reset came while we were writing.
    if (code === 'ECONNRESET' || code === 'EPIPE') this.#tellEnd('server', 'reset');
    this.destroy(error);
  };

  readonly #onClose = (): void => {
    this.#tellEnd('client', 'fin');
    this.destroy();
  };

  #tellEnd(sender: Sender, how: 'fin' | 'reset'): void {
    if (this.#ended[sender]) return;
    this.#ended[sender] = true;
    this.#listener.onEnd(sender, how, this.#now());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#listener.onOctets('client', Uint8Array.from(chunk), this.#now());
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#tellEnd('client', 'fin');
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#close(error !== null);
    done(error);
  }

  /** An orderly end waits a moment for the peer's; the octets that still come are told, though nobody reads them. */
  #close(isBroken: boolean): void {
    const socket = this.#socket;
    this.#tellEnd('client', 'fin');
    if (isBroken || this.#ended.server || !socket.writableEnded || socket.destroyed) {
      socket.destroy();
      return;
    }
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  }
}
