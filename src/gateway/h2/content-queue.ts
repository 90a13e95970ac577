const FIRST_BYTES = 4096;

/** Content that waits: octets in, octets out, in one stretch of memory that is given back when it is empty. */
export class ContentQueue {
  #buffer: Buffer | undefined;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** What waits stands in `buffer[start, start + length)`. */
  get buffer(): Buffer {
    return this.#buffer!;
  }
  get start(): number {
    return this.#start;
  }

  /** Adds `bytes[start, end)`. Memory grows by doubling, so that octets that drip in cost linear work. */
  append(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length === 0) return;
    if (this.#buffer === undefined || this.#end + length > this.#buffer.length) this.#makeRoom(length);
    bytes.copy(this.#buffer!, this.#end, start, end);
    this.#end += length;
  }

  #makeRoom(length: number): void {
    const waiting = this.length;
    const needed = waiting + length;
    const old = this.#buffer;
    if (old !== undefined && needed * 2 <= old.length) old.copy(old, 0, this.#start, this.#end);
    else {
      const size = Math.max(FIRST_BYTES, needed, old === undefined ? 0 : Math.min(old.length * 2, needed * 2));
      this.#buffer = Buffer.allocUnsafeSlow(size);
      old?.copy(this.#buffer, 0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = waiting;
  }

  /** The first `length` octets have been used. */
  drop(length: number): void {
    this.#start += length;
    if (this.#start === this.#end) this.clear();
  }

  clear(): void {
    this.#buffer = undefined;
    this.#start = 0;
    this.#end = 0;
  }
}
