import { latin1Text } from '../../codec/latin1.ts';

/** A value that most requests of a connection repeat (Host, User-Agent): comparing octets is cheaper than making a string. */
export class RepeatedText {
  #bytes: Buffer = Buffer.alloc(0);
  #text = '';

  /** The text of `bytes[start, end)`, '' for a start of -1. */
  read(bytes: Buffer, start: number, end: number, lowerCase: boolean): string {
    if (start < 0) return '';
    const known = this.#bytes;
    if (end - start === known.length) {
      let k = 0;
      while (k < known.length && known[k] === bytes[start + k]) k += 1;
      if (k === known.length) return this.#text;
    }
    this.#bytes = Buffer.from(bytes.subarray(start, end));
    const text = latin1Text(bytes, start, end);
    this.#text = lowerCase ? text.toLowerCase() : text;
    return this.#text;
  }
}
