import type { ListenOptions, Server } from 'node:net';
import type { Finding } from '../../story/finding.ts';
import { explainBindError } from './explain-bind-error.ts';

export interface BindRequest {
  /** A server that does not listen yet. It is the caller's: closed by the caller, with the caller's listeners. */
  readonly server: Server;
  /** Address or name; '' for all addresses, IPv6 and IPv4. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The flag that chooses the port, for the explanation: `--https-port`. */
  readonly portOption: string;
  /** Connections that may wait to be accepted; the kernel caps it (net.core.somaxconn). */
  readonly backlog?: number;
  /** Several processes share the port and the kernel spreads connections (Node 22.12 or newer; ignored before). */
  readonly reusePort?: boolean;
}

/** A listener that is open. */
export interface Listening {
  readonly server: Server;
  /** Address that it is bound to; '' for a unix socket. */
  readonly address: string;
  readonly port: number;
}

export type BindResult =
  | { readonly ok: true; readonly listening: Listening }
  | { readonly ok: false; readonly finding: Finding };

/** A burst of handshakes must not be refused before it is looked at; 4096 is what Linux allows by default. */
export const defaultBacklog = 4096;
/** What binding to `::` fails with where IPv6 is compiled out or switched off. */
const withoutIpv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL', 'EPROTONOSUPPORT']);

/** Resolves to '' when the server listens, else to the system's error code. */
export function tryListen(
  server: Server,
  options: ListenOptions | { readonly fd: number; readonly backlog: number },
): Promise<string> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening);
      resolve(error.code ?? error.message);
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve('');
    };
    server.once('error', onError).once('listening', onListening);
    try {
      server.listen(options as ListenOptions);
    } catch (error) {
      // Arguments that Node itself refuses, such as a port beyond 65535.
      server.off('error', onError);
      onError(error as NodeJS.ErrnoException);
    }
  });
}

/** Where a listening server is bound. */
export function describeListening(server: Server): Listening {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return { server, address: '', port: 0 };
  return { server, address: bound.address, port: bound.port };
}

/**
 * Opens a port. Without a host that is one dual-stack socket on `::`, or `0.0.0.0` where the machine has no IPv6. A failure
 * is explained: which process holds the port, which permission is missing, and the ways out.
 */
export async function bindListener(request: BindRequest): Promise<BindResult> {
  const { server, host, port } = request;
  const shared = {
    port,
    backlog: request.backlog ?? defaultBacklog,
    ...(request.reusePort === true ? { reusePort: true } : {}),
  };
  let code = await tryListen(server, { ...shared, host: host === '' ? '::' : host, ipv6Only: false });
  if (host === '' && withoutIpv6.has(code)) code = await tryListen(server, { ...shared, host: '0.0.0.0' });
  if (code !== '') return { ok: false, finding: await explainBindError(code, request) };
  return { ok: true, listening: describeListening(server) };
}
