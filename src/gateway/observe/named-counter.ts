/** A counter with labels for what happens seldom or in few kinds, such as the defences. */

/** Different label values that one counter takes; what comes beyond is counted as `other`. */
const LABEL_SETS = 64;

/** One number of a counter; whoever counts often keeps it and adds to `value`. */
export interface CounterCell {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

export class NamedCounter {
  readonly help: string;
  readonly #labelNames: readonly string[];
  readonly #cells = new Map<string, CounterCell>();

  constructor(help: string, labelNames: readonly string[]) {
    this.help = help;
    this.#labelNames = labelNames;
    // A counter without labels is there from the start, so that its first event shows as an increase.
    if (labelNames.length === 0) this.cell();
  }

  /** The cell of these label values, in the order in which the labels were named. Missing ones are ''. */
  cell(...values: readonly string[]): CounterCell {
    const key = values.length === 1 ? (values[0] ?? '') : values.join('\u0000');
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    if (this.#cells.size >= LABEL_SETS && values.some((value) => value !== 'other')) {
      return this.cell(...this.#labelNames.map(() => 'other'));
    }
    const labels = Object.fromEntries(this.#labelNames.map((name, index) => [name, values[index] ?? '']));
    const cell: CounterCell = { labels, value: 0 };
    this.#cells.set(key, cell);
    return cell;
  }

  cells(): Iterable<CounterCell> {
    return this.#cells.values();
  }
}
