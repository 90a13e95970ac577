import net from 'node:net';
import { hasStaticReadSymbols } from './socket-internals.ts';
import type { TransportLevel } from './transport.ts';

/** The fastest level that this runtime has everything for. */
export function chooseTransportLevel(): TransportLevel {
  const socket = new net.Socket();
  const direct = typeof (socket as { _write?: unknown })._write === 'function' && typeof socket.push === 'function';
  socket.destroy();
  if (!direct) return 'plain';
  return hasStaticReadSymbols() ? 'static' : 'direct';
}
