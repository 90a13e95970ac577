/**
 * RC2 (RFC 2268) in CBC mode, decryption only: OpenSSL 1.1 and Java until 2021 sealed the certificates of PKCS #12 files
 * with it, and Node no longer has it. With 40 bits it keeps no secret, and there is none: the certificates are public.
 */

/** RFC 2268 section 2: a permutation of 0 … 255 from the digits of pi. */
const PITABLE = Uint8Array.from(
  Buffer.from(
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
      '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
      '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
      '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
      '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
      'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
      '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
      '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
    'hex',
  ),
);

const pi = (index: number): number => PITABLE[index & 0xff] ?? 0;

/** Sixty-four words of sixteen bits from the key (section 2); `effectiveBits` is what export rules left of it. */
function expandKey(key: Uint8Array, effectiveBits: number): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  for (let i = key.length; i < 128; i++) bytes[i] = pi((bytes[i - 1] ?? 0) + (bytes[i - key.length] ?? 0));
  const length = Math.ceil(effectiveBits / 8);
  const mask = 0xff >> (8 * length - effectiveBits);
  bytes[128 - length] = pi((bytes[128 - length] ?? 0) & mask);
  for (let i = 127 - length; i >= 0; i--) bytes[i] = pi((bytes[i + 1] ?? 0) ^ (bytes[i + length] ?? 0));
  return Uint16Array.from({ length: 64 }, (_, i) => (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8));
}

const ROTATIONS = [1, 2, 3, 5];

/** One block of four little-endian words, in place (section 4). */
function decryptBlock(words: Uint16Array, keys: Uint16Array): void {
  const at = (i: number): number => words[i & 3] ?? 0;
  let j = 63;
  const mixAll = (): void => {
    for (let i = 3; i >= 0; i--) {
      const rotation = ROTATIONS[i] ?? 1;
      const rotated = (at(i) >> rotation) | (at(i) << (16 - rotation));
      words[i] = rotated - (keys[j--] ?? 0) - (at(i + 3) & at(i + 2)) - (~at(i + 3) & at(i + 1));
    }
  };
  const mashAll = (): void => {
    for (let i = 3; i >= 0; i--) words[i] = at(i) - (keys[at(i + 3) & 63] ?? 0);
  };
  for (let round = 0; round < 5; round++) mixAll();
  mashAll();
  for (let round = 0; round < 6; round++) mixAll();
  mashAll();
  for (let round = 0; round < 5; round++) mixAll();
}

/** CBC with the padding of RFC 8018 section 6.1.1 taken off; throws where that does not fit. */
export function decryptRc2(encrypted: Uint8Array, key: Uint8Array, effectiveBits: number, iv: Uint8Array): Uint8Array {
  if (encrypted.length === 0 || encrypted.length % 8 !== 0) throw new RangeError('not whole blocks');
  const keys = expandKey(key, effectiveBits);
  const plain = new Uint8Array(encrypted.length);
  let before = iv;
  for (let start = 0; start < encrypted.length; start += 8) {
    const block = encrypted.subarray(start, start + 8);
    const words = Uint16Array.from({ length: 4 }, (_, i) => (block[2 * i] ?? 0) | ((block[2 * i + 1] ?? 0) << 8));
    decryptBlock(words, keys);
    for (let i = 0; i < 8; i++) plain[start + i] = ((words[i >> 1] ?? 0) >> (8 * (i & 1))) ^ (before[i] ?? 0);
    before = block;
  }
  const padding = plain.at(-1) ?? 0;
  const isPadding = padding >= 1 && padding <= 8 && plain.subarray(-padding).every((octet) => octet === padding);
  if (!isPadding) throw new RangeError('padding');
  return plain.subarray(0, -padding);
}
