/** How much of what a worker says on its standard error is kept. Stacks and V8's reports are shorter. */
const KEPT_CHARACTERS = 8 * 1024;
/** What goes into a log line. */
const TOLD_CHARACTERS = 300;

/** Where programs say why they die: `TypeError: …`, `Error [ERR_X]: …`, V8's `FATAL ERROR: … out of memory`. */
const reason = /^(?:FATAL ERROR:|(?:Uncaught )?[\w$.]*(?:Error|Exception)\b(?: \[\w+\])?(?::|$)).*$/gm;
const place = /^\s+at .*$/m;

/** The end of what a process has written to its standard error, for the case that it dies. */
export class LastWords {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-KEPT_CHARACTERS);
  }

  /** The last reason that was given and its place, else the last line; '' where nothing was said. One line, bounded. */
  tell(): string {
    const found = [...this.#text.matchAll(reason)].at(-1);
    if (found === undefined) return lastLine(this.#text).slice(0, TOLD_CHARACTERS);
    const at = place.exec(this.#text.slice(found.index + found[0].length))?.[0].trim();
    return (at === undefined ? found[0] : `${found[0]} ${at}`).slice(0, TOLD_CHARACTERS);
  }
}

function lastLine(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .findLast((line) => line !== '') ?? ''
  );
}
