import type { TlsCrypto, TlsHash } from '../crypto.ts';
import { hashLengths } from '../crypto.ts';
import { asciiOctets, concatOctets } from '../octets.ts';

/** HKDF (RFC 5869) and the labels that TLS 1.3 derives its secrets with (RFC 8446 section 7.1). */

export function hkdfExtract(crypto: TlsCrypto, hash: TlsHash, salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return crypto.hmac(hash, salt, ikm);
}

/** At most 255 hashes (RFC 5869 section 2.3); TLS never wants more than 255 octets of one label. */
export function hkdfExpand(
  crypto: TlsCrypto,
  hash: TlsHash,
  prk: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const rounds = Math.ceil(length / hashLengths[hash]);
  const parts: Uint8Array[] = [];
  let last: Uint8Array = new Uint8Array(0);
  for (let round = 1; round <= rounds; round += 1) {
    last = crypto.hmac(hash, prk, concatOctets(last, info, Uint8Array.of(round)));
    parts.push(last);
  }
  return concatOctets(...parts).subarray(0, length);
}

/**
 * HkdfLabel:
 *
 *     0010 09 746c733133206b6579 00      16 octets, "tls13 key", no context
 */
export function hkdfLabel(label: string, context: Uint8Array, length: number): Uint8Array {
  const name = asciiOctets(`tls13 ${label}`);
  const head = Uint8Array.of(length >> 8, length & 0xff, name.length);
  return concatOctets(head, name, Uint8Array.of(context.length), context);
}

/** HKDF-Expand-Label. Derive-Secret is this with a transcript hash as context and the hash's length. */
export function expandLabel(
  crypto: TlsCrypto,
  hash: TlsHash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number = hashLengths[hash],
): Uint8Array {
  return hkdfExpand(crypto, hash, secret, hkdfLabel(label, context, length), length);
}
