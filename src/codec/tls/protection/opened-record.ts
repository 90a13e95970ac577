import type { TlsRecord } from '../record.ts';

/** What opening a protected record gave. */
export type OpenedRecord =
  | { readonly ok: true; readonly contentType: number; readonly content: Uint8Array; readonly paddingLength: number }
  | { readonly ok: false; readonly why: 'bad-record' | 'too-short' };

/** Opens the records of one direction, one after the other; the sequence number counts those that were opened. */
export interface RecordProtection {
  open(record: TlsRecord): OpenedRecord;
  readonly opened: number;
}

/** A record sequence number as eight octets. */
export function sequenceOctets(sequence: number): Uint8Array {
  const octets = new Uint8Array(8);
  for (let at = 7, rest = sequence; rest > 0; at -= 1, rest = Math.floor(rest / 256)) octets[at] = rest % 256;
  return octets;
}

/** The nonce's base with the sequence number, as wide as it, XORed onto it (RFC 8446 section 5.3, RFC 7905 section 2). */
export function nonceFor(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = Uint8Array.from(iv);
  const counter = sequenceOctets(sequence);
  const from = iv.length - counter.length;
  for (let at = 0; at < counter.length; at += 1) nonce[from + at] = nonce[from + at]! ^ counter[at]!;
  return nonce;
}
