import { copyOctets } from '../../codec/copy-octets.ts';
import { writeChunkSize } from '../../codec/http1/chunked.ts';
import { UNKNOWN_LENGTH } from '../exchange.ts';
import type { Gather } from '../transport/gather.ts';
import type { Transport } from '../transport/transport.ts';
import { statusLine } from './status-lines.ts';

const CRLF = Buffer.from('\r\n');
const CHUNKED_LINE = Buffer.from('Transfer-Encoding: chunked\r\n');
const CLOSE_LINE = Buffer.from('Connection: close\r\n');
const UPGRADE_LINES = Buffer.from('Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n');
/** Size line of a chunk: 8 digits and CRLF. */
const CHUNK_SIZE_ROOM = 10;
/** Transfer-Encoding, Connection and the empty line. */
const FRAMING_ROOM = CHUNKED_LINE.length + CLOSE_LINE.length + CRLF.length;

type Framing = 'none' | 'length' | 'chunked' | 'until-close' | 'raw';

/** Writes responses to one client, with framing of our own whatever the app's was (RFC 9112 section 6). */
export class ResponseWriter {
  readonly #transport: Transport;
  readonly #gather: Gather;
  #framing: Framing = 'none';
  #remaining = 0;
  /** Status of the final head, or 0 while none is sent. */
  status = 0;
  /** Content octets handed over. */
  contentBytes = 0;

  constructor(transport: Transport, gather: Gather) {
    this.#transport = transport;
    this.#gather = gather;
  }

  begin(): void {
    this.status = 0;
    this.contentBytes = 0;
    this.#framing = 'none';
  }

  sendInterim(status: number, block: Buffer, start: number, end: number): void {
    const offset = this.#open(status, block, start, end, CRLF.length);
    this.#gather.advance(put(this.#gather.buffer, offset, CRLF));
  }

  /** The head; returns whether the connection can go on after this response. */
  sendHead(
    status: number,
    block: Buffer,
    start: number,
    end: number,
    contentLength: number,
    hasContent: boolean,
    minorVersion: number,
    close: boolean,
  ): boolean {
    this.status = status;
    let closes = close;
    if (!hasContent) this.#framing = 'none';
    else if (contentLength !== UNKNOWN_LENGTH) {
      this.#framing = 'length';
      this.#remaining = contentLength;
    } else if (minorVersion === 1) this.#framing = 'chunked';
    else {
      this.#framing = 'until-close';
      closes = true;
    }
    let offset = this.#open(status, block, start, end, FRAMING_ROOM);
    const { buffer } = this.#gather;
    if (this.#framing === 'chunked') offset = put(buffer, offset, CHUNKED_LINE);
    if (closes) offset = put(buffer, offset, CLOSE_LINE);
    this.#gather.advance(put(buffer, offset, CRLF));
    return !closes;
  }

  sendUpgrade(block: Buffer, start: number, end: number): void {
    this.status = 101;
    this.#framing = 'raw';
    const offset = this.#open(101, block, start, end, UPGRADE_LINES.length);
    this.#gather.advance(put(this.#gather.buffer, offset, UPGRADE_LINES));
  }

  /** Status line and field block; returns the offset in the gather buffer where up to `room` octets may follow. */
  #open(status: number, block: Buffer, start: number, end: number, room: number): number {
    const line = statusLine(status);
    const length = line.length + end - start + room;
    if (length > this.#gather.capacity) {
      // A head larger than the gather buffer goes ahead in parts; such heads are rare enough not to matter.
      this.#gather.append(this.#transport, line, 0, line.length);
      this.#gather.append(this.#transport, block, start, end);
      return this.#gather.claim(this.#transport, room);
    }
    const claimed = this.#gather.claim(this.#transport, length);
    const { buffer } = this.#gather;
    const offset = put(buffer, claimed, line);
    return copyOctets(block, start, end, buffer, offset);
  }

  sendContent(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length === 0) return;
    this.contentBytes += length;
    switch (this.#framing) {
      case 'length':
        this.#remaining -= length;
        this.#gather.append(this.#transport, bytes, start, end);
        return;
      case 'chunked': {
        const offset = this.#gather.claim(this.#transport, CHUNK_SIZE_ROOM);
        this.#gather.advance(writeChunkSize(this.#gather.buffer, offset, length));
        this.#gather.append(this.#transport, bytes, start, end);
        this.#gather.append(this.#transport, CRLF, 0, CRLF.length);
        return;
      }
      case 'until-close':
      case 'raw':
        this.#gather.append(this.#transport, bytes, start, end);
        return;
      case 'none':
        // A response that has no content is not given any.
        this.contentBytes -= length;
    }
  }

  /** Ends the message; false when content is missing, so that the message cannot be ended. */
  end(trailers: Buffer | undefined): boolean {
    if (this.#framing === 'length') return this.#remaining === 0;
    if (this.#framing === 'chunked') {
      this.#gather.append(this.#transport, LAST_CHUNK, 0, LAST_CHUNK.length);
      if (trailers !== undefined) this.#gather.append(this.#transport, trailers, 0, trailers.length);
      this.#gather.append(this.#transport, CRLF, 0, CRLF.length);
    }
    return true;
  }
}

function put(target: Buffer, offset: number, bytes: Buffer): number {
  for (let k = 0; k < bytes.length; k += 1) target[offset + k] = bytes[k]!;
  return offset + bytes.length;
}
