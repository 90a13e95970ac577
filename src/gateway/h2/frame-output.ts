import type { Transport } from '../transport/transport.ts';

/** Sixteen full frames of content are gathered, then no more until they are written: what one read of an app brings. */
export const FILLED_BYTES = 262_144;
/** Room for the frame that passes FILLED_BYTES, and for heads and control frames of the same turn. */
const PAGE_BYTES = 294_912;
/** Views of small writes are kept: making one costs more than filling it. */
const KEPT_VIEW_BYTES = 4096;
/** Pages that wait for use; more are needed at the same time only while many clients are slow on plain TCP. */
const KEPT_PAGES = 16;

interface Page {
  readonly buffer: Buffer;
  readonly views: (Buffer | undefined)[];
}

const pages: Page[] = [];

function newPage(length: number): Page {
  return { buffer: Buffer.allocUnsafeSlow(length), views: [] };
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Gathers the frames that one connection sends until they are flushed, in one write. Memory is taken from a common stock
 * for as long as something is gathered: an idle connection holds none.
 */
export class FrameOutput {
  readonly #transport: Transport;
  #page: Page | undefined;
  /** What is gathered stands in `buffer[0, length)`. */
  buffer: Buffer = NO_BYTES;
  length = 0;
  /** Counts the flushes: a frame's place in `buffer` is good for as long as this has not changed. */
  epoch = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes room for `room` octets; returns the offset in `buffer` where they go. Follow with `advance`. */
  claim(room: number): number {
    if (this.length + room > this.buffer.length) this.#grow(this.length + room);
    return this.length;
  }

  /** What is gathered now ends at `end`. */
  advance(end: number): void {
    this.length = end;
  }

  #grow(needed: number): void {
    const page = needed <= PAGE_BYTES ? (pages.pop() ?? newPage(PAGE_BYTES)) : newPage(needed + PAGE_BYTES);
    if (this.length > 0) this.buffer.copy(page.buffer, 0, 0, this.length);
    this.#giveBack();
    this.#page = page;
    this.buffer = page.buffer;
  }

  /** Writes what is gathered, unless the write before is still under way: then the end of that one is waited for. */
  flush(): void {
    if (this.length === 0 || this.#transport.pendingBytes > 0) return;
    const { length } = this;
    const page = this.#page!;
    this.length = 0;
    this.epoch += 1;
    const view =
      length > KEPT_VIEW_BYTES
        ? page.buffer.subarray(0, length)
        : (page.views[length] ??= page.buffer.subarray(0, length));
    if (this.#transport.write(view)) this.#giveBack();
    this.#page = undefined;
    this.buffer = NO_BYTES;
  }

  /** Forgets what is gathered: the connection is gone. */
  discard(): void {
    this.length = 0;
    this.epoch += 1;
    this.#giveBack();
    this.#page = undefined;
    this.buffer = NO_BYTES;
  }

  #giveBack(): void {
    const page = this.#page;
    if (page !== undefined && page.buffer.length === PAGE_BYTES && pages.length < KEPT_PAGES) pages.push(page);
  }
}
