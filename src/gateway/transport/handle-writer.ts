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
 * write; and that one can end only after the call which brought back the first.
 */
import { getSystemErrorName } from 'node:util';
import type { SocketHandle, WriteRequest } from './socket-internals.ts';

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

  /** `onWritten` is told the end of each write, possibly before `write` returns. */
  constructor(encrypted: boolean, onWritten: (error?: Error) => void) {
    this.#encrypted = encrypted;
    this.#onWritten = onWritten;
  }

  /** Writes `octets`, one write at a time; false where they have to go through the stream instead. */
  write(handle: SocketHandle, octets: Buffer): boolean {
    if (requestClass === 'unusable') return false;
    if (requestClass === 'unknown') {
      learnFrom(handle, this.#encrypted);
      return false;
    }
    const request = this.#ready ?? this.#newRequest(requestClass);
    this.#ready = undefined;
    this.#inUse = request;
    const status = handle.writeBuffer(request, octets);
    // TLS always tells the end later; TCP only where the kernel did not take everything at once.
    if (status === 0 && this.#encrypted) return true;
    if (status === 0 && request.getAsyncId() !== UNUSED) {
      // The kernel has yet to take them, and only Node knows of them now.
      request.buffer = octets;
      return true;
    }
    this.#inUse = undefined;
    this.#ready = request;
    this.#onWritten(status === 0 ? undefined : writeError(status));
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
    this.#onWritten(status < 0 ? writeError(status) : undefined);
  };
}

/** Looks at the request that the stream is about to write with. */
function learnFrom(handle: SocketHandle, encrypted: boolean): void {
  const { writeBuffer } = handle;
  handle.writeBuffer = (request, octets) => {
    Reflect.deleteProperty(handle, 'writeBuffer');
    const found = classOf(request);
    const status = writeBuffer.call(handle, request, octets);
    // What is written with TLS is under way now, and the request has to say so.
    const tells = !encrypted || status !== 0 || (found !== undefined && request!.getAsyncId() > 0);
    requestClass = found !== undefined && tells ? found : 'unusable';
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
