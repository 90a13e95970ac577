import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The cases of a corpus that docs/http-strictness.md lists as judged otherwise here, each with its reason. Rows look like
 *
 *   | llhttp | `request/uri/Fragment in URI` | refused, 400 | RFC 9112 section 3.2: … |
 */
export function listedExceptions(corpus: 'http11probe' | 'llhttp'): ReadonlyMap<string, string> {
  const text = readFileSync(path.join(process.cwd(), 'docs', 'http-strictness.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith(`| ${corpus} |`));
  return new Map(
    rows.map((row) => {
      // A case's name may hold back-quotes itself: it ends where the next cell begins.
      const [, name, , reason] = /^\| \w+ \| `+ ?(.*?) ?`+ \| (.*?) \| (.*) \|$/.exec(row) ?? [];
      if (name === undefined || reason === undefined) throw new Error(`not a row of cases: ${row}`);
      return [name, reason];
    }),
  );
}
