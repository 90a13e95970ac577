/** Colours of a terminal; without colour every function gives its text back. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly magenta: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** Select Graphic Rendition (ECMA-48 section 8.3.117): each is taken back by its own end. */
const sgr =
  (start: number, end: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${start}m${text}\u001b[${end}m`;

const plain = (text: string): string => text;

export function createPaint(colour: boolean): Paint {
  if (!colour)
    return {
      bold: plain,
      dim: plain,
      red: plain,
      green: plain,
      yellow: plain,
      blue: plain,
      magenta: plain,
      cyan: plain,
    };
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    blue: sgr(34, 39),
    magenta: sgr(35, 39),
    cyan: sgr(36, 39),
  };
}

/** What a stream can show. NO_COLOR (no-color.org) and FORCE_COLOR go first. */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR: none, FORCE_COLOR: force, TERM: terminal } = environment;
  if (none !== undefined && none !== '') return false;
  if (force !== undefined && force !== '' && force !== '0') return true;
  return isTerminal && terminal !== 'dumb';
}
