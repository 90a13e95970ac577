/** Moments in certificates: UTCTime and GeneralizedTime in the one form that RFC 5280 section 4.1.2.5 allows. */

export type TimeEncoding = 'utcTime' | 'generalizedTime';

export interface DerTime {
  /** Milliseconds since 1970-01-01T00:00:00Z; negative before it. Always whole seconds. */
  readonly epochMs: number;
  readonly encoding: TimeEncoding;
}

/**
 * Reads `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`. Seconds are required, fractions and offsets are not allowed. Two-digit
 * years from 50 are 19xx (RFC 5280 section 4.1.2.5.1). Answers undefined for anything else, calendar nonsense included.
 */
export function readTime(text: string, encoding: TimeEncoding): DerTime | undefined {
  const digits = encoding === 'utcTime' ? 12 : 14;
  if (text.length !== digits + 1 || text[digits] !== 'Z') return undefined;
  for (let i = 0; i < digits; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  const yearDigits = digits - 10;
  let year = Number(text.slice(0, yearDigits));
  if (encoding === 'utcTime') year += year >= 50 ? 1900 : 2000;
  const pair = (index: number): number => Number(text.slice(yearDigits + index * 2, yearDigits + index * 2 + 2));
  const [month, day, hour, minute, second] = [pair(0), pair(1), pair(2), pair(3), pair(4)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const epochMs = (daysFromEpoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000;
  return { epochMs, encoding };
}

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that the leap day is last. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + dayOfYear - 719_468;
}
