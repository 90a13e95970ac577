import { fieldBlockRoom } from '../../codec/http2/message-fields.ts';
import type { DecoderLimits } from '../../codec/http2/hpack/decoder.ts';
import { DEFAULT_TABLE_SIZE } from '../../codec/http2/hpack/decoder.ts';
import type { Limits } from '../../config/config.ts';

/** `content-length: 0` and its CRLF, which may have to be added to a head. */
export const EMPTY_CONTENT_LINE: Buffer = Buffer.from('content-length: 0\r\n');
/** Lines in lower case and texts, for all encoders of this process. */
export const encoderScratch: Buffer = Buffer.allocUnsafeSlow(16_384);

/** What the connections to the apps of one site share: nothing stays in it between two calls. */
export interface ClientMemory {
  readonly limits: DecoderLimits;
  /** Where field lines are decoded. */
  readonly scratch: Buffer;
  /** Where field blocks are put together. */
  readonly block: Buffer;
}

export function createClientMemory(limits: Limits): ClientMemory {
  const listSize = limits.responseHeadBytes;
  // An app is trusted to know how many fields it needs; the size of its head is bounded.
  const decoder: DecoderLimits = { tableSize: DEFAULT_TABLE_SIZE, listSize, fieldCount: listSize };
  return {
    limits: decoder,
    scratch: Buffer.allocUnsafeSlow(Math.max(listSize, DEFAULT_TABLE_SIZE) + 64),
    block: Buffer.allocUnsafeSlow(fieldBlockRoom(decoder) + EMPTY_CONTENT_LINE.length),
  };
}
