import assert from 'node:assert/strict';
import { emptyRecord, type AccessRecord } from '../../../src/gateway/access-record.ts';
import type { ConnectionFacts } from '../../../src/gateway/connection-facts.ts';
import type { AbortCode, Downstream, RequestHead } from '../../../src/gateway/exchange.ts';

/** A Downstream that records what a Responder does to it, and holds it to the contract of exchange.ts. */
export class RecordingDownstream implements Downstream {
  readonly head: RequestHead;
  readonly facts: ConnectionFacts;
  readonly record: AccessRecord;
  readonly startedMs = 0;
  backedUp = false;
  /** Calls by name, in order, content calls included. */
  readonly calls: string[] = [];
  status = 0;
  /** Response fields by lower-case name. */
  fields = new Map<string, string>();
  contentLength = -2;
  hasContent = false;
  content = Buffer.alloc(0);
  aborted: AbortCode | '' = '';
  paused = false;
  /** Called after each piece of content. */
  afterContent: () => void = () => {};
  readonly #chunks: Buffer[] = [];
  #ended = false;
  readonly #done: Promise<void>;
  #resolve: () => void = () => {};

  constructor(head: Partial<RequestHead> = {}, requestFields: Readonly<Record<string, string>> = {}) {
    const lines = Object.entries({ Host: head.authority ?? 'app.test', ...requestFields });
    const fields = Buffer.from(lines.map(([name, value]) => `${name}: ${value}\r\n`).join(''), 'latin1');
    this.head = {
      method: 'GET',
      target: '/',
      authority: 'app.test',
      protocol: 'HTTP/1.1',
      hasContent: false,
      contentLength: 0,
      expectContinue: false,
      acceptsTrailers: false,
      upgrade: '',
      fields,
      fieldsStart: 0,
      fieldsEnd: fields.length,
      ...head,
    };
    const facts: Partial<ConnectionFacts> = {
      peer: '127.0.0.1',
      peerPort: 40_000,
      localPort: 443,
      encrypted: true,
      trustedPeer: false,
      site: 'app.test',
      serverName: 'app.test',
      policyId: '',
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      resumed: false,
      handshakeMs: 1,
      clientCertificate: { status: 'none' },
    };
    this.facts = facts as ConnectionFacts;
    const { method, target, authority } = this.head;
    this.record = { ...emptyRecord(), peer: '127.0.0.1', method, target, authority, protocol: 'HTTP/1.1' };
    this.#done = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Resolves when the response has ended or was cut. */
  get done(): Promise<void> {
    return this.#done;
  }

  get text(): string {
    return this.content.toString('utf8');
  }

  #open(call: string): void {
    assert.equal(this.#ended, false, `${call} after the end`);
    this.calls.push(call);
  }

  sendInterim(status: number): void {
    this.#open(`interim ${status}`);
  }

  sendHead(
    status: number,
    block: Buffer,
    start: number,
    end: number,
    contentLength: number,
    hasContent: boolean,
  ): void {
    this.#open('head');
    assert.equal(this.status, 0, 'one head only');
    const text = block.toString('latin1', start, end);
    assert.match(text, /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*$/);
    for (const line of text.split('\r\n').slice(0, -1)) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      assert.equal(this.fields.has(name), false, `${name} twice`);
      this.fields.set(name, line.slice(colon + 2));
    }
    const length = this.fields.get('content-length');
    assert.equal(length, contentLength >= 0 ? String(contentLength) : undefined, 'Content-Length agrees with the call');
    assert.equal(this.fields.has('transfer-encoding'), false);
    this.status = status;
    this.contentLength = contentLength;
    this.hasContent = hasContent;
  }

  sendContent(buffer: Buffer, start: number, end: number): void {
    this.#open('content');
    assert.ok(this.hasContent, 'content only where it was announced');
    this.#chunks.push(Buffer.from(buffer.subarray(start, end)));
    this.afterContent();
  }

  end(): void {
    this.#open('end');
    this.#ended = true;
    this.content = Buffer.concat(this.#chunks);
    if (this.hasContent && this.contentLength >= 0) assert.equal(this.content.length, this.contentLength);
    this.#resolve();
  }

  flush(): void {
    this.#open('flush');
  }

  abort(code: AbortCode): void {
    this.#open('abort');
    this.#ended = true;
    this.aborted = code;
    this.content = Buffer.concat(this.#chunks);
    this.#resolve();
  }

  pauseContent(): void {
    this.#open('pauseContent');
    this.paused = true;
  }

  resumeContent(): void {
    this.#open('resumeContent');
    this.paused = false;
  }

  sendUpgrade(): void {
    this.#open('upgrade');
  }
}
