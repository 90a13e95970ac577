/**
 * The parts of Node's sockets that the faster transport levels use and that no documentation promises. They are looked
 * for, never assumed: where one is missing, the level below is taken. `process.binding` is not among them.
 */
import net from 'node:net';

/** What a handle is given to write with, and tells the end through. */
export interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** What is being written, for as long as that takes. */
  buffer?: Uint8Array | undefined;
  getAsyncId(): number;
}

export interface SocketHandle {
  reading: boolean;
  readStart(): number;
  readStop(): number;
  useUserBuffer?(buffer: Uint8Array): void;
  /** 0, or a negative error number; the end is told to `request` where it comes later. */
  writeBuffer(request: WriteRequest | null, octets: Uint8Array): number | undefined;
  readonly writeQueueSize?: number;
}

export interface SocketInternals {
  push(chunk: Buffer | null): boolean;
  _write(chunk: Buffer, encoding: 'buffer', done: (error?: Error | null) => void): void;
  readonly _handle: SocketHandle | null;
  readonly encrypted?: boolean;
}

interface StaticReadSymbols {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly generate: symbol;
}

/** The symbols behind the public `onread` option of net.Socket, which TLS sockets over a given socket do not take. */
const staticRead: StaticReadSymbols | undefined = findStaticReadSymbols();

function findStaticReadSymbols(): StaticReadSymbols | undefined {
  const socket = new net.Socket();
  const found: Record<string, symbol> = {};
  for (const symbol of Object.getOwnPropertySymbols(socket)) found[symbol.description ?? ''] = symbol;
  socket.destroy();
  const { kBuffer, kBufferCb, kBufferGen } = found;
  if (kBuffer === undefined || kBufferCb === undefined || kBufferGen === undefined) return undefined;
  return { buffer: kBuffer, callback: kBufferCb, generate: kBufferGen };
}

/** Whether this runtime has what `readInto` needs. */
export function hasStaticReadSymbols(): boolean {
  return staticRead !== undefined;
}

/** Whether reads of this socket can be led into a buffer of ours. */
export function hasStaticRead(socket: net.Socket): boolean {
  return staticRead !== undefined && typeof internalsOf(socket)._handle?.useUserBuffer === 'function';
}

/** Leads all further reads of the socket into `buffer`; `onread` gets the length of each. */
export function readInto(socket: net.Socket, buffer: Buffer, onread: (length: number) => void): void {
  if (staticRead === undefined) throw new Error('readInto needs hasStaticRead');
  const slots = socket as unknown as Record<symbol, unknown>;
  slots[staticRead.buffer] = buffer;
  slots[staticRead.generate] = null;
  slots[staticRead.callback] = (length: number): boolean => {
    onread(length);
    return true;
  };
  internalsOf(socket)._handle?.useUserBuffer?.(buffer);
}

export function internalsOf(socket: net.Socket): SocketInternals {
  return socket as unknown as SocketInternals;
}
