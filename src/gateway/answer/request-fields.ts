import type { RequestHead } from '../exchange.ts';

/**
 * The fields of a request by lower-case name, lines of the same name joined with ", " (RFC 9110 section 5.3).
 *
 * For the gateway's own answers, off the hot path: an error, a file, a redirect. The block has been validated, so that
 * every line is `name: value CRLF`.
 */
export function readRequestFields(head: RequestHead): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of head.fields.toString('latin1', head.fieldsStart, head.fieldsEnd).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

/**
 * Copies the field block of a head and points the head at the copy, for whoever decides later what happens to a request:
 * the engine's buffer is only valid during the call.
 */
export function holdRequestFields(head: RequestHead): void {
  head.fields = Buffer.from(head.fields.subarray(head.fieldsStart, head.fieldsEnd));
  head.fieldsStart = 0;
  head.fieldsEnd = head.fields.length;
}
