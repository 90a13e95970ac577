/**
 * Huffman coding of HPACK strings (RFC 7541 section 5.2).
 *
 * Decoding is a state machine that eats an octet a step. A state is an inner node of the code tree (there are 256: a full
 * binary tree with 257 leaves), so a step is one look-up in a table of 256 x 256. No code is shorter than five bits, so a
 * step completes two symbols at most. An entry holds all that a step does:
 *
 *   bits 0–7    first symbol        bits 16–17  how many symbols this step completes (0, 1, 2)
 *   bits 8–15   second symbol       bits 18–25  next state
 *   -1          EOS was met, which is an error
 *   -2          the row of this state has not been made yet
 *
 * Text meets few of the states, so a row is made when a string first comes to its state; making all of them takes longer
 * than a short-lived program runs. The check for it is the one for EOS.
 *
 * Both symbols are stored whatever the count says, and the position moves by the count: no branch depends on the data.
 */
import { CODE, CODE_LENGTH, EOS } from './huffman-code.ts';

/** Why a Huffman string is refused; negative, so that it is told apart from a position. */
export const HUFFMAN_EOS = -1;
/** The last bits are not a prefix of EOS shorter than an octet. */
export const HUFFMAN_PADDING = -2;
/** The text does not fit in the space given. */
export const HUFFMAN_NO_ROOM = -3;

const STATES = 256;
const EOS_MET = -1;
const NOT_MADE = -2;
const STEP: Int32Array = new Int32Array(STATES * 256).fill(NOT_MADE);
/** 1 where a string may end: at the root, or up to seven 1 bits below it. */
const MAY_END: Uint8Array = new Uint8Array(STATES);
// An empty string ends at the root, and makes no row.
MAY_END[0] = 1;
/** The machine of four bits a step that rows are put together from; made with the first row. */
let nibbles: Int32Array | undefined;

/** Builds the tree from the codes, and from the tree the machine of four bits a step. */
function makeNibbles(): Int32Array {
  const root = 0;
  // Children of node n at 2n and 2n+1: 0 is none yet, positive is a node, negative is -(symbol + 1).
  const tree = new Int32Array(STATES * 2);
  let nodes = 1;
  for (let symbol = 0; symbol <= EOS; symbol += 1) {
    let node = root;
    for (let bit = CODE_LENGTH[symbol]! - 1; bit > 0; bit -= 1) {
      const branch = node * 2 + ((CODE[symbol]! >>> bit) & 1);
      if (tree[branch] === 0) {
        tree[branch] = nodes;
        nodes += 1;
      }
      node = tree[branch]!;
    }
    tree[node * 2 + (CODE[symbol]! & 1)] = -(symbol + 1);
  }

  const nibble = new Int32Array(STATES * 16);
  for (let state = 0; state < STATES; state += 1) {
    for (let input = 0; input < 16; input += 1) {
      let node = state;
      let entry = 0;
      for (let bit = 3; bit >= 0 && entry !== EOS_MET; bit -= 1) {
        const child = tree[node * 2 + ((input >> bit) & 1)]!;
        if (child === -(EOS + 1)) entry = EOS_MET;
        else if (child < 0) {
          entry = (-child - 1) | (1 << 16);
          node = root;
        } else node = child;
      }
      nibble[state * 16 + input] = entry === EOS_MET ? EOS_MET : entry | (node << 18);
    }
  }

  let node = root;
  for (let bits = 1; bits < 8; bits += 1) {
    node = tree[node * 2 + 1]!;
    MAY_END[node] = 1;
  }
  return nibble;
}

/** Two steps of four bits, for each octet that may come in this state. */
function makeRow(state: number): void {
  nibbles ??= makeNibbles();
  for (let input = 0; input < 256; input += 1) {
    const high = nibbles[state * 16 + (input >> 4)]!;
    const low = high === EOS_MET ? EOS_MET : nibbles[(high >> 18) * 16 + (input & 15)]!;
    let entry = EOS_MET;
    if (low !== EOS_MET) {
      const count = ((high >> 16) & 3) + ((low >> 16) & 3);
      const symbols = (high >> 16) & 1 ? (high & 255) | ((low & 255) << 8) : low & 255;
      entry = symbols | (count << 16) | ((low >> 18) << 18);
    }
    STEP[state * 256 + input] = entry;
  }
}

/**
 * Decodes `bytes[start, end)` into `out` at `at`. Returns the position behind the text, or one of the HUFFMAN_ codes.
 * Nothing is written at or beyond `limit`, which may be `out.length` at most; `out` before `limit` may be overwritten.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  let position = at;
  let state = 0;
  // A step writes two octets; near the limit the careful loop below takes over.
  const safe = limit - 2;
  let i = start;
  while (i < end && position <= safe) {
    const entry = STEP[(state << 8) | bytes[i]!]!;
    if (entry < 0) {
      if (entry === EOS_MET) return HUFFMAN_EOS;
      makeRow(state);
      continue;
    }
    out[position] = entry & 255;
    out[position + 1] = (entry >> 8) & 255;
    position += (entry >> 16) & 3;
    state = entry >> 18;
    i += 1;
  }
  while (i < end) {
    const entry = STEP[(state << 8) | bytes[i]!]!;
    if (entry < 0) {
      if (entry === EOS_MET) return HUFFMAN_EOS;
      makeRow(state);
      continue;
    }
    const count = (entry >> 16) & 3;
    if (position + count > limit) return HUFFMAN_NO_ROOM;
    if (count > 0) out[position] = entry & 255;
    if (count > 1) out[position + 1] = (entry >> 8) & 255;
    position += count;
    state = entry >> 18;
    i += 1;
  }
  return MAY_END[state] === 1 ? position : HUFFMAN_PADDING;
}

/** Octets that `bytes[start, end)` takes in Huffman code, padding included. */
export function huffmanLength(bytes: Uint8Array, start: number, end: number): number {
  let bits = 0;
  for (let i = start; i < end; i += 1) bits += CODE_LENGTH[bytes[i]!]!;
  // Division, not a shift: a long text has more bits than 32-bit arithmetic holds.
  return Math.ceil(bits / 8);
}

/** Writes `bytes[start, end)` in Huffman code at `at`; the caller has seen to huffmanLength octets of room. */
export function encodeHuffman(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number {
  let position = at;
  // Bits not yet written stand at the right of `held`; there are fewer than eight between symbols.
  let held = 0;
  let count = 0;
  for (let i = start; i < end; i += 1) {
    const symbol = bytes[i]!;
    let code = CODE[symbol]!;
    let length = CODE_LENGTH[symbol]!;
    if (length > 24) {
      // The longest codes go in two parts, so that at most 7 + 24 bits are held.
      length -= 16;
      held = (held << length) | (code >>> 16);
      count += length;
      while (count >= 8) {
        count -= 8;
        out[position] = held >>> count;
        position += 1;
      }
      code &= 0xffff;
      length = 16;
    }
    held = (held << length) | code;
    count += length;
    while (count >= 8) {
      count -= 8;
      out[position] = held >>> count;
      position += 1;
    }
  }
  if (count > 0) {
    // Padding is the start of EOS: ones.
    out[position] = (held << (8 - count)) | (0xff >>> count);
    position += 1;
  }
  return position;
}
