/**
 * A port that the supervisor holds open and never accepts from. Its workers get the same open socket and accept from it,
 * so that there is one queue: whichever worker is free takes the next connection, and when a worker ends, or all do,
 * what waits in the queue waits for the next one. (Sockets of their own with SO_REUSEPORT lose their queue with the
 * worker; docs/workers.md has the figures.)
 *
 * Node accepts from every server that it listens with. What binds without listening is the function with which
 * node:cluster opens the sockets that it shares, `net._createServerHandle`.
 */
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { explainBindError, type FailedBind } from '../listen/explain-bind-error.ts';
import type { InheritedSocket } from '../listen/inherited.ts';
import type { Finding } from '../../story/finding.ts';

/** What Node keeps a socket in. Given to `child.send`, it arrives in the worker as a handle of the same socket. */
interface SocketHandle {
  /** Absent on unix sockets. */
  getsockname?(out: { address?: string; port?: number }): number;
  close(): void;
}

type CreateHandle = (
  address: string | null,
  port: number,
  addressType: number,
  fd?: number,
  flags?: number,
) => SocketHandle | number;

const createHandle = (net as unknown as { readonly _createServerHandle?: CreateHandle })._createServerHandle;

/** Whether this Node can hold a port for others. */
export const canHoldPorts = typeof createHandle === 'function';

export interface HeldPort {
  readonly handle: object;
  readonly address: string;
  readonly port: number;
  /** Refuses connections once every worker has closed it too. */
  close(): void;
}

export type HeldPortResult =
  | { readonly ok: true; readonly held: HeldPort }
  | { readonly ok: false; readonly finding: Finding };

/** Binds an address ('' for all) and port (0 for a free one). Connections come once a worker listens. */
export async function holdPort(request: FailedBind): Promise<HeldPortResult> {
  const { host, port } = request;
  const failed = async (code: string): Promise<HeldPortResult> => ({
    ok: false,
    finding: await explainBindError(code, request),
  });
  let address: string | null = null;
  let family = 4;
  if (host !== '') {
    try {
      ({ address, family } = await lookup(host));
    } catch (error) {
      return failed((error as NodeJS.ErrnoException).code ?? 'ENOTFOUND');
    }
  }
  const handle = createHandle!(address, port, family, -1, 0);
  if (typeof handle === 'number') return failed(getSystemErrorName(handle));
  const held = describe(handle);
  // libuv tells of a port that is taken only when it listens; a socket that is not bound has no port until then.
  if (held.port === 0 || (port !== 0 && held.port !== port)) {
    handle.close();
    return failed('EADDRINUSE');
  }
  return { ok: true, held };
}

/** Holds a socket that was handed over to this process. Throws where the descriptor is no listening socket. */
export function holdInherited({ fd }: InheritedSocket): HeldPort {
  const handle = createHandle!(null, 0, -1, fd);
  if (typeof handle === 'number') throw new Error(getSystemErrorName(handle));
  return describe(handle);
}

function describe(handle: SocketHandle): HeldPort {
  const bound: { address?: string; port?: number } = {};
  handle.getsockname?.(bound);
  return { handle, address: bound.address ?? '', port: bound.port ?? 0, close: () => handle.close() };
}
