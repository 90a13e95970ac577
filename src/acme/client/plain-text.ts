/** Longest text of a CA, a hook or an API that is repeated in a finding. */
const LONGEST = 500;

/**
 * Foreign text made safe to repeat: one line, no control characters and no marks that turn the direction of writing, so
 * that it can neither redraw a terminal nor pretend to be another line of a log; cut at 500 characters.
 */
export function plainText(text: string): string {
  const line = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}
