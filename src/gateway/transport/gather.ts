import { copyOctets } from '../../codec/copy-octets.ts';
import type { Transport } from './transport.ts';

/** Room for a full read of an upstream (64 KiB) with a head and chunk framing around it. */
const GATHER_BYTES = 65_536 + 16_384;
/** Views of small answers are kept: making one costs more than filling it. */
const KEPT_VIEW_BYTES = 4096;

/**
 * Gathers what one connection sends in a loop turn, so that it leaves in one write. One buffer serves the whole process:
 * whoever claims it while another connection's octets are in it writes those out first.
 */
export class Gather {
  #buffer: Buffer = Buffer.allocUnsafeSlow(GATHER_BYTES);
  #views: Buffer[] = [];
  #length = 0;
  #owner: Transport | undefined;

  /**
   * The buffer with `room` octets free from the returned offset on (see `buffer`), for `transport`. Follow with `advance`.
   * `room` is at most `capacity`.
   */
  claim(transport: Transport, room: number): number {
    if (this.#owner !== transport || this.#length + room > GATHER_BYTES) {
      this.flush();
      this.#owner = transport;
    }
    return this.#length;
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  get capacity(): number {
    return GATHER_BYTES;
  }

  /** The buffer is now filled up to `end`. */
  advance(end: number): void {
    this.#length = end;
  }

  /** Octets to be sent; large ones pass by the buffer where the transport takes them as they are. */
  append(transport: Transport, bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length > GATHER_BYTES / 2) {
      if (this.#owner !== undefined) this.flush();
      if (transport.consumesAtOnce) {
        transport.write(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
        return;
      }
      if (length > GATHER_BYTES) {
        transport.write(Buffer.from(bytes.subarray(start, end)));
        return;
      }
    }
    const offset = this.claim(transport, length);
    this.#length = copyOctets(bytes, start, end, this.#buffer, offset);
  }

  /** Writes what is gathered, whoever it belongs to. */
  flush(): void {
    const owner = this.#owner;
    const length = this.#length;
    this.#owner = undefined;
    this.#length = 0;
    if (owner === undefined || length === 0) return;
    if (!owner.write(this.#view(length))) {
      this.#buffer = Buffer.allocUnsafeSlow(GATHER_BYTES);
      this.#views = [];
    }
  }

  /** Writes what is gathered for `transport`, if anything. */
  flushFor(transport: Transport): void {
    if (this.#owner === transport) this.flush();
  }

  #view(length: number): Buffer {
    if (length > KEPT_VIEW_BYTES) return this.#buffer.subarray(0, length);
    return (this.#views[length] ??= this.#buffer.subarray(0, length));
  }
}
