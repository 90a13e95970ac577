/** Crockford's alphabet: no letter that is mistaken for a digit when somebody reads the number out on the telephone. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Makes short numbers for failed requests, by which an operator finds the log line of what a client complains about.
 *
 * A counter is scrambled by a bijection on 32 bits, so that numbers do not repeat in 2^32 requests and do not tell how
 * many there were. They are no secrets. `key` is a random 32-bit integer, one for each process.
 */
export function createRequestIds(key: number): () => string {
  let counter = 0;
  return () => {
    // An odd multiplier, a xor and a right-shift-xor are each reversible modulo 2^32: distinct in, distinct out.
    let bits = Math.imul(counter, 0x9e3779b1) ^ key;
    bits ^= bits >>> 15;
    bits = Math.imul(bits, 0x85ebca6b);
    bits ^= bits >>> 13;
    counter = (counter + 1) >>> 0;
    let id = '';
    for (let shift = 30; shift >= 0; shift -= 5) id += alphabet[(bits >>> shift) & 31];
    return id;
  };
}
