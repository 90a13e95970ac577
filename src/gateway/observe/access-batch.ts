/**
 * Finished requests that wait to become access lines, which are put together many at a time.
 *
 * What a line costs in a running gateway is not its instructions but fetching them: between two requests everything else
 * passes through the processor's instruction cache. So a request leaves only its fields, in a row that is there already,
 * and the lines of a batch are put together one directly after the other, with their code at hand.
 */
import { emptyRecord, type AccessRecord } from '../access-record.ts';
import type { HeldLines, LogDestination } from './destination.ts';

/**
 * The code of a line fills some two hundred lines of the instruction cache, of more than three thousand that a request
 * fetches. Divided by this many, six are left; twice as many rows would save three of these, and hold the strings of twice
 * as many requests, which nobody counts as held. The text of a whole batch also fits beside what the destination gathers.
 */
const ROWS = 32;

export class AccessBatch implements HeldLines {
  readonly #destination: LogDestination;
  readonly #copy: (from: AccessRecord, to: AccessRecord) => void;
  readonly #line: (record: AccessRecord) => string;
  readonly #rows: readonly AccessRecord[] = Array.from({ length: ROWS }, emptyRecord);
  #count = 0;

  /** `copy` copies at least the fields that `line` reads. */
  constructor(
    destination: LogDestination,
    copy: (from: AccessRecord, to: AccessRecord) => void,
    line: (record: AccessRecord) => string,
  ) {
    this.#destination = destination;
    this.#copy = copy;
    this.#line = line;
  }

  /** The record is copied, and may be used again. */
  add(record: AccessRecord): void {
    this.#copy(record, this.#rows[this.#count]!);
    this.#count += 1;
    if (this.#count === 1) this.#destination.expect(this);
    else if (this.#count === ROWS) this.#destination.takeExpected();
  }

  giveTo(take: (line: string) => void): void {
    const count = this.#count;
    this.#count = 0;
    for (let index = 0; index < count; index += 1) {
      const row = this.#rows[index]!;
      take(this.#line(row));
      forgetClientText(row);
    }
  }
}

/** What a client may make long is not kept alive until the row is used again, which may be never. */
function forgetClientText(row: AccessRecord): void {
  row.method = '';
  row.target = '';
  row.authority = '';
  row.referer = '';
  row.userAgent = '';
}
