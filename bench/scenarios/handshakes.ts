import { setTimeout as sleep } from 'node:timers/promises';
import { startLoadChild } from '../load/child.ts';
import type { HandshakeOptions } from '../load/handshakes.ts';
import { cpuMicroseconds } from '../measure.ts';
import type { Bench, Scenario, Subject } from '../scenario.ts';

const WARM_UP_SECONDS = 2;

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
    await load.line();
    const before = cpuMicroseconds(subject.running.pid);
    load.say('go');
    const { completed } = JSON.parse(await load.line()) as { completed: number };
    await sleep(SETTLE_MS);
    return (cpuMicroseconds(subject.running.pid) - before) / completed;
  } catch (error) {
    throw new Error(`${subject.name}: ${(error as Error).message}`, { cause: error });
  } finally {
    await load.stop();
  }
}

function handshakes(name: string, title: string, kind: Kind): Scenario {
  return {
    name,
    title,
    unit: 'µs',
    freshPeer: false,
    async warmUp(subject, bench) {
      await cpuPerConnection(subject, bench, kind, WARM_UP_SECONDS);
    },
    measure: (subject, bench) => cpuPerConnection(subject, bench, kind, bench.seconds),
  };
}

/** A whole connection (TCP, full TLS 1.3 handshake, one request, close). */
export const fullHandshakes = handshakes('full', 'full handshake', { version: 'TLSv1.3', resume: false });

/** The same, resumed from a ticket of the connection before. */
export const resumedHandshakes = handshakes('resumed', 'resumed handshake', { version: 'TLSv1.3', resume: true });
