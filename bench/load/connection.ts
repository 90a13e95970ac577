/** The TLS client of the load processes: one connection, one request, the answer verified. */
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { judge } from './probe.ts';

export interface ConnectionOptions {
  readonly port: number;
  readonly serverName: string;
  readonly secureContext: SecureContext;
  /** A session to resume. */
  readonly session: Buffer | undefined;
  /** Asks the peer to close afterwards. */
  readonly close: boolean;
}

export interface AnsweredConnection {
  readonly socket: TLSSocket;
  readonly resumed: boolean;
  /** The newest session that the peer gave, for a later connection. */
  readonly session: Buffer | undefined;
}

/** Opens a connection and sends a request. Resolves after the answer, with `close` after the end of the connection. */
export function askOnce(options: ConnectionOptions): Promise<AnsweredConnection> {
  return new Promise((resolve, reject) => {
    const { port, serverName, secureContext } = options;
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: serverName,
      secureContext,
      ALPNProtocols: ['http/1.1'],
      ...(options.session === undefined ? {} : { session: options.session }),
    });
    let received = '';
    let verdict = 'incomplete';
    let session: Buffer | undefined;
    let resumed = false;
    const done = () => resolve({ socket, resumed, session });
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('session', (newest: Buffer) => (session = newest));
    socket.on('secureConnect', () => {
      resumed = socket.isSessionReused();
      const connection = options.close ? 'Connection: close\r\n' : '';
      socket.write(`GET / HTTP/1.1\r\nHost: ${serverName}:${port}\r\n${connection}\r\n`);
    });
    socket.on('data', (text: string) => {
      received += text;
      verdict = judge(received);
      if (verdict === '' && !options.close) done();
      if (verdict !== '' && verdict !== 'incomplete') {
        reject(new Error(verdict));
        socket.destroy();
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (options.close && verdict === '') done();
      else reject(new Error(`closed after ${received.length} octets of the answer`));
    });
  });
}

/** Ends this load process with the message of whatever goes wrong, without a stack: the bench shows it to a person. */
export function failWithMessage(): void {
  process.once('uncaughtException', (error) => {
    process.stderr.write(`${error.message}\n`, () => process.exit(1));
  });
}
