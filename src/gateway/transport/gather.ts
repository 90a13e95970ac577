import { copyOctets } from '../../codec/copy-octets.ts';
import type { Transport } from './transport.ts';

/** Room for a full read of an upstream (256 KiB) with a head and chunk framing around it. */
const GATHER_BYTES = 262_144 + 32_768;
/** From this size on, octets that may leave alone leave without a copy. */
const ALONE_BYTES = 40_960;
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

  /**
   * Octets to be sent. Large ones with nothing before them pass by the buffer where the transport takes them as they are,
   * or would copy them anyway. With a head before them they are copied behind it: two writes would cost more, since the
   * second has to wait, in a copy, until the first is done.
   */
  append(transport: Transport, bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length > ALONE_BYTES) {
      const isAlone = this.#owner !== transport || this.#length === 0;
      if (transport.copiesWrites || (isAlone && transport.consumesAtOnce)) {
        this.flush();
        transport.write(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
        return;
      }
      if (length > GATHER_BYTES) {
        this.flush();
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
