/**
 * As much of a WebSocket server (RFC 6455) as an app needs that answers short text messages: the opening handshake, whole
 * text messages, ping, close. Fragments, binary messages and long ones are refused with the code that the RFC gives.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Appended to the client's key before hashing (RFC 6455 section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** The longest message taken, in octets: what one frame with a two-octet length holds (section 5.2). */
const LONGEST = 0xffff;

const PROTOCOL_ERROR = 1002;
const UNSUPPORTED = 1003;
const INVALID_TEXT = 1007;
const TOO_BIG = 1009;

export type OnText = (text: string, send: (text: string) => void) => void;

/** Answers an upgrade with an HTTP error. `status` is code and reason. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Completes the handshake and hands every text message to `onText`. `rest` is what came behind the request's head. */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex, rest: Buffer, onText: OnText): void {
  const key = request.headers['sec-websocket-key'] ?? '';
  const version = request.headers['sec-websocket-version'];
  if (Buffer.from(key, 'base64').length !== 16 || version !== '13') {
    refuseUpgrade(socket, '400 Bad Request');
    return;
  }
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);

  let held = rest;
  const take = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const frame = readFrame(held);
      if (frame === undefined || socket.writableEnded) return;
      if (typeof frame === 'number') {
        socket.end(closeFrame(frame));
        return;
      }
      held = held.subarray(frame.byteLength);
      answer(frame, socket, onText);
    }
  };
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', take);
  take(Buffer.alloc(0));
}

function answer(frame: Frame, socket: Duplex, onText: OnText): void {
  const { opcode, payload } = frame;
  if (opcode === TEXT) {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    } catch {
      socket.end(closeFrame(INVALID_TEXT));
      return;
    }
    onText(text, (reply) => socket.write(encodeFrame(TEXT, Buffer.from(reply))));
  } else if (opcode === PING) socket.write(encodeFrame(PONG, payload));
  else if (opcode === CLOSE) socket.end(encodeFrame(CLOSE, payload.subarray(0, 2)));
}

interface Frame {
  readonly opcode: number;
  /** Unmasked. */
  readonly payload: Buffer;
  /** Octets that the frame took. */
  readonly byteLength: number;
}

/**
 * Reads the frame that `bytes` begin with: undefined while it is not whole, a close code when it is not acceptable.
 *
 *     81 85 37 fa 21 3d 7f 9f 4d 51 58      FIN text, masked, 5 octets, masking key, "Hello" masked (section 5.7)
 */
export function readFrame(bytes: Buffer): Frame | number | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const opcode = first & 0x0f;
  // Reserved bits need an extension, and what a client sends is masked (sections 5.1 and 5.2).
  if ((first & 0x70) !== 0 || (second & 0x80) === 0) return PROTOCOL_ERROR;
  if ((first & 0x80) === 0 || ![TEXT, CLOSE, PING, PONG].includes(opcode)) return UNSUPPORTED;
  let length = second & 0x7f;
  let offset = 2;
  if (length > 125) {
    if (opcode !== TEXT) return PROTOCOL_ERROR;
    if (length === 127) return TOO_BIG;
    if (bytes.length < 4) return undefined;
    length = bytes.readUInt16BE(2);
    offset = 4;
  }
  const byteLength = offset + 4 + length;
  if (bytes.length < byteLength) return undefined;
  const mask = bytes.subarray(offset, offset + 4);
  const payload = Buffer.from(bytes.subarray(offset + 4, byteLength));
  for (let index = 0; index < length; index += 1) payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return { opcode, payload, byteLength };
}

/** A whole frame from a server, which does not mask; `payload` holds at most 65,535 octets. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > LONGEST) throw new RangeError(`a message of ${payload.length} octets`);
  const head = payload.length <= 125 ? Buffer.alloc(2) : Buffer.alloc(4);
  head.writeUInt8(0x80 | opcode, 0);
  if (head.length === 2) head.writeUInt8(payload.length, 1);
  else {
    head.writeUInt8(126, 1);
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}

function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return encodeFrame(CLOSE, payload);
}
