import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createJiti } from 'jiti';
import { finding, type Finding } from '../story/finding.ts';
import { findJsonError, positionOf } from './json-position.ts';
import { explainLoadError, messageOf } from './load-error.ts';
import { defineConfig } from './user-config.ts';

/** Looked for in this order; the first that exists is used. */
const configFileNames: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map((kind) => `menshen.config.${kind}`);

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
    // V8 quotes some of the text and a position; both are in `place` already, and better.
    const reason = messageOf(error)
      .replace(/(?: in JSON at position|,? (?:\.\.\.)?").*$/s, '')
      .replaceAll('\n', '\\n');
    return failed(file, finding('config-syntax', { place: `${file}:${line}:${column}`, reason }));
  }
}

async function evaluate(file: string): Promise<LoadedFile> {
  const compiler = createJiti(import.meta.url, { fsCache: false });
  /** What each file was compiled to, for places in stacks. */
  const compiled = new Map<string, string>();
  // jiti runs TypeScript on every Node, and `menshen` is this package wherever the file lies. With jiti's own module
  // cache off, two files that import a third would each get their own; so it stays on and is emptied of what came.
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    virtualModules: { menshen: { defineConfig } },
    transform(options) {
      const code = compiler.transform(options);
      compiled.set(options.filename ?? file, code);
      // jiti wraps the code in a function on its first line; one line further down, columns are the code's own.
      return { code: `\n${code}` };
    },
  });
  const before = new Set(Object.keys(jiti.cache));
  const forget = (): string[] => {
    const came = Object.keys(jiti.cache).filter((module) => !before.has(module));
    for (const module of came) delete jiti.cache[module];
    return [...new Set([file, ...came.filter((module) => !module.includes(`${path.sep}node_modules${path.sep}`))])];
  };
  try {
    const module = await jiti.import<Record<string, unknown>>(file);
    if (!Object.hasOwn(module, 'default')) {
      return { ...failed(file, finding('config-no-export', { file })), files: forget() };
    }
    const exported = module.default;
    const value: unknown = typeof exported === 'function' ? await (exported as () => unknown)() : exported;
    return { value, findings: [], files: forget() };
  } catch (error) {
    return { value: undefined, findings: [explainLoadError(error, file, compiled)], files: forget() };
  }
}

function failed(file: string, why: Finding): LoadedFile {
  return { value: undefined, findings: [why], files: [file] };
}
