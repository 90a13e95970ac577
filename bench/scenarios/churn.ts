import { setTimeout as sleep } from 'node:timers/promises';
import { BODY } from '../backend.ts';
import { runH2load } from '../load/h2load.ts';
import { cpuMicroseconds } from '../measure.ts';
import type { Bench, Scenario, Subject } from '../scenario.ts';

/** Connections that begin together, and how often: 400 a second, below what each peer can take on one core. */
const AT_A_TIME = 20;
const PERIOD_MS = 50;
/** After the last connection's end: what the peer still has to do. */
const SETTLE_MS = 200;

/** Connections that come at a fixed rate, each with a full handshake and one request over HTTP/2. */
async function cpuPerConnection(subject: Subject, bench: Bench, seconds: number): Promise<number> {
  const count = Math.ceil((seconds * 1000) / PERIOD_MS) * AT_A_TIME;
  const rate = ['-r', String(AT_A_TIME), `--rate-period=${PERIOD_MS}ms`];
  const args = ['-c', String(count), '-n', String(count), '-m', '1', ...rate];
  const expected = { application: 'h2', requests: count, contentOctets: BODY.length } as const;
  const before = cpuMicroseconds(subject.running.pid);
  await runH2load(subject, bench, { args, target: '/', expected }, seconds * 1000 + 30_000);
  await sleep(SETTLE_MS);
  return (cpuMicroseconds(subject.running.pid) - before) / count;
}

function connectionChurn(name: string, workers: 1 | 2): Scenario {
  const title =
    workers === 1
      ? { en: 'new connection, HTTP/2', zh: 'HTTP/2 新连接' }
      : { en: 'two workers: new connection, HTTP/2', zh: '两个工作进程：HTTP/2 新连接' };
  return {
    name,
    figures: [{ name, title, unit: 'µs' }],
    workers,
    app: 'answers',
    freshPeer: false,
    async warmUp(subject, bench) {
      await cpuPerConnection(subject, bench, bench.warmUpSeconds / 2);
    },
    async measure(subject, bench) {
      return [await cpuPerConnection(subject, bench, bench.seconds)];
    },
  };
}

/** A new connection for each request, as from clients that come once. */
export const churn = connectionChurn('churn', 1);

/** The same to a peer with two workers: what it costs to hand connections to them is in it. */
export const workersChurn = connectionChurn('workers-churn', 2);
