// The global of this name is made by an accessor, which costs as much as the call.
import { performance } from 'node:perf_hooks';
import type { Clock } from './engine.ts';

/** The clocks of this machine. */
export const systemClock: Clock = { now: () => performance.now(), wallNow: () => Date.now() };
