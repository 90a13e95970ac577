/**
 * One exchange's way to an app: finds a connection, sends the request, passes the answer on, and decides what may be done
 * again when something fails.
 *
 *   nothing sent (refused, unreachable)       the next address; where all refuse, wait and try again within a budget, so
 *                                             that an app's restart shows no error
 *   refused unread (REFUSED_STREAM, GOAWAY)   again over another connection, whatever it is, as long as all of it is here
 *   sent over a kept connection that closed   again, once, over a new one, and only GET, HEAD, OPTIONS and TRACE:
 *   before a word of answer                   the app may have acted (RFC 9110 section 9.2.2)
 *   anything else                             an error answer, or a visibly cut response
 */
import type { AbortCode, Downstream, Responder } from '../exchange.ts';
import type { ForwardedLines } from './forwarded-lines.ts';
import { RequestBytes } from './request-bytes.ts';
import type { RequestContent, UpstreamChannel, UpstreamExchange, UpstreamFailure } from './upstream-channel.ts';
import type { Target, UpstreamGroup } from './upstream-group.ts';

/** Content up to here leaves in one write with the head. */
const SMALL_CONTENT_BYTES = 8192;
/** Waits between attempts while an app restarts: quick at first, since most are back within a second. */
const RETRY_FIRST_MS = 25;
const RETRY_LONGEST_MS = 500;
/** How often a request is sent again that an app says it has not looked at: a drained connection or two is normal. */
const REFUSALS_ENDURED = 3;
/** Safe methods: sending them twice does no harm (RFC 9110 section 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** What a leg needs of the gateway around it. */
export interface LegEnvironment {
  now(): number;
  /** Answers with an error of the catalogue. */
  answerError(downstream: Downstream, code: AbortCode): void;
}

export class UpstreamLeg implements Responder, UpstreamExchange {
  readonly #downstream: Downstream;
  readonly #group: UpstreamGroup;
  readonly #environment: LegEnvironment;
  readonly #forwarded: ForwardedLines;
  readonly #repeatable: boolean;
  readonly #chunked: boolean;
  readonly #method: string;
  readonly #upgrade: boolean;
  readonly #startedMs: number;
  /** Where the request's octets stand: in the connection, or here while there is none. */
  #request: RequestBytes | undefined;
  #connection: UpstreamChannel | undefined;
  #target: Target | undefined;
  #batch: RequestContent | undefined;
  /** Content has gone past `#request`: the request cannot be sent again. */
  #streamed = false;
  #sent = false;
  #contentEnded: boolean;
  #contentPaused = false;
  #headPassed = false;
  #tunnel = false;
  #tunnelEnded = false;
  #over = false;
  #resent = false;
  #refusals = 0;
  #failedTargets = 0;
  #retryMs = RETRY_FIRST_MS;
  #timer: NodeJS.Timeout | undefined;

  /** `startedMs` is the monotonic time at which the request is handed over. */
  constructor(downstream: Downstream, group: UpstreamGroup, environment: LegEnvironment, startedMs: number) {
    const { head } = downstream;
    this.#downstream = downstream;
    this.#group = group;
    this.#environment = environment;
    this.#forwarded = downstream.facts.forwarded;
    this.#method = head.method;
    this.#upgrade = head.upgrade !== '';
    this.#repeatable = !head.hasContent && !this.#upgrade && SAFE_METHODS.has(head.method);
    this.#chunked = head.contentLength < 0;
    this.#contentEnded = !head.hasContent;
    this.#startedMs = startedMs;
  }

  /** Takes the request's head, which is valid only now, and a connection. */
  start(): void {
    const { head } = this.#downstream;
    const group = this.#group;
    if (group.inFlight >= group.bounds.limits.upstreamConnections) {
      this.#over = true;
      this.#environment.answerError(this.#downstream, 'upstream-too-many-connections');
      return;
    }
    group.inFlight += 1;
    const target = group.nextTarget(this.#startedMs);
    if (target === undefined) {
      this.#request = new RequestBytes();
      this.#request.writeHead(head, this.#forwarded.block(head));
      this.#waitForName();
      return;
    }
    const connection = group.take(target, this.#repeatable, this.#upgrade);
    this.#request = connection.request;
    this.#request.writeHead(head, this.#forwarded.block(head));
    this.#adopt(connection, target);
  }

  #adopt(connection: UpstreamChannel, target: Target): void {
    this.#moveTo(connection);
    this.#target = target;
    this.#downstream.record.upstream = target.label;
    connection.assign(this);
  }

  #moveTo(connection: UpstreamChannel): void {
    if (connection.request !== this.#request) {
      connection.request.copyFrom(this.#request!);
      this.#request = connection.request;
    }
    this.#connection = connection;
  }

  #waitForName(): void {
    void this.#group.resolve().then(() => {
      if (this.#over) return;
      const target = this.#group.nextTarget(this.#environment.now());
      if (target === undefined) this.#giveUp('upstream-name-not-resolved');
      else this.#dial(target);
    });
  }

  // ---- from the client

  onContent(bytes: Buffer, start: number, end: number): void {
    // More than a small form goes behind the head instead of into its memory, which the connection keeps.
    if (!this.#sent && end - start > SMALL_CONTENT_BYTES && this.#connection?.usable === true)
      this.#send(this.#connection);
    if (this.#sent) {
      this.#streamed = true;
      this.#batch!.add(bytes, start, end);
      if (!this.#contentPaused && this.#batch!.full) this.#pauseContent();
      return;
    }
    if (this.#chunked) this.#request!.appendChunk(bytes, start, end);
    else this.#request!.append(bytes, start, end);
    // Not connected yet: what one read brought is kept, the rest stays with the client.
    if (!this.#contentPaused && this.#connection?.usable !== true) this.#pauseContent();
  }

  onContentEnd(trailers?: Buffer): void {
    this.#contentEnded = true;
    if (this.#tunnel) {
      this.#batch?.flush();
      this.#connection?.endTunnel();
      if (this.#tunnelEnded) this.#finish();
      return;
    }
    if (!this.#sent) {
      if (this.#chunked) this.#request!.appendLastChunk(trailers);
      return;
    }
    this.#streamed = true;
    this.#batch!.finish(trailers);
    this.#connection?.requestEnded();
  }

  flush(): void {
    if (this.#tunnel) this.#batch?.flush();
    else if (!this.#sent && this.#connection?.usable === true) this.#send(this.#connection);
  }

  #send(connection: UpstreamChannel): void {
    this.#sent = true;
    connection.send(this.#method, this.#upgrade, this.#contentEnded);
    // What is sent may have failed at once.
    if (this.#connection !== connection) return;
    if (this.#contentEnded) connection.requestEnded();
    else this.#batch = connection.openContent(this.#chunked);
    if (this.#contentPaused) this.#resumeContent();
  }

  #pauseContent(): void {
    this.#contentPaused = true;
    this.#downstream.pauseContent();
  }

  #resumeContent(): void {
    this.#contentPaused = false;
    this.#downstream.resumeContent();
  }

  onDrain(): void {
    this.#connection?.resumeRead();
  }

  onAbort(): void {
    if (this.#over) return;
    this.#finish();
    this.#connection?.destroy();
  }

  // ---- from the app

  onOpen(channel: UpstreamChannel): void {
    if (channel !== this.#connection) this.#moveTo(channel);
    this.flush();
  }

  onInterim(status: number, block: Buffer, start: number, end: number): void {
    this.#downstream.sendInterim(status, block, start, end);
  }

  onHead(status: number, block: Buffer, start: number, end: number, contentLength: number, hasContent: boolean): void {
    this.#headPassed = true;
    const { record } = this.#downstream;
    record.upstreamMs = this.#connection!.readMs - this.#startedMs;
    this.#downstream.sendHead(status, block, start, end, contentLength, hasContent);
  }

  onResponseContent(bytes: Buffer, start: number, end: number): void {
    this.#downstream.sendContent(bytes, start, end);
  }

  onSwitched(block: Buffer, start: number, end: number): void {
    this.#headPassed = true;
    this.#tunnel = true;
    this.#contentEnded = false;
    this.#downstream.record.upstreamMs = this.#connection!.readMs - this.#startedMs;
    this.#batch = this.#connection!.openTunnel();
    this.#downstream.sendUpgrade(block, start, end);
  }

  onReadDone(): void {
    this.#downstream.flush();
    if (this.#downstream.backedUp) this.#connection?.pauseRead();
  }

  onResponseEnd(trailers: Buffer | undefined): void {
    this.#finish();
    this.#downstream.end(trailers);
  }

  onTunnelEnd(): void {
    if (this.#tunnelEnded) return;
    this.#tunnelEnded = true;
    this.#downstream.end();
    if (this.#contentEnded) this.#finish();
  }

  onUpstreamWritable(): void {
    if (this.#contentPaused && this.#sent) this.#resumeContent();
  }

  onUpstreamFailed(failure: UpstreamFailure): void {
    if (this.#over) return;
    const connection = this.#connection!;
    this.#connection = undefined;
    if (!this.#sent) {
      this.#retryUnsent(failure);
      return;
    }
    // A kept connection that the app had closed: nothing says that it saw the request.
    if (failure === 'upstream-closed-early' && this.#repeatable && connection.reused && !this.#resent) {
      this.#resent = true;
      this.#resend();
      return;
    }
    // The app says that it has not looked at the request (RFC 9113 section 8.7).
    if (failure === 'upstream-stream-refused' && !this.#streamed && this.#refusals < REFUSALS_ENDURED) {
      this.#refusals += 1;
      this.#resend();
      return;
    }
    this.#giveUp(failure);
  }

  /** The same request to the same address, over another connection. */
  #resend(): void {
    this.#sent = false;
    this.#batch = undefined;
    this.#target!.tally.retries += 1;
    this.#dial(this.#target!);
  }

  /** Nothing of the request has left: another address, or the same one a little later. */
  #retryUnsent(failure: UpstreamFailure): void {
    const { timeouts } = this.#group.bounds;
    const now = this.#environment.now();
    // An app that takes no WebSockets is well all the same.
    if (failure !== 'upstream-upgrade-unsupported') {
      this.#target!.tally.connectFailures += 1;
      this.#group.rest(this.#target!);
    }
    this.#failedTargets += 1;
    if (this.#failedTargets < this.#group.targetCount) {
      this.#dialNext();
      return;
    }
    // Refused is what a restart looks like; an address that does not answer will not within a second.
    if (failure !== 'upstream-refused' || now + this.#retryMs - this.#startedMs > timeouts.upstreamConnectRetryMs) {
      this.#giveUp(failure);
      return;
    }
    this.#failedTargets = 0;
    this.#target!.tally.retries += 1;
    this.#timer = setTimeout(() => this.#dialNext(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LONGEST_MS);
  }

  #dialNext(): void {
    const target = this.#group.nextTarget(this.#environment.now());
    if (target === undefined) this.#giveUp('upstream-name-not-resolved');
    else this.#dial(target);
  }

  #dial(target: Target): void {
    this.#adopt(this.#group.dial(target, this.#upgrade), target);
    // A place on a connection that stands can be used at once.
    this.flush();
  }

  #giveUp(code: AbortCode): void {
    this.#finish();
    if (this.#headPassed) {
      this.#downstream.abort(code);
      return;
    }
    const { head } = this.#downstream;
    const request = this.#request;
    if (request !== undefined) {
      // The buffer that the request came in holds others by now; the error answer reads what the client accepts.
      head.fields = request.view();
      head.fieldsStart = request.fieldsStart;
      head.fieldsEnd = request.fieldsEnd;
    }
    this.#environment.answerError(this.#downstream, code);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#group.inFlight -= 1;
    clearTimeout(this.#timer);
  }
}
