/**
 * Writes of one connection past Node's stream, straight to the handle. For each write the stream makes a request object
 * and leads its end through several functions of its own, which costs a small answer as much as encrypting it.
 *
 * `writeBuffer(request, octets)` of a handle wants a request of a class that nobody exports: it is learnt from the first
 * write that goes through the stream. Where Node makes the requests itself and is given none (Node 26), all writes go
 * through the stream.
 *
 * A request belongs to Node from `writeBuffer` until `oncomplete` has returned and the ticks and promises behind it have
 * run. Used again before, it would end the process (Node checks). So the one that has just come back rests for one more
 * write: if that ends well, it does so only after the call which brought back the first. An end with an error may come
 * within that call; after it nothing is written any more.
 */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { SocketHandle, WriteRequest } from './socket-internals.ts';

const { EBADF } = constants.errno;
/** What Node's own requests say while no write uses them. */
const UNUSED = -1;

type WriteRequestClass = new () => WriteRequest;
let requestClass: WriteRequestClass | 'unknown' | 'unusable' = 'unknown';

export class HandleWriter {
  readonly #encrypted: boolean;
  readonly #onWritten: (error?: Error) => void;
  #ready: WriteRequest | undefined;
  #resting: WriteRequest | undefined;
  #inUse: WriteRequest | undefined;
  #failure: Error | undefined;

  /** `onWritten` is told the end of each write, possibly before `write` returns. */
  constructor(encrypted: boolean, onWritten: (error?: Error) => void) {
    this.#encrypted = encrypted;
    this.#onWritten = onWritten;
  }

  /** Writes `octets`, one write at a time; false where they have to go through the stream instead. */
  write(handle: SocketHandle, octets: Buffer): boolean {
    if (requestClass === 'unusable') return false;
    if (requestClass === 'unknown') {
      learnFrom(handle);
      return false;
    }
    if (this.#failure !== undefined) {
      this.#onWritten(this.#failure);
      return true;
    }
    const request = this.#ready ?? this.#newRequest(requestClass);
    this.#ready = undefined;
    this.#inUse = request;
    // Nothing comes back from a handle that is gone.
    const status = handle.writeBuffer(request, octets) ?? -EBADF;
    // TLS always tells the end later; TCP only where the kernel did not take everything at once.
    if (status === 0 && this.#encrypted) return true;
    if (status === 0 && request.getAsyncId() !== UNUSED) {
      // The kernel has yet to take them, and only Node knows of them now.
      request.buffer = octets;
      return true;
    }
    this.#inUse = undefined;
    this.#ready = request;
    this.#tell(status);
    return true;
  }

  #newRequest(Class: WriteRequestClass): WriteRequest {
    const request = new Class();
    request.oncomplete = this.#onComplete;
    request.buffer = undefined;
    return request;
  }

  readonly #onComplete = (status: number): void => {
    const request = this.#inUse;
    this.#inUse = undefined;
    if (request !== undefined) request.buffer = undefined;
    this.#ready ??= this.#resting;
    this.#resting = request;
    this.#tell(status);
  };

  #tell(status: number): void {
    if (status < 0) this.#failure = writeError(status);
    this.#onWritten(this.#failure);
  }
}

/** Looks at the request that the stream is about to write with. */
function learnFrom(handle: SocketHandle): void {
  const { writeBuffer } = handle;
  handle.writeBuffer = (request, octets) => {
    Reflect.deleteProperty(handle, 'writeBuffer');
    const found = classOf(request);
    const status = writeBuffer.call(handle, request, octets);
    if (found === undefined) requestClass = 'unusable';
    // A write that is under way, as with TLS all are, has to be told from one that has ended; else the next one may tell.
    else if (status === 0 && request!.getAsyncId() > 0) requestClass = found;
    return status;
  };
}

function classOf(request: WriteRequest | null): WriteRequestClass | undefined {
  if (request === null || typeof request.getAsyncId !== 'function' || request.getAsyncId() !== UNUSED) return undefined;
  const Found = request.constructor as WriteRequestClass;
  return new Found().getAsyncId() === UNUSED ? Found : undefined;
}

function writeError(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: 'write' });
}
