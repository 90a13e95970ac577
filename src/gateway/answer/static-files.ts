/**
 * Files of a site's `root`. What is not a file goes to the site's app where it has one, else it is a 404.
 */
import type { ReadStream } from 'node:fs';
import type { StaticRoot } from '../../config/config.ts';
import type { Language } from '../../story/catalog.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import type { FindingValues } from '../../story/finding.ts';
import { UNKNOWN_LENGTH, type AbortCode, type Downstream, type Responder } from '../exchange.ts';
import { answerError, type ErrorAnswerOptions } from './error-answer.ts';
import { encodeFieldBlock, httpDate } from './field-block.ts';
import { findFile, type FileRequest, type FoundFile } from './find-file.ts';
import { finished } from './finished.ts';
import { holdRequestFields, readRequestFields } from './request-fields.ts';
import { parseStaticPath } from './static-path.ts';

export interface StaticFilesOptions {
  /** Name of the site, for the operator. */
  readonly site: string;
  readonly root: StaticRoot;
  /** Who answers what is not a file; undefined for a site of files only. */
  readonly fallback: ((downstream: Downstream) => Responder) | undefined;
  readonly language: Language;
  /** Makes the number of a failed request. */
  readonly nextRequestId?: () => string;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Makes the handler of a site with a `root`. */
export function createStaticHandler(options: StaticFilesOptions): (downstream: Downstream) => Responder {
  return (downstream) => {
    const { method, target, upgrade } = downstream.head;
    if (options.fallback !== undefined && upgrade !== '') return options.fallback(downstream);
    if (method !== 'GET' && method !== 'HEAD') {
      if (options.fallback !== undefined) return options.fallback(downstream);
      return answerOwn(downstream, options, 'method-not-allowed', {}, { allow: 'GET, HEAD' });
    }
    const path = parseStaticPath(target);
    if (path === undefined) {
      return options.fallback?.(downstream) ?? answerOwn(downstream, options, 'file-not-found', {}, {});
    }
    return new FileResponder(downstream, options, path, method);
  };
}

function answerOwn(
  downstream: Downstream,
  options: StaticFilesOptions,
  code: FindingCode,
  values: FindingValues,
  more: Partial<ErrorAnswerOptions>,
): Responder {
  const requestId = options.nextRequestId?.() ?? '';
  const nowMs = options.now?.() ?? Date.now();
  return answerError(downstream, code, values, { language: options.language, requestId, nowMs, ...more });
}

/** Looks for a file and sends it, or steps aside for whoever answers instead. */
class FileResponder implements Responder {
  readonly #downstream: Downstream;
  readonly #options: StaticFilesOptions;
  readonly #path: string;
  /** Who answers, once that is decided: the fallback, or nobody any more. Undefined while it is this. */
  #instead: Responder | undefined;
  #stream: ReadStream | undefined;
  #remaining = 0;
  #headSent = false;
  /** The request ended before it was decided who answers. */
  #requestEnded = false;
  #trailers: Buffer | undefined;

  constructor(downstream: Downstream, options: StaticFilesOptions, path: string, method: 'GET' | 'HEAD') {
    this.#downstream = downstream;
    this.#options = options;
    this.#path = path;
    const { head } = downstream;
    const request = { method, fields: readRequestFields(head), nowMs: options.now?.() ?? Date.now() };
    if (options.fallback !== undefined) {
      // The app may be asked in a later turn, when the engine's buffer holds something else.
      holdRequestFields(head);
      if (head.hasContent) downstream.pauseContent();
    }
    this.#answer(request).catch(() => this.#fail('internal-error'));
  }

  onContent(buffer: Buffer, start: number, end: number): void {
    // Content of a GET means nothing to a file (RFC 9110 section 9.3.1): it is drained.
    this.#instead?.onContent(buffer, start, end);
  }

  onContentEnd(trailers?: Buffer): void {
    if (this.#instead !== undefined) {
      this.#instead.onContentEnd(trailers);
      return;
    }
    this.#requestEnded = true;
    if (trailers !== undefined) this.#trailers = Buffer.from(trailers);
  }

  flush(): void {
    this.#instead?.flush();
  }

  onDrain(): void {
    if (this.#instead !== undefined) this.#instead.onDrain();
    else this.#stream?.resume();
  }

  onAbort(code: AbortCode): void {
    const instead = this.#instead;
    this.#instead = finished;
    this.#stream?.destroy();
    instead?.onAbort(code);
  }

  async #answer(request: FileRequest): Promise<void> {
    const found = await findFile(this.#options.root, this.#path, request);
    if (this.#instead !== undefined) {
      if (found.kind === 'file') found.stream?.destroy();
      return;
    }
    switch (found.kind) {
      case 'file':
        this.#sendFile(found, request);
        return;
      case 'folder':
        this.#redirectToFolder(request.nowMs);
        return;
      case 'absent':
        if (this.#options.fallback === undefined) this.#refuse('file-not-found', {}, {});
        else this.#stepAside(this.#options.fallback);
        return;
      case 'refused':
        this.#refuse(found.code, {}, { fields: found.fields });
        return;
      case 'unreadable':
        this.#refuse('file-unreadable', { site: this.#options.site, detail: found.detail }, {});
        return;
    }
  }

  #refuse(code: FindingCode, values: FindingValues, more: Partial<ErrorAnswerOptions>): void {
    this.#headSent = true;
    this.#instead = finished;
    answerOwn(this.#downstream, this.#options, code, values, more);
  }

  #stepAside(fallback: (downstream: Downstream) => Responder): void {
    const instead = fallback(this.#downstream);
    this.#instead = instead;
    if (this.#requestEnded) {
      instead.onContentEnd(this.#trailers);
      instead.flush();
    } else if (this.#downstream.head.hasContent) {
      this.#downstream.resumeContent();
    }
  }

  /** A folder's files are found by relative links only from behind its slash. */
  #redirectToFolder(nowMs: number): void {
    const { target } = this.#downstream.head;
    const block = encodeFieldBlock([
      ['Date', httpDate(nowMs)],
      ['Location', `${this.#path}/${target.slice(this.#path.length)}`],
      ['Cache-Control', 'no-cache'],
      ['Content-Length', '0'],
    ]);
    this.#headSent = true;
    this.#instead = finished;
    this.#downstream.sendHead(308, block, 0, block.length, 0, false);
    this.#downstream.end();
  }

  #sendFile(found: Extract<FoundFile, { kind: 'file' }>, request: FileRequest): void {
    const { status, fields, byteLength, stream } = found;
    const block = encodeFieldBlock([['Date', httpDate(request.nowMs)], ...fields]);
    this.#headSent = true;
    // A 304 says no Content-Length.
    const length = status === 304 ? UNKNOWN_LENGTH : byteLength;
    this.#downstream.sendHead(status, block, 0, block.length, length, stream !== undefined);
    if (stream === undefined) {
      this.#instead = finished;
      this.#downstream.end();
      return;
    }
    this.#downstream.flush();
    this.#stream = stream;
    this.#remaining = byteLength;
    stream.on('data', (chunk: Buffer | string) => this.#sendChunk(chunk as Buffer));
    stream.once('error', () => this.#fail('file-unreadable'));
    stream.once('end', () => {
      if (this.#remaining > 0) this.#fail('file-changed');
    });
    if (this.#downstream.backedUp) stream.pause();
  }

  #sendChunk(chunk: Buffer): void {
    if (this.#instead !== undefined) return;
    this.#remaining -= chunk.length;
    this.#downstream.sendContent(chunk, 0, chunk.length);
    if (this.#remaining <= 0) {
      this.#instead = finished;
      this.#downstream.end();
      return;
    }
    this.#downstream.flush();
    if (this.#downstream.backedUp) this.#stream?.pause();
  }

  /** Cut visibly where the head is out already, so that nobody takes a part for the whole. */
  #fail(code: FindingCode): void {
    if (this.#instead !== undefined) return;
    this.#stream?.destroy();
    if (!this.#headSent) {
      this.#refuse(code, { site: this.#options.site, detail: 'static files' }, {});
      return;
    }
    this.#instead = finished;
    this.#downstream.record.error = code;
    this.#downstream.abort(code);
  }
}
