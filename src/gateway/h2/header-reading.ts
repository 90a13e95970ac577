/** What reading header blocks takes: one set of memory serves all connections of a process, since a block is read whole. */
import { HpackDecoder, DEFAULT_TABLE_SIZE, type DecoderLimits } from '../../codec/http2/hpack/decoder.ts';
import { LINE_OVERHEAD } from '../../codec/http2/hpack/dynamic-table.ts';
import { fieldBlockRoom } from '../../codec/http2/message-fields.ts';
import { RequestFields } from '../../codec/http2/request-fields.ts';
import { TrailerFields } from '../../codec/http2/trailer-fields.ts';
import type { Limits } from '../../config/config.ts';

interface Memory {
  readonly scratch: Buffer;
  readonly block: Buffer;
}

/** By the size of heads that a site accepts; there are as many as sites that set one. */
const memories = new Map<number, Memory>();

function memoryFor(limits: DecoderLimits): Memory {
  let memory = memories.get(limits.listSize);
  if (memory === undefined) {
    memory = {
      scratch: Buffer.allocUnsafeSlow(Math.max(limits.listSize, DEFAULT_TABLE_SIZE) + LINE_OVERHEAD),
      block: Buffer.allocUnsafeSlow(fieldBlockRoom(limits)),
    };
    memories.set(limits.listSize, memory);
  }
  return memory;
}

/** Reads the header blocks of one connection, in the order in which they come. */
export class HeaderReading {
  readonly decoder: HpackDecoder;
  readonly request: RequestFields;
  readonly #block: Buffer;
  #trailers: TrailerFields | undefined;

  constructor(limits: Limits, scheme: 'https' | 'http', trustIdentityFields: boolean) {
    const decoderLimits: DecoderLimits = {
      tableSize: DEFAULT_TABLE_SIZE,
      listSize: limits.requestHeadBytes,
      // As many again as in HTTP/1.1: a client may send each cookie as a field of its own (RFC 9113 section 8.2.3).
      fieldCount: limits.requestFieldCount * 2,
    };
    const { scratch, block } = memoryFor(decoderLimits);
    this.#block = block;
    this.decoder = new HpackDecoder(decoderLimits, scratch);
    this.request = new RequestFields(this.decoder, block, { scheme, extendedConnect: true });
    this.request.trustIdentityFields = trustIdentityFields;
  }

  /** Few clients send trailers. */
  get trailers(): TrailerFields {
    return (this.#trailers ??= new TrailerFields(this.decoder, this.#block));
  }
}
