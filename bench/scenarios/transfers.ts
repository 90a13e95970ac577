import { setTimeout as sleep } from 'node:timers/promises';
import { MEGABYTE, type Content, type Contents } from '../contents.ts';
import { checkDownload, checkUpload, type Application } from '../load/check-content.ts';
import { runH2load } from '../load/h2load.ts';
import { cpuMicroseconds } from '../measure.ts';
import type { Bench, Scenario, Subject } from '../scenario.ts';

type Direction = 'down' | 'up';

interface Kind {
  readonly direction: Direction;
  readonly size: keyof Contents & ('small' | 'large');
  readonly over: Application;
}

/** Octets that one second of a measurement stands for: a fixed amount, so that each answer is a whole one. */
const OCTETS_A_SECOND = 200 * MEGABYTE;
/** At a time, each on a connection of its own. */
const AT_A_TIME = { small: 8, large: 2 } as const;
/** As slow as a peer may be, on a machine that does other things besides. */
const LIMIT_MS = 60_000;
/** After the last answer: what the peer still has to do. */
const SETTLE_MS = 100;

const SINK_ANSWER = 'received\n';

/** How often a content is moved in a measurement of so many seconds: as often by each connection. */
export function transferCount(content: Content, seconds: number, connections: number): number {
  return connections * Math.max(1, Math.round((seconds * OCTETS_A_SECOND) / (content.octets * connections)));
}

/** Moves whole contents; returns the microseconds of CPU time that the peer spent on one megabyte of them. */
async function cpuPerMegabyte(subject: Subject, bench: Bench, kind: Kind, seconds: number): Promise<number> {
  const content = bench.contents[kind.size];
  const connections = AT_A_TIME[kind.size];
  const requests = transferCount(content, seconds, connections);
  const load = ['-c', String(connections), '-m', '1', '-n', String(requests)];
  const before = cpuMicroseconds(subject.running.pid);
  if (kind.direction === 'down') {
    const expected = { application: kind.over, requests, contentOctets: content.octets };
    await runH2load(subject, bench, { args: load, target: content.target, expected }, LIMIT_MS);
  } else {
    // The sink answers 200 when it got exactly as many octets as the target says.
    const expected = { application: kind.over, requests, contentOctets: SINK_ANSWER.length };
    const args = [...load, '-d', content.file, '-H', 'content-type: application/octet-stream'];
    await runH2load(subject, bench, { args, target: `/up/${content.octets}`, expected }, LIMIT_MS);
  }
  await sleep(SETTLE_MS);
  return (cpuMicroseconds(subject.running.pid) - before) / ((requests * content.octets) / MEGABYTE);
}

function transfer(kind: Kind): Scenario {
  const { direction, size, over } = kind;
  const [megabytes, version] = [size === 'small' ? '1 MB' : '100 MB', over === 'h2' ? 'HTTP/2' : 'HTTP/1.1'];
  const name = `${direction}-${size === 'small' ? '1m' : '100m'}${over === 'h2' ? '-h2' : ''}`;
  const title = {
    en: `${direction}load of ${megabytes}, ${version}, a MB`,
    zh: `${version} ${direction === 'down' ? '下载' : '上传'} ${megabytes}，每 MB`,
  };
  return {
    name,
    figures: [{ name, title, unit: 'µs' }],
    workers: 1,
    app: direction === 'down' ? 'answers' : 'sink',
    freshPeer: false,
    async check(subject, bench) {
      await (direction === 'down' ? checkDownload : checkUpload)(subject, bench, bench.contents[size], over);
    },
    async warmUp(subject, bench) {
      await cpuPerMegabyte(subject, bench, kind, bench.warmUpSeconds / 2);
    },
    async measure(subject, bench) {
      return [await cpuPerMegabyte(subject, bench, kind, bench.seconds)];
    },
  };
}

/** 1 MB and 100 MB, down and up, over HTTP/1.1 and HTTP/2. */
export const transfers: readonly Scenario[] = (['http/1.1', 'h2'] as const).flatMap((over) =>
  (['down', 'up'] as const).flatMap((direction) =>
    (['small', 'large'] as const).map((size) => transfer({ direction, size, over })),
  ),
);
