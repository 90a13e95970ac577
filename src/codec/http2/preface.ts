/** The client's connection preface (RFC 9113 section 3.4): 24 octets that no HTTP/1.1 server takes for a request. */
import { asciiBytes } from '../http1/characters.ts';

/** `PRI * HTTP/2.0 CRLF CRLF SM CRLF CRLF`. */
export const CLIENT_PREFACE: Uint8Array = asciiBytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** These octets are not the preface. */
export const PREFACE_MISMATCH = -1;

/**
 * Goes on matching the preface: `matched` octets of it came before, `bytes[start, end)` comes now. Returns how many have
 * been matched then (CLIENT_PREFACE.length when it is whole; what follows it may stand in the same bytes), or
 * PREFACE_MISMATCH at the first octet that differs.
 */
export function matchPreface(bytes: Uint8Array, start: number, end: number, matched: number): number {
  const count = Math.min(end - start, CLIENT_PREFACE.length - matched);
  for (let i = 0; i < count; i += 1) {
    if (bytes[start + i] !== CLIENT_PREFACE[matched + i]) return PREFACE_MISMATCH;
  }
  return matched + count;
}
