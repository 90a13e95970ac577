import { existsSync, readFileSync } from 'node:fs';
import { finding, type Finding } from '../story/finding.ts';
import { positionOf } from './json-position.ts';
import { show } from './mistake.ts';

/**
 * Tells a file that does not parse, an import that is not there and a throw apart, each with its file:line:column.
 * `compiled` holds what each source was compiled to; in stacks it begins on the second line.
 */
export function explainLoadError(error: unknown, file: string, compiled: ReadonlyMap<string, string>): Finding {
  const message = messageOf(error);
  // jiti's parser: `ParseError: Unexpected token` and, on the next line, ` /home/me/menshen.config.ts:3:7`.
  // Its columns count from 0, everybody else's from 1.
  const syntax = /^ParseError:\s*([\s\S]*?)\s*\n\s*(\S.*:\d+):(\d+)/.exec(message);
  if (syntax) {
    const [, reason = message, place = file, column = '0'] = syntax;
    return finding('config-syntax', { place: `${place}:${Number(column) + 1}`, reason });
  }
  const module = /^Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1];
  if (module !== undefined) {
    const from = /Require stack:\n- (.+)/.exec(message)?.[1] ?? file;
    return finding('config-import', { place: placeOfText(from, module), module: show(module) });
  }
  return finding('config-threw', { place: placeOfThrow(error, file, compiled), reason: firstLine(message) });
}

/** Where a file names a module, as `file:line:column`; the file alone where it does not name it literally. */
function placeOfText(file: string, words: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const offset = [`'${words}'`, `"${words}"`].map((quoted) => text.indexOf(quoted)).find((at) => at >= 0);
  if (offset === undefined) return file;
  const { line, column } = positionOf(text, offset);
  return `${file}:${line}:${column}`;
}

/** The innermost line of the stack that lies in a file which was compiled, as `file:line:column` of its source. */
function placeOfThrow(error: unknown, file: string, compiled: ReadonlyMap<string, string>): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const frame of stack.split('\n').slice(1)) {
    const place = /(?:\(|at (?:async )?)((?:\/|[A-Za-z]:)[^()]*):(\d+):(\d+)\)?$/.exec(frame.trim());
    const [, source = '', line = '', column = ''] = place ?? [];
    const code = compiled.get(source);
    if (code === undefined) continue;
    return `${source}:${Number(line) - 1}:${sourceColumn(source, code, Number(line) - 1, Number(column))}`;
  }
  return file;
}

/**
 * The column in the source of a column in the compiled line. The compiler keeps lines, and most of a line as it was: the
 * longest piece from the column on that stands in the source's line tells where it came from.
 */
function sourceColumn(file: string, code: string, line: number, column: number): number {
  const written = existsSync(file) ? (readFileSync(file, 'utf8').split('\n')[line - 1] ?? '') : '';
  const piece = (code.split('\n')[line - 1] ?? '').slice(column - 1);
  for (let length = piece.length; length > 2; length -= 1) {
    const at = written.indexOf(piece.slice(0, length));
    if (at >= 0) return at + 1;
  }
  return written.search(/\S|$/) + 1;
}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
