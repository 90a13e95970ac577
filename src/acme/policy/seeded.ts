/**
 * A number in [0, 1) that always comes out the same for the same words: jitter that survives a restart, that every node
 * of a fleet agrees on, and that a test can foresee. FNV-1a over the UTF-16 units, then the finalizer of MurmurHash3, so
 * that words which differ in their last character only lie far apart. Not for secrets.
 */
export function seededFraction(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const word of words) {
    const text = String(word);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    // A separator, so that ('ab', 'c') and ('a', 'bc') are different.
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
