/** The stage "http": one request and its answer as observations and findings. */
import { reasonPhrase } from '../../codec/http1/reason-phrase.ts';
import { isSecretField, tellFields } from '../../story/rules/http-field-notes.ts';
import { judgeAnswer } from '../../story/rules/http-answer.ts';
import type { Detail } from '../../story/observation.ts';
import type { OpenStage, Sighting } from '../../story/stages.ts';
import type { TraceLimits } from '../limits.ts';
import { findCharset, isText, mediaTypeOf, type Charset } from './charset.ts';
import { decodeContent, type DecodedContent } from './content-decoding.ts';
import type { FrameEvent } from './frame-event.ts';
import { fieldOf, targetOf, type Exchange, type MessageField, type ResponseHead } from './message.ts';

export interface TellOptions {
  readonly showSecrets: boolean;
  readonly failOnStatus: boolean;
  readonly limits: TraceLimits;
}

/** What was made of an answer. */
export interface ReadAnswer {
  readonly mediaType: string;
  readonly decoded: DecodedContent;
  readonly charset: Charset | undefined;
}

/** Tells an exchange that has ended; undefined where no answer came. */
export async function tellExchange(
  stage: OpenStage,
  exchange: Exchange,
  options: TellOptions,
): Promise<ReadAnswer | undefined> {
  const { request, head, startMs, sentMs, firstByteMs, endMs, interim, content } = exchange;
  const { showSecrets } = options;
  const { method, url } = request;
  const target = url.protocol === 'https:' || url.protocol === 'http:' ? targetOf(url) : url.href;
  stage.observe({
    label: 'http.request',
    values: { method, target, ...(sentMs !== undefined && { sentMs }) },
    direction: 'sent',
    atMs: startMs,
    details: tellFields(exchange.requestFields, showSecrets),
    ...octetsOf(exchange.requestHead, exchange.requestFields, showSecrets),
  });
  if (request.content !== undefined && request.content.length > 0)
    stage.observe({
      label: 'http.content-sent',
      values: { bytes: request.content.length },
      direction: 'sent',
      atMs: sentMs ?? startMs,
    });
  if (firstByteMs !== undefined)
    stage.observe({
      label: 'http.first-byte',
      values: { waitMs: tenths(firstByteMs - (sentMs ?? startMs)) },
      direction: 'received',
      atMs: firstByteMs,
    });
  for (const one of interim) stage.observe(tellHead('http.interim', one, showSecrets));
  if (exchange.problem !== undefined) stage.conclude(exchange.problem);
  if (head === undefined) {
    stage.close(endMs);
    return undefined;
  }
  stage.observe(tellHead('http.response', head, showSecrets));
  if (exchange.framing !== 'none' && (content.length > 0 || exchange.problem === undefined)) {
    const framing = exchange.framing === 'stream' ? 'END_STREAM' : exchange.framing;
    stage.observe({
      label: 'http.content',
      values: { bytes: content.length, framing },
      direction: 'received',
      atMs: endMs ?? head.atMs,
    });
  }
  if (exchange.trailers.length > 0)
    stage.observe({
      label: 'http.trailers',
      direction: 'received',
      atMs: endMs ?? head.atMs,
      details: tellFields(
        exchange.trailers.map(({ name, value }) => ({ name, value, range: [0, 0] as const })),
        showSecrets,
      ),
    });
  const answer = await readAnswer(exchange, head, options);
  tellAnswer(stage, exchange, answer);
  const { status } = head;
  stage.conclude(
    ...judgeAnswer({
      isSecure: url.protocol === 'https:',
      status,
      meaning: reasonPhrase(status),
      fields: head.fields,
      mediaType: answer.mediaType,
      isText: isText(answer.mediaType),
      coded: answer.decoded.undone.length > 0,
      contentBytes: answer.decoded.bytes.length,
      charset: answer.charset,
      condition: exchange.requestFields
        .map(({ name }) => name)
        .filter((name) => /^if-(?:none-match|modified-since)$/i.test(name))
        .join(', '),
      failOnStatus: options.failOnStatus,
    }),
  );
  stage.close(endMs);
  return answer;
}

function tellHead(label: 'http.interim' | 'http.response', head: ResponseHead, showSecrets: boolean): Sighting {
  const { protocol, status, reason, fields, octets, atMs } = head;
  const meaning = reason === '' ? reasonPhrase(status) : reason;
  const shown = fields.filter(({ name }) => name !== ':status');
  return {
    label,
    values: { protocol, status, meaning },
    direction: 'received',
    atMs,
    details: tellFields(shown, showSecrets),
    ...octetsOf(octets, fields, showSecrets),
  };
}

/** The octets of a head; those of secrets are blotted out, or, where their place is not known, all are left away. */
function octetsOf(
  octets: Uint8Array,
  fields: readonly MessageField[],
  showSecrets: boolean,
): { readonly octets?: Uint8Array } {
  const secrets = showSecrets ? [] : fields.filter(({ name }) => isSecretField(name) || /^set-cookie$/i.test(name));
  if (secrets.length === 0) return { octets };
  if (secrets.some(({ range, representation }) => range[1] <= range[0] || representation !== undefined)) return {};
  const blotted = Uint8Array.from(octets);
  for (const { name, range } of secrets) blotted.fill(0x2a, range[0] + name.length + 1, range[1] - 2);
  return { octets: blotted };
}

async function readAnswer(exchange: Exchange, head: ResponseHead, { limits }: TellOptions): Promise<ReadAnswer> {
  const contentType = fieldOf(head.fields, 'content-type') ?? '';
  const mediaType = mediaTypeOf(contentType);
  const coding = fieldOf(head.fields, 'content-encoding') ?? '';
  const decoded: DecodedContent =
    exchange.problem === undefined
      ? await decodeContent(exchange.content, coding, limits.decodedBytes)
      : { bytes: exchange.content, undone: [], problem: undefined };
  const readable = isText(mediaType) && decoded.bytes.length > 0 && decoded.problem === undefined;
  return { mediaType, decoded, charset: readable ? findCharset(decoded.bytes, contentType) : undefined };
}

function tellAnswer(stage: OpenStage, exchange: Exchange, { decoded, charset }: ReadAnswer): void {
  const atMs = exchange.endMs ?? exchange.startMs;
  const wireBytes = exchange.content.length;
  if (decoded.undone.length > 0) {
    const bytes = decoded.bytes.length;
    const ratio = wireBytes === 0 ? '' : `× ${(bytes / wireBytes).toFixed(1)}`;
    stage.observe({
      label: 'http.decoded',
      values: { coding: decoded.undone.join(', '), wireBytes, bytes, ratio },
      atMs,
    });
  }
  if (decoded.problem !== undefined) stage.conclude(decoded.problem);
  if (charset?.name !== undefined)
    stage.observe({ label: 'http.charset', values: { charset: charset.name, from: charset.from }, atMs });
  else if (charset !== undefined) stage.observe({ label: 'http.charset-none', atMs });
}

/** A frame of HTTP/2 as an observation. */
export function tellFrame(event: FrameEvent): Sighting {
  const { atMs, direction, type, streamId, length, flags, facts, octets } = event;
  const details: Detail[] = facts.map(([name, value]) => ({ label: { literal: name }, value }));
  return {
    label: 'http.frame',
    values: { type, stream: streamId, length, flags: flags.length > 0 ? ` [${flags.join(' ')}]` : '' },
    direction,
    atMs,
    details,
    // A header block may hold secrets; it is told decoded, where they are hidden.
    ...(type !== 'HEADERS' && type !== 'CONTINUATION' && { octets }),
  };
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
