import { setTimeout as sleep } from 'node:timers/promises';
import { startLoadChild } from '../load/child.ts';
import type { HandshakeOptions } from '../load/handshakes.ts';
import { cpuMicroseconds } from '../measure.ts';
import type { Bench, Figure, Scenario, Subject } from '../scenario.ts';

/** For the load process to be ready, or to end, beyond the time that it is to take. */
const LIMIT_MS = 20_000;

/** After the last connection: lets the peer finish closing what it counts as its own work. */
const SETTLE_MS = 100;

type Kind = Pick<HandshakeOptions, 'version' | 'resume'>;

async function cpuPerConnection(subject: Subject, bench: Bench, kind: Kind, seconds: number): Promise<number> {
  const options: HandshakeOptions = {
    ...kind,
    seconds,
    port: subject.port,
    serverName: bench.serverName,
    certFile: bench.certificate.certFile,
  };
  const load = startLoadChild(bench, 'handshakes', options);
  try {
    await load.line(LIMIT_MS);
    const before = cpuMicroseconds(subject.running.pid);
    load.say('go');
    const { completed } = JSON.parse(await load.line(seconds * 1000 + LIMIT_MS)) as { completed: number };
    await sleep(SETTLE_MS);
    return (cpuMicroseconds(subject.running.pid) - before) / completed;
  } catch (error) {
    throw new Error(`${subject.name}: ${(error as Error).message}`, { cause: error });
  } finally {
    await load.stop();
  }
}

function handshakes(name: string, title: Figure['title'], kind: Kind): Scenario {
  return {
    name,
    figures: [{ name, title, unit: 'µs' }],
    workers: 1,
    app: 'answers',
    freshPeer: false,
    async warmUp(subject, bench) {
      await cpuPerConnection(subject, bench, kind, bench.warmUpSeconds / 2);
    },
    async measure(subject, bench) {
      return [await cpuPerConnection(subject, bench, kind, bench.seconds)];
    },
  };
}

/** A whole connection (TCP, full TLS 1.3 handshake, one request, close). */
export const fullHandshakes = handshakes(
  'full',
  { en: 'connection, full handshake', zh: '连接，完整握手' },
  { version: 'TLSv1.3', resume: false },
);

/** The same, resumed from a ticket of the connection before. */
export const resumedHandshakes = handshakes(
  'resumed',
  { en: 'connection, resumed handshake', zh: '连接，恢复会话' },
  { version: 'TLSv1.3', resume: true },
);
