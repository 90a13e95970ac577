import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { createMessageFramer, frameMessage } from './tcp-framing.ts';
import type { DnsSurroundings, DnsTransport, Exchange, ExchangeFailure, ExchangeOutcome } from './transport.ts';

/** Real sockets: a UDP socket with a port of its own for every message (RFC 5452 section 9.2), a TCP connection for each. */
export const socketTransport: DnsTransport = (exchange) =>
  exchange.signal?.aborted === true
    ? Promise.resolve({ ok: false, failure: 'aborted', detail: '' })
    : exchange.protocol === 'udp'
      ? overUdp(exchange)
      : overTcp(exchange);

/** The sockets, the clock and the randomness of this machine. */
export const systemSurroundings: DnsSurroundings = {
  transport: socketTransport,
  // Goes on evenly while the clock of the machine is set.
  nowMs: () => performance.timeOrigin + performance.now(),
  random: (below) => randomInt(below),
};

const failures: Readonly<Record<string, ExchangeFailure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ETIMEDOUT: 'timeout',
};

function failureOf(error: NodeJS.ErrnoException): ExchangeOutcome {
  const detail = error.code ?? error.message;
  return { ok: false, failure: failures[detail] ?? 'unreachable', detail };
}

function overUdp({ server, octets, timeoutMs, accepts, signal }: Exchange): Promise<ExchangeOutcome> {
  return new Promise((resolve) => {
    const socket = createSocket(server.address.includes(':') ? 'udp6' : 'udp4');
    let isOver = false;
    const finish = (outcome: ExchangeOutcome): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      // Its listeners stay: while it still binds, the socket waits for one of its own to be closed.
      socket.close();
      resolve(outcome);
    };
    const abort = (): void => finish({ ok: false, failure: 'aborted', detail: '' });
    const timer = setTimeout(() => finish({ ok: false, failure: 'timeout', detail: '' }), timeoutMs);
    signal?.addEventListener('abort', abort);
    socket.on('error', (error) => finish(failureOf(error)));
    // Connected: the kernel drops what comes from elsewhere, and tells when nobody listens there.
    socket.on('connect', () => {
      if (!isOver) socket.send(octets, (error) => error instanceof Error && finish(failureOf(error)));
    });
    socket.on('message', (received) => {
      if (!isOver && accepts(received)) finish({ ok: true, octets: received });
    });
    socket.connect(server.port, server.address);
  });
}

function overTcp({ server, octets, timeoutMs, accepts, signal }: Exchange): Promise<ExchangeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true });
    const framer = createMessageFramer();
    const finish = (outcome: ExchangeOutcome): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve(outcome);
    };
    const abort = (): void => finish({ ok: false, failure: 'aborted', detail: '' });
    const timer = setTimeout(() => finish({ ok: false, failure: 'timeout', detail: '' }), timeoutMs);
    signal?.addEventListener('abort', abort);
    socket.on('connect', () => socket.write(frameMessage(octets)));
    socket.on('data', (chunk: Uint8Array) => {
      for (const message of framer.push(chunk)) if (accepts(message)) return finish({ ok: true, octets: message });
    });
    socket.on('error', (error) => finish(failureOf(error)));
    socket.on('close', () => finish({ ok: false, failure: 'closed', detail: '' }));
  });
}
