/** Lines out of the octets of a pipe: whole ones are passed on, in one piece as far as they came together. */

const LF = 0x0a;
/** Longer than any line of the log; what has no line end by then is no line. */
const LONGEST_BYTES = 1024 * 1024;

export class LineRelay {
  readonly #pass: (text: string, lines: number) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** `pass` gets whole lines with their ends, and their number. */
  constructor(pass: (text: string, lines: number) => void) {
    this.#pass = pass;
  }

  push(octets: Buffer): void {
    const end = octets.lastIndexOf(LF) + 1;
    if (end > 0) {
      const text = Buffer.concat([...this.#rest, octets.subarray(0, end)]).toString();
      this.#rest = [];
      this.#restBytes = 0;
      this.#pass(text, countLines(octets, end));
    }
    if (end === octets.length) return;
    if (this.#restBytes > LONGEST_BYTES) {
      this.#rest = [];
      this.#restBytes = 0;
    }
    this.#rest.push(octets.subarray(end));
    this.#restBytes += octets.length - end;
  }

  /** The octets behind the last line end: of a writer that is gone, a line that it could not finish. */
  takeRest(): string {
    const text = Buffer.concat(this.#rest).toString();
    this.#rest = [];
    this.#restBytes = 0;
    return text;
  }
}

function countLines(octets: Buffer, end: number): number {
  let lines = 0;
  for (let at = octets.indexOf(LF); at >= 0 && at < end; at = octets.indexOf(LF, at + 1)) lines += 1;
  return lines;
}
