import type { UpstreamFailure } from './upstream-channel.ts';

/** Why a connection did not come to stand. */
export function connectFailure(error: NodeJS.ErrnoException | undefined): UpstreamFailure {
  // ENOENT: the unix socket's file is not there (yet): nobody listens, just as with a refused port.
  if (error?.code === 'ECONNREFUSED' || error?.code === 'ENOENT') return 'upstream-refused';
  return error?.code === 'ETIMEDOUT' ? 'upstream-connect-timeout' : 'upstream-unreachable';
}
