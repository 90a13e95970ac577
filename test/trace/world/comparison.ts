import assert from 'node:assert/strict';

interface Row {
  readonly field: string;
  readonly ours: string;
  readonly theirs: string;
}

/** What our story says beside what another program says, field by field. */
export class Comparison {
  readonly #title: string;
  readonly #rows: Row[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  /** `program` is who says `theirs`. */
  row(program: string, field: string, ours: unknown, theirs: unknown): void {
    this.#rows.push({ field: `${field} (${program})`, ours: String(ours), theirs: String(theirs) });
  }

  /** Prints a line for each field, and fails where one differs or nothing was compared. */
  conclude(print: (line: string) => void): void {
    print(`${this.#title}:`);
    for (const { field, ours, theirs } of this.#rows)
      print(`  ${field}: ${ours === theirs ? `= ${short(ours)}` : `ours ${short(ours)}, theirs ${short(theirs)}`}`);
    assert.ok(this.#rows.length > 0, 'something was compared');
    assert.deepEqual(
      this.#rows.map(({ field, ours }) => `${field}: ${ours}`),
      this.#rows.map(({ field, theirs }) => `${field}: ${theirs}`),
    );
  }
}

const short = (text: string): string => (text.length > 160 ? `${text.slice(0, 157)}…` : text);
