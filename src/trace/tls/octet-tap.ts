import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Sender } from '../../codec/tls/conversation/items.ts';

/** Told of every piece of octets as it passes, in memory of its own, and of the ends of both streams. */
export interface TapListener {
  onOctets(sender: Sender, octets: Uint8Array, atMs: number): void;
  onEnd(sender: Sender, how: 'fin' | 'reset', atMs: number): void;
}

/**
 * Passes a TCP connection on as it is and tells a listener of every octet in both directions, before whoever reads or the
 * network gets it. We are the client.
 */
export class OctetTap extends Duplex {
  readonly #socket: Socket;
  readonly #listener: TapListener;
  readonly #now: () => number;
  #clientEnded = false;
  #serverEnded = false;

  /** `now` gives milliseconds on a clock of the caller's choice. */
  constructor(socket: Socket, listener: TapListener, now: () => number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#listener = listener;
    this.#now = now;
    socket.on('data', this.#onData);
    socket.on('end', this.#onServerEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    // A copy: a small piece would keep the whole pool of memory that it was read into.
    this.#listener.onOctets('server', Uint8Array.from(chunk), this.#now());
    if (!this.push(chunk)) this.#socket.pause();
  };

  readonly #onServerEnd = (): void => {
    this.#tellServerEnd('fin');
    this.push(null);
  };

  readonly #onError = (error: Error): void => {
    const { code } = error as NodeJS.ErrnoException;
    this.#tellServerEnd(code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'fin');
    this.destroy(error);
  };

  readonly #onClose = (): void => {
    this.#tellClientEnd();
    this.destroy();
  };

  #tellServerEnd(how: 'fin' | 'reset'): void {
    if (this.#serverEnded) return;
    this.#serverEnded = true;
    this.#listener.onEnd('server', how, this.#now());
  }

  #tellClientEnd(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    this.#listener.onEnd('client', 'fin', this.#now());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#listener.onOctets('client', Uint8Array.from(chunk), this.#now());
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#tellClientEnd();
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#tellClientEnd();
    this.#socket.destroy();
    done(error);
  }
}
