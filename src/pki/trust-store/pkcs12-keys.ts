import { createHash } from 'node:crypto';

/** What the derived octets are for (RFC 7292 appendix B.3). */
export const KeyPurpose = { key: 1, iv: 2, mac: 3 } as const;

/** Block and output size of the hashes that PKCS #12 files use, in octets. */
const sizes: Readonly<Record<string, readonly [block: number, output: number]>> = {
  sha1: [64, 20],
  sha224: [64, 28],
  sha256: [64, 32],
  sha384: [128, 48],
  sha512: [128, 64],
};

/**
 * Derives octets from a password as PKCS #12 does (RFC 7292 appendix B.2): the password in UTF-16BE with two zero octets
 * at its end, and the salt, are repeated to whole blocks, hashed `iterations` times, and the result is added to the blocks
 * for the next round. `hash` is a name of node:crypto among those above.
 */
export function derivePkcs12Key(
  hash: string,
  purpose: number,
  password: string,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Buffer {
  const [block, output] = sizes[hash] ?? [64, 20];
  const spoken = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const state = Buffer.concat([repeated(salt, block), repeated(spoken, block)]);
  const diversifier = Buffer.alloc(block, purpose);
  const derived = Buffer.alloc(Math.ceil(length / output) * output);
  for (let at = 0; at < derived.length; at += output) {
    let digest = createHash(hash).update(diversifier).update(state).digest();
    for (let round = 1; round < iterations; round++) digest = createHash(hash).update(digest).digest();
    digest.copy(derived, at);
    const addend = repeated(digest, block, block);
    for (let start = 0; start < state.length; start += block) addOne(state.subarray(start, start + block), addend);
  }
  return derived.subarray(0, length);
}

/** The octets over and over, up to a multiple of `block` that holds them once (nothing for nothing), or to `length`. */
function repeated(bytes: Uint8Array, block: number, length = Math.ceil(bytes.length / block) * block): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => bytes[index % bytes.length] ?? 0));
}

/** `block` becomes block + addend + 1, as numbers of that many octets. */
function addOne(block: Buffer, addend: Uint8Array): void {
  let carry = 1;
  for (let i = block.length - 1; i >= 0; i--) {
    const sum = (block[i] ?? 0) + (addend[i] ?? 0) + carry;
    block[i] = sum & 0xff;
    carry = sum >> 8;
  }
}
