import { applyCuts, COMPLETE, INCOMPLETE } from '../../../src/codec/http1/field-section.ts';
import type { HeadLimits } from '../../../src/codec/http1/head-limits.ts';
import { RequestHeadReader } from '../../../src/codec/http1/request-head.ts';
import { ResponseHeadReader } from '../../../src/codec/http1/response-head.ts';

export const limits: HeadLimits = { headBytes: 65_536, targetBytes: 16_384, fieldCount: 128 };

/** What a reader made of a head, as plain data to compare. */
export type HeadOutcome =
  | { readonly status: 'incomplete' }
  | { readonly status: 'invalid'; readonly error: string }
  | {
      readonly status: 'complete';
      readonly line: string;
      readonly headEnd: number;
      readonly block: string;
      readonly framing: string;
      readonly flags: string;
    };

export function outcomeOf(reader: RequestHeadReader | ResponseHeadReader, status: number, bytes: Buffer): HeadOutcome {
  if (status === INCOMPLETE) return { status: 'incomplete' };
  if (status !== COMPLETE) return { status: 'invalid', error: reader.error };
  const { fields } = reader;
  const text = (start: number, end: number): string => (start < 0 ? '' : bytes.toString('latin1', start, end));
  const line =
    reader instanceof RequestHeadReader
      ? `${reader.method} ${text(reader.targetStart, reader.targetEnd)} ${reader.minorVersion} ${text(fields.hostStart, fields.hostEnd)}`
      : `${reader.minorVersion} ${reader.status}`;
  const copy = Buffer.from(bytes);
  const start = applyCuts(copy, reader.fieldsStart, fields);
  return {
    status: 'complete',
    line,
    headEnd: reader.headEnd,
    block: copy.toString('latin1', start, reader.headEnd - 2),
    framing: fields.chunked ? 'chunked' : String(fields.contentLength),
    flags: [
      fields.close && 'close',
      fields.keepAlive && 'keep-alive',
      fields.connectionUpgrade && 'upgrade',
      fields.upgradeWebSocket && 'websocket',
      fields.expectContinue && 'expect',
    ]
      .filter(Boolean)
      .join(' '),
  };
}

export type Make = () => RequestHeadReader | ResponseHeadReader;
export const request: Make = () => new RequestHeadReader(limits);
export const response: Make = () => new ResponseHeadReader(limits);

/** Reads a head in one piece. */
export function readWhole(make: Make, text: string): HeadOutcome {
  const bytes = Buffer.from(text, 'latin1');
  const reader = make();
  return outcomeOf(reader, reader.read(bytes, 0, bytes.length), bytes);
}

/** Reads a head that grows at `cuts`, as a connection does that keeps what it has; stops where the reader has decided. */
export function readGrowing(make: Make, text: string, cuts: readonly number[]): HeadOutcome {
  const bytes = Buffer.from(text, 'latin1');
  const reader = make();
  for (const end of [...cuts, bytes.length]) {
    const status = reader.read(bytes, 0, end);
    if (status !== INCOMPLETE) return outcomeOf(reader, status, bytes);
  }
  return { status: 'incomplete' };
}
