/**
 * One request and its response on an HTTP/2 connection (RFC 9113 section 8.1). What HTTP/1.1 does with a connection, this
 * does with a stream: content flows both ways with a window each, and whoever answers never learns the difference.
 *
 *   waiting → handed over ─ content in, response out ─→ responded ─→ closed
 *                   └→ tunnel (RFC 8441) ──────────────────────────────┘
 */
import { copyOctets } from '../../codec/copy-octets.ts';
import { ErrorCode } from '../../codec/http2/error-codes.ts';
import { ReceiveWindow } from '../../codec/http2/flow-control.ts';
import { FRAME_HEADER_LENGTH, FrameFlag, DEFAULT_MAXIMUM_FRAME_SIZE } from '../../codec/http2/frames.ts';
import {
  finishHeaders,
  headersRoom,
  writeData,
  writeReset,
  writeWindowUpdate,
} from '../../codec/http2/frame-writer.ts';
import { encodedRoom } from '../../codec/http2/hpack/encoder.ts';
import { checkContentLength } from '../../codec/http2/message-fields.ts';
import { violation, type Violation } from '../../codec/http2/violation.ts';
import { emptyRecord, type AccessRecord } from '../access-record.ts';
import type { ConnectionFacts } from '../connection-facts.ts';
import { UNKNOWN_LENGTH, type AbortCode, type Downstream, type RequestHead, type Responder } from '../exchange.ts';
import { ContentQueue } from './content-queue.ts';
import { h2Limits } from './defences.ts';
import { FILLED_BYTES } from './frame-output.ts';
import type { StreamOwner } from './stream-owner.ts';
import { readHandshakeAnswer, writeHandshakeFields } from './websocket-connect.ts';

/** Frames of ours are no longer than what every peer takes: that lets streams take turns. */
const FRAME_SIZE = DEFAULT_MAXIMUM_FRAME_SIZE;
const NO_OCTETS = Buffer.alloc(0);

export class H2ServerStream implements Downstream {
  readonly id: number;
  readonly head: RequestHead;
  readonly record: AccessRecord = emptyRecord();
  readonly startedMs: number;
  /** What the stream's window lets us send, octets. */
  sendWindow: number;
  /** RFC 9218 section 4: 0 comes first. */
  urgency = 3;
  /** Takes turns with others of its urgency. */
  incremental = true;
  /** The client has ended its side. */
  remoteEnded: boolean;
  closed = false;
  /** Stands in the connection's list of those to flush. */
  touched = false;

  readonly #owner: StreamOwner;
  #responder: Responder | undefined;
  #handedOver = false;
  /** Counts as work of an app. */
  #working = false;
  /** Whoever answers has said all, or is to say no more. */
  #responded = false;

  // What is sent.
  #hasContent = false;
  #remaining = 0;
  #queue: ContentQueue | undefined;
  /** END_STREAM is due when the queue is empty, with these trailers. */
  #ending = false;
  #trailers: Buffer | undefined;
  /** Where the stream's last HEADERS or DATA stands while it has not been written out: END_STREAM can still be set there. */
  #frameAt = 0;
  #frameEpoch = -1;
  #localEnded = false;
  #drainWanted = false;
  #sentSinceCheck = 0;
  #stallDeadlineMs = 0;

  // What is received.
  #window: ReceiveWindow | undefined;
  #received = 0;
  #held: ContentQueue | undefined;
  #endHeld = false;
  #heldTrailers: Buffer | undefined;
  #contentPaused = false;
  #contentBytesSinceCheck = 0;
  #pendingAtCheck = 0;
  #sentAtCheck = 0;
  /** How long neither side of an answered request has moved. */
  #quietMs = 0;
  #deadlineMs = 0;

  // WebSocket.
  #tunnel = false;
  /** An extended CONNECT that has not been answered. */
  #awaitsSwitch = false;
  #websocketKey = '';

  constructor(owner: StreamOwner, id: number, head: RequestHead, sendWindow: number, remoteEnded: boolean) {
    this.#owner = owner;
    this.id = id;
    this.head = head;
    this.sendWindow = sendWindow;
    this.remoteEnded = remoteEnded;
    this.startedMs = owner.readMs;
  }

  get facts(): ConnectionFacts {
    return this.#owner.facts;
  }

  // ---- the request

  /** Turns the head into that of the HTTP/1.1 handshake for an extended CONNECT; `key` is a nonce in base64. */
  beginWebSocket(key: string): void {
    const { head } = this;
    const fields = writeHandshakeFields(head.fields, head.fieldsStart, head.fieldsEnd, key);
    head.method = 'GET';
    head.upgrade = 'websocket';
    head.hasContent = false;
    head.contentLength = 0;
    head.expectContinue = false;
    head.fields = fields;
    head.fieldsStart = 0;
    head.fieldsEnd = fields.length;
    this.#awaitsSwitch = true;
    this.#websocketKey = key;
  }

  /** Copies the field block, which the next head of any connection overwrites. */
  keepFields(): void {
    const { head } = this;
    const { length } = head.fields;
    if (head.fieldsStart === 0 && head.fieldsEnd === length) return;
    const kept = Buffer.allocUnsafe(head.fieldsEnd - head.fieldsStart);
    copyOctets(head.fields, head.fieldsStart, head.fieldsEnd, kept, 0);
    head.fields = kept;
    head.fieldsStart = 0;
    head.fieldsEnd = kept.length;
  }

  /**
   * Whoever answers has taken the fields that it needs. Where content is still to come, it may be refused late, by an
   * answer that looks at what the client accepts.
   */
  #leaveFields(): void {
    const { head } = this;
    if (head.hasContent) this.keepFields();
    else if (head.fieldsStart !== 0 || head.fieldsEnd !== head.fields.length) {
      head.fields = NO_OCTETS;
      head.fieldsStart = 0;
      head.fieldsEnd = 0;
    }
  }

  /** Hands the request over to whoever answers it. */
  handOver(): void {
    const { engine, bounds } = this.#owner;
    this.#handedOver = true;
    if (this.head.hasContent) {
      this.#deadlineMs = engine.clock.now() + bounds.timeouts.requestContentIdleMs;
    }
    this.#working = true;
    this.#owner.workStarted();
    const responder = engine.handler.handle(this);
    if (this.#responded || this.closed) return;
    this.#responder = responder;
    this.#leaveFields();
    if (this.remoteEnded && !this.#endHeld) responder.flush();
    else if (this.#held !== undefined || this.#endHeld) this.#deliverHeld();
  }

  /** All that came in this turn has been handed over. */
  flushRequest(): void {
    this.touched = false;
    this.#responder?.flush();
  }

  /** Takes the content `bytes[start, end)` of a DATA frame that counts `length`. What it returns ends the stream. */
  receiveData(bytes: Buffer, start: number, end: number, length: number, endStream: boolean): Violation | null {
    const window = (this.#window ??= new ReceiveWindow(h2Limits.streamWindow.value));
    if (!window.receive(length)) return violation('h2-stream-window-ignored');
    const content = end - start;
    this.#received += content;
    const wrong = this.#checkLength(endStream);
    if (wrong !== null) return wrong;
    if (endStream) this.remoteEnded = true;
    if (length > content) this.#release(length - content);
    const limit = this.#owner.bounds.limits.requestContentBytes;
    if (limit > 0 && this.#received > limit && !this.#awaitsSwitch && !this.#tunnel) {
      this.#owner.releaseContent(content);
      this.fail('content-too-large');
      return null;
    }
    if (content > 0) {
      this.record.bytesReceived += content;
      this.#contentBytesSinceCheck += content;
      if (this.#tunnel) this.#deadlineMs = this.#owner.engine.clock.now() + this.#owner.bounds.timeouts.tunnelIdleMs;
      if (this.#contentFlows) this.#deliver(bytes, start, end);
      else (this.#held ??= new ContentQueue()).append(bytes, start, end);
    }
    if (endStream) this.#endRequest(undefined);
    return null;
  }

  /** The request ends with a trailer section. What it returns ends the stream. */
  receiveTrailers(trailers: Buffer | undefined): Violation | null {
    const wrong = this.#checkLength(true);
    if (wrong !== null) return wrong;
    this.remoteEnded = true;
    this.#endRequest(trailers);
    return null;
  }

  #checkLength(ended: boolean): Violation | null {
    if (this.#tunnel || this.#awaitsSwitch) return null;
    return checkContentLength(this.head.contentLength, this.#received, ended);
  }

  get #contentFlows(): boolean {
    return this.#handedOver && !this.#contentPaused && !this.#awaitsSwitch && this.#held === undefined;
  }

  #deliver(bytes: Buffer, start: number, end: number): void {
    // Whoever has answered without the content takes none any more; the client's window is given back all the same.
    this.#responder?.onContent(bytes, start, end);
    this.#release(end - start);
  }

  /** Gives windows back, the stream's only where more can come over it. */
  #release(length: number): void {
    this.#owner.releaseContent(length);
    if (this.remoteEnded || this.closed) return;
    const increment = this.#window!.release(length);
    if (increment === 0) return;
    const { output } = this.#owner;
    const at = output.claim(FRAME_HEADER_LENGTH + 4);
    output.advance(writeWindowUpdate(output.buffer, at, this.id, increment));
    this.#owner.wake();
  }

  #endRequest(trailers: Buffer | undefined): void {
    if (!this.#tunnel) this.#deadlineMs = 0;
    if (this.closed) return;
    if (!this.#contentFlows) {
      this.#endHeld = true;
      this.#heldTrailers = trailers === undefined ? undefined : Buffer.from(trailers);
      return;
    }
    this.#tellEnd(trailers);
  }

  #tellEnd(trailers: Buffer | undefined): void {
    const responder = this.#responder;
    if (this.#tunnel) {
      responder?.onContentEnd(undefined);
      if (this.#localEnded && !this.closed) this.#closeWhole();
    } else if (this.head.hasContent) responder?.onContentEnd(trailers);
  }

  pauseContent(): void {
    this.#contentPaused = true;
  }

  resumeContent(): void {
    if (!this.#contentPaused) return;
    this.#contentPaused = false;
    if (!this.remoteEnded && !this.#tunnel) {
      this.#contentBytesSinceCheck = 0;
      this.#deadlineMs = this.#owner.engine.clock.now() + this.#owner.bounds.timeouts.requestContentIdleMs;
    }
    this.#deliverHeld();
  }

  #deliverHeld(): void {
    if (!this.#handedOver || this.#contentPaused || this.#awaitsSwitch) return;
    const held = this.#held;
    if (held !== undefined) {
      this.#held = undefined;
      this.#deliver(held.buffer, held.start, held.start + held.length);
    }
    if (this.#endHeld && this.#contentFlows && !this.closed) {
      const trailers = this.#heldTrailers;
      this.#endHeld = false;
      this.#heldTrailers = undefined;
      this.#tellEnd(trailers);
    }
    this.#responder?.flush();
  }

  // ---- the response

  sendInterim(status: number, block: Buffer, start: number, end: number): void {
    if (this.#responded || this.record.status !== 0) return;
    this.#writeHead(status, block, start, end);
    this.#frameEpoch = -1;
  }

  sendHead(
    status: number,
    block: Buffer,
    start: number,
    end: number,
    contentLength: number,
    hasContent: boolean,
  ): void {
    if (this.#responded) return;
    this.record.status = status;
    this.#hasContent = hasContent;
    this.#remaining = contentLength;
    this.#awaitsSwitch = false;
    this.#writeHead(status, block, start, end);
  }

  #writeHead(status: number, block: Buffer, start: number, end: number): void {
    const { output, encoder } = this.#owner;
    const at = output.claim(headersRoom(encodedRoom(end - start), FRAME_SIZE));
    const blockEnd = encoder.encodeResponseHead(status, block, start, end, output.buffer, at + FRAME_HEADER_LENGTH);
    output.advance(finishHeaders(output.buffer, at, blockEnd, this.id, false, FRAME_SIZE));
    this.#frameAt = at;
    this.#frameEpoch = output.epoch;
    this.#owner.wake();
  }

  sendContent(bytes: Buffer, start: number, end: number): void {
    if (this.#responded || !this.#hasContent || start === end) return;
    this.record.bytesSent += end - start;
    if (this.#remaining !== UNKNOWN_LENGTH) this.#remaining -= end - start;
    if (this.#tunnel) this.#deadlineMs = this.#owner.engine.clock.now() + this.#owner.bounds.timeouts.tunnelIdleMs;
    let position = start;
    if (this.#queue === undefined) {
      const owner = this.#owner;
      while (position < end && this.sendWindow > 0 && owner.sendWindow > 0 && owner.output.length < FILLED_BYTES) {
        position = this.#writeData(bytes, position, end);
      }
      owner.wake();
      if (position === end) return;
      this.#queue = new ContentQueue();
      owner.contentQueued(this);
    }
    this.#queue.append(bytes, position, end);
  }

  /** One DATA frame with what fits of `bytes[start, end)`; returns the position behind it. */
  #writeData(bytes: Buffer, start: number, end: number): number {
    const owner = this.#owner;
    const { output } = owner;
    const length = Math.min(end - start, FRAME_SIZE, this.sendWindow, owner.sendWindow);
    const at = output.claim(FRAME_HEADER_LENGTH + length);
    output.advance(writeData(output.buffer, at, this.id, bytes, start, start + length, false));
    this.#frameAt = at;
    this.#frameEpoch = output.epoch;
    this.sendWindow -= length;
    owner.sendWindow -= length;
    this.#sentSinceCheck += length;
    owner.dataSent();
    return start + length;
  }

  /** Sends one frame of what waits. Called by the connection where both windows are open. */
  sendQueued(): void {
    const queue = this.#queue!;
    const { start, length } = queue;
    queue.drop(this.#writeData(queue.buffer, start, start + length) - start);
    if (queue.length > 0) return;
    this.#queue = undefined;
    this.#owner.contentUnqueued(this);
    if (this.#ending) this.#finish(this.#trailers);
  }

  end(trailers?: Buffer): void {
    if (this.#responded || this.#ending || this.#localEnded) return;
    if (!this.#tunnel) {
      if (this.#hasContent && this.#remaining > 0) {
        this.abort('upstream-response-truncated');
        return;
      }
      this.#stopResponder(false);
    }
    const kept = this.#hasContent ? trailers : undefined;
    if (this.#queue === undefined) {
      this.#finish(kept);
      return;
    }
    this.#ending = true;
    this.#trailers = kept === undefined ? undefined : Buffer.from(kept);
  }

  /** Writes the end of the response. */
  #finish(trailers: Buffer | undefined): void {
    this.#localEnded = true;
    this.#stallDeadlineMs = 0;
    this.#writeEnd(trailers);
    this.#owner.wake();
    if (this.#tunnel && !(this.remoteEnded && !this.#endHeld)) return;
    this.#closeWhole();
  }

  #writeEnd(trailers: Buffer | undefined): void {
    const { output, encoder } = this.#owner;
    if (trailers !== undefined && trailers.length > 0) {
      const at = output.claim(headersRoom(encodedRoom(trailers.length), FRAME_SIZE));
      const blockStart = encoder.beginBlock(output.buffer, at + FRAME_HEADER_LENGTH);
      const blockEnd = encoder.encodeLines(trailers, 0, trailers.length, output.buffer, blockStart);
      output.advance(finishHeaders(output.buffer, at, blockEnd, this.id, true, FRAME_SIZE));
    } else if (this.#frameEpoch === output.epoch) {
      output.buffer[this.#frameAt + 4]! |= FrameFlag.END_STREAM;
    } else {
      const at = output.claim(FRAME_HEADER_LENGTH);
      output.advance(writeData(output.buffer, at, this.id, output.buffer, 0, 0, true));
    }
  }

  /** Both sides are done; where the client is not, it is told that the rest is of no interest (section 8.1). */
  #closeWhole(): void {
    if (this.remoteEnded) this.#close(false);
    else this.#reset(ErrorCode.NO_ERROR);
  }

  flush(): void {
    this.#owner.wake();
  }

  abort(code: AbortCode): void {
    if (this.closed) return;
    this.record.error = code;
    this.#stopResponder(false);
    // RFC 8441 section 5: what is RST in TCP is CANCEL in a tunnel.
    this.#reset(this.#tunnel ? ErrorCode.CANCEL : ErrorCode.INTERNAL_ERROR);
  }

  get backedUp(): boolean {
    if (this.#queue === undefined && !this.#owner.congested) return false;
    this.#drainWanted = true;
    this.#owner.drainWanted = true;
    return true;
  }

  /** The connection has room again. Returns whether the stream still waits. */
  drain(): boolean {
    if (!this.#drainWanted) return false;
    if (this.#queue !== undefined) return true;
    this.#drainWanted = false;
    this.#responder?.onDrain();
    return false;
  }

  sendUpgrade(block: Buffer, start: number, end: number): void {
    const fields = readHandshakeAnswer(block, start, end, this.#websocketKey);
    if (fields === undefined) {
      this.fail('upstream-upgrade-malformed');
      return;
    }
    const { engine, bounds } = this.#owner;
    this.sendHead(200, fields, 0, fields.length, UNKNOWN_LENGTH, true);
    this.#tunnel = true;
    this.#deadlineMs = engine.clock.now() + bounds.timeouts.tunnelIdleMs;
    // The app is no longer busy with a request: it holds a connection, as it does for any WebSocket.
    this.#endWork(false);
    this.#deliverHeld();
  }

  // ---- ends

  /** A request that cannot be taken: answered by the gateway itself, under a code of the catalogue. */
  refuse(code: AbortCode): void {
    this.record.error = code;
    const { bytes, status } = this.#owner.engine.handler.refusal(code);
    const blockStart = bytes.indexOf('\r\n') + 2;
    const blockEnd = bytes.indexOf('\r\n\r\n', blockStart - 2) + 2;
    const contentStart = blockEnd + 2;
    const hasContent = this.head.method !== 'HEAD';
    this.sendHead(status, bytes, blockStart, blockEnd, bytes.length - contentStart, hasContent);
    this.sendContent(bytes, contentStart, bytes.length);
    this.end();
  }

  /** The request broke off or broke a rule while it was being answered: told where that is still possible. */
  fail(code: AbortCode): void {
    if (this.closed) return;
    this.#abandon(code);
    if (this.record.status === 0) {
      this.#responded = false;
      this.refuse(code);
    } else {
      this.record.error = code;
      this.#reset(ErrorCode.CANCEL);
    }
  }

  /** The client did what ends a stream (RFC 9113 section 5.4.2). */
  violate(broken: Violation): void {
    if (this.closed) return;
    this.record.error ||= broken.reason;
    this.#abandon(broken.reason);
    this.#reset(broken.errorCode);
  }

  /** The client wants no more of it, or is gone: nothing is sent. */
  cancel(code: AbortCode): void {
    if (this.closed) return;
    if (!this.#tunnel || code !== 'client-gone') this.record.error ||= code;
    this.#abandon(code);
    this.#close(false);
  }

  #abandon(code: AbortCode): void {
    const responder = this.#responder;
    this.#stopResponder(true);
    responder?.onAbort(code);
  }

  #stopResponder(cancelled: boolean): void {
    this.#responder = undefined;
    this.#responded = true;
    this.#endWork(cancelled);
  }

  #endWork(cancelled: boolean): void {
    if (!this.#working) return;
    this.#working = false;
    this.#owner.workEnded(cancelled);
  }

  #reset(errorCode: number): void {
    const { output } = this.#owner;
    const at = output.claim(FRAME_HEADER_LENGTH + 4);
    output.advance(writeReset(output.buffer, at, this.id, errorCode));
    this.#owner.wake();
    this.#close(true);
  }

  #close(resetByUs: boolean): void {
    if (this.closed) return;
    this.closed = true;
    this.#stopResponder(false);
    if (this.#queue !== undefined) {
      this.#queue = undefined;
      this.#owner.contentUnqueued(this);
    }
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#owner.releaseContent(held.length);
    const { engine } = this.#owner;
    const nowMs = engine.clock.now();
    this.#owner.streamClosed(this, resetByUs, nowMs);
    this.record.totalMs = nowMs - this.startedMs;
    engine.handler.finished(this.record);
  }

  // ---- deadlines

  sweep(nowMs: number): void {
    const owner = this.#owner;
    if (this.#queue !== undefined && (this.sendWindow <= 0 || owner.sendWindow <= 0)) this.#checkStall(nowMs);
    else this.#stallDeadlineMs = 0;
    if (this.closed || this.#deadlineMs === 0 || nowMs < this.#deadlineMs) return;
    if (this.#tunnel) this.fail('tunnel-idle');
    else this.#checkContentRate(nowMs);
  }

  /** The client's window is shut while content waits: it has to open it again, by more than a trickle. */
  #checkStall(nowMs: number): void {
    const { timeouts, limits } = this.#owner.bounds;
    if (this.#stallDeadlineMs === 0) {
      this.#stallDeadlineMs = nowMs + timeouts.responseWriteStallMs;
      this.#sentSinceCheck = 0;
      return;
    }
    if (nowMs < this.#stallDeadlineMs) return;
    if (
      this.#sentSinceCheck > 0 &&
      this.#sentSinceCheck >= (limits.minimumContentRate * timeouts.responseWriteStallMs) / 1000
    ) {
      this.#stallDeadlineMs = 0;
      return;
    }
    this.fail('response-write-stalled');
  }

  /**
   * Where the answer has begun, nobody waits for the rest of the request: both sides talk as they like (gRPC's streams do
   * for hours), and what bounds a tunnel bounds them.
   */
  #livesOn(moved: boolean, windowMs: number): boolean {
    const { bytesSent } = this.record;
    this.#quietMs = moved || bytesSent !== this.#sentAtCheck ? 0 : this.#quietMs + windowMs;
    this.#sentAtCheck = bytesSent;
    return this.#quietMs < this.#owner.bounds.timeouts.tunnelIdleMs;
  }

  /** An upload may take as long as it likes while it moves at a minimum rate. */
  #checkContentRate(nowMs: number): void {
    const owner = this.#owner;
    const { timeouts, limits } = owner.bounds;
    const windowMs = timeouts.requestContentIdleMs;
    // A frame of content that is not whole yet counts as well: on a slow line, one takes minutes.
    const pending = owner.pendingContent(this.id);
    const moved = this.#contentBytesSinceCheck + pending - this.#pendingAtCheck;
    this.#contentBytesSinceCheck = 0;
    this.#pendingAtCheck = pending;
    const isFast = moved > 0 && moved >= (limits.minimumContentRate * windowMs) / 1000;
    if (this.record.status !== 0 && this.#livesOn(moved > 0, windowMs)) {
      this.#deadlineMs = nowMs + windowMs;
      return;
    }
    if (isFast || this.#contentPaused || this.#held !== undefined || owner.receiveBlocked) {
      this.#deadlineMs = nowMs + windowMs;
      return;
    }
    this.fail('content-timeout');
  }
}
