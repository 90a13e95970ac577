/** Field values may hold visible ASCII, obs-text, space and tab (RFC 9110 section 5.5), and latin1 has nothing above. */
const valid = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Field lines as octets: `Name: value CRLF` each.
 *
 * A value that could end its line is left out with it. That is not only CR and LF: written as latin1, U+010D ends up as
 * a CR too.
 */
export function encodeFieldBlock(fields: Iterable<readonly [name: string, value: string]>): Buffer {
  let text = '';
  for (const [name, value] of fields) {
    if (valid.test(value)) text += `${name}: ${value}\r\n`;
  }
  return Buffer.from(text, 'latin1');
}

let dateSecond = -1;
let dateText = '';

/** The Date field's value (RFC 9110 section 5.6.7), made once a second. `nowMs` is epoch milliseconds. */
export function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
