import { BODY } from '../backend.ts';
import { runH2load } from '../load/h2load.ts';
import { LEAD_MS, measureWindow, type Served } from '../load/window.ts';
import type { Bench, Figure, Scenario, Subject } from '../scenario.ts';

interface Load {
  readonly connections: number;
  /** Requests under way at a time on each of them. */
  readonly streams: number;
}

/** After the window: what h2load takes longer than it was told. */
const TAIL_MS = 300;

async function loadWithStreams(subject: Subject, bench: Bench, load: Load, seconds: number): Promise<Served> {
  const durationMs = LEAD_MS + seconds * 1000 + TAIL_MS;
  const args = ['-c', String(load.connections), '-m', String(load.streams), '-D', `${durationMs}ms`];
  const expected = { application: 'h2', requests: undefined, contentOctets: BODY.length } as const;
  let window: Promise<Served> | undefined;
  await runH2load(subject, bench, { args, target: '/', expected }, durationMs + 20_000, () => {
    window = measureWindow(subject, bench, seconds);
    // Whether it failed is asked below, after h2load has told what it saw.
    window.catch(() => undefined);
  });
  if (window === undefined) throw new Error('h2load did not begin');
  return await window;
}

function streams(name: string, title: Figure['title'], load: Load): Scenario {
  return {
    name,
    figures: [{ name, title, unit: 'µs' }],
    workers: 1,
    app: 'answers',
    freshPeer: false,
    async warmUp(subject, bench) {
      await loadWithStreams(subject, bench, load, bench.warmUpSeconds);
    },
    async measure(subject, bench) {
      return [(await loadWithStreams(subject, bench, load, bench.seconds)).cpuPerRequest];
    },
  };
}

/** Small requests over HTTP/2, ten at a time on each connection. */
export const tenStreams = streams(
  'h2-10',
  { en: 'request, HTTP/2, 10 streams', zh: 'HTTP/2 请求，每连接 10 个流' },
  { connections: 16, streams: 10 },
);

/** Small requests over HTTP/2, one at a time on each connection. */
export const oneStream = streams(
  'h2-1',
  { en: 'request, HTTP/2, 1 stream', zh: 'HTTP/2 请求，每连接 1 个流' },
  { connections: 64, streams: 1 },
);
