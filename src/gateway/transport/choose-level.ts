/**
 * Which transport level this runtime carries. The faster levels lean on parts of Node that no documentation promises, so
 * looking whether they are there is not enough: each is tried on a real TLS connection over loopback, octets both ways in
 * several sizes, with back-pressure and both ends of the connection, before it is trusted with anybody's.
 */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { Worker } from 'node:worker_threads';
import { hasStaticReadSymbols } from './socket-internals.ts';
import { Transport, type TransportLevel } from './transport.ts';

/** A loopback connection takes a few milliseconds; what takes this long does not work. */
const PROBE_MS = 2000;
/** One record, more than one, more than the read buffer and the socket buffers hold. */
const SIZES = [10, 40_000, 1_000_000];
/** No certificate is at hand this early: both ends share a key instead (RFC 4279). */
const IDENTITY = 'probe';

const LEVELS: readonly TransportLevel[] = ['plain', 'direct', 'static'];

/** The fastest level that works here; MENSHEN_TRANSPORT names another one, for whoever looks for a fault. */
export async function chooseTransportLevel(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<TransportLevel> {
  const wanted = LEVELS.find((level) => level === env['MENSHEN_TRANSPORT']);
  if (wanted !== undefined) return wanted;
  return (await levelFoundInThread()) ?? (await fastestLevel());
}

/** What `fastestLevel` finds in a thread of its own (`probe-thread.ts` says why); undefined where none can be had. */
function levelFoundInThread(): Promise<TransportLevel | undefined> {
  return new Promise((resolve) => {
    try {
      const thread = new Worker(new URL('probe-thread.js', import.meta.url), { execArgv: [] });
      thread.once('message', (level: TransportLevel) => {
        resolve(level);
        void thread.terminate();
      });
      thread.once('error', () => resolve(undefined));
      thread.once('exit', () => resolve(undefined));
    } catch {
      resolve(undefined);
    }
  });
}

/** Tries the levels from the fastest down, in this very thread. */
export async function fastestLevel(): Promise<TransportLevel> {
  const { push, _write } = net.Socket.prototype as unknown as { push: unknown; _write: unknown };
  if (typeof push !== 'function' || typeof _write !== 'function') return 'plain';
  if (hasStaticReadSymbols() && (await probeTransportLevel('static'))) return 'static';
  return (await probeTransportLevel('direct')) ? 'direct' : 'plain';
}

/** Whether octets sent through a server-side Transport of this level come back whole and its ends are told. */
export async function probeTransportLevel(level: TransportLevel): Promise<boolean> {
  const key = randomBytes(16);
  const server = net.createServer({ allowHalfOpen: true });
  const sockets: net.Socket[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const closed = echoOne(server, level, key, sockets);
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, PROBE_MS, false);
    });
    return await Promise.race([exchange(port, key, sockets).then((whole) => whole && closed), patience]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const protocol: tls.SecureContextOptions = { maxVersion: 'TLSv1.2', ciphers: 'PSK-AES128-GCM-SHA256' };

/** Sends back whatever the first connection brings; resolves with true once its ends have been told as they should. */
function echoOne(server: net.Server, level: TransportLevel, key: Buffer, sockets: net.Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const secure = tls.createServer({ ...protocol, pskCallback: () => key });
    secure.once('tlsClientError', () => resolve(false));
    secure.once('secureConnection', (socket) => {
      let readEnded = false;
      const transport = new Transport(socket, level, true);
      transport.start({
        onRead: (buffer, length) => {
          transport.write(buffer.subarray(0, length));
          if (transport.pendingBytes > 65_536) transport.pauseRead();
        },
        onWritable: () => transport.resumeRead(),
        onReadEnd: () => {
          readEnded = true;
          transport.end();
        },
        onClosed: (error) => resolve(readEnded && error === undefined),
      });
    });
    server.once('connection', (socket) => {
      sockets.push(socket);
      socket.on('error', () => resolve(false));
      secure.emit('connection', socket);
    });
  });
}

/** Sends octets and compares what comes back. */
function exchange(port: number, key: Buffer, sockets: net.Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = Buffer.concat(SIZES.map((size) => randomBytes(size)));
    const came: Buffer[] = [];
    const socket = tls.connect({
      ...protocol,
      port,
      host: '127.0.0.1',
      pskCallback: () => ({ psk: key, identity: IDENTITY }),
      checkServerIdentity: () => undefined,
    });
    sockets.push(socket);
    let length = 0;
    socket.on('data', (chunk: Buffer) => {
      came.push(chunk);
      length += chunk.length;
      if (length === sent.length) socket.end();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(Buffer.concat(came).equals(sent)));
    let offset = 0;
    for (const size of SIZES) {
      socket.write(sent.subarray(offset, offset + size));
      offset += size;
    }
  });
}
