import type { TlsCrypto, TlsHash } from '../crypto.ts';
import { asciiOctets, concatOctets } from '../octets.ts';

/** The hash of a TLS 1.2 suite's PRF; `md5-sha1` stands for the two halves of TLS 1.0 and 1.1. */
export type PrfHash = 'sha256' | 'sha384' | 'md5-sha1';

const MASTER_SECRET_LENGTH = 48;
const VERIFY_DATA_LENGTH = 12;

/** P_hash (RFC 5246 section 5): HMAC over and over, as many octets as are wanted. */
function expand(crypto: TlsCrypto, hash: TlsHash, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let a = crypto.hmac(hash, secret, seed); total < length; a = crypto.hmac(hash, secret, a)) {
    const part = crypto.hmac(hash, secret, concatOctets(a, seed));
    parts.push(part);
    total += part.length;
  }
  return concatOctets(...parts).subarray(0, length);
}

/**
 * PRF(secret, label, seed). TLS 1.0 and 1.1 take MD5 over the first half of the secret and SHA-1 over the second, and XOR
 * both (RFC 2246 section 5); the halves share the middle octet where the length is odd.
 */
export function prf(
  crypto: TlsCrypto,
  hash: PrfHash,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = concatOctets(asciiOctets(label), seed);
  if (hash !== 'md5-sha1') return expand(crypto, hash, secret, labelled, length);
  const half = Math.ceil(secret.length / 2);
  const left = expand(crypto, 'md5', secret.subarray(0, half), labelled, length);
  const right = expand(crypto, 'sha1', secret.subarray(secret.length - half), labelled, length);
  return left.map((octet, index) => octet ^ right[index]!);
}

/** RFC 5246 section 8.1. */
export function masterSecret(
  crypto: TlsCrypto,
  hash: PrfHash,
  preMasterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array {
  const seed = concatOctets(clientRandom, serverRandom);
  return prf(crypto, hash, preMasterSecret, 'master secret', seed, MASTER_SECRET_LENGTH);
}

/** RFC 7627 section 4: bound to the messages up to and including ClientKeyExchange, not to the randoms alone. */
export function extendedMasterSecret(
  crypto: TlsCrypto,
  hash: PrfHash,
  preMasterSecret: Uint8Array,
  sessionHash: Uint8Array,
): Uint8Array {
  return prf(crypto, hash, preMasterSecret, 'extended master secret', sessionHash, MASTER_SECRET_LENGTH);
}

/** RFC 5246 section 6.3; mind that the server's random comes first here. */
export function keyBlock(
  crypto: TlsCrypto,
  hash: PrfHash,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  length: number,
): Uint8Array {
  return prf(crypto, hash, master, 'key expansion', concatOctets(serverRandom, clientRandom), length);
}

/** verify_data of Finished (RFC 5246 section 7.4.9) over the hash of the messages before it. */
export function verifyData12(
  crypto: TlsCrypto,
  hash: PrfHash,
  master: Uint8Array,
  sender: 'client' | 'server',
  transcriptHash: Uint8Array,
): Uint8Array {
  return prf(crypto, hash, master, `${sender} finished`, transcriptHash, VERIFY_DATA_LENGTH);
}
