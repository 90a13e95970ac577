/**
 * Answers of the gateway itself when a request fails: for people as a small page or text, for programs as a problem
 * document (RFC 9457), and for whoever debugs a chain of proxies as Proxy-Status (RFC 9209):
 *
 *   Proxy-Status: menshen; error=connection_refused
 */
import type { Language } from '../../story/catalog.ts';
import { statusPhrases } from '../../story/catalog/http-status.ts';
import type { FindingCode } from '../../story/catalog/index.ts';
import type { FindingValues } from '../../story/finding.ts';
import type { Downstream, Responder } from '../exchange.ts';
import { writeErrorDocument } from './error-document.ts';
import { encodeFieldBlock, httpDate } from './field-block.ts';
import { finished } from './finished.ts';
import { negotiateFormat, negotiateLanguage, type AnswerFormat } from './negotiate.ts';
import { readRequestFields } from './request-fields.ts';
import { answerStatus, type AnswerStatus } from './statuses.ts';

export interface ErrorAnswerOptions {
  /** Language where the client asks for none that there is. */
  readonly language: Language;
  /** Number by which the log line is found; '' or absent for none. Sent as X-Request-Id too. */
  readonly requestId?: string;
  /** For 503: when to try again. Seconds. */
  readonly retryAfterSeconds?: number;
  /** Status that the app had sent before its response turned out to be unusable (RFC 9209 section 2.1.4). */
  readonly receivedStatus?: number;
  /** For 405: the methods that would have been taken, `GET, HEAD`. */
  readonly allow?: string;
  /** Further fields of the answer, such as Content-Range of a 416. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Epoch milliseconds, for Date. */
  readonly nowMs?: number;
}

/** Long enough for a restart to be over, short enough that nobody gives up. */
const defaultRetryAfterSeconds = 5;
/** What an app is normally asked with; the gateway itself passes any method on but CONNECT. */
const defaultAllow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

type Fields = (readonly [name: string, value: string])[];

function statusFields({ status, proxyError }: AnswerStatus, options: ErrorAnswerOptions): Fields {
  const fields: Fields = [
    ['Date', httpDate(options.nowMs ?? Date.now())],
    ['Cache-Control', 'no-store'],
  ];
  if (proxyError !== '') {
    const received = options.receivedStatus === undefined ? '' : `; received-status=${options.receivedStatus}`;
    fields.push(['Proxy-Status', `menshen; error=${proxyError}${received}`]);
  }
  if (status === 503) fields.push(['Retry-After', String(options.retryAfterSeconds ?? defaultRetryAfterSeconds)]);
  if (status === 405) fields.push(['Allow', options.allow ?? defaultAllow]);
  if (options.requestId) fields.push(['X-Request-Id', options.requestId]);
  if (options.fields) fields.push(...options.fields);
  return fields;
}

/**
 * Answers a request with the error `code` of the catalogue, whole and at once: the Downstream has ended when this
 * returns, and its log record names the code. `values` fill the catalogue's phrases where the client may read them; an address or path never reaches it.
 */
export function answerError(
  downstream: Downstream,
  code: FindingCode,
  values: FindingValues,
  options: ErrorAnswerOptions,
): Responder {
  const asked = readRequestFields(downstream.head);
  const answer = answerStatus(code);
  const document = writeErrorDocument(
    code,
    values,
    answer.status,
    negotiateFormat(asked.get('accept')),
    negotiateLanguage(asked.get('accept-language'), options.language),
    options.requestId ?? '',
  );
  const length = document.content.length;
  const block = encodeFieldBlock([
    ...statusFields(answer, options),
    ...document.fields,
    ['Content-Length', String(length)],
  ]);
  downstream.record.error = code;
  downstream.record.requestId = options.requestId ?? '';
  const hasContent = downstream.head.method !== 'HEAD';
  downstream.sendHead(answer.status, block, 0, block.length, length, hasContent);
  if (hasContent) downstream.sendContent(document.content, 0, length);
  downstream.end();
  return finished;
}

export interface RawErrorOptions {
  readonly language: Language;
  /** Plain text unless said otherwise: nothing is known of the client. */
  readonly format?: AnswerFormat;
  /** Epoch milliseconds, for Date. */
  readonly nowMs?: number;
}

const rawResponses = new Map<string, { readonly second: number; readonly bytes: Buffer }>();

/**
 * A complete HTTP/1.1 response that closes the connection, for a request whose head could not be understood. Made once a
 * second for each code, so that a flood of garbage costs little. The buffer is shared: do not write into it.
 */
export function buildRawErrorResponse(code: FindingCode, options: RawErrorOptions): Buffer {
  const format = options.format ?? 'text';
  const nowMs = options.nowMs ?? Date.now();
  const second = Math.floor(nowMs / 1000);
  const key = `${code} ${options.language} ${format}`;
  const made = rawResponses.get(key);
  if (made?.second === second) return made.bytes;
  const answer = answerStatus(code);
  const document = writeErrorDocument(code, {}, answer.status, format, options.language, '');
  const bytes = Buffer.concat([
    Buffer.from(`HTTP/1.1 ${answer.status} ${statusPhrases[answer.status].en.title}\r\n`, 'latin1'),
    encodeFieldBlock([
      ...statusFields(answer, { language: options.language, nowMs }),
      ...document.fields,
      ['Content-Length', String(document.content.length)],
      ['Connection', 'close'],
    ]),
    Buffer.from('\r\n'),
    document.content,
  ]);
  rawResponses.set(key, { second, bytes });
  return bytes;
}
