/**
 * A request on its way over HTTP/2: one stream of a connection to an app, and before that a place in the queue for one.
 *
 *   waiting → (a connection has room) → placed → (`send`: HEADERS) → open → ended, failed or given up
 *
 * Both directions live side by side: the answer may begin, and end, before the request does. What the app sends is handed
 * over as it comes; while the client is slow it gets no new credit, so that at most one window of it waits here or there.
 *
 * A stream that is to become a WebSocket asks by extended CONNECT (RFC 8441). A 2xx makes it a tunnel: each side ends its
 * direction with END_STREAM, and the stream is over with both.
 */
import { ErrorCode } from '../../codec/http2/error-codes.ts';
import { ReceiveWindow } from '../../codec/http2/flow-control.ts';
import { checkContentLength } from '../../codec/http2/message-fields.ts';
import type { ResponseFields } from '../../codec/http2/response-fields.ts';
import { UNKNOWN_LENGTH } from '../exchange.ts';
import { RequestBytes } from '../upstream/request-bytes.ts';
import type {
  RequestContent,
  UpstreamChannel,
  UpstreamExchange,
  UpstreamFailure,
} from '../upstream/upstream-channel.ts';
import { ContentQueue } from './content-queue.ts';
import type { StreamCarrier, StreamQueue } from './stream-carrier.ts';
import { readHandshakeKey, writeConnectFields, writeHandshakeAnswer } from './websocket-connect.ts';

/** The client is asked to pause while this much request content waits for credit of the app. */
const FULL_BYTES = 65_536;

export class H2ClientStream implements UpstreamChannel, RequestContent {
  readonly request: RequestBytes = new RequestBytes();
  /** To become a WebSocket: only a connection whose app offers extended CONNECT can carry it. */
  readonly wantsTunnel: boolean;
  /** Number of the stream; 0 while it is not open. */
  id = 0;
  /** Octets of DATA that the app takes on this stream; may be negative (RFC 9113 section 6.9.2). */
  sendWindow = 0;
  /** The method is HEAD: the answer has no content whatever its length says. */
  isHead = false;
  /** A final head has been handed over. */
  headPassed = false;
  interims = 0;

  readonly #queue: StreamQueue;
  #carrier: StreamCarrier | undefined;
  #exchange: UpstreamExchange | undefined;
  #waiting: ContentQueue | undefined;
  #credit: ReceiveWindow | undefined;
  #over = false;
  #paused = false;
  #withheld = 0;
  /** The exchange has handed over all of the request; it may still wait here. */
  #finished = false;
  #trailers: Buffer | undefined;
  /** END_STREAM has been written. */
  #endSent = false;
  #contentLength = UNKNOWN_LENGTH;
  #received = 0;
  #bare = false;
  /** When one of the two sides has moved last. */
  #progressMs = 0;
  /** The app has agreed to a tunnel. */
  #inTunnel = false;
  /** The app has ended its direction of the tunnel. */
  #appEnded = false;
  #websocketKey = '';

  constructor(queue: StreamQueue, wantsTunnel: boolean) {
    this.#queue = queue;
    this.wantsTunnel = wantsTunnel;
  }

  /** Monotonic. A connection's streams share its reads, so that no stream's is kept. */
  get readMs(): number {
    return this.#carrier?.now() ?? this.#progressMs;
  }

  // ---- the exchange's side

  get usable(): boolean {
    return this.#carrier !== undefined && this.id === 0 && !this.#over;
  }

  get reused(): boolean {
    return this.#carrier?.reused ?? false;
  }

  assign(exchange: UpstreamExchange): void {
    this.#exchange = exchange;
  }

  send(method: string, _upgrade: boolean, ended: boolean): void {
    const carrier = this.#carrier!;
    const { request } = this;
    this.isHead = method === 'HEAD';
    this.#progressMs = carrier.now();
    if (this.wantsTunnel) {
      this.#connect(carrier);
      return;
    }
    let hasContent = false;
    request.forEachContent(() => {
      hasContent = true;
    });
    const headOnly = ended && !hasContent && request.trailers === undefined;
    carrier.open(this, headOnly);
    if (headOnly) {
      this.#finished = true;
      this.#endSent = true;
      return;
    }
    request.forEachContent((bytes, start, end) => this.add(bytes, start, end));
    if (ended) this.finish(request.trailers);
  }

  #connect(carrier: StreamCarrier): void {
    const { request } = this;
    const { fieldsStart, fieldsEnd } = request;
    // RFC 6455 section 4.2.1: the client is owed an answer to its key, and there is no app to tell it that it has none.
    this.#websocketKey = readHandshakeKey(request.view(), fieldsStart, fieldsEnd);
    if (this.#websocketKey === '') this.fail('upgrade-malformed', -1);
    else carrier.connect(this, writeConnectFields(request.view(), fieldsStart, fieldsEnd));
  }

  openContent(): RequestContent {
    return this;
  }

  openTunnel(): RequestContent {
    return this;
  }

  add(bytes: Buffer, start: number, end: number): void {
    const carrier = this.#carrier;
    if (carrier === undefined || this.#over) return;
    let position = start;
    if (this.#waiting === undefined || this.#waiting.length === 0) {
      position = carrier.writeContent(this, bytes, start, end);
      if (position > start) this.#progressMs = carrier.now();
      if (position === end) return;
      carrier.await(this);
    }
    (this.#waiting ??= new ContentQueue()).append(bytes, position, end);
  }

  finish(trailers: Buffer | undefined): void {
    if (this.#over) return;
    this.#finished = true;
    this.#trailers = trailers;
    if (this.#waiting === undefined || this.#waiting.length === 0) this.#sendEnd();
  }

  /** Frames leave at the end of the turn by themselves. */
  flush(): void {}

  get full(): boolean {
    return this.#waiting !== undefined && this.#waiting.length >= FULL_BYTES;
  }

  /** Waiting for the answer begins with END_STREAM, which may have to wait for credit of the app. */
  requestEnded(): void {}

  pauseRead(): void {
    this.#paused = true;
  }

  resumeRead(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const carrier = this.#carrier;
    if (carrier === undefined || this.#over) return;
    this.#progressMs = carrier.now();
    const withheld = this.#withheld;
    this.#withheld = 0;
    this.#release(withheld);
  }

  endTunnel(): void {
    this.finish(undefined);
  }

  destroy(): void {
    this.#exchange = undefined;
    if (this.#over) return;
    this.#end(ErrorCode.CANCEL);
  }

  // ---- the connection's side

  get over(): boolean {
    return this.#over;
  }

  /** A connection has room: the request can be sent. */
  place(carrier: StreamCarrier): void {
    this.#carrier = carrier;
    this.#exchange?.onOpen(this);
  }

  /** As `place`, for a stream that nobody waits for yet. */
  placeQuietly(carrier: StreamCarrier): void {
    this.#carrier = carrier;
  }

  /** The connection goes away before the request was sent: back to the queue. */
  displace(): void {
    this.#carrier = undefined;
  }

  /** Opened with these windows. */
  opened(id: number, sendWindow: number, receiveWindow: number): void {
    this.id = id;
    this.sendWindow = sendWindow;
    this.#credit = new ReceiveWindow(receiveWindow);
  }

  /** The queue found an HTTP/1.1 connection instead: the exchange goes over to it. Returns false where it has gone. */
  leaveFor(channel: UpstreamChannel): boolean {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (this.#over || exchange === undefined) return false;
    this.#over = true;
    channel.assign(exchange);
    exchange.onOpen(channel);
    return true;
  }

  /** Whether content or the end of it waits to be sent. */
  get hasWaiting(): boolean {
    return this.#waiting !== undefined && this.#waiting.length > 0;
  }

  /** Sends what may be sent of what waits. */
  pump(): void {
    const carrier = this.#carrier;
    const queue = this.#waiting;
    if (this.#over || carrier === undefined || queue === undefined || queue.length === 0) return;
    const wasFull = this.full;
    const { start } = queue;
    const position = carrier.writeContent(this, queue.buffer, start, start + queue.length);
    if (position === start) return;
    this.#progressMs = carrier.now();
    queue.drop(position - start);
    if (queue.length === 0 && this.#finished) this.#sendEnd();
    else if (wasFull && !this.full) this.#exchange?.onUpstreamWritable();
  }

  #sendEnd(): void {
    this.#endSent = true;
    this.#carrier?.writeEnd(this, this.#trailers);
    this.#trailers = undefined;
    if (this.#appEnded) this.#endTunnelled();
  }

  onInterim(fields: ResponseFields): void {
    this.#progressMs = this.#carrier!.now();
    this.#exchange?.onInterim(fields.status, fields.fields, 0, fields.fieldsEnd);
  }

  /** The final head. `end` is where its block ends: a Content-Length may have been added to it. */
  onHead(fields: ResponseFields, end: number, endStream: boolean): void {
    const { status, contentLength } = fields;
    this.headPassed = true;
    this.#progressMs = this.#carrier!.now();
    if (this.wantsTunnel) {
      if (status < 300) {
        this.#inTunnel = true;
        const block = writeHandshakeAnswer(fields.fields, 0, end, this.#websocketKey);
        this.#exchange?.onSwitched(block, 0, block.length);
        return;
      }
      // An answer as to any other request: our direction will carry nothing.
      this.finish(undefined);
    }
    this.#bare = this.isHead || status === 204 || status === 304;
    this.#contentLength = contentLength;
    // Without content that will come, a length of 0 means that nothing does; trailers may still follow.
    const hasContent = !endStream && !this.#bare && contentLength !== 0;
    this.#exchange?.onHead(
      status,
      fields.fields,
      0,
      end,
      hasContent ? contentLength : Math.max(0, contentLength),
      hasContent,
    );
  }

  /** `length` octets of DATA, of which `bytes[start, end)` are content. Returns what is wrong with them, or ''. */
  onData(bytes: Buffer, start: number, end: number, length: number): '' | 'window' | 'content' | 'ended' {
    this.#progressMs = this.#carrier!.now();
    if (!this.#credit!.receive(length)) return 'window';
    if (this.#appEnded) return 'ended';
    this.#received += end - start;
    if (this.#bare ? this.#received > 0 : checkContentLength(this.#contentLength, this.#received, false) !== null) {
      return 'content';
    }
    if (end > start) this.#exchange?.onResponseContent(bytes, start, end);
    if (this.#over) return '';
    if (this.#paused) this.#withheld += length;
    else this.#release(length);
    return '';
  }

  #release(length: number): void {
    if (length === 0) return;
    const increment = this.#credit!.release(length);
    if (increment > 0) this.#carrier!.grant(this, increment);
  }

  /** All that one read brought for this stream has been told. */
  readDone(): void {
    if (!this.#over) this.#exchange?.onReadDone();
  }

  /** END_STREAM came. Returns false where content is missing. */
  complete(trailers: Buffer | undefined): boolean {
    if (this.#inTunnel) {
      this.#endAppSide();
      return true;
    }
    if (!this.#bare && checkContentLength(this.#contentLength, this.#received, true) !== null) return false;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    // An answer to a request that is still being sent: the app does not want the rest.
    this.#end(this.#endSent ? -1 : ErrorCode.CANCEL);
    exchange?.onResponseEnd(trailers);
    return true;
  }

  // ---- a tunnel

  /** DATA of both sides is that of a WebSocket. */
  get inTunnel(): boolean {
    return this.#inTunnel;
  }

  #endAppSide(): void {
    this.#appEnded = true;
    this.#exchange?.onTunnelEnd();
    if (this.#endSent) this.#endTunnelled();
  }

  /** Both sides have ended their direction. */
  #endTunnelled(): void {
    if (this.#over) return;
    this.#exchange = undefined;
    this.#end(-1);
  }

  // ---- ends

  /** After its head, the app resets the stream or is gone. One that had ended its side of a tunnel wants no more of ours. */
  cut(): void {
    if (!this.#appEnded) {
      this.fail('upstream-response-truncated', -1);
      return;
    }
    const exchange = this.#exchange;
    this.#endTunnelled();
    // What the client still sends goes nowhere, as in a connection that is closed; it need not wait for that.
    exchange?.onUpstreamWritable();
  }

  /** The stream is lost; `resetCode` is told to the app, -1 is nothing to tell. */
  fail(failure: UpstreamFailure, resetCode: number): void {
    if (this.#over) return;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#end(resetCode);
    exchange?.onUpstreamFailed(failure);
  }

  #end(resetCode: number): void {
    this.#over = true;
    this.#waiting?.clear();
    const carrier = this.#carrier;
    if (carrier === undefined) this.#queue.giveUp(this);
    else carrier.release(this, resetCode);
  }

  /**
   * What has taken too long, or undefined. While the client still sends, or is too slow to take more, the app has nothing
   * to answer for.
   */
  overdue(nowMs: number, headMs: number, contentIdleMs: number): UpstreamFailure | undefined {
    const quietMs = nowMs - this.#progressMs;
    if (this.wantsTunnel && !this.headPassed) return quietMs > headMs ? this.#timeout() : undefined;
    // The client's side watches over a tunnel, until it has ended.
    if (this.#inTunnel && !this.#finished) return undefined;
    if (this.hasWaiting) return quietMs > contentIdleMs ? this.#timeout() : undefined;
    if (!this.#endSent || this.#paused) return undefined;
    return quietMs > (this.headPassed ? contentIdleMs : headMs) ? this.#timeout() : undefined;
  }

  #timeout(): UpstreamFailure {
    return this.headPassed ? 'upstream-content-timeout' : 'upstream-response-timeout';
  }
}
