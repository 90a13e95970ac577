/**
 * A client's HTTP/1.1 connection: requests in, one after the other, responses out in the same order (RFC 9112).
 *
 *   idle → head → exchange (content in, response out) → idle … → lingering → closed
 *                     └→ tunnel (after a 101) ─────────────────────────────┘
 *
 * The head is read in place by a reader shared by all connections; only a head that comes in pieces takes memory of its
 * own. Whatever could be read in two ways is refused and the connection closed, before the app has seen an octet.
 */
import type net from 'node:net';
import { COMPLETE, INCOMPLETE } from '../../codec/http1/field-section.ts';
import type { RequestHeadReader } from '../../codec/http1/request-head.ts';
import { latin1Text } from '../../codec/latin1.ts';
import { emptyRecord, type AccessRecord } from '../access-record.ts';
import type { ConnectionFacts } from '../connection-facts.ts';
import type { Engine, EngineBounds } from '../engine.ts';
import { UNKNOWN_LENGTH, type AbortCode, type Downstream, type RequestHead, type Responder } from '../exchange.ts';
import type { Sweepable } from '../sweeper.ts';
import { Transport, type TransportSink } from '../transport/transport.ts';
import { clientNamedByProxy } from '../upstream/forwarded-lines.ts';
import { takeAuthorityFromTarget } from './authority.ts';
import { ContentReader, type ContentSink } from './content-reader.ts';
import { HeadFields } from './head-fields.ts';
import { HeldBytes } from './held-bytes.ts';
import { ResponseWriter } from './response-writer.ts';

const NO_BYTES = Buffer.alloc(0);
const LF = 0x0a;
const CR = 0x0d;
/** Who answers is asked to pause while this much waits for the client: a TLS record's worth is on its way already. */
const BACKED_UP_BYTES = 16_384;
/** Patience with an idle connection when draining: a client in the middle of its work sends its next request by then. */
const DRAIN_IDLE_MS = 1000;
/** How long unread octets are still taken after the last response, so that a RST does not overtake it (RFC 9112 section 9.6). */
const LINGER_MS = 2000;

type Stage = 'idle' | 'head' | 'exchange' | 'tunnel' | 'lingering' | 'closed';

export class H1ServerConnection implements Downstream, TransportSink, Sweepable, ContentSink {
  readonly facts: ConnectionFacts;
  readonly record: AccessRecord = emptyRecord();
  readonly head: RequestHead = emptyHead();
  startedMs = 0;

  readonly #engine: Engine;
  readonly #bounds: EngineBounds;
  readonly #sharedReader: RequestHeadReader;
  readonly #onClosed: (connection: H1ServerConnection) => void;
  readonly #transport: Transport;
  readonly #writer: ResponseWriter;
  readonly #content: ContentReader;
  readonly #fields: HeadFields = new HeadFields();
  /** Reads a head that comes in pieces, from where it left off. */
  #ownReader: RequestHeadReader | undefined;
  #held: HeldBytes | undefined;
  #stage: Stage = 'idle';
  #responder: Responder | undefined;
  #requests = 0;
  #minorVersion = 1;
  #closeAfter = false;
  #draining = false;
  #readEnded = false;
  #tunnelEnded = false;
  /** The CR of an empty line before a request has come, its LF not yet. */
  #emptyLineBegun = false;
  /** A call of `#process` is on the stack: it follows up whatever ends meanwhile. */
  #processing = false;

  /** Monotonic time of the stage's deadline; 0 for none. */
  #deadlineMs: number;
  #contentBytesSinceCheck = 0;
  #contentPaused = false;
  #writeStalledSinceMs = -1;

  /** Takes over a socket whose handshake, if any, is done. `reader` is shared by the process. */
  constructor(
    socket: net.Socket,
    facts: ConnectionFacts,
    engine: Engine,
    bounds: EngineBounds,
    reader: RequestHeadReader,
    onClosed: (connection: H1ServerConnection) => void,
  ) {
    this.facts = facts;
    this.#engine = engine;
    this.#bounds = bounds;
    this.#sharedReader = reader;
    this.#onClosed = onClosed;
    this.#content = new ContentReader(this, {
      extensionBytes: bounds.limits.chunkExtensionBytes,
      trailerBytes: bounds.limits.trailerBytes,
    });
    // The first request gets as long as a head does: a new connection has earned no more patience yet.
    this.#deadlineMs = engine.sweeper.nowMs + bounds.timeouts.requestHeadMs;
    const { record } = this;
    record.peer = facts.peer;
    record.tlsVersion = facts.tlsVersion;
    record.cipherSuite = facts.cipherSuite;
    record.resumed = facts.resumed;
    engine.sweeper.add(this);
    this.#transport = new Transport(socket, engine.level, facts.encrypted);
    this.#writer = new ResponseWriter(this.#transport, engine.gather);
    this.#transport.start(this);
  }

  /** Whether a request is being answered. */
  get busy(): boolean {
    return this.#stage === 'exchange' || this.#stage === 'tunnel';
  }

  get #over(): boolean {
    return this.#stage === 'lingering' || this.#stage === 'closed';
  }

  // ---- octets from the client

  onRead(buffer: Buffer, length: number): void {
    switch (this.#stage) {
      case 'idle':
        this.#process(buffer, 0, length, undefined);
        return;
      case 'head':
        this.#onReadInHead(buffer, length);
        return;
      case 'exchange':
        this.#onReadInExchange(buffer, length);
        return;
      case 'tunnel':
        this.#deadlineMs = this.#engine.sweeper.nowMs + this.#bounds.timeouts.tunnelIdleMs;
        this.record.bytesReceived += length;
        this.#responder?.onContent(buffer, 0, length);
        this.#responder?.flush();
        return;
      case 'lingering':
      case 'closed':
        // What still comes is not ours to act on.
        return;
    }
  }

  #onReadInHead(buffer: Buffer, length: number): void {
    const held = this.#held!;
    held.append(buffer, 0, length);
    // Only a line end completes anything and only a full head is too large: octets that drip in are not read again.
    const lineEnd = buffer.indexOf(LF);
    if ((lineEnd < 0 || lineEnd >= length) && held.length <= this.#bounds.limits.requestHeadBytes) return;
    this.#held = undefined;
    this.#process(held.buffer, 0, held.length, held);
  }

  #onReadInExchange(buffer: Buffer, length: number): void {
    let position = 0;
    if (!this.#content.done) {
      position = this.#feed(buffer, 0, length);
      this.#responder?.flush();
    }
    if (position >= length) return;
    // The exchange may have ended while its last content was handed over: the rest is the next request.
    if (this.#stage === 'idle') this.#process(buffer, position, length, undefined);
    else if (this.busy) this.#hold(buffer, position, length);
  }

  /** Keeps pipelined octets, up to a limit beyond which the client has to wait. */
  #hold(buffer: Buffer, start: number, end: number): void {
    this.#held ??= new HeldBytes(end - start);
    this.#held.append(buffer, start, end);
    if (this.#held.length > this.#bounds.limits.pipelinedBytes) this.#transport.pauseRead();
  }

  /** Reads requests from `buffer[start, end)` until one is in flight or the octets end. `held` owns the buffer, if we do. */
  #process(buffer: Buffer, start: number, end: number, held: HeldBytes | undefined): void {
    this.#processing = true;
    let position = start;
    if (this.#emptyLineBegun) {
      this.#emptyLineBegun = false;
      if (buffer[position] === LF) position += 1;
      else this.#refuse('request-line-malformed');
    }
    while (position < end && !this.#over) {
      // RFC 9112 section 2.2: an empty line before a request is ignored; some clients send one after a POST. It begins
      // nothing: the deadline stays that of an idle connection.
      if (buffer[position] === CR && this.#stage === 'idle') {
        if (position + 1 === end) {
          this.#emptyLineBegun = true;
          break;
        }
        if (buffer[position + 1] === LF) {
          position += 2;
          continue;
        }
      }
      const reader = this.#ownReader ?? this.#sharedReader;
      reader.fields.trustIdentityFields = this.facts.trustedPeer;
      const status = reader.read(buffer, position, end, this.#fields.known);
      if (status === INCOMPLETE) {
        this.#keepPartialHead(buffer, position, end, held);
        break;
      }
      if (status !== COMPLETE) {
        reader.reset();
        this.#refuse(reader.error);
        break;
      }
      this.#ownReader = undefined;
      position = reader.headEnd;
      this.#begin(buffer, reader);
      if (this.#responder !== undefined) {
        if (!this.#content.done) position = this.#feed(buffer, position, end);
        this.#responder?.flush();
      }
      if (this.#stage === 'idle') continue;
      if (position < end && this.busy) this.#hold(buffer, position, end);
      break;
    }
    this.#processing = false;
  }

  #keepPartialHead(buffer: Buffer, start: number, end: number, held: HeldBytes | undefined): void {
    if (this.#stage === 'idle') {
      this.#stage = 'head';
      this.#deadlineMs = this.#engine.sweeper.nowMs + this.#bounds.timeouts.requestHeadMs;
    }
    if (this.#ownReader === undefined) {
      this.#sharedReader.reset();
      this.#ownReader = this.#sharedReader.twin();
    }
    if (held !== undefined && start === 0) {
      this.#held = held;
      return;
    }
    this.#held = new HeldBytes(end - start);
    this.#held.append(buffer, start, end);
  }

  #begin(buffer: Buffer, reader: RequestHeadReader): void {
    const { head, record } = this;
    const { fields } = reader;
    this.startedMs = this.#engine.clock.now();
    this.#requests += 1;
    this.#stage = 'exchange';
    this.#deadlineMs = 0;
    this.#minorVersion = reader.minorVersion;
    this.#closeAfter = fields.close || reader.minorVersion === 0 || this.#draining;
    this.#writer.begin();

    head.method = reader.method;
    head.protocol = reader.minorVersion === 1 ? 'HTTP/1.1' : 'HTTP/1.0';
    head.target = latin1Text(buffer, reader.targetStart, reader.targetEnd);
    head.expectContinue = fields.expectContinue && reader.minorVersion === 1;
    head.acceptsTrailers = fields.acceptsTrailers;
    head.contentLength = fields.chunked ? UNKNOWN_LENGTH : Math.max(0, fields.contentLength);
    head.hasContent = head.contentLength !== 0;
    head.upgrade = fields.upgradeWebSocket && fields.connectionUpgrade && this.#mayUpgrade() ? 'websocket' : '';
    if (head.hasContent) {
      this.#content.begin(fields.chunked ? 'chunked' : 'length', head.contentLength);
      this.#contentBytesSinceCheck = 0;
      this.#contentPaused = false;
      this.#deadlineMs = this.startedMs + this.#bounds.timeouts.requestContentIdleMs;
    }
    this.#fields.take(buffer, reader, head, record, this.#engine.wantsAgent);
    if (reader.absoluteForm) takeAuthorityFromTarget(head);

    if (this.facts.trustedPeer) record.peer = clientNamedByProxy(head) || this.facts.peer;
    record.timeMs = this.#engine.sweeper.wallTime(this.startedMs);
    record.site = '';
    record.method = head.method;
    record.target = head.target;
    record.authority = head.authority;
    record.protocol = head.protocol;
    record.bytesReceived = 0;
    record.tlsMs = this.#requests === 1 ? this.facts.handshakeMs : -1;
    record.upstreamMs = -1;
    record.upstream = '';
    record.error = '';
    record.requestId = '';

    if (this.#bounds.limits.requestContentBytes > 0 && head.contentLength > this.#bounds.limits.requestContentBytes) {
      this.#refuse('content-too-large');
      return;
    }
    const responder = this.#engine.handler.handle(this);
    if (this.busy) this.#responder = responder;
  }

  /** RFC 6455 section 4.1. Content would have to end before the tunnel begins, and nobody sends any. */
  #mayUpgrade(): boolean {
    return this.#minorVersion === 1 && this.head.method === 'GET' && !this.head.hasContent;
  }

  /** Hands request content over; returns the offset behind what was taken. */
  #feed(buffer: Buffer, start: number, end: number): number {
    const position = this.#content.feed(buffer, start, end);
    if (position >= 0) return position;
    this.#fail(this.#content.error);
    return end;
  }

  onMessageContent(bytes: Buffer, start: number, end: number): void {
    const { record } = this;
    record.bytesReceived += end - start;
    this.#contentBytesSinceCheck += end - start;
    const limit = this.#bounds.limits.requestContentBytes;
    if (limit > 0 && record.bytesReceived > limit) {
      this.#content.abandon();
      this.#fail('content-too-large');
      return;
    }
    this.#responder?.onContent(bytes, start, end);
  }

  onMessageEnd(trailers: Buffer | undefined): void {
    this.#deadlineMs = 0;
    this.#responder?.onContentEnd(trailers);
  }

  /** Answers a request that cannot be read or taken, and closes. */
  #refuse(code: AbortCode): void {
    const { record } = this;
    if (this.#stage === 'idle' || this.#stage === 'head') {
      this.startedMs = this.#engine.clock.now();
      record.timeMs = this.#engine.sweeper.wallTime(this.startedMs);
      record.site = this.facts.site;
      record.method = '';
      record.target = '';
      record.authority = '';
      record.protocol = 'HTTP/1.1';
      record.bytesReceived = 0;
      record.upstreamMs = -1;
      record.upstream = '';
      record.requestId = '';
      record.referer = '';
      record.userAgent = '';
      record.tlsMs = this.#requests === 0 ? this.facts.handshakeMs : -1;
      this.#writer.begin();
    }
    record.error = code;
    const { status, bytes } = this.#engine.handler.refusal(code);
    this.#engine.gather.append(this.#transport, bytes, 0, bytes.length);
    this.#writer.status = status;
    this.#content.abandon();
    this.#closeAfter = true;
    this.#held = undefined;
    this.#finishExchange();
  }

  /** The request broke off or broke a rule while it was being answered. */
  #fail(code: AbortCode): void {
    const responder = this.#responder;
    this.#responder = undefined;
    responder?.onAbort(code);
    if (this.#writer.status === 0) this.#refuse(code);
    else this.abort(code);
  }

  // ---- Downstream

  sendInterim(status: number, block: Buffer, start: number, end: number): void {
    if (this.#minorVersion === 0 || !this.busy) return;
    this.#writer.sendInterim(status, block, start, end);
  }

  sendHead(
    status: number,
    block: Buffer,
    start: number,
    end: number,
    contentLength: number,
    hasContent: boolean,
  ): void {
    // A client that still waits for a 100 will not send its content after a final answer; where it would, none can tell.
    if (this.head.expectContinue && !this.#content.done && this.record.bytesReceived === 0) this.#closeAfter = true;
    const goesOn = this.#writer.sendHead(
      status,
      block,
      start,
      end,
      contentLength,
      hasContent,
      this.#minorVersion,
      this.#closeAfter || this.#draining,
    );
    if (!goesOn) this.#closeAfter = true;
  }

  sendContent(buffer: Buffer, start: number, end: number): void {
    this.#writer.sendContent(buffer, start, end);
    if (this.#stage === 'tunnel') this.#deadlineMs = this.#engine.sweeper.nowMs + this.#bounds.timeouts.tunnelIdleMs;
  }

  end(trailers?: Buffer): void {
    if (!this.busy) return;
    if (this.#stage === 'tunnel') {
      this.#endTunnel();
      return;
    }
    this.#responder = undefined;
    if (!this.#writer.end(this.#minorVersion === 1 ? trailers : undefined)) {
      this.abort('upstream-response-truncated');
      return;
    }
    this.#finishExchange();
  }

  /** The app has said all. The client may go on until it has, too. */
  #endTunnel(): void {
    this.flush();
    this.#tunnelEnded = true;
    if (this.#readEnded) this.#finishExchange();
    else this.#transport.end();
  }

  flush(): void {
    this.#engine.gather.flushFor(this.#transport);
  }

  abort(code: AbortCode): void {
    if (this.#stage === 'closed') return;
    this.record.error = code;
    this.#responder = undefined;
    this.#content.abandon();
    this.flush();
    this.#report();
    this.#stage = 'lingering';
    this.#transport.reset();
  }

  get backedUp(): boolean {
    return this.#transport.pendingBytes >= BACKED_UP_BYTES;
  }

  pauseContent(): void {
    this.#contentPaused = true;
    this.#transport.pauseRead();
  }

  resumeContent(): void {
    if (!this.#contentPaused) return;
    this.#contentPaused = false;
    if (!this.#content.done) this.#deadlineMs = this.#engine.sweeper.nowMs + this.#bounds.timeouts.requestContentIdleMs;
    this.#transport.resumeRead();
  }

  sendUpgrade(block: Buffer, start: number, end: number): void {
    this.#writer.sendUpgrade(block, start, end);
    this.#stage = 'tunnel';
    this.#deadlineMs = this.#engine.sweeper.nowMs + this.#bounds.timeouts.tunnelIdleMs;
    this.#closeAfter = true;
    // Octets that the client sent behind its request belong to the tunnel (RFC 9110 section 7.8).
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) {
      // Before they are handed over: the app's side may ask for another pause.
      this.#transport.resumeRead();
      this.record.bytesReceived += held.length;
      this.#responder?.onContent(held.buffer, 0, held.length);
      this.#responder?.flush();
    }
  }

  // ---- ends

  #report(): void {
    const { record } = this;
    record.status = this.#writer.status;
    record.bytesSent = this.#writer.contentBytes;
    record.totalMs = this.#engine.clock.now() - this.startedMs;
    this.#engine.handler.finished(record);
  }

  /** The response is whole (or the refusal is): on to the next request, or to the end of the connection. */
  #finishExchange(): void {
    this.flush();
    this.#report();
    this.#responder = undefined;
    if (this.#closeAfter || !this.#content.done || this.#draining || this.#readEnded) {
      this.#linger();
      return;
    }
    this.#stage = 'idle';
    this.#deadlineMs = this.#engine.sweeper.nowMs + this.#bounds.timeouts.keepAliveIdleMs;
    this.#transport.resumeRead();
    if (this.#processing) return;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#process(held.buffer, 0, held.length, held);
  }

  /** Sends FIN and takes what still comes for a while. */
  #linger(): void {
    this.#content.abandon();
    this.#held = undefined;
    this.#stage = 'lingering';
    this.#deadlineMs = this.#engine.sweeper.nowMs + LINGER_MS;
    this.#transport.end();
    if (this.#readEnded) return;
    this.#transport.resumeRead();
  }

  /** No new request after this one: `Connection: close` where that can still be said. */
  drain(): void {
    this.#draining = true;
    // A request may be on its way already; one that comes in time is answered, and told that it is the last.
    if (this.#stage === 'idle') {
      this.#deadlineMs = Math.min(this.#deadlineMs, this.#engine.sweeper.nowMs + DRAIN_IDLE_MS);
    }
  }

  destroy(): void {
    this.#transport.destroy();
  }

  onReadEnd(): void {
    this.#readEnded = true;
    switch (this.#stage) {
      case 'exchange':
        // A client that half-closes and still reads is indistinguishable from one that has left; browsers and curl do the
        // latter, and an app must not go on streaming to nobody (nginx decides the same way).
        this.#leave();
        return;
      case 'tunnel':
        this.#responder?.onContentEnd(undefined);
        this.#responder?.flush();
        if (this.#tunnelEnded) this.#finishExchange();
        return;
      case 'idle':
      case 'head':
        this.#linger();
        return;
      case 'lingering':
      case 'closed':
        return;
    }
  }

  /** Nobody is there to be answered. */
  #leave(): void {
    const responder = this.#responder;
    this.#responder = undefined;
    responder?.onAbort('client-gone');
    this.abort('client-gone');
  }

  onWritable(): void {
    this.#writeStalledSinceMs = -1;
    if (this.#responder !== undefined) this.#responder.onDrain();
  }

  onClosed(): void {
    const stage = this.#stage;
    this.#stage = 'closed';
    this.#engine.sweeper.delete(this);
    const responder = this.#responder;
    this.#responder = undefined;
    if (stage === 'exchange' || stage === 'tunnel') {
      responder?.onAbort('client-gone');
      if (stage === 'exchange') this.record.error ||= 'client-gone';
      this.#report();
    }
    this.#onClosed(this);
  }

  // ---- deadlines

  sweep(nowMs: number): void {
    if (this.#transport.pendingBytes > 0 && this.#isWriteStalled(nowMs)) {
      if (this.busy) this.#abandonStalled();
      else this.#transport.destroy();
      return;
    }
    if (this.#deadlineMs === 0 || nowMs < this.#deadlineMs) return;
    switch (this.#stage) {
      case 'idle':
        this.#linger();
        return;
      case 'head':
        this.#refuse('head-timeout');
        return;
      case 'exchange':
        this.#checkContentRate(nowMs);
        return;
      case 'tunnel':
        this.#fail('tunnel-idle');
        return;
      case 'lingering':
      case 'closed':
        // A slow reader still gets the end of its answer; one that has stopped has been seen to above.
        if (this.#transport.pendingBytes > 0) this.#deadlineMs = nowMs + LINGER_MS;
        else this.#transport.destroy();
    }
  }

  /** An upload may take as long as it likes while it moves at a minimum rate (DESIGN: timeouts are about progress). */
  #checkContentRate(nowMs: number): void {
    const windowMs = this.#bounds.timeouts.requestContentIdleMs;
    const moved = this.#contentBytesSinceCheck;
    this.#contentBytesSinceCheck = 0;
    if (this.#contentPaused || (moved > 0 && moved >= (this.#bounds.limits.minimumContentRate * windowMs) / 1000)) {
      this.#deadlineMs = nowMs + windowMs;
      return;
    }
    this.#fail('content-timeout');
  }

  #isWriteStalled(nowMs: number): boolean {
    if (this.#transport.hasWriteProgressed() || this.#writeStalledSinceMs < 0) {
      this.#writeStalledSinceMs = nowMs;
      return false;
    }
    return nowMs - this.#writeStalledSinceMs > this.#bounds.timeouts.responseWriteStallMs;
  }

  #abandonStalled(): void {
    const responder = this.#responder;
    this.#responder = undefined;
    responder?.onAbort('response-write-stalled');
    this.abort('response-write-stalled');
  }
}

function emptyHead(): RequestHead {
  return {
    method: '',
    target: '',
    authority: '',
    protocol: '',
    hasContent: false,
    contentLength: 0,
    expectContinue: false,
    acceptsTrailers: false,
    upgrade: '',
    fields: NO_BYTES,
    fieldsStart: 0,
    fieldsEnd: 0,
  };
}
