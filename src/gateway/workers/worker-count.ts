import { availableParallelism } from 'node:os';
import type { Config } from '../../config/config.ts';

/** Processes that are to serve: as configured, or one for each core that this process may use. */
export function workerCount({ workers }: Pick<Config, 'workers'>): number {
  return workers === 0 ? availableParallelism() : workers;
}
