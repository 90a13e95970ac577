/** A trace as an HTTP Archive, HAR 1.2: what the tools of browsers open. */
import type { Stage } from '../../story/observation.ts';
import { isSecretField, withoutCookieValue } from '../../story/rules/http-field-notes.ts';
import { readSetCookie } from '../../story/rules/http-cookies.ts';
import { reasonPhrase } from '../../codec/http1/reason-phrase.ts';
import { isText } from '../../trace/http/charset.ts';
import type { TracedExchange } from '../../trace/request.ts';
import type { TraceResult } from '../../trace/trace.ts';
import { VERSION } from '../../version.ts';

/** Content beyond this stays out: viewers read the whole file at once. */
const MOST_CONTENT = 4_194_304;

export function traceHar(result: TraceResult, showSecrets: boolean): string {
  const { story, exchanges } = result;
  const timeOf = (ms: number): string => new Date(story.startedAtMs + ms).toISOString();
  const [first] = exchanges;
  const pages =
    first === undefined
      ? []
      : [
          {
            id: 'page_1',
            title: story.url,
            startedDateTime: timeOf(0),
            pageTimings: { onContentLoad: -1, onLoad: round(story.endMs) },
          },
        ];
  const entries = exchanges.map((traced) => entryOf(traced, story.stages, timeOf, showSecrets));
  const log = { version: '1.2', creator: { name: 'menshen', version: VERSION }, pages, entries };
  return `${JSON.stringify({ log }, undefined, 1)}\n`;
}

interface HarField {
  readonly name: string;
  readonly value: string;
}

function entryOf(
  traced: TracedExchange,
  stages: readonly Stage[],
  timeOf: (ms: number) => string,
  showSecrets: boolean,
): object {
  const { exchange, connection, chapter } = traced;
  const own = stages.filter((stage) => stage.chapter === chapter);
  const startMs = Math.min(
    exchange.startMs,
    ...own.filter(({ name }) => name === 'name').map((stage) => stage.startMs),
  );
  const timings = timingsOf(traced, own, startMs);
  // HAR 1.2: time is the sum of all timings but -1 (and ssl, which is part of connect).
  const { ssl: _, ...summed } = timings;
  const time = Object.values(summed).reduce((sum, ms) => sum + Math.max(0, ms), 0);
  return {
    pageref: 'page_1',
    startedDateTime: timeOf(startMs),
    time: round(time),
    request: requestOf(traced, showSecrets),
    response: responseOf(traced, showSecrets),
    cache: {},
    timings,
    serverIPAddress: connection.parts.ends.remoteAddress,
    connection: String(connection.number),
    ...(exchange.problem !== undefined && { comment: exchange.problem.code }),
  };
}

interface HarTimings {
  readonly blocked: number;
  readonly dns: number;
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** Milliseconds; -1 for what this request did not need. `connect` includes `ssl`. */
function timingsOf({ exchange }: TracedExchange, stages: readonly Stage[], startMs: number): HarTimings {
  const find = (name: Stage['name']): Stage | undefined => stages.find((stage) => stage.name === name);
  const lasting = (stage: Stage | undefined): number => (stage === undefined ? -1 : round(stage.endMs - stage.startMs));
  const tcp = find('tcp');
  const tls = find('tls');
  const dns = lasting(find('name'));
  const ssl = lasting(tls);
  const connect = tcp === undefined ? -1 : round(lasting(tcp) + Math.max(0, ssl));
  const { sentMs = exchange.startMs, firstByteMs, endMs = exchange.startMs } = exchange;
  const answeredMs = firstByteMs ?? endMs;
  const sendEnd = Math.min(sentMs, answeredMs);
  // What is left of the time before the request: routes, the judgement of the certificate, waiting for a connection.
  const blocked = round(Math.max(0, exchange.startMs - startMs - Math.max(0, dns) - Math.max(0, connect)));
  return {
    blocked,
    dns,
    connect,
    ssl,
    send: round(sendEnd - exchange.startMs),
    wait: round(answeredMs - sendEnd),
    receive: round(endMs - answeredMs),
  };
}

function fieldsOf(fields: readonly HarField[], showSecrets: boolean): HarField[] {
  return fields.map(({ name, value }) => {
    if (showSecrets) return { name, value };
    if (/^set-cookie$/i.test(name)) return { name, value: withoutCookieValue(value) };
    return { name, value: isSecretField(name) ? '…' : value };
  });
}

function requestOf({ exchange }: TracedExchange, showSecrets: boolean): object {
  const { request, requestFields, requestHead, head } = exchange;
  const contentType = request.fields.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return {
    method: request.method,
    url: request.url.href,
    httpVersion: head?.protocol ?? (exchange.streamId > 0 ? 'HTTP/2' : 'HTTP/1.1'),
    cookies: [],
    headers: fieldsOf(requestFields, showSecrets),
    queryString: [...request.url.searchParams].map(([name, value]) => ({ name, value })),
    ...(request.content !== undefined && {
      postData: { mimeType: contentType, params: [], text: request.content.toString('utf8').slice(0, MOST_CONTENT) },
    }),
    headersSize: requestHead.length,
    bodySize: request.content?.length ?? 0,
  };
}

function responseOf({ exchange, answer }: TracedExchange, showSecrets: boolean): object {
  const { head, content } = exchange;
  const fields = head?.fields ?? [];
  const value = (name: string): string => fields.find((field) => field.name.toLowerCase() === name)?.value ?? '';
  const decoded = answer?.decoded.bytes ?? Buffer.alloc(0);
  return {
    status: head?.status ?? 0,
    statusText: head === undefined ? '' : head.reason || reasonPhrase(head.status),
    httpVersion: head?.protocol ?? '',
    cookies: fields
      .filter(({ name }) => name.toLowerCase() === 'set-cookie')
      .map((field) => {
        const { name, secure, httpOnly } = readSetCookie(field.value);
        const cookieValue = showSecrets ? field.value.slice(name.length + 1).split(';', 1)[0]! : '…';
        return { name, value: cookieValue, secure, httpOnly };
      }),
    headers: fieldsOf(fields, showSecrets),
    content: {
      size: decoded.length,
      compression: decoded.length - content.length,
      mimeType: value('content-type') || 'x-unknown',
      ...contentText(decoded, answer?.mediaType ?? ''),
    },
    redirectURL: value('location'),
    headersSize: head?.octets.length ?? -1,
    bodySize: content.length,
  };
}

function contentText(bytes: Buffer, mediaType: string): object {
  if (bytes.length === 0 || bytes.length > MOST_CONTENT) return {};
  if (isText(mediaType)) return { text: bytes.toString('utf8') };
  return { text: bytes.toString('base64'), encoding: 'base64' };
}

const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;
