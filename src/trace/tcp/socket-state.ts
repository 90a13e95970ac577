/** The state of a connection as /proc/net/tcp and tcp6 tell it: the only place that still knows of one after its close. */
import { readFile } from 'node:fs/promises';
import type { Endpoints } from './kernel-facts.ts';

/** Numbers of include/net/tcp_states.h. */
const states: readonly string[] = [
  '',
  'ESTABLISHED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
];

/** Our end's state by its RFC 9293 name; `CLOSED` where the kernel knows no such connection; undefined where none tells. */
export async function readSocketState(ends: Endpoints): Promise<string | undefined> {
  const file = ends.localAddress.includes(':') ? '/proc/net/tcp6' : '/proc/net/tcp';
  const table = await readFile(file, 'latin1').catch(() => undefined);
  return table === undefined ? undefined : (findSocketState(table, ends) ?? 'CLOSED');
}

/** Looks for the ports of both ends: `sl local_address rem_address st`, addresses as hexadecimal with `:PORT`. */
export function findSocketState(table: string, { localPort, remotePort }: Endpoints): string | undefined {
  // One search over the whole text: a busy machine has thousands of lines.
  const line = new RegExp(`:${hexPort(localPort)} [0-9A-F]+:${hexPort(remotePort)} ([0-9A-F]{2}) `).exec(table);
  return line === null ? undefined : states[Number.parseInt(line[1]!, 16)];
}

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
