/** Undoes content codings (RFC 9110 section 8.4) within bounds: what is small on the wire may be huge when unpacked. */
import zlib from 'node:zlib';
import { finding, type Finding } from '../../story/finding.ts';

export interface DecodedContent {
  /** As far as it could be undone. */
  readonly bytes: Buffer;
  /** Codings that were undone, the last applied first. */
  readonly undone: readonly string[];
  readonly problem: Finding | undefined;
}

/** More codings one over the other than this are a trick. */
const MOST_CODINGS = 3;

type Undo = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const promised =
  (
    undo: (
      bytes: Buffer,
      options: { maxOutputLength: number },
      done: (error: Error | null, result: Buffer) => void,
    ) => void,
  ): Undo =>
  (bytes, options) =>
    new Promise((resolve, reject) => {
      undo(bytes, options, (error, result) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });

const gunzip = promised(zlib.gunzip);

/** `deflate` means zlib's format (RFC 9110 section 8.4.1.2); many servers send the bare one, as browsers have learnt. */
const inflate: Undo = async (bytes, options) => {
  const isZlib = (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0;
  return promised(isZlib ? zlib.inflate : zlib.inflateRaw)(bytes, options);
};

/** Node has Zstandard from 22.15 and 23.8 on. */
const zstd = (zlib as { zstdDecompress?: Parameters<typeof promised>[0] }).zstdDecompress;

const undoing = new Map<string, Undo>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', promised(zlib.brotliDecompress)],
  ...(zstd === undefined ? [] : [['zstd', promised(zstd)] as const]),
]);

/** Codings that we can undo here, for Accept-Encoding. */
export const acceptEncoding: string = ['gzip', 'deflate', 'br', ...(zstd === undefined ? [] : ['zstd'])].join(', ');

/** Undoes what Content-Encoding lists, from the last to the first. */
export async function decodeContent(content: Buffer, codings: string, maxBytes: number): Promise<DecodedContent> {
  const listed = codings
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reverse();
  const undone: string[] = [];
  if (content.length === 0) return { bytes: content, undone, problem: undefined };
  const codingList = codings.trim();
  if (listed.length > MOST_CODINGS)
    return { bytes: content, undone, problem: finding('trace-coding-unknown', { coding: codingList.slice(0, 80) }) };
  let bytes = content;
  for (const coding of listed) {
    const undo = undoing.get(coding);
    if (undo === undefined)
      return { bytes, undone, problem: finding('trace-coding-unknown', { coding: coding.slice(0, 40) }) };
    try {
      bytes = await undo(bytes, { maxOutputLength: maxBytes });
      undone.push(coding);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const problem =
        code === 'ERR_BUFFER_TOO_LARGE'
          ? finding('trace-content-bomb', { coding, wireBytes: content.length, bytes: maxBytes })
          : finding('trace-coding-broken', { coding, reason: message });
      return { bytes, undone, problem };
    }
  }
  return { bytes, undone, problem: undefined };
}
