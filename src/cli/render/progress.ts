import type { Stage } from '../../story/observation.ts';
import { safeText } from './safe-text.ts';
import type { TracePageWords } from './trace-page-words.ts';
import { fit } from './fit.ts';

/** Where progress is shown: a terminal's standard error. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One line that says what is being done, and is gone in the end. Silent where nobody looks. */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #words: TracePageWords;
  #shown = false;

  constructor(output: ProgressOutput, words: TracePageWords) {
    this.#output = output;
    this.#words = words;
  }

  show({ name, title }: Stage): void {
    if (this.#output.isTTY !== true) return;
    this.#shown = true;
    const text = fit(`${this.#words.stages[name]}  ${safeText(title)}`, (this.#output.columns ?? 80) - 4);
    this.#output.write(`\r\u001b[2K… ${text}`);
  }

  clear(): void {
    if (this.#shown) this.#output.write('\r\u001b[2K');
    this.#shown = false;
  }
}
