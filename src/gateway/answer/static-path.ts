/**
 * The path of a target, where it can be that of a file: `/img/a%20b.png?v=2` → `/img/a%20b.png`.
 *
 * Undefined for whatever could be read in two ways or reach outside: escapes that are not UTF-8, escaped slashes and
 * backslashes, NUL, empty segments, and segments that begin with a dot: `.`, `..`, and the files that people hide
 * (`.git`, `.env`). Escapes are read once, so `%252e` is a file name with a percent sign in it. `/.well-known/`
 * (RFC 8615) is there to be seen.
 */
export function parseStaticPath(target: string): string | undefined {
  if (!target.startsWith('/')) return undefined;
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const segments = path.slice(1).split('/');
  for (const [index, raw] of segments.entries()) {
    const segment = decodeSegment(raw);
    if (segment === undefined || /[/\\\0]/.test(segment)) return undefined;
    // The empty last segment is that of a folder.
    if (segment === '' && index < segments.length - 1) return undefined;
    if (segment.startsWith('.') && !(index === 0 && segment === '.well-known')) return undefined;
  }
  return path;
}

function decodeSegment(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}
