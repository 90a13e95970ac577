/** A listening socket of this machine, as /proc/net/tcp and tcp6 tell it. */
export interface ListeningSocket {
  /** Number that `/proc/PID/fd/N` names as `socket:[INODE]`. */
  readonly inode: string;
  /** Owner's user id. */
  readonly uid: number;
}

/** TCP_LISTEN in the kernel's include/net/tcp_states.h. */
const listenState = '0A';

/**
 * The sockets that listen on `port`, from the text of /proc/net/tcp or /proc/net/tcp6:
 *
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 …
 *
 * Addresses and ports are hexadecimal; the port is behind the last colon.
 */
export function parseListeningSockets(text: string, port: number): ListeningSocket[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const sockets: ListeningSocket[] = [];
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/);
    const [, local = '', , state, , , , uid, , inode] = columns;
    if (state !== listenState || inode === undefined || !local.endsWith(`:${wanted}`)) continue;
    sockets.push({ inode, uid: Number(uid) });
  }
  return sockets;
}

/** Name of a user by id, from the text of /etc/passwd; the number itself where it has none. */
export function userNameOf(passwd: string, uid: number): string {
  for (const line of passwd.split('\n')) {
    const [name, , id] = line.split(':');
    if (name && id === String(uid)) return name;
  }
  return String(uid);
}
