/** What a reader found in a field section; offsets are those of the buffer that it read from. */
export class FieldFindings {
  /** Offset behind the empty line that ends the section. */
  end = 0;
  /** Content-Length, or -1. */
  contentLength = -1;
  chunked = false;
  /** Connection: close was said. */
  close = false;
  /** Connection: keep-alive was said (means something in HTTP/1.0 only). */
  keepAlive = false;
  /** Connection: upgrade was said. */
  connectionUpgrade = false;
  /** Upgrade: websocket was said. */
  upgradeWebSocket = false;
  expectContinue = false;
  /** TE named `trailers`. */
  acceptsTrailers = false;
  /** Value of Host, or -1. */
  hostStart = -1;
  hostEnd = -1;
  /** The whole Host line, CRLF included. */
  hostLineStart = -1;
  hostLineEnd = -1;
  /** Values of User-Agent and Referer as they stand, or -1: logs want them. */
  userAgentStart = -1;
  userAgentEnd = -1;
  refererStart = -1;
  refererEnd = -1;
  /** Keep-Alive value range of the first such line, or -1 (a server's idle timeout is told there). */
  keepAliveStart = -1;
  keepAliveEnd = -1;

  /** Lines to leave out: `cuts[2k]` to `cuts[2k+1]`, ascending, not touching. */
  readonly cuts: Int32Array;
  cutCount = 0;

  constructor(maximumCuts: number) {
    this.cuts = new Int32Array(maximumCuts * 2);
  }

  /** Forgets what was found. */
  clear(): void {
    this.contentLength = -1;
    this.chunked = false;
    this.close = false;
    this.keepAlive = false;
    this.connectionUpgrade = false;
    this.upgradeWebSocket = false;
    this.expectContinue = false;
    this.acceptsTrailers = false;
    this.hostStart = -1;
    this.keepAliveStart = -1;
    this.userAgentStart = -1;
    this.refererStart = -1;
    this.cutCount = 0;
  }

  /** Takes over what was found in the same octets that stand `shift` further on here. There must be room for the cuts. */
  take(from: FieldFindings, shift: number): void {
    this.end = from.end + shift;
    this.contentLength = from.contentLength;
    this.chunked = from.chunked;
    this.close = from.close;
    this.keepAlive = from.keepAlive;
    this.connectionUpgrade = from.connectionUpgrade;
    this.upgradeWebSocket = from.upgradeWebSocket;
    this.expectContinue = from.expectContinue;
    this.acceptsTrailers = from.acceptsTrailers;
    this.hostStart = from.hostStart < 0 ? -1 : from.hostStart + shift;
    this.hostEnd = from.hostEnd + shift;
    this.hostLineStart = from.hostLineStart + shift;
    this.hostLineEnd = from.hostLineEnd + shift;
    this.userAgentStart = from.userAgentStart < 0 ? -1 : from.userAgentStart + shift;
    this.userAgentEnd = from.userAgentEnd + shift;
    this.refererStart = from.refererStart < 0 ? -1 : from.refererStart + shift;
    this.refererEnd = from.refererEnd + shift;
    this.keepAliveStart = from.keepAliveStart < 0 ? -1 : from.keepAliveStart + shift;
    this.keepAliveEnd = from.keepAliveEnd + shift;
    this.cutCount = from.cutCount;
    for (let k = 0; k < from.cutCount; k += 1) this.cuts[k] = from.cuts[k]! + shift;
  }
}
