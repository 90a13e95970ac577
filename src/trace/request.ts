/** One request of a running trace, and what is kept of it. */
import { finding } from '../story/finding.ts';
import type { ChapterKind } from '../story/observation.ts';
import type { OpenStage, StoryLog } from '../story/stages.ts';
import type { Connection } from './connect/connection.ts';
import type { Connector } from './connect/connector.ts';
import type { Exchange, HttpRequest } from './http/message.ts';
import { tellExchange, type ReadAnswer } from './http/tell-exchange.ts';
import type { TraceOptions } from './options.ts';

/** A request that was made, with everything that the outputs need of it. */
export interface TracedExchange {
  readonly chapter: number;
  readonly connection: Connection;
  readonly exchange: Exchange;
  readonly answer: ReadAnswer | undefined;
  readonly stage: OpenStage;
}

/** What the parts of a running trace share. */
export interface RunningTrace {
  readonly log: StoryLog;
  readonly options: TraceOptions;
  readonly signal: AbortSignal;
  readonly connector: Connector;
  readonly exchanges: TracedExchange[];
}

/** One request: over `open` where that is given, else over a connection of its own. */
export async function fetchOne(
  running: RunningTrace,
  kind: ChapterKind,
  request: HttpRequest,
  open: Connection | undefined,
): Promise<TracedExchange | undefined> {
  const { log, connector } = running;
  const chapter = log.begin({ kind, method: request.method, url: request.url.href });
  const connection = open ?? (await connector.connect(request.url, chapter));
  if (connection === undefined) return undefined;
  return exchangeOver(running, chapter, connection, request, open !== undefined);
}

/** Sends a request over a connection that stands, and tells what came of it. */
export async function exchangeOver(
  running: RunningTrace,
  chapter: number,
  connection: Connection,
  request: HttpRequest,
  reused: boolean,
): Promise<TracedExchange> {
  const { log, options, signal, exchanges } = running;
  const stage = log.open('http', chapter, connection.number, `${request.method} ${request.url.href}`);
  if (reused) stage.observe({ label: 'http.connection-reused', values: { connection: connection.number } });
  else if (connection.parts.secure === undefined) stage.observe({ label: 'tls.none' });
  else {
    const label =
      connection.parts.secure.agreement?.alpn === undefined ? 'http.version-default' : 'http.version-chosen';
    stage.observe({ label, values: { protocol: connection.protocol } });
  }
  if (request.url.protocol === 'http:') stage.conclude(finding('trace-plain-url'));
  const exchange = await connection.exchange(stage, request, signal);
  connection.untilClose = exchange.framing === 'until-close';
  const answer = await tellExchange(stage, exchange, options);
  const traced: TracedExchange = { chapter, connection, exchange, answer, stage };
  exchanges.push(traced);
  return traced;
}
