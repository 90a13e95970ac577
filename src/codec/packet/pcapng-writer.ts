/**
 * Writes pcapng (draft-ietf-opsawg-pcapng): a section, its interfaces, secrets, packets.
 *
 *   06 00 00 00  len  interface  time high, low  captured  original  packet, padding  options  len
 */
import { TLS_KEY_LOG } from './capture-reader.ts';

const utf8 = new TextEncoder();

/** Every block is `type length body length`, the body padded to four octets; all numbers little-endian. */
function block(type: number, body: Uint8Array): Uint8Array {
  const padded = body.length + padding(body.length);
  const out = new Uint8Array(12 + padded);
  const view = new DataView(out.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, out.length, true);
  out.set(body, 8);
  view.setUint32(out.length - 4, out.length, true);
  return out;
}

const padding = (length: number): number => (4 - (length % 4)) % 4;

function option(code: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + value.length + padding(value.length));
  const view = new DataView(out.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  out.set(value, 4);
  return out;
}

/** Options up to 65,535 octets of text each; opt_endofopt ends them. */
function options(texts: readonly (readonly [code: number, text: string])[]): Uint8Array {
  const told = texts.filter(([, text]) => text !== '').map(([code, text]) => option(code, utf8.encode(text)));
  return told.length === 0 ? new Uint8Array(0) : concatenate([...told, new Uint8Array(4)]);
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const COMMENT = 1;
const INTERFACE_NAME = 2;
const APPLICATION = 4;

/** The Section Header Block that a file begins with. */
export function encodeSection(application: string, comment: string): Uint8Array {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, 0x1a2b3c4d, true);
  view.setUint16(4, 1, true);
  // The section's length is not told: -1.
  view.setUint32(8, 0xffff_ffff, true);
  view.setUint32(12, 0xffff_ffff, true);
  return block(
    0x0a0d0d0a,
    concatenate([
      body,
      options([
        [COMMENT, comment],
        [APPLICATION, application],
      ]),
    ]),
  );
}

/** Time stamps are in microseconds, which is what readers take unless told otherwise. */
export function encodeInterface(linkType: number, name: string, comment = ''): Uint8Array {
  const body = new Uint8Array(8);
  const view = new DataView(body.buffer);
  view.setUint16(0, linkType, true);
  return block(
    1,
    concatenate([
      body,
      options([
        [COMMENT, comment],
        [INTERFACE_NAME, name],
      ]),
    ]),
  );
}

/** Lines of NSS key log format, with which readers decrypt what follows. */
export function encodeTlsSecrets(lines: readonly string[]): Uint8Array {
  const secrets = utf8.encode(lines.map((line) => `${line}\n`).join(''));
  const body = new Uint8Array(8 + secrets.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, TLS_KEY_LOG, true);
  view.setUint32(4, secrets.length, true);
  body.set(secrets, 8);
  return block(10, body);
}

/** A packet of the interface with that number. `timeMs` counts from the epoch. */
export function encodePacket(
  interfaceNumber: number,
  timeMs: number,
  bytes: Uint8Array,
  originalLength: number = bytes.length,
  comment = '',
): Uint8Array {
  const head = new Uint8Array(20 + bytes.length + padding(bytes.length));
  const view = new DataView(head.buffer);
  const microseconds = Math.max(0, Math.round(timeMs * 1_000));
  view.setUint32(0, interfaceNumber, true);
  view.setUint32(4, Math.floor(microseconds / 0x1_0000_0000), true);
  view.setUint32(8, microseconds % 0x1_0000_0000, true);
  view.setUint32(12, bytes.length, true);
  view.setUint32(16, originalLength, true);
  head.set(bytes, 20);
  return block(6, concatenate([head, options([[COMMENT, comment]])]));
}
