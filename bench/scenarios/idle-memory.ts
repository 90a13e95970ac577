import { setTimeout as sleep } from 'node:timers/promises';
import { startLoadChild } from '../load/child.ts';
import type { IdleOptions } from '../load/idle-connections.ts';
import { pssKilobytes } from '../measure.ts';
import type { Bench, Scenario, Subject } from '../scenario.ts';

/** Connections; fewer in a quick run. */
const countFor = (seconds: number): number => (seconds > 1 ? 2000 : 500);

/** For the load process to be ready, and to open its connections. */
const LIMIT_MS = 60_000;

/** Between the last answer and the reading: work put off by the peer (timers, collecting garbage) gets done. */
const SETTLE_MS = 1500;

async function kilobytesPerConnection(subject: Subject, bench: Bench): Promise<[number]> {
  const count = countFor(bench.seconds);
  const options: IdleOptions = {
    port: subject.port,
    serverName: bench.serverName,
    certFile: bench.certificate.certFile,
    count,
  };
  const load = startLoadChild(bench, 'idle-connections', options);
  try {
    await load.line(LIMIT_MS);
    await sleep(SETTLE_MS);
    const before = pssKilobytes(subject.running.pid);
    load.say('go');
    await load.line(LIMIT_MS);
    await sleep(SETTLE_MS);
    return [(pssKilobytes(subject.running.pid) - before) / count];
  } catch (error) {
    throw new Error(`${subject.name}: ${(error as Error).message}`, { cause: error });
  } finally {
    await load.stop();
  }
}

/** Memory of an open TLS connection that waits for its next request. */
export const idleMemory: Scenario = {
  name: 'idle',
  figures: [{ name: 'idle', title: { en: 'idle connection', zh: '空闲连接' }, unit: 'kB' }],
  workers: 1,
  app: 'answers',
  freshPeer: true,
  async warmUp() {
    // The load process sends the first requests itself: each round has a new peer.
  },
  measure: kilobytesPerConnection,
};
