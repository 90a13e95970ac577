import type { Connection } from '../connect/connection.ts';

/** Where the close_notify alerts of a connection stand in time; `known` is false where its records could not be read. */
export interface CloseNotify {
  readonly known: boolean;
  readonly sentMs: number | undefined;
  readonly receivedMs: number | undefined;
}

export function closeNotifyOf(_connection: Connection): CloseNotify {
  return { known: false, sentMs: undefined, receivedMs: undefined };
}
