import { writeChunkSize } from '../../codec/http1/chunked.ts';
import { copyOctets } from '../../codec/copy-octets.ts';
import { writeLatin1 } from '../../codec/latin1.ts';
import type { RequestHead } from '../exchange.ts';

const INITIAL_BYTES = 4096;
const CHUNKED_LINE = Buffer.from('Transfer-Encoding: chunked\r\n');
const CRLF = Buffer.from('\r\n');
const LAST_CHUNK = Buffer.from('0\r\n');
/** Eight digits and CRLF. */
const CHUNK_SIZE_ROOM = 10;
const UPGRADE_LINES = Buffer.from('Connection: Upgrade\r\nUpgrade: websocket\r\n');

/**
 * The octets of one request to an app: head and the content that came with it. They stay until the app has begun to
 * answer, so that a request that cannot have been acted upon can be sent again, and then serve the next request.
 *
 * They are written as HTTP/1.1 sends them, in one piece. An HTTP/2 stream takes the parts out of them: which protocol an
 * app speaks may turn out only when the request is here already.
 */
export class RequestBytes {
  #buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  #view: Buffer = this.#buffer.subarray(0, 0);
  /** What `#view` is a view on. Asking it for its memory is a call into the engine. */
  #viewed: Buffer = this.#buffer;
  /** A write that is still under way reads this memory: it is not written to again. */
  #lent = false;

  /** The parts of the head, for protocols other than HTTP/1.1. */
  method = '';
  target = '';
  authority = '';
  /** The client sent `TE: trailers`. */
  acceptsTrailers = false;
  /** Field lines in `view()`: the client's and the gateway's, without framing. */
  fieldsStart = 0;
  fieldsEnd = 0;
  /** Trailers that came with the content at hand. */
  trailers: Buffer | undefined;
  #contentStart = 0;
  /** Where content stands between chunk framing, as pairs of offsets; undefined where there is no such framing. */
  #chunks: number[] | undefined;

  get length(): number {
    return this.#length;
  }

  /**
   * Writes request line and fields: the client's block, then `forwarded` (what the gateway says of the client), then
   * framing. The forwarded lines come last, after everything that a client could have sent.
   */
  writeHead(head: RequestHead, forwarded: Buffer): void {
    const { fields, fieldsStart, fieldsEnd } = head;
    const room = head.method.length + head.target.length + 16 + (fieldsEnd - fieldsStart) + forwarded.length + 64;
    this.#length = 0;
    if (this.#lent) {
      this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
      this.#lent = false;
    }
    this.#reserve(room);
    const buffer = this.#buffer;
    let offset = writeLatin1(buffer, head.method, 0);
    buffer[offset] = 0x20;
    offset = writeLatin1(buffer, head.target, offset + 1);
    offset = writeLatin1(buffer, ' HTTP/1.1\r\n', offset);
    this.method = head.method;
    this.target = head.target;
    this.authority = head.authority;
    this.acceptsTrailers = head.acceptsTrailers;
    this.trailers = undefined;
    this.#chunks = undefined;
    this.fieldsStart = offset;
    offset = copyOctets(fields, fieldsStart, fieldsEnd, buffer, offset);
    offset = copyOctets(forwarded, 0, forwarded.length, buffer, offset);
    this.fieldsEnd = offset;
    if (head.contentLength < 0) offset += CHUNKED_LINE.copy(buffer, offset);
    if (head.upgrade !== '') offset += UPGRADE_LINES.copy(buffer, offset);
    buffer[offset] = 0x0d;
    buffer[offset + 1] = 0x0a;
    this.#length = offset + 2;
    this.#contentStart = offset + 2;
  }

  /** Adds content, as it stands (see `appendChunk`). */
  append(bytes: Buffer, start: number, end: number): void {
    this.#reserve(this.#length + end - start);
    this.#length = copyOctets(bytes, start, end, this.#buffer, this.#length);
  }

  /** Adds content as one chunk. */
  appendChunk(bytes: Buffer, start: number, end: number): void {
    this.#reserve(this.#length + CHUNK_SIZE_ROOM);
    this.#length = writeChunkSize(this.#buffer, this.#length, end - start);
    (this.#chunks ??= []).push(this.#length, this.#length + end - start);
    this.append(bytes, start, end);
    this.append(CRLF, 0, CRLF.length);
  }

  /** Ends chunked content. */
  appendLastChunk(trailers: Buffer | undefined): void {
    this.trailers = trailers;
    this.#chunks ??= [];
    this.append(LAST_CHUNK, 0, LAST_CHUNK.length);
    if (trailers !== undefined) this.append(trailers, 0, trailers.length);
    this.append(CRLF, 0, CRLF.length);
  }

  /** What is to be sent; a view on memory that stays as it is until the next `writeHead`. */
  view(): Buffer {
    if (this.#view.length !== this.#length || this.#viewed !== this.#buffer) {
      this.#view = this.#buffer.subarray(0, this.#length);
      this.#viewed = this.#buffer;
    }
    return this.#view;
  }

  /** Hands the content that is here to `each`, without framing. */
  forEachContent(each: (bytes: Buffer, start: number, end: number) => void): void {
    const chunks = this.#chunks;
    if (chunks === undefined) {
      if (this.#length > this.#contentStart) each(this.#buffer, this.#contentStart, this.#length);
      return;
    }
    for (let k = 0; k < chunks.length; k += 2) each(this.#buffer, chunks[k]!, chunks[k + 1]!);
  }

  /** Leaves the memory to a write that is still under way; it can still be read. */
  lend(): void {
    this.#lent = true;
  }

  /** Takes over what stands in `other`, to send it again. */
  copyFrom(other: RequestBytes): void {
    this.#length = 0;
    this.append(other.view(), 0, other.length);
    this.method = other.method;
    this.target = other.target;
    this.authority = other.authority;
    this.acceptsTrailers = other.acceptsTrailers;
    this.fieldsStart = other.fieldsStart;
    this.fieldsEnd = other.fieldsEnd;
    this.trailers = other.trailers;
    this.#contentStart = other.#contentStart;
    this.#chunks = other.#chunks?.slice();
  }

  #reserve(needed: number): void {
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
