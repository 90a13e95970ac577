/**
 * WebSocket over HTTP/2 (RFC 8441) towards apps that know the HTTP/1.1 handshake (RFC 6455 section 4) only:
 *
 *   :method CONNECT, :protocol websocket      GET … Upgrade: websocket, Sec-WebSocket-Key: a nonce of ours
 *   :status 200                           ←   101, Sec-WebSocket-Accept checked here, since the client cannot
 */
import { createHash } from 'node:crypto';
import { latin1Text } from '../../codec/latin1.ts';

const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** RFC 6455 section 4.1: the nonce has 16 octets. */
export const NONCE_BYTES = 16;

/** Splits a field block into lines without CRLF. */
function linesOf(block: Buffer, start: number, end: number): string[] {
  return latin1Text(block, start, end)
    .split('\r\n')
    .filter((line) => line !== '');
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

/** The field block of the HTTP/1.1 request: the client's, with our key, the version, and without a length. */
export function writeHandshakeFields(block: Buffer, start: number, end: number, key: string): Buffer {
  const lines = linesOf(block, start, end).filter(
    (line) => !['sec-websocket-key', 'content-length', 'expect'].includes(nameOf(line)),
  );
  if (!lines.some((line) => nameOf(line) === 'sec-websocket-version')) lines.push('sec-websocket-version: 13');
  lines.push(`sec-websocket-key: ${key}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
}

/**
 * What the client gets of the app's 101: its field block without Sec-WebSocket-Accept, which HTTP/2 does not have; or
 * undefined where the app has not answered our key (RFC 6455 section 4.1).
 */
export function readHandshakeAnswer(block: Buffer, start: number, end: number, key: string): Buffer | undefined {
  const wanted = createHash('sha1').update(`${key}${HANDSHAKE_GUID}`).digest('base64');
  const lines = linesOf(block, start, end);
  const accepts = lines.filter((line) => nameOf(line) === 'sec-websocket-accept');
  if (accepts.length !== 1 || accepts[0]!.slice(accepts[0]!.indexOf(':') + 1).trim() !== wanted) return undefined;
  const kept = lines.filter((line) => !['sec-websocket-accept', 'content-length'].includes(nameOf(line)));
  return Buffer.from(kept.map((line) => `${line}\r\n`).join(''), 'latin1');
}
