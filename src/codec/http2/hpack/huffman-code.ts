/**
 * The Huffman code of HPACK (RFC 7541 appendix B).
 *
 * The code is canonical: codes are handed out in the order of (length, symbol), each one more than the last. So the
 * lengths say everything, and the codes follow from them:
 *
 *   '0' 00000   '1' 00001   '2' 00010   'a' 00011   …   't' 01001   ' ' 010100   '%' 010101   …   EOS 1{30}
 */

/** The symbol that ends the code; it is never sent (RFC 7541 section 5.2). */
export const EOS = 256;

/** Length in bits of each symbol's code, symbols 0 to 255 and EOS. */
// prettier-ignore
export const CODE_LENGTH: Uint8Array = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, // 0x00
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, // 0x10
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, // 0x20  !"#$%&'()*+,-./
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, // 0x30 0123456789:;<=>?
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, // 0x40 @ABCDEFGHIJKLMNO
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, // 0x50 PQRSTUVWXYZ[\]^_
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, // 0x60 `abcdefghijklmno
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, // 0x70 pqrstuvwxyz{|}~
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, // 0x80
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, // 0x90
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, // 0xa0
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, // 0xb0
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, // 0xc0
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, // 0xd0
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, // 0xe0
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, // 0xf0
  30, // EOS
);

/** The code of each symbol, aligned to the right: the low CODE_LENGTH[symbol] bits. */
export const CODE: Uint32Array = canonicalCodes(CODE_LENGTH);

/** Codes of one length are consecutive, in the order of their symbols, behind those that are shorter. */
function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const counts = new Uint32Array(31);
  for (const length of lengths) counts[length]! += 1;
  const next = new Uint32Array(31);
  for (let length = 1; length <= 30; length += 1) next[length] = (next[length - 1]! + counts[length - 1]!) * 2;
  return Uint32Array.from(lengths, (length) => {
    const code = next[length]!;
    next[length] = code + 1;
    return code;
  });
}
