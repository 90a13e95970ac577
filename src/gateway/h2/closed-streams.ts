/** Streams that we reset: frames that were on their way when our RST_STREAM left are none of the client's faults. */
const REMEMBERED_RESETS = 256;
/** Stretches of numbers that a client passed over; none does without reason, so a few are enough. */
const REMEMBERED_GAPS = 16;

/**
 * What is remembered of streams that are no more (RFC 9113 section 5.1). What a frame for one of them means depends on how
 * it ended: by our reset, by the client's own word, or because a higher number was opened before it.
 */
export class ClosedStreams {
  /** Highest number that the client has opened. */
  lastId = 0;
  readonly #resets: number[] = [];
  #nextReset = 0;
  readonly #gaps: [number, number][] = [];
  #nextGap = 0;

  /** Stream `id`, above all before it, has been opened. */
  open(id: number): void {
    if (id > this.lastId + 2) {
      this.#gaps[this.#nextGap] = [this.lastId, id];
      this.#nextGap = (this.#nextGap + 1) % REMEMBERED_GAPS;
    }
    this.lastId = id;
  }

  noteReset(id: number): void {
    this.#resets[this.#nextReset] = id;
    this.#nextReset = (this.#nextReset + 1) % REMEMBERED_RESETS;
  }

  /** Whether we ended the stream before the client had. */
  wasReset(id: number): boolean {
    return this.#resets.includes(id);
  }

  /** Whether the number was passed over: such a stream has never been. */
  wasSkipped(id: number): boolean {
    return this.#gaps.some(([below, above]) => id > below && id < above);
  }
}
