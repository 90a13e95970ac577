import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createJiti } from 'jiti';
import { finding, type Finding } from '../story/finding.ts';
import { findJsonError, positionOf } from './json-position.ts';
import { show } from './mistake.ts';
import { defineConfig } from './user-config.ts';

/** Looked for in this order; the first that exists is used. */
export const configFileNames: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  (kind) => `menshen.config.${kind}`,
);

export interface FoundFile {
  /** Absolute path; '' where the folder holds none. */
  readonly file: string;
  readonly findings: readonly Finding[];
}

/** The configuration file of a folder. Further ones that lie beside it are warned of. */
export function findConfigFile(folder: string): FoundFile {
  const present = configFileNames.filter((name) => existsSync(path.join(folder, name)));
  const [first, ...others] = present;
  if (first === undefined) return { file: '', findings: [] };
  const findings =
    others.length === 0 ? [] : [finding('config-several-files', { file: first, others: others.join(', ') })];
  return { file: path.join(folder, first), findings };
}

export interface LoadedFile {
  /** What the file exports, a function already called; undefined where it could not be loaded. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** The file and every file of one's own that it imports: what to watch. Absolute paths. */
  readonly files: readonly string[];
}

/** Evaluates a configuration file afresh: nothing that it imports is taken from an earlier load. Never throws. */
export async function loadConfigFile(file: string): Promise<LoadedFile> {
  const kind = path.extname(file);
  if (!existsSync(file)) return failed(file, finding('config-file-not-found', { file }));
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return failed(file, finding('config-file-closed', { file, reason: messageOf(error) }));
  }
  if (kind === '.json') return loadJson(file, text);
  if (!configFileNames.includes(`menshen.config${kind}`))
    return failed(file, finding('config-file-kind-unknown', { file }));
  return await evaluate(file);
}

function loadJson(file: string, text: string): LoadedFile {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')), findings: [], files: [file] };
  } catch (error) {
    const { line, column } = positionOf(text, findJsonError(text) ?? text.length);
    const reason = messageOf(error).replace(/ in JSON at position.*$/s, '');
    return failed(file, finding('config-syntax', { place: `${file}:${line}:${column}`, reason }));
  }
}

async function evaluate(file: string): Promise<LoadedFile> {
  // jiti runs TypeScript on every Node, and `menshen` is this package wherever the file lies. With jiti's own module
  // cache off, two files that import a third would each get their own; so it stays on and is emptied of what came.
  const jiti = createJiti(import.meta.url, { fsCache: false, virtualModules: { menshen: { defineConfig } } });
  const before = new Set(Object.keys(jiti.cache));
  const forget = (): string[] => {
    const came = Object.keys(jiti.cache).filter((module) => !before.has(module));
    for (const module of came) delete jiti.cache[module];
    return [...new Set([file, ...came.filter((module) => !module.includes(`${path.sep}node_modules${path.sep}`))])];
  };
  try {
    const module = await jiti.import<Record<string, unknown>>(file);
    if (!Object.hasOwn(module, 'default'))
      return { ...failed(file, finding('config-no-export', { file })), files: forget() };
    const exported = module.default;
    const value: unknown = typeof exported === 'function' ? await (exported as () => unknown)() : exported;
    return { value, findings: [], files: forget() };
  } catch (error) {
    return { value: undefined, findings: [explain(error, file)], files: forget() };
  }
}

function failed(file: string, why: Finding): LoadedFile {
  return { value: undefined, findings: [why], files: [file] };
}

/** Tells a file that does not parse, an import that is not there and a throw apart, each with its file:line:column. */
function explain(error: unknown, file: string): Finding {
  const message = messageOf(error);
  // jiti's parser: `ParseError: Unexpected token` and, on the next line, ` /home/me/menshen.config.ts:3:7`.
  const syntax = /^ParseError:\s*([\s\S]*?)\s*\n\s*(\S.*:\d+:\d+)/.exec(message);
  if (syntax) return finding('config-syntax', { place: syntax[2] ?? file, reason: syntax[1] ?? message });
  const module = /^Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1];
  if (module !== undefined) {
    const from = /Require stack:\n- (.+)/.exec(message)?.[1] ?? / imported from (\S+)/.exec(message)?.[1] ?? file;
    return finding('config-import', { place: from.replace(/^file:\/\//, ''), module: show(module) });
  }
  return finding('config-threw', { place: placeOfThrow(error, file), reason: message.split('\n')[0] ?? message });
}

/** The innermost line of the stack that lies in the configuration's folder, as `file:line:column`. */
function placeOfThrow(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const folder = path.dirname(file) + path.sep;
  for (const line of stack.split('\n').slice(1)) {
    const place = /(?:\(|at (?:async )?|file:\/\/)((?:\/|[A-Za-z]:)[^()]*:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    if (place?.startsWith(folder) && !place.includes(`${path.sep}node_modules${path.sep}`)) return place;
  }
  return file;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error);
}
