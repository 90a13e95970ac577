/**
 * What requests, responses and trailers have in common: the fields of a block are judged one by one as they are decoded,
 * the first mistake is kept, and what may travel on is gathered as a field block.
 *
 * Readers are reused objects: results stand in their fields until the next read, so that a message allocates nothing but
 * its texts. The buffer of the block may be shared by all readers of a thread; the block is good until the next read.
 */
import { ErrorCode } from './error-codes.ts';
import { FieldBlock } from './field-block.ts';
import { FieldKind } from './field-names.ts';
import type { DecoderLimits, FieldSink, HpackDecoder } from './hpack/decoder.ts';
import { violation, type Violation, type ViolationReason } from './violation.ts';

/** Content without a length in its head: it ends with the stream. */
export const UNKNOWN_LENGTH = -1;

/** Octets that the buffer of a field block needs for lists up to the limits. */
export function fieldBlockRoom(limits: DecoderLimits): number {
  // A field counts its name, its value and 32; its line has four octets more than name and value, and none grows by more
  // than that when it is renamed.
  return limits.listSize;
}

/** Reads one block after the other of one decoder; the message readers say what each field means. */
export abstract class MessageFields implements FieldSink {
  /** Value of Content-Length, or UNKNOWN_LENGTH. */
  contentLength: number = UNKNOWN_LENGTH;
  /** Offset in the header block of the field that was refused, or of what could not be decoded. */
  errorOffset = 0;

  protected readonly decoder: HpackDecoder;
  protected readonly block: FieldBlock;
  protected failure: Violation | null = null;

  /** `buffer` is where field blocks are built: fieldBlockRoom octets at least. */
  constructor(decoder: HpackDecoder, buffer: Buffer) {
    if (buffer.length < fieldBlockRoom(decoder.limits)) {
      throw new RangeError('a field block needs a buffer no smaller than the limit on its list');
    }
    this.decoder = decoder;
    this.block = new FieldBlock(buffer, decoder.scratch);
  }

  /** The field block, in [0, fieldsEnd). */
  get fields(): Buffer {
    return this.block.buffer;
  }
  get fieldsEnd(): number {
    return this.block.end;
  }

  abstract onField(lines: Buffer, start: number, nameLength: number, valueLength: number, tag: number): void;

  protected decodeBlock(bytes: Uint8Array, start: number, end: number): Violation | null {
    this.failure = null;
    this.contentLength = UNKNOWN_LENGTH;
    this.block.reset();
    const undecoded = this.decoder.decode(bytes, start, end, this);
    this.block.finish();
    // A block that cannot be decoded ends the connection, whatever its first fields were like.
    if (undecoded !== null && (undecoded.scope === 'connection' || this.failure === null)) {
      this.errorOffset = this.decoder.errorOffset;
      return undecoded;
    }
    return this.failure;
  }

  /** Keeps the first mistake of a message; the rest of the block is decoded for the table's sake. */
  protected refuse(reason: ViolationReason): void {
    if (this.failure === null) {
      this.failure = violation(reason);
      this.errorOffset = this.decoder.fieldOffset;
    }
  }

  /** Refuses a field of that kind whose value is not one that it may have. */
  protected refuseValue(kind: number): void {
    switch (kind) {
      case FieldKind.METHOD:
        return this.refuse('h2-method-invalid');
      case FieldKind.PATH:
        return this.refuse('h2-path-invalid');
      case FieldKind.SCHEME:
        return this.refuse('h2-scheme-invalid');
      case FieldKind.AUTHORITY:
      case FieldKind.HOST:
        return this.refuse('h2-authority-invalid');
      case FieldKind.STATUS:
        return this.refuse('h2-status-invalid');
      case FieldKind.TE:
        return this.refuse('h2-te-invalid');
      case FieldKind.CONTENT_LENGTH:
        return this.refuse('h2-content-length-invalid');
      case FieldKind.EXPECT:
        return this.refuse('h2-expectation-unknown');
      default:
        return this.refuse('h2-field-value-invalid');
    }
  }

  /** Takes over Content-Length; a second one is refused even when it says the same, as in HTTP/1.1. */
  protected takeContentLength(lines: Buffer, valueStart: number, valueEnd: number): void {
    if (this.contentLength !== UNKNOWN_LENGTH) return this.refuse('h2-content-length-invalid');
    let length = 0;
    for (let i = valueStart; i < valueEnd; i += 1) length = length * 10 + lines[i]! - 0x30;
    this.contentLength = length;
  }
}

/**
 * Whether `received` octets of content are ones that a message of `contentLength` may have; `ended` says that no more
 * follow (RFC 9113 section 8.1.1). Padding does not count.
 */
export function checkContentLength(contentLength: number, received: number, ended: boolean): Violation | null {
  if (contentLength === UNKNOWN_LENGTH) return null;
  const wrong = ended ? received !== contentLength : received > contentLength;
  return wrong ? violation('h2-content-length-differs') : null;
}

/** The status that tells a client why its request was refused, or 0 where RST_STREAM is all that it can understand. */
export function statusOfViolation(refused: Violation): number {
  if (refused.scope === 'connection') return 0;
  if (refused.errorCode === ErrorCode.ENHANCE_YOUR_CALM) return 431;
  return 0;
}
