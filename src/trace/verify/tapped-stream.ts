import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Enough for any server's first flight; certificate chains are refused by OpenSSL above 100 KiB. */
const MAX_KEPT_BYTES = 1 << 19;

/** Passes a TCP connection on as it is, and keeps a copy of the first octets that the peer sent. */
export class TappedStream extends Duplex {
  readonly #socket: Socket;
  readonly #kept: Buffer[] = [];
  #keptLength = 0;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (this.#keptLength < MAX_KEPT_BYTES) {
        this.#kept.push(chunk);
        this.#keptLength += chunk.length;
      }
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** What the peer sent so far, from its first octet on. */
  get received(): Buffer {
    return Buffer.concat(this.#kept);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
