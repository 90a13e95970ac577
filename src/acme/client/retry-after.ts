/** Times that a CA names: Retry-After (RFC 9110 section 10.2.3), and those that stand in the text of a refusal. */

/** Longest that a Retry-After is believed; the longest limit in use counts seven days. */
const LONGEST_MS = 8 * 86_400_000;

/**
 * When to come back, epoch milliseconds: `120` counts from now, a date is a date. A moment that has passed is now, one
 * beyond eight days is eight days from now; undefined where the value is neither.
 */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const moment = /^\d{1,10}$/.test(text) ? nowMs + Number(text) * 1000 : readHttpDate(text);
  return moment === undefined ? undefined : Math.min(Math.max(moment, nowMs), nowMs + LONGEST_MS);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * HTTP-date (RFC 9110 section 5.6.7) in its three forms:
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate
 *     Sunday, 06-Nov-94 08:49:37 GMT    obsolete, RFC 850; two digits of the year
 *     Sun Nov  6 08:49:37 1994          obsolete, asctime
 */
export function readHttpDate(text: string): number | undefined {
  const fixed = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/.exec(text);
  if (fixed) return moment(fixed[3], fixed[2], fixed[1], fixed.slice(4));
  const old = /^[A-Z][a-z]{5,8}, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/.exec(text);
  if (old) return moment(String((Number(old[3]) < 70 ? 2000 : 1900) + Number(old[3])), old[2], old[1], old.slice(4));
  const asctime = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text);
  if (asctime) return moment(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6));
  return undefined;
}

function moment(
  year: string | undefined,
  monthName: string | undefined,
  day: string | undefined,
  time: readonly string[],
): number | undefined {
  const month = months.indexOf(monthName ?? '');
  const [hour = 99, minute = 99, second = 99] = time.map(Number);
  // 60 is a leap second.
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined;
  const midnight = Date.UTC(Number(year), month, Number(day));
  if (new Date(midnight).getUTCDate() !== Number(day)) return undefined;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Let's Encrypt names the time in its sentence: `… retry after 2026-11-22 05:12:44 UTC: see https://…`. */
export function readRetryTime(detail: string): number | undefined {
  const found = /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(?:UTC|Z)/i.exec(detail);
  if (!found) return undefined;
  const ms = Date.parse(`${found[1]}T${found[2]}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
