/** One connection that stands: how it came about, and the client of the protocol that is spoken over it. */
import type { Finding } from '../../story/finding.ts';
import type { OpenStage } from '../../story/stages.ts';
import { Http1Client } from '../http/http1-client.ts';
import type { Http2Client } from '../http/http2-client.ts';
import type { Exchange, HttpRequest } from '../http/message.ts';
import { tellFrame } from '../http/tell-exchange.ts';
import type { TraceLimits } from '../limits.ts';
import type { Endpoints } from '../tcp/kernel-facts.ts';
import type { KernelTelling } from '../tcp/kernel-telling.ts';
import type { TlsTelling } from '../tls-stage/tell-handshake.ts';
import type { HandshakeResult } from './shake-hands.ts';
import type { WireTap } from './wire-tap.ts';

export interface ConnectionParts {
  readonly number: number;
  /** `https://host:port`. */
  readonly origin: string;
  readonly host: string;
  readonly tap: WireTap;
  readonly ends: Endpoints;
  readonly secure: HandshakeResult | undefined;
  readonly tcpStage: OpenStage;
  readonly kernel: KernelTelling;
  readonly tlsTelling: TlsTelling | undefined;
  readonly limits: TraceLimits;
  readonly nowMs: () => number;
  /** What is known of the end of this connection, where it explains why an answer is missing. */
  readonly explainEnd: () => Finding | undefined;
}

export class Connection {
  readonly parts: ConnectionParts;
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  /** Requests so far. */
  requests = 0;
  /** The last answer ended with the connection. */
  untilClose = false;
  /** Its end has been told. */
  closed = false;
  #client: Http1Client | Http2Client | undefined;
  #opening: Promise<Http1Client | Http2Client> | undefined;
  /** Where frames of stream 0, and of streams just begun, are told. */
  #stage: OpenStage | undefined;
  readonly #stageOfStream = new Map<number, OpenStage>();
  #frames = 0;

  constructor(parts: ConnectionParts) {
    this.parts = parts;
    this.protocol = parts.secure?.agreement?.alpn === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
  }

  get number(): number {
    return this.parts.number;
  }

  /** Another request may be sent over it. */
  get reusable(): boolean {
    return this.#client?.reusable ?? true;
  }

  /** Octets that came behind the last answer. */
  get surplus(): number {
    return this.#client instanceof Http1Client ? this.#client.surplus : 0;
  }

  async exchange(stage: OpenStage, request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    this.requests += 1;
    this.#client ??= await (this.#opening ??= this.#createClient());
    this.#stage = stage;
    return this.#client.exchange(request, signal);
  }

  async #createClient(): Promise<Http1Client | Http2Client> {
    const { tap, secure, limits, nowMs, explainEnd } = this.parts;
    const stream = secure?.socket ?? tap;
    if (this.protocol === 'HTTP/1.1') return new Http1Client(stream, { limits, nowMs, explainEnd });
    const { Http2Client: Client } = await import('../http/http2-client.ts');
    return new Client(stream, {
      limits,
      nowMs,
      explainEnd,
      onFrame: (event) => {
        const { streamId } = event;
        let stage = this.#stageOfStream.get(streamId);
        if (stage === undefined) {
          stage = this.#stage;
          if (streamId !== 0 && stage !== undefined) this.#stageOfStream.set(streamId, stage);
        }
        this.#frames += 1;
        if (this.#frames <= limits.toldFrames) stage?.observe(tellFrame(event));
      },
    });
  }

  /** Frames that were not told one by one. */
  get untoldFrames(): number {
    return Math.max(0, this.#frames - this.parts.limits.toldFrames);
  }

  /** Says goodbye in the protocol's own way and closes our side. */
  goodbye(): void {
    if (this.#client !== undefined) this.#client.close();
    else (this.parts.secure?.socket ?? this.parts.tap).end();
  }
}
