import type { Connection } from '../connect/connection.ts';

/** When the close_notify alerts of a connection passed, milliseconds since the trace began; undefined for none. */
export interface CloseNotify {
  /** False where the records could not be read, so that nothing can be said. */
  readonly known: boolean;
  readonly sentMs: number | undefined;
  readonly receivedMs: number | undefined;
}

export function closeNotifyOf({ parts }: Connection): CloseNotify {
  const items = parts.secure?.readAlong().items ?? [];
  const timeOf = (sender: 'client' | 'server'): number | undefined =>
    items.find((item) => item.kind === 'alert' && item.sender === sender && item.name === 'close_notify')?.atMs;
  const known = parts.secure !== undefined && items.every((item) => item.known.how !== 'undecryptable');
  return { known, sentMs: timeOf('client'), receivedMs: timeOf('server') };
}
