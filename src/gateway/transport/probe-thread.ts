/**
 * The thread in which `choose-level.ts` tries the levels. Every kind of socket that a process has ever handled makes each
 * later read and write of Node's own code a little slower, and the trials make several kinds; in a thread of their own
 * they leave no trace.
 */
import { parentPort } from 'node:worker_threads';
import { fastestLevel } from './choose-level.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a window's; the port of a thread has none.
parentPort?.postMessage(await fastestLevel());
