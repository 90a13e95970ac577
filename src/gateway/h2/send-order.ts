/** What the order has to know of a stream. */
export interface Sender {
  /** What the stream's window lets it send, octets. */
  readonly sendWindow: number;
  /** RFC 9218 section 4: 0 to 7, 0 comes first. */
  readonly urgency: number;
  /** Takes turns with others of its urgency. */
  readonly incremental: boolean;
}

/**
 * Streams with content that waits, and whose turn it is: the most urgent first, one frame each in turn among equals. A
 * client that says that a response is of no use in parts (RFC 9218 section 4.2) gets it in one go.
 */
export class SendOrder<S extends Sender> {
  readonly #streams: S[] = [];

  get length(): number {
    return this.#streams.length;
  }

  add(stream: S): void {
    this.#streams.push(stream);
  }

  delete(stream: S): void {
    const index = this.#streams.indexOf(stream);
    if (index >= 0) this.#streams.splice(index, 1);
  }

  /** The next stream that may send, or undefined where every window is shut. */
  next(): S | undefined {
    const streams = this.#streams;
    let best = -1;
    let urgency = 8;
    for (let k = 0; k < streams.length; k += 1) {
      const stream = streams[k]!;
      if (stream.sendWindow > 0 && stream.urgency < urgency) {
        best = k;
        urgency = stream.urgency;
      }
    }
    if (best < 0) return undefined;
    const stream = streams[best]!;
    if (stream.incremental && streams.length > 1) {
      streams.splice(best, 1);
      streams.push(stream);
    }
    return stream;
  }
}
