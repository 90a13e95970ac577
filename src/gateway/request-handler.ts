/** What stands above the engines: finds out who answers, and takes note of what has been answered. */
import type { Language } from '../story/catalog.ts';
import type { FindingCode } from '../story/catalog/index.ts';
import type { AccessRecord } from './access-record.ts';
import type { ChallengeSource } from './answer/acme-challenge.ts';
import { answerError, buildRawErrorResponse } from './answer/error-answer.ts';
import { createPlainPortHandler } from './answer/redirect.ts';
import { answerStatus } from './answer/statuses.ts';
import type { RequestHandler } from './engine.ts';
import type { Downstream, Responder } from './exchange.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { routeRequest, type RequestSites } from './request-router.ts';

export interface HandlerSurroundings {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly language: () => Language;
  readonly nextRequestId: () => string;
  readonly wallNow: () => number;
}

/** What both ports share: refusals, the access line and the counts. */
abstract class LoggedHandler implements RequestHandler {
  protected readonly surroundings: HandlerSurroundings;

  constructor(surroundings: HandlerSurroundings) {
    this.surroundings = surroundings;
  }

  abstract handle(downstream: Downstream): Responder;

  finished(record: AccessRecord): void {
    this.surroundings.log.access(record);
    this.surroundings.metrics.request(record);
  }

  refusal(code: FindingCode): { readonly status: number; readonly bytes: Buffer } {
    const { language, wallNow } = this.surroundings;
    return {
      status: answerStatus(code).status,
      bytes: buildRawErrorResponse(code, { language: language(), nowMs: wallNow() }),
    };
  }
}

/** Requests that came over TLS. */
export class SecureHandler extends LoggedHandler {
  /** The sites in force; a reload replaces them. */
  sites: RequestSites;
  readonly #answerError = (
    downstream: Downstream,
    code: FindingCode,
    values: Parameters<typeof answerError>[2],
  ): Responder => this.answerError(downstream, code, values);

  constructor(surroundings: HandlerSurroundings, sites: RequestSites) {
    super(surroundings);
    this.sites = sites;
  }

  override handle(downstream: Downstream): Responder {
    return routeRequest(this.sites, downstream, this.#answerError);
  }

  /** Answers with an error of the catalogue, under a number that the log line has too. */
  answerError(downstream: Downstream, code: FindingCode, values: Parameters<typeof answerError>[2] = {}): Responder {
    const { language, nextRequestId, wallNow } = this.surroundings;
    return answerError(downstream, code, values, {
      language: language(),
      requestId: nextRequestId(),
      nowMs: wallNow(),
    });
  }
}

/** Requests on the plain port: challenges of a CA, and the way to HTTPS. */
export class PlainHandler extends LoggedHandler {
  readonly #answer: (downstream: Downstream) => Responder;

  constructor(
    surroundings: HandlerSurroundings,
    secure: SecureHandler,
    challenges: ChallengeSource,
    httpsPort: number,
  ) {
    super(surroundings);
    this.#answer = createPlainPortHandler({
      isServed: (host) => secure.sites.find(host) !== undefined,
      challenges,
      httpsPort,
      language: surroundings.language(),
      nextRequestId: surroundings.nextRequestId,
      now: surroundings.wallNow,
    });
  }

  override handle(downstream: Downstream): Responder {
    return this.#answer(downstream);
  }
}
