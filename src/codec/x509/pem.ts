/**
 * PEM text (RFC 7468): blocks of base64 between lines that name what they hold. Text outside of blocks is explanation and
 * is skipped, as in the bundles that trust stores come in.
 */

export interface PemBlock {
  /** `CERTIFICATE`, `X509 CRL`, `PRIVATE KEY`, … */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Offset of the block's first character in the text. */
  readonly offset: number;
}

export type PemProblem = 'unterminated' | 'label-mismatch' | 'base64-malformed' | 'empty';

export type ParsedPem =
  | { readonly ok: true; readonly blocks: readonly PemBlock[] }
  | { readonly ok: false; readonly problem: PemProblem; readonly offset: number };

/** Reads every block. The first malformed block is the error; a text without blocks is an empty list. */
export function parsePem(text: string): ParsedPem {
  const blocks: PemBlock[] = [];
  const begin = /^-----BEGIN ([^\r\n]*?)-----[ \t]*$/gm;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const offset = match.index;
    const label = match[1] ?? '';
    const bodyStart = begin.lastIndex;
    const end = /^-----END ([^\r\n]*?)-----[ \t]*$/gm;
    end.lastIndex = bodyStart;
    const closing = end.exec(text);
    if (closing === null) return { ok: false, problem: 'unterminated', offset };
    if (closing[1] !== label) return { ok: false, problem: 'label-mismatch', offset };
    const bytes = decodeBase64(withoutHeaders(text.slice(bodyStart, closing.index)));
    if (bytes === undefined) return { ok: false, problem: 'base64-malformed', offset };
    if (bytes.length === 0) return { ok: false, problem: 'empty', offset };
    blocks.push({ label, bytes, offset });
    begin.lastIndex = end.lastIndex;
  }
  return { ok: true, blocks };
}

/** Drops RFC 1421 header lines (`Proc-Type: …`) and the empty line after them. */
function withoutHeaders(body: string): string {
  if (!body.includes(':')) return body;
  const blank = /\r?\n[ \t]*\r?\n/.exec(body);
  return blank === null ? body : body.slice(blank.index + blank[0].length);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const digitOf: Int8Array = Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));

/** Decodes base64 with white space in it; undefined where it is not base64 (RFC 4648 section 4, padding required). */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s+/g, '');
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0;
  if (compact.length % 4 !== 0) return undefined;
  const digits = compact.length - padding;
  const bytes = new Uint8Array(Math.floor((digits * 6) / 8));
  let bits = 0;
  let buffered = 0;
  let at = 0;
  for (let i = 0; i < digits; i++) {
    const digit = digitOf[compact.charCodeAt(i)] ?? -1;
    if (digit < 0) return undefined;
    buffered = ((buffered << 6) | digit) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (buffered >> bits) & 0xff;
    }
  }
  // Bits that fill up the last digit are zero, so that an octet string has one encoding.
  return (buffered & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
