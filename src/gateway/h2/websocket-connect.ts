/**
 * The two opening handshakes of a WebSocket, each told as the other: in HTTP/1.1 (RFC 6455 section 4) and in HTTP/2 by
 * extended CONNECT (RFC 8441 section 4). Between the gateway's two sides it is always that of HTTP/1.1.
 *
 *   :method CONNECT, :protocol websocket      GET … Upgrade: websocket, Sec-WebSocket-Key: a nonce
 *   :status 200                           ←   101, Sec-WebSocket-Accept: made from that nonce
 *
 * HTTP/2 has neither key nor accept. Where only the client speaks it, the key is the gateway's, and the gateway checks what
 * the app made of it; where only the app speaks it, the gateway answers the client's key.
 */
import { createHash } from 'node:crypto';
import { latin1Text } from '../../codec/latin1.ts';

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** RFC 6455 section 4.1: the nonce has 16 octets. */
export const NONCE_BYTES = 16;
const KEY = /^[A-Za-z0-9+/]{22}==$/;
/** HTTP/2 has no use for the key, a tunnel none for a length (RFC 9110 section 9.3.6), and nobody waits for a 100. */
const NOT_IN_CONNECT = ['sec-websocket-key', 'content-length', 'expect'];
const NOT_IN_ANSWER = ['sec-websocket-accept', 'content-length'];

/** Splits a field block into lines without CRLF. */
function linesOf(block: Buffer, start: number, end: number): string[] {
  return latin1Text(block, start, end)
    .split('\r\n')
    .filter((line) => line !== '');
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).trim();
}

function without(lines: readonly string[], names: readonly string[]): string[] {
  return lines.filter((line) => !names.includes(nameOf(line)));
}

function blockOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
}

/** RFC 6455 section 4.2.2, item 5. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${HANDSHAKE_GUID}`).digest('base64');
}

// ---- the client speaks HTTP/2

/** The field block of the HTTP/1.1 request: the client's, with our key, the version, and without a length. */
export function writeHandshakeFields(block: Buffer, start: number, end: number, key: string): Buffer {
  const lines = without(linesOf(block, start, end), NOT_IN_CONNECT);
  if (!lines.some((line) => nameOf(line) === 'sec-websocket-version')) lines.push('sec-websocket-version: 13');
  lines.push(`sec-websocket-key: ${key}`);
  return blockOf(lines);
}

/**
 * What the client gets of the app's 101: its field block without Sec-WebSocket-Accept; or undefined where the app has not
 * answered our key (RFC 6455 section 4.1).
 */
export function readHandshakeAnswer(block: Buffer, start: number, end: number, key: string): Buffer | undefined {
  const lines = linesOf(block, start, end);
  const accepts = lines.filter((line) => nameOf(line) === 'sec-websocket-accept');
  if (accepts.length !== 1 || valueOf(accepts[0]!) !== acceptOf(key)) return undefined;
  return blockOf(without(lines, NOT_IN_ANSWER));
}

// ---- the app speaks HTTP/2

/** The key of an HTTP/1.1 handshake; '' where there is none, several, or one that is not 16 octets in base64. */
export function readHandshakeKey(block: Buffer, start: number, end: number): string {
  const keys = linesOf(block, start, end).filter((line) => nameOf(line) === 'sec-websocket-key');
  const key = keys.length === 1 ? valueOf(keys[0]!) : '';
  return KEY.test(key) ? key : '';
}

/** The field block of the extended CONNECT for an HTTP/1.1 handshake. */
export function writeConnectFields(block: Buffer, start: number, end: number): Buffer {
  return blockOf(without(linesOf(block, start, end), NOT_IN_CONNECT));
}

/** The field block of the 101 that the app's 2xx stands for, to the client that sent `key`. */
export function writeHandshakeAnswer(block: Buffer, start: number, end: number, key: string): Buffer {
  return blockOf([...without(linesOf(block, start, end), NOT_IN_ANSWER), `sec-websocket-accept: ${acceptOf(key)}`]);
}
