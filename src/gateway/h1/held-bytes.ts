/** Octets kept for later: a head that comes in pieces, or requests that wait behind one in flight. */
export class HeldBytes {
  buffer: Buffer;
  length = 0;

  constructor(minimum: number) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(1024, minimum));
  }

  /** Appends `bytes[start, end)`, growing by doubling, so that octets that drip in cost linear work. */
  append(bytes: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    bytes.copy(this.buffer, this.length, start, end);
    this.length = needed;
  }
}
