import type { Transport } from '../transport/transport.ts';

/** Sixteen full frames of content are gathered, then no more until they are written: what one read of an app brings. */
export const FILLED_BYTES = 262_144;
/** Room for the frame that passes FILLED_BYTES, and for heads and control frames of the same turn. */
const LARGE_BYTES = 294_912;
/** Heads and small contents of a turn: most need no more. */
const SMALL_BYTES = 8_192;
/** Views of small writes are kept: making one costs more than filling it. */
const KEPT_VIEW_BYTES = 4096;

interface Page {
  readonly buffer: Buffer;
  readonly views: (Buffer | undefined)[];
}

/**
 * Pages of one size that wait for use. A turn of the event loop takes as many as connections answer in it, and pages that
 * are made anew each turn weigh on V8, which counts them as memory outside of its heap and collects garbage for them.
 */
class Stock {
  readonly #bytes: number;
  readonly #most: number;
  readonly #pages: Page[] = [];

  constructor(bytes: number, most: number) {
    this.#bytes = bytes;
    this.#most = most;
  }

  take(): Page {
    return this.#pages.pop() ?? newPage(this.#bytes);
  }

  giveBack(page: Page): void {
    if (this.#pages.length < this.#most) this.#pages.push(page);
  }
}

/** 4 MiB of small pages, 4.5 MiB of large ones: those are taken by downloads, a few at a time. */
const small = new Stock(SMALL_BYTES, 512);
const large = new Stock(LARGE_BYTES, 16);

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
    const stock = needed <= SMALL_BYTES ? small : needed <= LARGE_BYTES ? large : undefined;
    const page = stock?.take() ?? newPage(needed + LARGE_BYTES);
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
    if (page === undefined) return;
    if (page.buffer.length === SMALL_BYTES) small.giveBack(page);
    else if (page.buffer.length === LARGE_BYTES) large.giveBack(page);
  }
}
