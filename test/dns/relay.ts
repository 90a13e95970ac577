import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Passes DNS over UDP and TCP from `address:port` to `127.0.0.1:targetPort`, octet for octet, and sends from `address`.
 * BIND listens on addresses of interfaces only, and so cannot be many servers by itself; by the source it sees whom it is
 * to be (`match-clients`).
 */
export interface Relay {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startRelay(address: string, wanted: number, targetPort: number): Promise<Relay> {
  const udp = createSocket('udp4');
  const outgoing = new Set<UdpSocket>();
  udp.on('message', (octets, from) => {
    // A socket for every datagram: the answer finds its way back without a look into it.
    const out = createSocket('udp4');
    outgoing.add(out);
    const timer = setTimeout(() => finish(), 5_000);
    const finish = (): void => {
      clearTimeout(timer);
      if (outgoing.delete(out)) out.close();
    };
    out.on('message', (answer) => {
      udp.send(answer, from.port, from.address, () => {});
      finish();
    });
    out.on('error', finish);
    out.bind(0, address, () => out.send(octets, targetPort, '127.0.0.1', () => {}));
  });
  const sockets = new Set<Socket>();
  const tcp = createServer((inward) => {
    const outward = connect({ host: '127.0.0.1', port: targetPort, localAddress: address });
    for (const socket of [inward, outward]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        inward.destroy();
        outward.destroy();
      });
    }
    inward.pipe(outward).pipe(inward);
  });
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    for (const socket of outgoing) socket.close();
    outgoing.clear();
    await Promise.all([
      new Promise<void>((resolve) => udp.close(() => resolve())),
      new Promise<void>((resolve) => (tcp.listening ? tcp.close(() => resolve()) : resolve())),
    ]);
  };
  try {
    await listening(udp, () => udp.bind(wanted, address));
    const { port } = udp.address();
    await listening(tcp, () => tcp.listen(port, address));
    return { port, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

function listening(socket: UdpSocket | Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('listening', resolve);
    start();
  });
}
