/** Writes the frames of a connection to an app; those of one turn of the event loop leave together. */
import { ErrorCode } from '../../codec/http2/error-codes.ts';
import {
  finishHeaders,
  headersRoom,
  writeData,
  writeGoaway,
  writePing,
  writeReset,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from '../../codec/http2/frame-writer.ts';
import { DEFAULT_MAXIMUM_FRAME_SIZE, FRAME_HEADER_LENGTH, FrameFlag } from '../../codec/http2/frames.ts';
import { encodedRoom, HpackEncoder } from '../../codec/http2/hpack/encoder.ts';
import { CLIENT_PREFACE } from '../../codec/http2/preface.ts';
import { SettingId, type Settings } from '../../codec/http2/settings.ts';
import type { Transport } from '../transport/transport.ts';
import type { RequestBytes } from '../upstream/request-bytes.ts';
import { encoderScratch } from './client-memory.ts';
import { FILLED_BYTES, FrameOutput } from './frame-output.ts';
import { atTurnEnd, type TurnEnd } from './turn-end.ts';

/** Names and lengths of pseudo-fields and of `te`, beside their values. */
const PSEUDO_ROOM = 128;
/** Room of a frame whose payload is a few octets. */
const CONTROL_ROOM = 64;
const NO_LINES = Buffer.alloc(0);

export class ClientWriter implements TurnEnd {
  readonly #transport: Transport;
  readonly #output: FrameOutput;
  readonly #encoder: HpackEncoder = new HpackEncoder(encoderScratch);
  readonly #scheme: 'http' | 'https';
  readonly #authority: string;
  readonly #onRoom: () => void;
  #scheduled = false;
  #closed = false;
  #peerFrameSize = DEFAULT_MAXIMUM_FRAME_SIZE;
  /** The last DATA frame that is still here: its stream, its place, and when that was. END_STREAM may be added to it. */
  #dataStream = 0;
  #dataAt = 0;
  #dataEnd = 0;
  #dataEpoch = -1;

  /**
   * `authority` stands for the app where a client named none (HTTP/1.0). `onRoom` is called when what was gathered has left
   * at once; where it has not, the transport tells when it has.
   */
  constructor(transport: Transport, scheme: 'http' | 'https', authority: string, onRoom: () => void) {
    this.#transport = transport;
    this.#output = new FrameOutput(transport);
    this.#scheme = scheme;
    this.#authority = authority;
    this.#onRoom = onRoom;
  }

  /** Octets that the app has not taken yet. */
  get pendingBytes(): number {
    return this.#output.length + this.#transport.pendingBytes;
  }

  /** Something waits here until the app has taken what went before. */
  get heldBack(): boolean {
    return this.#output.length > 0 && this.#transport.pendingBytes > 0;
  }

  /** So much is gathered that content has to wait. */
  get filled(): boolean {
    return this.#output.length >= FILLED_BYTES;
  }

  /** Octets of content that one frame may carry. Larger ones than 2^14 would let one stream hold up the others. */
  get frameSize(): number {
    return DEFAULT_MAXIMUM_FRAME_SIZE;
  }

  /** The preface and our SETTINGS (RFC 9113 section 3.4). */
  greet(streamWindow: number, headerListSize: number): void {
    const output = this.#output;
    const at = this.#claim(CLIENT_PREFACE.length + CONTROL_ROOM);
    output.buffer.set(CLIENT_PREFACE, at);
    output.advance(
      writeSettings(output.buffer, at + CLIENT_PREFACE.length, [
        [SettingId.ENABLE_PUSH, 0],
        [SettingId.INITIAL_WINDOW_SIZE, streamWindow],
        [SettingId.MAX_HEADER_LIST_SIZE, headerListSize],
      ]),
    );
  }

  /** What the app's settings allow. */
  adopt(settings: Settings): void {
    this.#encoder.setTableLimit(settings.headerTableSize);
    this.#peerFrameSize = settings.maximumFrameSize;
  }

  /** HEADERS of a request. */
  head(streamId: number, request: RequestBytes, endStream: boolean): void {
    const { method, target, fieldsStart, fieldsEnd } = request;
    const authority = request.authority === '' ? this.#authority : request.authority;
    const texts = method.length + target.length + authority.length + PSEUDO_ROOM;
    const at = this.#claim(headersRoom(encodedRoom(fieldsEnd - fieldsStart + texts), this.#peerFrameSize));
    const { buffer } = this.#output;
    let end = this.#encoder.encodeRequestHead(
      method,
      this.#scheme,
      authority,
      target,
      '',
      request.view(),
      fieldsStart,
      fieldsEnd,
      buffer,
      at + FRAME_HEADER_LENGTH,
    );
    if (request.acceptsTrailers) end = this.#encoder.encodeField('te', 'trailers', buffer, end);
    this.#output.advance(finishHeaders(buffer, at, end, streamId, endStream, this.#peerFrameSize));
  }

  /** HEADERS of an extended CONNECT for a WebSocket (RFC 8441 section 4), with the lines of `fields`. */
  connect(streamId: number, request: RequestBytes, fields: Buffer): void {
    const { target } = request;
    const authority = request.authority === '' ? this.#authority : request.authority;
    const texts = target.length + authority.length + PSEUDO_ROOM;
    const at = this.#claim(headersRoom(encodedRoom(fields.length + texts), this.#peerFrameSize));
    const { buffer } = this.#output;
    const end = this.#encoder.encodeRequestHead(
      'CONNECT',
      this.#scheme,
      authority,
      target,
      'websocket',
      fields,
      0,
      fields.length,
      buffer,
      at + FRAME_HEADER_LENGTH,
    );
    this.#output.advance(finishHeaders(buffer, at, end, streamId, false, this.#peerFrameSize));
  }

  /** One DATA frame. */
  data(streamId: number, bytes: Buffer, start: number, end: number): void {
    const at = this.#claim(FRAME_HEADER_LENGTH + end - start);
    this.#dataEnd = writeData(this.#output.buffer, at, streamId, bytes, start, end, false);
    this.#output.advance(this.#dataEnd);
    this.#dataStream = streamId;
    this.#dataAt = at;
    this.#dataEpoch = this.#output.epoch;
  }

  /** The end of a request: on the last DATA frame where that is still here, or by a frame of its own. */
  end(streamId: number, trailers: Buffer | undefined): void {
    const output = this.#output;
    if (trailers !== undefined && trailers.length > 0) {
      const at = this.#claim(headersRoom(encodedRoom(trailers.length), this.#peerFrameSize));
      const block = this.#encoder.beginBlock(output.buffer, at + FRAME_HEADER_LENGTH);
      const end = this.#encoder.encodeLines(trailers, 0, trailers.length, output.buffer, block);
      output.advance(finishHeaders(output.buffer, at, end, streamId, true, this.#peerFrameSize));
      return;
    }
    if (this.#dataStream === streamId && this.#dataEpoch === output.epoch && this.#dataEnd <= output.length) {
      output.buffer[this.#dataAt + 4] = FrameFlag.END_STREAM;
      this.#dataStream = 0;
      return;
    }
    const at = this.#claim(CONTROL_ROOM);
    output.advance(writeData(output.buffer, at, streamId, NO_LINES, 0, 0, true));
  }

  reset(streamId: number, errorCode: number): void {
    const at = this.#claim(CONTROL_ROOM);
    this.#output.advance(writeReset(this.#output.buffer, at, streamId, errorCode));
  }

  windowUpdate(streamId: number, increment: number): void {
    const at = this.#claim(CONTROL_ROOM);
    this.#output.advance(writeWindowUpdate(this.#output.buffer, at, streamId, increment));
  }

  settingsAck(): void {
    const at = this.#claim(CONTROL_ROOM);
    this.#output.advance(writeSettingsAck(this.#output.buffer, at));
  }

  pong(bytes: Buffer, start: number): void {
    const at = this.#claim(CONTROL_ROOM);
    this.#output.advance(writePing(this.#output.buffer, at, bytes, start, true));
  }

  /** The last frame of the connection, past whatever is still held back. No stream of the app is ever acted upon. */
  goaway(errorCode: number, reason: string): void {
    this.#output.flush();
    this.#output.discard();
    const debugData = errorCode === ErrorCode.NO_ERROR ? '' : reason;
    const frame = Buffer.allocUnsafeSlow(FRAME_HEADER_LENGTH + 8 + debugData.length);
    writeGoaway(frame, 0, 0, errorCode, debugData);
    this.#transport.write(frame);
    this.#closed = true;
  }

  #claim(room: number): number {
    if (!this.#scheduled) {
      this.#scheduled = true;
      atTurnEnd(this);
    }
    return this.#output.claim(room);
  }

  endTurn(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    this.#output.flush();
    if (this.pendingBytes === 0) this.#onRoom();
  }

  /** The write before is done: what was gathered meanwhile may leave. */
  flush(): void {
    if (!this.#closed) this.#output.flush();
  }

  discard(): void {
    this.#closed = true;
    this.#output.discard();
  }
}
