/**
 * Traces one request: runs it for real and tells its story. Redirects, the page's files and the repetition are further
 * chapters of the same story. What only some traces need is loaded by them: a command line should start quickly.
 */
import type { CapturedPacket } from '../codec/packet/capture-reader.ts';
import { finding } from '../story/finding.ts';
import type { ChapterKind, Stage, Story } from '../story/observation.ts';
import { StoryLog } from '../story/stages.ts';
import { closeConnection } from './close-connection.ts';
import { Connector } from './connect/connector.ts';
import type { Connection } from './connect/connection.ts';
import type { HttpRequest } from './http/message.ts';
import type { TraceOptions } from './options.ts';
import { nextRequest } from './redirect.ts';
import { fetchOne, type RunningTrace, type TracedExchange } from './request.ts';
import type { CaptureStart } from './packets/capture.ts';
import { closeNotifyOf } from './tls-stage/close-notify.ts';

export interface TraceResult {
  readonly story: Story;
  readonly exchanges: readonly TracedExchange[];
  readonly connections: readonly Connection[];
  /** NSS key log format, one line an entry. */
  readonly keyLog: readonly string[];
  /** Every packet of this trace's connections; empty where nothing was captured. */
  readonly packets: readonly CapturedPacket[];
}

/** Never rejects for what a server does: that is told. `onStage` hears of each stage as it opens. */
export async function trace(options: TraceOptions, onStage: (stage: Stage) => void = () => {}): Promise<TraceResult> {
  const started = await options.capture;
  const begun = performance.now();
  const startedAtMs = performance.timeOrigin + begun;
  const log = new StoryLog(options.url.href, startedAtMs, () => performance.now() - begun, onStage);
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), options.limits.totalMs);
  const pending: Promise<unknown>[] = [];
  const connector = new Connector({ log, options, signal: abort.signal, pending });
  const running: RunningTrace = { log, options, signal: abort.signal, connector, exchanges: [] };
  try {
    await run(running);
  } finally {
    clearTimeout(limit);
  }
  await Promise.all(pending);
  const packets = await tellCapture(running, started);
  const keyLog = connector.connections.flatMap(({ parts }) => parts.secure?.keyLog ?? []);
  return { story: log.tell(), exchanges: running.exchanges, connections: connector.connections, keyLog, packets };
}

/** Puts what was captured in its place, or says what capturing would add. */
async function tellCapture(
  { log, options, connector }: RunningTrace,
  started: CaptureStart | undefined,
): Promise<readonly CapturedPacket[]> {
  const { limits, packetsWanted } = options;
  const [first] = connector.connections;
  if (started?.ok !== true) {
    if (packetsWanted) log.stages[0]?.conclude(finding('trace-packets-forbidden', { reason: started?.reason ?? '' }));
    first?.parts.tcpStage.observe({ label: 'tcp.packets-hint', atMs: first.parts.tcpStage.endMs });
    return [];
  }
  const { PacketReading, tellPackets } = await import('./packets/tell-packets.ts');
  const reading = new PacketReading();
  const caught = await started.capture.stop((packets) => {
    reading.read(packets);
    return connector.connections.every((connection) => reading.hasEnd(connection));
  });
  reading.read(caught);
  const count = started.capture.dropped();
  if (count > 0) first?.parts.tcpStage.conclude(finding('trace-packets-dropped', { count }));
  const ours: CapturedPacket[] = [];
  for (const connection of connector.connections) {
    const segments = reading.segmentsOf(connection, log.startedAtMs);
    const close = log.stages.find((stage) => stage.name === 'close' && stage.connection === connection.number);
    tellPackets(connection, segments, close, limits.toldSegments);
    for (const { packet } of segments) ours.push(packet);
  }
  return ours.toSorted((a, b) => a.timeMs - b.timeMs);
}

async function run(running: RunningTrace): Promise<void> {
  const { log, options, connector } = running;
  const { url, method, content } = options;
  const request: HttpRequest = { method, url, content, fields: options.fields };
  const first = await follow(running, request);
  if (first !== undefined && options.page && first.exchange.problem === undefined) {
    const { fetchPage } = await import('./page/fetch-page.ts');
    await fetchPage(running, first);
  }
  await closeAll(running);
  if (first !== undefined && options.repeat && first.exchange.problem === undefined) {
    const { repeatRequest } = await import('./repeat.ts');
    await repeatRequest(running, first);
    await closeAll(running);
  }
  const isTold = log.stages.some(({ findings }) => findings.some(({ code }) => code === 'trace-time-out'));
  if (running.signal.aborted && !isTold) {
    const seconds = Math.round(options.limits.totalMs / 1_000);
    log.stages.at(-1)?.conclude(finding('trace-time-out', { seconds }));
  }
  for (const connection of connector.connections) connection.parts.tap.destroy();
}

/** Makes the request and those that redirects ask for; gives the last one. */
async function follow(running: RunningTrace, first: HttpRequest): Promise<TracedExchange | undefined> {
  const { options, connector } = running;
  const been = new Set<string>();
  let request = first;
  let kind: ChapterKind = 'request';
  let previous: Connection | undefined;
  for (let count = 0; ; count += 1) {
    been.add(`${request.method} ${withoutHash(request.url)}`);
    const traced = await fetchOne(running, kind, request, previous);
    if (traced === undefined) return undefined;
    const { exchange, stage, connection } = traced;
    if (exchange.problem !== undefined || !options.followRedirects) return traced;
    const next = nextRequest(exchange);
    if (next === undefined) return traced;
    if ('code' in next) {
      stage.conclude(next);
      return traced;
    }
    const { url } = next.request;
    stage.observe({ label: 'http.redirect', values: { location: url.href }, atMs: stage.endMs, known: 'inferred' });
    if (next.downgrade) stage.conclude(finding('trace-redirect-downgrade', { url: url.href }));
    if (been.has(`${next.request.method} ${withoutHash(url)}`)) {
      stage.conclude(finding('trace-redirect-loop', { url: url.href }));
      return traced;
    }
    if (count === options.limits.redirects) {
      stage.conclude(finding('trace-too-many-redirects', { count }));
      return traced;
    }
    previous = connection.reusable && connection.parts.origin === url.origin ? connection : undefined;
    if (previous === undefined) await close(running, traced.chapter, connection);
    connector.keepSession(connection);
    ({ request } = next);
    kind = 'redirect';
  }
}

const withoutHash = (url: URL): string => url.href.replace(/#.*$/, '');

async function close(running: RunningTrace, chapter: number, connection: Connection): Promise<void> {
  const { connector, log } = running;
  if (connection.closed) return;
  connection.closed = true;
  if (connection.untoldFrames > 0) {
    const last = running.exchanges.findLast((one) => one.connection === connection);
    last?.stage.observe({
      label: 'http.frames-more',
      values: { count: connection.untoldFrames },
      atMs: last.stage.endMs,
    });
  }
  const { kernel, tap } = connection.parts;
  await kernel.tellEnd(tap.ending.closedMs === undefined);
  connector.keepSession(connection);
  await closeConnection(log, chapter, connection, () => closeNotifyOf(connection));
  connection.parts.tlsTelling?.finish();
}

async function closeAll(running: RunningTrace): Promise<void> {
  const { connector, exchanges, log } = running;
  const open = connector.connections.filter(({ closed }) => !closed);
  await Promise.all(
    open.map((connection) => {
      const over = exchanges.filter((one) => one.connection === connection);
      // The page's own connection ends with the page, not with one of its files.
      const last = over.findLast(({ chapter }) => log.chapters[chapter]?.kind !== 'resource') ?? over[0];
      return close(running, last?.chapter ?? 0, connection);
    }),
  );
}
