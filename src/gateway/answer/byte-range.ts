/** What decides whether a Range may be answered: the file as it is now, and the present. */
export interface RangedFile {
  readonly byteLength: number;
  /** Epoch milliseconds of the last change. */
  readonly modifiedMs: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** 15 digits can be counted exactly, and no file is longer. */
const singleRange = /^bytes=[ \t]*(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))[ \t]*$/i;

/**
 * The Range that is to be honoured, `bytes=0-99`, or undefined where the whole file is the answer: no range, several
 * (allowed by RFC 9110 section 14.2, and what attacks are made of), one that is malformed, or one whose If-Range does not
 * hold. A range that lies outside of the file stays as it is, for a 416.
 */
export function usableRange(
  range: string | undefined,
  ifRange: string | undefined,
  file: RangedFile,
): string | undefined {
  const match = range === undefined ? null : singleRange.exec(range);
  if (match === null || (ifRange !== undefined && !holds(ifRange, file))) return undefined;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) {
    // A suffix longer than the file means all of it (RFC 9110 section 14.1.2).
    return Number(suffix) > file.byteLength && file.byteLength > 0 ? 'bytes=0-' : `bytes=-${suffix}`;
  }
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return `bytes=${first}-${last}`;
}

/**
 * RFC 9110 section 13.1.5 asks for a strong validator, since parts of two versions would be put together otherwise. Our
 * entity tags are weak and never match; a date must be the very one of the file, and that must not have changed within the
 * second in which it was told (section 8.8.2.2).
 */
function holds(ifRange: string, file: RangedFile): boolean {
  const modifiedSecond = Math.floor(file.modifiedMs / 1000);
  if (file.nowMs / 1000 - modifiedSecond < 1) return false;
  return Date.parse(ifRange) === modifiedSecond * 1000;
}
