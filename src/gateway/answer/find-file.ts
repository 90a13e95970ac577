import { once } from 'node:events';
import { fstat, ReadStream, type Stats } from 'node:fs';
import { readlink, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import send, { type SendResult } from '@fastify/send';
import type { StaticRoot } from '../../config/config.ts';
import { usableRange } from './byte-range.ts';

/** What is asked of a file: method, and request fields by lower-case name. */
export interface FileRequest {
  readonly method: 'GET' | 'HEAD';
  readonly fields: ReadonlyMap<string, string>;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

export type FoundFile =
  /** 200, 206 or 304. The stream is open and paused, and undefined where no content follows. */
  | {
      readonly kind: 'file';
      readonly status: number;
      readonly fields: readonly (readonly [name: string, value: string])[];
      readonly byteLength: number;
      readonly stream: ReadStream | undefined;
    }
  /** A folder with an index, asked for without the slash at the end. */
  | { readonly kind: 'folder' }
  /** Nothing to be shown here: no file, no index, not a regular file, outside of the root. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'refused';
      readonly code: 'range-unsatisfiable' | 'precondition-failed';
      readonly fields: readonly (readonly [name: string, value: string])[];
    }
  /** `detail` is the system's error code. */
  | { readonly kind: 'unreadable'; readonly detail: string };

/** The request fields that @fastify/send looks at; it needs them and the method, and no more of a node:http request. */
const fieldsForSend = ['if-match', 'if-unmodified-since', 'if-none-match', 'if-modified-since', 'cache-control'];

const absent: FoundFile = { kind: 'absent' };
/** System errors that mean that there is no such file. */
const absentCodes = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Thrown out of @fastify/send when it has found something that is not to be shown. */
class NotShown extends Error {}

const fstatOf = promisify(fstat);

function isInside(rootPath: string, path: string): boolean {
  return path === rootPath || path.startsWith(rootPath.endsWith(sep) ? rootPath : rootPath + sep);
}

function failure(error: unknown): FoundFile {
  if (error instanceof NotShown) return absent;
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return absentCodes.has(code) ? absent : { kind: 'unreadable', detail: code };
}

/**
 * Finds and opens the file that a path (of `parseStaticPath`) means under a root. A root that is itself a symbolic link is
 * followed anew for each request, so that a release can be switched by it.
 */
export async function findFile(root: StaticRoot, path: string, request: FileRequest): Promise<FoundFile> {
  try {
    // A file that is replaced between the look at it and its opening is looked for once more.
    return (await attempt(root, path, request)) ?? (await attempt(root, path, request)) ?? failure({ code: 'ESTALE' });
  } catch (error) {
    return failure(error);
  }
}

/** Undefined where what was opened is not what had been looked at. */
async function attempt(root: StaticRoot, path: string, request: FileRequest): Promise<FoundFile | undefined> {
  const rootPath = await realpath(root.folder);
  const headers: Record<string, string> = {};
  for (const name of fieldsForSend) {
    const value = request.fields.get(name);
    if (value !== undefined) headers[name] = value;
  }
  const onFile = async (file: string, seen: Stats): Promise<void> => {
    // Opening a pipe or a device could block for ever.
    if (!seen.isFile() || !isInside(rootPath, await realpath(file))) throw new NotShown();
    // Range is defined for GET only (RFC 9110 section 14.2).
    if (request.method !== 'GET') return;
    const ranged = { byteLength: seen.size, modifiedMs: seen.mtimeMs, nowMs: request.nowMs };
    const range = usableRange(request.fields.get('range'), request.fields.get('if-range'), ranged);
    if (range !== undefined) headers.range = range;
  };
  const result = await send({ method: request.method, headers } as unknown as Readable, path, {
    root: root.folder,
    index: [...root.index],
    dotfiles: 'allow',
    cacheControl: false,
    onFile,
  });
  if (!(result.stream instanceof ReadStream)) result.stream.destroy();
  if (result.type === 'error') return refusal(result);
  if (result.type === 'file') return openResult(rootPath, result);
  return (await hasIndex(rootPath, result.metadata.path, root.index)) ? { kind: 'folder' } : absent;
}

async function hasIndex(rootPath: string, folder: string, index: readonly string[]): Promise<boolean> {
  for (const name of index) {
    try {
      const path = await realpath(join(folder, name));
      if (isInside(rootPath, path) && (await stat(path)).isFile()) return true;
    } catch {
      // Not there: the next name may be.
    }
  }
  return false;
}

function refusal(result: Extract<SendResult, { type: 'error' }>): FoundFile {
  switch (result.statusCode) {
    case 412:
      return { kind: 'refused', code: 'precondition-failed', fields: [] };
    case 416: {
      const range = result.headers['Content-Range'];
      return {
        kind: 'refused',
        code: 'range-unsatisfiable',
        fields: range === undefined ? [] : [['Content-Range', range]],
      };
    }
    case 500:
      return failure(result.metadata.error);
    default:
      return absent;
  }
}

async function openResult(
  rootPath: string,
  result: Extract<SendResult, { type: 'file' }>,
): Promise<FoundFile | undefined> {
  const fields: [string, string][] = Object.entries(result.headers);
  if (result.statusCode !== 304 && result.headers['Content-Type'] === undefined) {
    // Left to guess, a browser may take an upload for a page.
    fields.push(['Content-Type', 'application/octet-stream']);
  }
  fields.push(['Cache-Control', 'no-cache']);
  const byteLength = Number(result.headers['Content-Length'] ?? 0);
  const found = { kind: 'file', status: result.statusCode, fields, byteLength } as const;
  const { stream } = result;
  if (!(stream instanceof ReadStream)) return { ...found, stream: undefined };
  // Errors are looked at by whoever waits for the stream; one that comes after nobody does must not end the process.
  stream.on('error', () => {});
  if (byteLength === 0) {
    stream.destroy();
    return { ...found, stream: undefined };
  }
  try {
    const [fd] = (await once(stream, 'open')) as [number];
    const { path, stat: seen } = result.metadata;
    const [opened, place] = await Promise.all([fstatOf(fd), placeOfOpenFile(fd, path)]);
    const same = opened.dev === seen.dev && opened.ino === seen.ino && opened.size >= seen.size;
    if (same && isInside(rootPath, place)) return { ...found, stream };
  } catch (error) {
    stream.destroy();
    return failure(error);
  }
  stream.destroy();
  return undefined;
}

/** Where an open file lies. Linux tells it of the descriptor itself, whatever has become of the path in the meantime. */
async function placeOfOpenFile(fd: number, path: string): Promise<string> {
  return process.platform === 'linux' ? readlink(`/proc/self/fd/${fd}`) : realpath(path);
}
