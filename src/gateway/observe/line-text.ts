/**
 * Text that strangers wrote (targets, user agents, server names), made fit for one line of a log.
 *
 * Besides what JSON itself forbids, some characters would let a value lie to whoever looks at the log: DEL and the C1
 * controls (0x9b starts an escape sequence on some terminals), the line and paragraph separators (some viewers break
 * lines there), and the controls that turn the direction of writing. Lone surrogates have no UTF-8 form: written as they
 * are, they would come back as another character. All of these are written as `\uXXXX`, which a JSON parser gives back
 * as they were.
 */

/** Needs the slow path; pairs of surrogates too, which then stay as they are. */
const UNFIT = /["\\\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]/;

/** What JSON allows in a string and a log line does not hold. With the u flag `\p{Cs}` means lone surrogates only. */
const HIDDEN = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\p{Cs}]/u;
const HIDDEN_ALL = new RegExp(HIDDEN, 'gu');
const CONTROLS_AND_HIDDEN_ALL = new RegExp(`[\\u0000-\\u001f]|${HIDDEN.source}`, 'gu');

/** The value as the inside of a JSON string. */
export function jsonInner(value: string): string {
  return UNFIT.test(value) ? hardenJson(JSON.stringify(value).slice(1, -1)) : value;
}

/** JSON text with the characters escaped that JSON allows raw and a log line does not. They stand in strings only. */
export function hardenJson(json: string): string {
  return HIDDEN.test(json) ? json.replace(HIDDEN_ALL, unicodeEscape) : json;
}

/** The value for a person's eyes: every control character shown as `\x1b` or `\u202e`, so that none acts. */
export function visible(value: string): string {
  return UNFIT.test(value) ? value.replace(CONTROLS_AND_HIDDEN_ALL, visibleEscape) : value;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function visibleEscape(character: string): string {
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(character);
}

/**
 * A referer without the userinfo of its URL (RFC 3986 section 3.2.1): a password in a bookmark is no business of a log.
 * The authority lies between `//` and the next `/`, `?` or `#`; userinfo is what stands before its last `@`. Browsers
 * take a backslash for a slash.
 */
export function withoutUserinfo(referer: string): string {
  if (!referer.includes('@')) return referer;
  return referer.replace(/^([^/\\?#]*[/\\]{2})[^/\\?#]*@/, '$1');
}
