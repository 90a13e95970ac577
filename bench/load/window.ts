/**
 * A window in the middle of a load's run: the handshakes of its connections lie before the window and their end behind it.
 * What was served in the window is counted by the backend.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicroseconds } from '../measure.ts';
import type { Bench, Subject } from '../scenario.ts';

/** Between the load's start and the window: connections are open and every code path has been taken. */
export const LEAD_MS = 700;

/** What happened in a window. */
export interface Served {
  /** CPU time of the peer for one request. */
  readonly cpuPerRequest: number;
  readonly requestsPerSecond: number;
}

/** Waits for the lead, then for the window. Throws when nothing was served in it. */
export async function measureWindow(subject: Subject, bench: Bench, seconds: number): Promise<Served> {
  await sleep(LEAD_MS);
  const cpuBefore = cpuMicroseconds(subject.running.pid);
  const servedBefore = await bench.backend.requests();
  const begun = performance.now();
  await sleep(seconds * 1000);
  const cpu = cpuMicroseconds(subject.running.pid) - cpuBefore;
  const served = (await bench.backend.requests()) - servedBefore;
  const took = performance.now() - begun;
  if (served <= 0) throw new Error('it served nothing');
  return { cpuPerRequest: cpu / served, requestsPerSecond: (served * 1000) / took };
}
